//! Taking in what a bureau has in files: people, enrolments, accounts, credits, bindings, institutions. A first pass
//! looks at everything and holds it to control totals; only then each line becomes a request like everybody else's.

pub mod command;
pub mod kinds;
pub mod lines;
pub mod page;
pub mod report;
pub mod rows;
pub mod survey;
pub mod taking;

/// Why a file is not taken in, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It cannot be read, or is not what it was said to be.
    #[error("{0}")]
    Wrong(String),
    /// Nobody decides: what was taken in until then stays.
    #[error(
        "nobody decides here now, or not fast enough; what was taken in stays: take the same file in again"
    )]
    Busy,
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Trouble {
        Trouble::Wrong(error.to_string())
    }
}
