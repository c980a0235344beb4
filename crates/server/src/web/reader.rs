//! Whose pages are read: citizens read their own; who has no phone has them read at the counter (R-D9), by a clerk whose
//! looking is on record like any other.

use super::opening::Opening;
use super::trouble::Trouble;
use crate::tokens::Role;
use serde::Deserialize;

/// Of whom a page tells, and where the pages beside it are.
pub(super) struct Reader {
    /// Our number.
    pub(super) no: u64,
    /// The name of who is at the counter; none where citizens read for themselves.
    pub(super) customer: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

impl Reader {
    /// What stands before the paths of their pages.
    pub(super) fn pages(&self) -> &'static str {
        if self.customer.is_some() { "/hall" } else { "" }
    }

    /// Where they came from.
    pub(super) fn start(&self) -> &'static str {
        if self.customer.is_some() { "/hall" } else { "/" }
    }

    /// Where the pages of bindings are.
    pub(super) fn bindings(&self) -> &'static str {
        if self.customer.is_some() { "/hall/bindings" } else { "/family" }
    }
}

impl Opening {
    /// Whose page it is; nobody's, where staff have nobody at the counter.
    pub(super) async fn reader(self) -> Result<(Opening, Option<Reader>), Trouble> {
        if self.role() == Some(Role::Citizen) {
            let no = self.person()?.0;
            return Ok((self, Some(Reader { no, customer: None })));
        }
        let (opening, counter) = self.at_counter().await?;
        let Some(no) = counter.customer else { return Ok((opening, None)) };
        let named: Named = opening.get(&format!("/persons/{no}")).await?;
        Ok((opening, Some(Reader { no, customer: Some(named.name) })))
    }
}
