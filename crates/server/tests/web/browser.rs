//! A small browser: follows redirects, keeps cookies, finds links and forms by what stands on them.

use std::collections::BTreeMap;

/// A browser, and the page that it shows.
pub(crate) struct Browser {
    base: String,
    agent: ureq::Agent,
    cookies: BTreeMap<String, String>,
    /// Path and query of the page shown.
    pub(crate) at: String,
    /// Status of the last answer.
    pub(crate) status: u16,
    /// The page shown.
    pub(crate) html: String,
    /// The page shown, or a file.
    pub(crate) bytes: Vec<u8>,
    /// Links and buttons pressed since [`Browser::count_taps`].
    pub(crate) taps: usize,
}

/// A form on a page: where it goes, and what it sends along unseen.
struct Form<'a> {
    action: &'a str,
    method: &'a str,
    html: &'a str,
}

impl Browser {
    pub(crate) fn new(base: &str) -> Browser {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        let (cookies, base) = (BTreeMap::new(), base.to_owned());
        Browser {
            base,
            agent,
            cookies,
            at: String::new(),
            status: 0,
            html: String::new(),
            bytes: Vec::new(),
            taps: 0,
        }
    }

    /// Opens an address, as typed.
    pub(crate) fn open(&mut self, path: &str) -> &mut Browser {
        self.go("GET", path, String::new());
        self
    }

    /// Follows the link with this text.
    #[track_caller]
    pub(crate) fn follow(&mut self, text: &str) -> &mut Browser {
        let href = elements(&self.html, "a")
            .find(|it| plain(it).contains(text))
            .and_then(|it| attribute(it, "href"));
        let href = href.unwrap_or_else(|| panic!("no link `{text}` at {}: {}", self.at, self.text()));
        let href = unescaped(href);
        self.taps += 1;
        self.open(&href)
    }

    /// Presses the button with this text, having filled in these fields; fields that are not named keep what the page
    /// has put into them.
    #[track_caller]
    pub(crate) fn press(&mut self, text: &str, fields: &[(&str, &str)]) -> &mut Browser {
        let (path, method, body) = self.filled(text, fields);
        self.taps += 1;
        self.go(&method, &path, body);
        self
    }

    /// Presses the button of a form with files: fields as [`Browser::press`], files by the field they are chosen in.
    #[track_caller]
    pub(crate) fn attach(
        &mut self,
        text: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &[u8])],
    ) -> &mut Browser {
        const BOUNDARY: &str = "----a-line-that-is-in-no-file";
        let (path, _, body) = self.filled(text, fields);
        let filled: Vec<(String, String)> = serde_urlencoded::from_str(&body).expect("fields");
        let mut sent = Vec::new();
        let mut part = |head: String, content: &[u8]| {
            sent.extend(format!("--{BOUNDARY}\r\ncontent-disposition: form-data; {head}\r\n\r\n").as_bytes());
            sent.extend(content);
            sent.extend(b"\r\n");
        };
        // A browser sends the field of a file apart, and one where nothing was chosen without a name.
        for (name, value) in filled.iter().filter(|(name, _)| name != "photographs") {
            part(format!("name=\"{name}\""), value.as_bytes());
        }
        for (name, content) in files {
            part(format!("name=\"{name}\"; filename=\"a.png\"\r\ncontent-type: image/png"), content);
        }
        part("name=\"photographs\"; filename=\"\"".to_owned(), b"");
        sent.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
        self.taps += 1;
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        if let Some(next) = self.sent("POST", &path, &kind, &sent) {
            self.open(&next);
        }
        self
    }

    /// What pressing the button would send: path, method and body. To send it twice, or later.
    #[track_caller]
    pub(crate) fn filled(&self, text: &str, fields: &[(&str, &str)]) -> (String, String, String) {
        let form = elements(&self.html, "form")
            .map(|html| Form {
                action: attribute(html, "action").unwrap_or(""),
                method: attribute(html, "method").unwrap_or("get"),
                html,
            })
            .find(|form| elements(form.html, "button").any(|it| plain(it).contains(text)));
        let form = form.unwrap_or_else(|| panic!("no button `{text}` at {}: {}", self.at, self.text()));
        let mut sent: Vec<(String, String)> = presets(form.html);
        let button = elements(form.html, "button").find(|it| plain(it).contains(text));
        let named = button.and_then(|it| Some((attribute(it, "name")?, attribute(it, "value")?)));
        sent.extend(named.map(|(name, value)| (name.to_owned(), unescaped(value))));
        for (name, value) in fields {
            sent.retain(|(known, _)| known != name);
            sent.push(((*name).to_owned(), (*value).to_owned()));
        }
        let body = serde_urlencoded::to_string(&sent).expect("texts");
        let action = if form.action.is_empty() { self.at.clone() } else { unescaped(form.action) };
        (action, form.method.to_uppercase(), body)
    }

    /// Sends what [`Browser::filled`] gave.
    pub(crate) fn go(&mut self, method: &str, path: &str, body: String) {
        let (mut method, mut path, mut body) = (method.to_owned(), path.to_owned(), body);
        if method == "GET" && !body.is_empty() {
            path = format!("{path}?{body}");
            body = String::new();
        }
        for _ in 0..5 {
            match self.once(&method, &path, &body) {
                Some(next) => (method, path, body) = ("GET".to_owned(), next, String::new()),
                None => return,
            }
        }
        panic!("{path} leads in circles");
    }

    /// One request; where it leads on to.
    fn once(&mut self, method: &str, path: &str, body: &str) -> Option<String> {
        self.sent(method, path, "application/x-www-form-urlencoded", body.as_bytes())
    }

    fn sent(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Option<String> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("cookie", cookies.join("; "))
            .header("content-type", kind)
            .body(body.to_vec())
            .expect("a request");
        let mut answer = self.agent.run(request).expect("an answer");
        for cookie in answer.headers().get_all("set-cookie") {
            let cookie = cookie.to_str().expect("ASCII");
            let (name, value) =
                cookie.split(';').next().and_then(|it| it.split_once('=')).expect("name=value");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        self.status = answer.status().as_u16();
        let next = answer.headers().get("location").map(|it| it.to_str().expect("ASCII").to_owned());
        self.bytes = answer.body_mut().read_to_vec().expect("a body");
        self.html = String::from_utf8_lossy(&self.bytes).into_owned();
        self.at = path.to_owned();
        next.filter(|_| self.status == 303)
    }

    /// What a reader sees, without markup.
    pub(crate) fn text(&self) -> String {
        let main = elements(&self.html, "main").next().unwrap_or(&self.html);
        plain(main)
    }

    /// Whether a reader sees all of this.
    #[track_caller]
    pub(crate) fn shows(&self, texts: &[&str]) -> &Browser {
        let seen = self.text();
        for text in texts {
            assert!(seen.contains(text), "`{text}` is not on {}:\n{seen}", self.at);
        }
        self
    }

    /// Begins to count taps.
    pub(crate) fn count_taps(&mut self) {
        self.taps = 0;
    }
}

/// Elements of this name, each with all that is in it. Elements of one name do not nest on our pages.
fn elements<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(&open)?;
            let found = &rest[start..];
            let is_it = found[open.len()..].starts_with(|it: char| it == '>' || it.is_whitespace());
            let end = found.find(&close)? + close.len();
            rest = if is_it { &found[end..] } else { &found[open.len()..] };
            if is_it {
                return Some(&found[..end]);
            }
        }
    })
}

/// An attribute of the first tag.
fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let tag = &html[..html.find('>')?];
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

/// What a form sends as it stands on the page.
fn presets(form: &str) -> Vec<(String, String)> {
    let inputs = form.split("<input").skip(1).map(|it| &it[..it.find('>').map_or(it.len(), |at| at + 1)]);
    let mut found = Vec::new();
    for input in inputs {
        let choice = matches!(attribute(input, "type"), Some("radio" | "checkbox"));
        let taken = !choice || input.contains(" checked");
        if let (true, Some(name)) = (taken, attribute(input, "name")) {
            let value = attribute(input, "value").unwrap_or(if choice { "on" } else { "" });
            found.push((name.to_owned(), unescaped(value)));
        }
    }
    for area in elements(form, "textarea") {
        found.extend(attribute(area, "name").map(|it| (it.to_owned(), plain(area))));
    }
    for select in elements(form, "select") {
        let options: Vec<&str> = elements(select, "option").collect();
        let chosen = options.iter().find(|it| it.contains(" selected")).or(options.first());
        let value = chosen.and_then(|it| attribute(it, "value")).unwrap_or("");
        found.extend(attribute(select, "name").map(|it| (it.to_owned(), unescaped(value))));
    }
    found
}

fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            other if !inside => text.push(other),
            _ => {}
        }
    }
    unescaped(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn unescaped(text: &str) -> String {
    let plain = text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'");
    plain.replace("&#38;", "&").replace("&amp;", "&")
}
