//! The law book: policy files and catalogue as one thing with one digest, so that any decision can name and find
//! exactly the law it was made by.

use crate::catalogue::Catalogue;
use crate::chain::{Undecodable, decode, encode};
use crate::decision::Law;
use crate::ids::Digest;
use crate::law::{self, Problem};
use std::collections::BTreeMap;

/// The file whose presence makes a sandbox's book judge bills by the last edition where none is in force.
pub const CATALOGUE_GOES_ON: &str = "sandbox/catalogue-goes-on";

/// Files of a law book, path to text: `policies/…toml` and `catalogue/…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// The files.
    pub files: BTreeMap<String, String>,
}

impl Book {
    /// The digest: over every path and text, in order.
    pub fn digest(&self) -> Digest {
        let parts: Vec<&[u8]> =
            self.files.iter().flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()]).collect();
        Digest::of(&parts)
    }

    /// The book as it is stored.
    pub fn bytes(&self) -> Vec<u8> {
        encode(&self.files)
    }

    /// A book as it was stored.
    ///
    /// # Errors
    /// [`Undecodable`] for damaged bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Book, Undecodable> {
        decode(bytes).map(|files| Book { files })
    }

    /// The law in it.
    ///
    /// # Errors
    /// Everything that is wrong, by file and line.
    pub fn read(&self) -> Result<Law, Vec<Problem>> {
        let of = |folder: &str| -> BTreeMap<String, String> {
            let inside = self.files.iter().filter(|(path, _)| path.starts_with(folder));
            inside.map(|(path, text)| (path.clone(), text.clone())).collect()
        };
        let policies = law::read(&of("policies/"));
        let catalogue = Catalogue::parse(&of("catalogue/"));
        match (policies, catalogue) {
            (Ok(policies), Ok(catalogue)) => {
                let catalogue_goes_on = self.files.contains_key(CATALOGUE_GOES_ON);
                Ok(Law { digest: self.digest(), policies, catalogue, catalogue_goes_on })
            }
            (policies, catalogue) => {
                let mut problems = policies.err().unwrap_or_default();
                problems.extend(catalogue.err().unwrap_or_default());
                Err(problems)
            }
        }
    }
}
