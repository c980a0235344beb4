//! The law books at hand: the shipped one, and any that was published, parsed once and kept by digest.

pub mod bindings;

use domain::book::{Book, CATALOGUE_GOES_ON};
use domain::decision::Law;
use domain::ids::Digest;
use domain::law::Problem;
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use store::{Fault, Page, Query, Store};

/// The files that the binary carries.
const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/law_files.rs"));

/// The law book that the binary carries; in a sandbox its last catalogue edition may go on.
pub fn shipped(catalogue_goes_on: bool) -> Book {
    let mut files: BTreeMap<String, String> =
        SHIPPED.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    if catalogue_goes_on {
        files.insert(CATALOGUE_GOES_ON.to_owned(), String::new());
    }
    Book { files }
}

/// Law books by digest.
#[derive(Default)]
pub struct Laws(RwLock<BTreeMap<Digest, Arc<Law>>>);

impl Laws {
    /// Reads a book and keeps it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn keep(&self, book: &Book) -> Result<Arc<Law>, Vec<Problem>> {
        let law = Arc::new(book.read()?);
        self.0.write().expect("no code panics while it holds the laws").insert(law.digest, Arc::clone(&law));
        Ok(law)
    }

    /// A law that is kept.
    pub fn get(&self, digest: Digest) -> Option<Arc<Law>> {
        self.0.read().expect("no code panics while it holds the laws").get(&digest).cloned()
    }

    /// A law, from the store where it is not kept yet.
    ///
    /// # Errors
    /// A [`Fault`] where the store has no such book or it cannot be read.
    pub async fn find(&self, digest: Digest, store: &dyn Store) -> Result<Arc<Law>, Fault> {
        if let Some(law) = self.get(digest) {
            return Ok(law);
        }
        let Page::Book(Some(bytes)) = store.page(&Query::Book(digest)).await? else {
            return Err(Fault::Damaged(format!("law book {digest} is not in the store")));
        };
        let damaged = |what: String| Fault::Damaged(format!("law book {digest}: {what}"));
        let book = Book::from_bytes(&bytes).map_err(|it| damaged(it.to_string()))?;
        let first = |it: Vec<Problem>| damaged(it.first().map(Problem::to_string).unwrap_or_default());
        let law = self.keep(&book).map_err(first)?;
        if law.digest == digest {
            Ok(law)
        } else {
            Err(damaged(format!("what is stored is book {}", law.digest)))
        }
    }
}
