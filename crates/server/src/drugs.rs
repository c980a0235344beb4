//! The indexes by which drugs are looked up, each made when it is first asked for.

use domain::catalogue::Edition;
use domain::day::Day;
use domain::decision::Law;
use domain::drugs::DrugIndex;
use domain::ids::Digest;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// Indexes by law book and edition.
#[derive(Default)]
pub struct DrugIndexes(RwLock<BTreeMap<(Digest, Day), Arc<DrugIndex>>>);

impl DrugIndexes {
    /// The index of an edition of this law; those of other books are given up for it.
    ///
    /// # Panics
    /// Never: no code panics while it holds the indexes.
    pub fn of(&self, law: &Law, edition: &Edition) -> Arc<DrugIndex> {
        let key = (law.digest, edition.first_day());
        let kept = self.0.read().expect("no code panics while it holds the indexes").get(&key).cloned();
        kept.unwrap_or_else(|| {
            let made = Arc::new(DrugIndex::of(&law.catalogue, edition));
            let mut all = self.0.write().expect("no code panics while it holds the indexes");
            all.retain(|(digest, _), _| *digest == law.digest);
            Arc::clone(all.entry(key).or_insert(made))
        })
    }
}
