//! A reader of pages: signed in as somebody of the town, with a cookie, opening one page after another as people do.

use super::Trouble;
use super::chance::Chance;
use super::messages::Said;
use super::tally::Kind;
use std::fmt::Write as _;

/// What people look up: in full, by pinyin, by initials, misspelt.
const DRUGS: &[&str] =
    &["阿莫西林", "amxl", "amoxiling", "阿莫西灵", "头孢克肟", "ganmao", "胰岛素", "buluofen"];
/// Pages of a hundred, by kind: start, account, family, spending, a bill, drugs; what is left asks why.
const MIX: [(u64, &str); 6] =
    [(20, "start"), (40, "account"), (50, "family"), (65, "spending"), (75, "bill"), (90, "drugs")];

/// A reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    host: String,
    cookie: String,
    /// Bills that relatives' money, or the reader's, paid.
    bills: Vec<String>,
    /// Where it is said why.
    whys: Vec<String>,
}

impl Reader {
    /// Signs in over HTTP, and finds out which bills there are. `place` is where it is asked whether it would work.
    ///
    /// # Errors
    /// [`Trouble`] where that does not work.
    pub fn sign_in(host: &str, login: &str, password: &str, place: &str) -> Result<Reader, Trouble> {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        let agent: ureq::Agent = agent.into();
        let form = [("name", login), ("password", password), ("back", "/")];
        let answer = agent.post(format!("http://{host}/sign-in")).send_form(form);
        let answer = answer.map_err(|it| Trouble::new(&it))?;
        if answer.status().as_u16() != 303 {
            return Err(Trouble("nobody of the town could sign in: `bench people --logins`".to_owned()));
        }
        let set = answer.headers().get_all("set-cookie").iter().filter_map(|it| it.to_str().ok());
        let cookies: Vec<&str> = set.filter_map(|it| it.split(';').next()).collect();
        let mut reader =
            Reader { host: host.to_owned(), cookie: cookies.join("; "), bills: Vec::new(), whys: Vec::new() };
        let read = |path: &str| -> Result<String, Trouble> {
            let asked = agent.get(format!("http://{host}{path}")).header("cookie", &reader.cookie).call();
            asked.and_then(|mut it| it.body_mut().read_to_string()).map_err(|it| Trouble::new(&it))
        };
        let bills = links(&read("/spending")?, "/spending/");
        let who = links(&read("/why/would")?, "/why/would?who=");
        let mut whys: Vec<String> = who.iter().map(|it| format!("{it}&place={place}")).collect();
        for bill in bills.iter().take(3) {
            whys.extend(links(&read(bill)?, "/why/"));
        }
        (reader.bills, reader.whys) = (bills, whys);
        Ok(reader)
    }

    /// What is opened next: its kind and its address.
    fn next(&self, chance: &mut Chance) -> (&'static str, String) {
        let drawn = chance.below(100);
        let kind = MIX.iter().find(|(below, _)| drawn < *below).map_or("why", |(_, kind)| *kind);
        let one_of = |from: &[String], chance: &mut Chance| {
            usize::try_from(chance.below(from.len() as u64)).ok().and_then(|it| from.get(it).cloned())
        };
        let drug = usize::try_from(chance.below(DRUGS.len() as u64)).unwrap_or_default();
        let drugs = serde_urlencoded::to_string([("q", DRUGS[drug]), ("area", "320300")]);
        match kind {
            "start" => (kind, "/".to_owned()),
            "account" => (kind, "/account".to_owned()),
            "family" => (kind, "/family".to_owned()),
            "drugs" => (kind, format!("/drugs?{}", drugs.unwrap_or_default())),
            "why" => (kind, one_of(&self.whys, chance).unwrap_or_else(|| "/why".to_owned())),
            "bill" if !self.bills.is_empty() => (kind, one_of(&self.bills, chance).unwrap_or_default()),
            _ => ("spending", "/spending".to_owned()),
        }
    }

    /// Writes the next request: what kind it is.
    pub fn write(&self, chance: &mut Chance, request: &mut String) -> Kind {
        let (kind, path) = self.next(chance);
        request.clear();
        let (host, cookie) = (&self.host, &self.cookie);
        write!(request, "GET {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\r\n")
            .expect("a String grows");
        Kind(kind, "")
    }
}

/// Addresses on a page that begin so, each once.
fn links(html: &str, begin: &str) -> Vec<String> {
    let all = html.split("href=\"").skip(1).filter_map(|it| it.split('"').next());
    let mut found: Vec<String> = all
        .filter(|it| it.strip_prefix(begin).is_some_and(|rest| rest.bytes().all(|it| it.is_ascii_digit())))
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found.retain(|it| it.len() > begin.len());
    found
}

/// What an answer says: a page is whole, and is read by whoever is signed in.
pub fn said(status: u16, body: &[u8]) -> Said {
    let text = String::from_utf8_lossy(body);
    let whole = text.contains("</html>") && text.contains("action=\"/sign-out\"");
    match status {
        200 if whole => Said::Done,
        503 => Said::Busy,
        _ => Said::Unexpected(format!("{status}: {}", text.chars().take(200).collect::<String>())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, bills are not found, or something else is taken for one.
    #[test]
    fn links_are_numbers_after_their_beginning() {
        let html = r#"<a href="/spending/12">x</a><a href="/spending/7">y</a><a href="/spending/12">x</a>
            <a href="/spending/">n</a><a href="/spending/12/not-mine">n</a><a href="/spending?month=1">n</a>"#;
        assert_eq!(links(html, "/spending/"), ["/spending/12", "/spending/7"]);
    }

    /// If this fails, a page that asks to sign in, or half a page, counts as one that was read.
    #[test]
    fn only_a_whole_page_of_somebody_signed_in_counts() {
        let page = br#"<form method="post" action="/sign-out"></form></html>"#;
        assert_eq!(said(200, page), Said::Done);
        assert_eq!(said(503, b""), Said::Busy);
        for (status, body) in
            [(200, &page[..20]), (200, b"<form action=\"/sign-in\"></html>"), (303, b""), (500, page)]
        {
            assert!(matches!(said(status, body), Said::Unexpected(_)), "{status}");
        }
    }
}
