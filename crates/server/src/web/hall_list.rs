//! Lists at the hall of what waits for somebody, read a page at a time.

use super::opening::Opening;

impl Opening {
    /// After which a page of a list begins, as a cursor of the REST interface; empty for the first page.
    pub(super) fn after(&self) -> String {
        let sent = self.query.text("after");
        sent.chars().filter(|it| it.is_ascii_digit() || ":-".contains(*it)).collect()
    }

    /// The address of the next page, where there is one.
    pub(super) fn next_page(&self, next: Option<String>) -> Option<String> {
        next.map(|next| format!("{}?after={next}", self.uri.path()))
    }
}
