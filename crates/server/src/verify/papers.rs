//! The papers that records name: each lies on the shelf as long as it is to be kept, and opens in its place as what its
//! digest says.

use crate::papers;
use crate::vault::Vault;
use domain::day::Moment;
use domain::ids::{Digest, PersonNo};
use std::collections::BTreeMap;
use store::{Fault, Record, Shelf};

/// How many papers are looked for at once; each is opened by itself.
const SLICE: u32 = 500;

/// The papers that records name, and until when they are kept.
#[derive(Default)]
pub(super) struct Named {
    papers: BTreeMap<(PersonNo, Digest), Moment>,
    latest: Option<Moment>,
}

impl Named {
    /// Takes in what a record names.
    pub(super) fn take(&mut self, record: &Record) {
        self.latest = self.latest.max(Some(record.turn.at));
        let documents = record.decision.changes().into_iter().flat_map(|it| &it.documents);
        for shown in documents {
            let until = papers::kept_until(record.turn.at);
            self.papers.extend(shown.document.papers().map(|it| ((shown.person, it), until)));
        }
        let amendments = record.decision.changes().into_iter().flat_map(|it| &it.amendments);
        for it in amendments {
            self.papers.insert((it.person, it.paper), papers::kept_until(it.proposed));
            let why = it.settled.map(|settled| ((it.person, settled.why), papers::kept_until(settled.at)));
            self.papers.extend(why);
        }
    }

    /// Compares with a shelf: how many papers lie there, and what is wrong. Without keys they are not opened.
    pub(super) async fn compare(
        mut self,
        shelf: &dyn Shelf,
        vault: Option<&Vault>,
    ) -> Result<(u64, Vec<String>), Fault> {
        let (mut after, mut looked, mut findings) = (None, 0, Vec::new());
        loop {
            let slice = shelf.papers(after, SLICE).await?;
            let Some(last) = slice.last() else { break };
            after = Some((last.person, last.digest));
            for kept in slice {
                looked += 1;
                self.papers.remove(&(kept.person, kept.digest));
                let Some(vault) = vault else { continue };
                let paper = shelf.paper(kept.person, kept.digest, Moment::from_millis(i64::MIN)).await?;
                if paper.is_some_and(|it| !papers::is_sound(vault, &it)) {
                    findings.push(format!("paper {} of person {} is not its own", kept.digest, kept.person));
                }
            }
        }
        let missing = self.papers.iter().filter(|(_, until)| Some(**until) > self.latest);
        findings.extend(missing.map(|((no, digest), _)| format!("paper {digest} of person {no} is missing")));
        Ok((looked, findings))
    }
}
