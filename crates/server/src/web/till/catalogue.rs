//! What can be put on a bill: national codes and their names.

use crate::web::opening::Opening;
use crate::web::trouble::Trouble;

/// How many are shown at once.
const MOST: usize = 12;

/// A national code and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) code: String,
    pub(super) name: String,
}

impl Opening {
    /// Items whose name contains this, shortest names first; or the item of this code.
    pub(super) async fn items(&self, text: &str) -> Result<Vec<Item>, Trouble> {
        let law = self.app.law().await?;
        let all = law.catalogue.drugs().chain(law.catalogue.services());
        let mut found: Vec<(usize, &str, &str)> = all
            .filter(|(code, name)| *code == text || name.contains(text))
            .map(|(code, name)| (name.len(), name, code))
            .collect();
        found.sort_unstable();
        let item =
            |(_, name, code): (usize, &str, &str)| Item { code: code.to_owned(), name: name.to_owned() };
        Ok(found.into_iter().take(MOST).map(item).collect())
    }

    /// The name of a code; empty where nobody knows it.
    pub(super) async fn item_name(&self, code: &str) -> Result<String, Trouble> {
        let law = self.app.law().await?;
        let known = law.catalogue.drug_name(code).or_else(|| law.catalogue.service_name(code));
        Ok(known.unwrap_or_default().to_owned())
    }
}
