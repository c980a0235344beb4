//! Bodies as callers send them, decoded. What is said of one that cannot be repeats no value that was sent: it may be
//! somebody's name or number, and callers write such answers to their logs.

use super::problem::Problem;
use serde::de::DeserializeOwned;

/// A body, decoded.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.is_empty() {
        return Err(Problem::malformed("body", "Send a JSON object as the body."));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, what) = (error.path().to_string(), error.inner().to_string());
        let field = if error.inner().is_data() { field_at(&path, &what) } else { "body".to_owned() };
        Problem::malformed(&field, without_values(&what))
    })?;
    json.end().map_err(|error| Problem::malformed("body", error.to_string()))?;
    Ok(read)
}

/// Whether this is what a field could be called.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_lowercase() || it == b'_')
}

/// The field an error of the decoder is about: for a missing one the path ends at its parent.
fn field_at(path: &str, what: &str) -> String {
    let missing = what.strip_prefix("missing field `").and_then(|it| it.split('`').next());
    let names = |it: &str| {
        let (name, place) = it.split_once('[').unwrap_or((it, ""));
        is_name(name) && (place.is_empty() || place.trim_end_matches(']').parse::<usize>().is_ok())
    };
    let known: Vec<&str> = path.split('.').take_while(|it| names(it)).collect();
    match (known.join("."), missing) {
        (path, Some(missing)) if path.is_empty() => missing.to_owned(),
        (path, None) if path.is_empty() => "body".to_owned(),
        (path, Some(missing)) => format!("{path}.{missing}"),
        (path, None) => path,
    }
}

/// What the decoder says, without the value that it found.
fn without_values(what: &str) -> String {
    let (Some((found, expected)), Some((begin, rest))) =
        (what.rsplit_once(", expected "), what.split_once(' '))
    else {
        return what.to_owned();
    };
    if what.starts_with("unknown field `") && found.split('`').nth(1).is_some_and(is_name) {
        return what.to_owned();
    }
    // `invalid type: string "…"`, `unknown variant `…``: what comes after the second or third word was sent.
    let words = if begin == "invalid" { 2 } else { 1 };
    let said: Vec<&str> = rest.split(' ').take(words).collect();
    format!("{begin} {}, expected {expected}", said.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Male,
        Female,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only decoding is looked at")]
    struct Sent {
        count: Option<u8>,
        sex: Option<Word>,
        files: Option<BTreeMap<String, u8>>,
        rows: Option<Vec<Sent>>,
    }

    /// If this fails, somebody's name or number that was sent stands in an answer, or nobody can tell what was wrong.
    #[test]
    fn what_was_sent_is_not_repeated() {
        let number = "990000198503120115";
        let cases = [
            (
                format!(r#"{{"{number}": 1}}"#),
                "body: unknown field, expected one of `count`, `sex`, `files`, `rows`",
            ),
            (
                r#"{"李明, expected": 1}"#.into(),
                "body: unknown field, expected one of `count`, `sex`, `files`, `rows`",
            ),
            (
                r#"{"cuont": 1}"#.into(),
                "cuont: unknown field `cuont`, expected one of `count`, `sex`, `files`, `rows`",
            ),
            (format!(r#"{{"sex": "{number}"}}"#), "sex: unknown variant, expected `male` or `female`"),
            (r#"{"sex": "李 明, expected x"}"#.into(), "sex: unknown variant, expected `male` or `female`"),
            (format!(r#"{{"count": {number}}}"#), "count: invalid value: integer, expected u8"),
            (format!(r#"{{"count": "{number}"}}"#), "count: invalid type: string, expected u8"),
            (format!(r#"{{"files": {{"{number}": "x"}}}}"#), "files: invalid type: string, expected u8"),
            (r#"{"rows": [{"count": "x y"}]}"#.into(), "rows[0].count: invalid type: string, expected u8"),
        ];
        for (body, expected) in cases {
            let problem = read::<Sent>(body.as_bytes()).expect_err("it cannot be decoded");
            let told: serde_json::Value = serde_json::from_slice(&problem.answer().json).expect("JSON");
            let said = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
            let detail = said("detail");
            let detail = detail.split(" at line ").next().unwrap_or_default();
            assert_eq!(format!("{}: {detail}", said("field")), expected, "{body}");
        }
    }
}
