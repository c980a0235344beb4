//! The law of the repository, read once; and the same with what a case assumes.

use super::format::Assumed;
use domain::decision::Law;
use domain::ids::Digest;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

type Files = BTreeMap<String, String>;

static POLICIES: LazyLock<Files> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Files::new();
    collect(&root, &root.join("policies"), "toml", &mut files);
    files
});

/// The law as it stands in the repository.
pub(crate) static LAW: &LazyLock<Law> = &crate::world::LAW;

fn collect(root: &Path, folder: &Path, ending: &str, files: &mut Files) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(root, &path, ending, files);
        } else if path.extension().is_some_and(|it| it == ending) {
            let name = path.strip_prefix(root).expect("inside").to_str().expect("UTF-8").to_owned();
            files.insert(name, std::fs::read_to_string(&path).expect("readable"));
        }
    }
}

/// The law of the repository with values that a case assumes for itself.
pub(crate) fn with(assumed: &[Assumed]) -> Law {
    let mut files = POLICIES.clone();
    for (number, it) in assumed.iter().enumerate() {
        let region = domain::ids::Area::parse(&it.area).expect("a region code");
        let name = LAW.policies.names.get(&region).map_or("假设地区", String::as_str);
        let Assumed { area, parameter, value, from } = it;
        let file = format!(
            "region = '{area}'\nname = '{name}'\n[[{parameter}]]\nfrom = '{from}'\nvalue = {value}\n\
             source = '案例假设'\ncertainty = 'assumed'\n"
        );
        files.insert(format!("案例/{number}.toml"), file);
    }
    let policies = domain::law::read(&files).unwrap_or_else(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", problems.join("\n"))
    });
    Law {
        digest: Digest::of(&[b"assumed"]),
        policies,
        catalogue: LAW.catalogue.clone(),
        catalogue_goes_on: false,
    }
}
