//! Lists in large print: a page shows no more choices than somebody can tell apart, and the way to the others.

use super::opening::Opening;

/// How many choices stand on a page in large print, beside those that show the others.
const ELDER_MOST: usize = 4;
/// What says after the question mark with which choice the page begins.
const FROM: &str = "from";

/// The choices that stand on one page. Several lists are cut one after another, as they stand on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    from: usize,
    most: usize,
    /// How many there are, of the lists cut so far.
    all: usize,
    path: String,
    /// What else stands after the question mark.
    query: Vec<(String, String)>,
}

impl Opening {
    /// The window of this page: everything, unless the reader reads large print.
    pub(crate) fn window(&self) -> Window {
        let elder = self.view().elder;
        let from = self.query.text(FROM).parse().unwrap_or(0);
        let query = self.query.answers().into_iter().filter(|(name, _)| name != FROM).collect();
        Window {
            from: if elder { from } else { 0 },
            most: if elder { ELDER_MOST } else { usize::MAX },
            all: 0,
            path: self.uri.path().to_owned(),
            query,
        }
    }
}

impl Window {
    /// Those of a list that stand on this page.
    pub(crate) fn cut<T>(&mut self, list: Vec<T>) -> Vec<T> {
        let first = self.all;
        self.all += list.len();
        let shown = self.from..self.from.saturating_add(self.most);
        list.into_iter()
            .enumerate()
            .filter(|(at, _)| shown.contains(&(first + at)))
            .map(|(_, it)| it)
            .collect()
    }

    /// Whether this is the first page.
    pub(crate) fn is_first(&self) -> bool {
        self.from == 0
    }

    /// The page before this.
    pub(crate) fn before(&self) -> Option<String> {
        (!self.is_first()).then(|| self.address(self.from.saturating_sub(self.most)))
    }

    /// The next page.
    pub(crate) fn after(&self) -> Option<String> {
        let next = self.from.saturating_add(self.most);
        (next < self.all).then(|| self.address(next))
    }

    fn address(&self, from: usize) -> String {
        let from = (FROM.to_owned(), from.to_string());
        let query: Vec<_> = self.query.iter().cloned().chain([from]).collect();
        format!("{}?{}", self.path, serde_urlencoded::to_string(query).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, in large print a choice stands on no page or on two, or the way on leads nowhere.
    #[test]
    fn every_choice_stands_on_one_page() {
        let window = |from, most| {
            let query = vec![("side".to_owned(), "giver".to_owned())];
            Window { from, most, all: 0, path: "/spending".to_owned(), query }
        };
        let mut seen = Vec::new();
        for from in [0, 4, 8] {
            let mut page = window(from, ELDER_MOST);
            let (one, other) = (page.cut((0..3).collect()), page.cut((3..10).collect()));
            assert!(one.len() + other.len() <= ELDER_MOST);
            seen.extend(one.into_iter().chain(other));
            let next = (from < 8).then(|| format!("/spending?side=giver&from={}", from + 4));
            assert_eq!((page.after(), page.before().is_some()), (next, from > 0));
        }
        assert_eq!(seen, Vec::from_iter(0..10));
        let mut all = window(0, usize::MAX);
        assert_eq!((all.cut(Vec::from_iter(0..10)).len(), all.after(), all.before()), (10, None, None));
    }
}
