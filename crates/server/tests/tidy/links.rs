//! Links of the documentation: each leads to a file that is there.

use super::{files, root};

/// Where the links of a text lead, without the place in the page; those to other sites are left out.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|it| it.split(')').next());
    targets.map(|it| it.split('#').next().unwrap_or(it)).filter(|it| !it.is_empty() && !it.contains("://"))
}

/// If this fails, somebody follows a link and finds nothing.
#[test]
fn every_link_leads_to_a_file() {
    let mut broken = Vec::new();
    for (name, text) in files("docs", &["md"]) {
        let folder = root().join(&name);
        let folder = folder.parent().expect("a page is in a folder");
        let missing = links(&text).filter(|it| !folder.join(it).exists());
        broken.extend(missing.map(|it| format!("{name}: {it}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
