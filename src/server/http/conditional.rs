//! Conditional requests: whether a client already has the current version (RFC 9110, section 13).

use std::time::{Duration, SystemTime};

use actix_web::http::header::{
    HeaderMap, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE,
};

/// Identifies the content that a response would have now.
#[derive(Clone, Debug)]
pub struct Validators {
    /// A strong entity tag with its quotes. None if the next content could have the same one.
    pub etag: Option<String>,
    /// Last change, in whole seconds. None if HTTP can't express it, or if the content may still
    /// change within that second.
    pub modified: Option<SystemTime>,
}

/// The outcome of the preconditions of a GET or HEAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Answer normally.
    Proceed,
    /// 304.
    NotModified,
    /// 412.
    Failed,
}

/// Evaluates the preconditions in the order of RFC 9110, section 13.2.2.
pub fn evaluate(headers: &HeaderMap, now: &Validators) -> Precondition {
    if !headers.keys().any(|name| name.as_str().starts_with("if-")) {
        return Precondition::Proceed;
    }
    if let Some(tags) = list(headers, &IF_MATCH) {
        if !tags.any(now, Comparison::Strong) {
            return Precondition::Failed;
        }
    } else if let (Some(date), Some(modified)) = (date(headers, &IF_UNMODIFIED_SINCE), now.modified)
        && modified > date
    {
        return Precondition::Failed;
    }
    if let Some(tags) = list(headers, &IF_NONE_MATCH) {
        if tags.any(now, Comparison::Weak) {
            return Precondition::NotModified;
        }
    } else if let (Some(date), Some(modified)) = (date(headers, &IF_MODIFIED_SINCE), now.modified)
        && modified <= date
    {
        return Precondition::NotModified;
    }
    Precondition::Proceed
}

/// Evaluates the preconditions for something that a response could have in several encodings. One of these is
/// enough for a client that asks whether it has the current version. Returns which one it has.
pub fn evaluate_each(
    headers: &HeaderMap,
    each: impl IntoIterator<Item = Validators>,
) -> (Precondition, Option<Validators>) {
    let mut outcome = Precondition::Failed;
    for now in each {
        match evaluate(headers, &now) {
            Precondition::NotModified => return (Precondition::NotModified, Some(now)),
            Precondition::Proceed => outcome = Precondition::Proceed,
            Precondition::Failed => {}
        }
    }
    (outcome, None)
}

/// Whether a Range may be honoured: there is no If-Range, or it matches.
///
/// A date matches only if it is equal, and so old that the file can't have changed again within that
/// second (RFC 9110, section 8.8.2.2).
pub fn allows_range(headers: &HeaderMap, now: &Validators, clock: SystemTime) -> bool {
    let Some(value) = headers.get(IF_RANGE) else {
        return true;
    };
    let Ok(value) = value.to_str() else {
        return false;
    };
    let value = value.trim();
    if value.starts_with('"') || value.starts_with("W/") {
        return now.etag.as_deref() == Some(value);
    }
    let Some(modified) = now.modified else {
        return false;
    };
    let is_settled = clock
        .duration_since(modified)
        .is_ok_and(|age| age >= Duration::from_secs(2));
    is_settled && httpdate::parse_http_date(value).is_ok_and(|date| date == modified)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

/// The lines of a list of entity tags.
struct Tags<'a>(Vec<&'a [u8]>);

impl Tags<'_> {
    fn any(&self, now: &Validators, comparison: Comparison) -> bool {
        let etag = now.etag.as_deref();
        self.0.iter().any(|line| line_has(line, etag, comparison))
    }
}

fn list<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Tags<'a>> {
    let lines: Vec<_> = headers
        .get_all(name)
        .map(|value| value.as_bytes())
        .collect();
    (!lines.is_empty()).then_some(Tags(lines))
}

/// Searches one line of tags. A tag may contain a comma, so the line can't simply be split.
fn line_has(line: &[u8], etag: Option<&str>, comparison: Comparison) -> bool {
    let mut rest = line.trim_ascii();
    if rest == b"*" {
        return true;
    }
    while !rest.is_empty() {
        if let Some(next) = rest.strip_prefix(b",") {
            rest = next.trim_ascii_start();
            continue;
        }
        let (is_weak, tag) = match rest.strip_prefix(b"W/") {
            Some(tag) => (true, tag),
            None => (false, rest),
        };
        let Some(inner) = tag.strip_prefix(b"\"") else {
            return false;
        };
        let Some(end) = inner.iter().position(|&byte| byte == b'"') else {
            return false;
        };
        let may_match = comparison == Comparison::Weak || !is_weak;
        if may_match && Some(&tag[..end + 2]) == etag.map(str::as_bytes) {
            return true;
        }
        rest = inner[end + 1..].trim_ascii_start();
    }
    false
}

/// The date in a header. Invalid or repeated headers are ignored.
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let mut values = headers.get_all(name);
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    httpdate::parse_http_date(value.trim()).ok()
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use actix_web::http::header::HeaderValue;

    use super::*;

    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

    fn now() -> Validators {
        Validators {
            etag: Some("\"a,b\"".to_owned()),
            modified: Some(httpdate::parse_http_date(THEN).unwrap()),
        }
    }

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn preconditions_follow_rfc_9110() {
        use Precondition::{Failed, NotModified, Proceed};
        let table: &[(&[(HeaderName, &str)], Precondition)] = &[
            (&[], Proceed),
            (&[(IF_NONE_MATCH, "\"a,b\"")], NotModified),
            (&[(IF_NONE_MATCH, "W/\"a,b\"")], NotModified),
            (&[(IF_NONE_MATCH, "\"x\", W/\"y\" ,\"a,b\"")], NotModified),
            (
                &[(IF_NONE_MATCH, "\"x\""), (IF_NONE_MATCH, "\"a,b\"")],
                NotModified,
            ),
            (&[(IF_NONE_MATCH, "*")], NotModified),
            (&[(IF_NONE_MATCH, "\"a\"")], Proceed),
            (&[(IF_NONE_MATCH, "a,b")], Proceed),
            (&[(IF_NONE_MATCH, "\"a,b")], Proceed),
            (&[(IF_NONE_MATCH, "")], Proceed),
            (&[(IF_MODIFIED_SINCE, THEN)], NotModified),
            (&[(IF_MODIFIED_SINCE, AFTER)], NotModified),
            (&[(IF_MODIFIED_SINCE, BEFORE)], Proceed),
            (&[(IF_MODIFIED_SINCE, "yesterday")], Proceed),
            (
                &[(IF_MODIFIED_SINCE, THEN), (IF_MODIFIED_SINCE, THEN)],
                Proceed,
            ),
            // If-None-Match wins over If-Modified-Since.
            (
                &[(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, AFTER)],
                Proceed,
            ),
            (
                &[(IF_NONE_MATCH, "\"a,b\""), (IF_MODIFIED_SINCE, BEFORE)],
                NotModified,
            ),
            (&[(IF_MATCH, "\"a,b\"")], Proceed),
            (&[(IF_MATCH, "*")], Proceed),
            (&[(IF_MATCH, "\"x\"")], Failed),
            (&[(IF_MATCH, "W/\"a,b\"")], Failed),
            (&[(IF_UNMODIFIED_SINCE, THEN)], Proceed),
            (&[(IF_UNMODIFIED_SINCE, BEFORE)], Failed),
            // If-Match wins over If-Unmodified-Since.
            (
                &[(IF_MATCH, "\"a,b\""), (IF_UNMODIFIED_SINCE, BEFORE)],
                Proceed,
            ),
            (&[(IF_MATCH, "\"x\""), (IF_NONE_MATCH, "\"a,b\"")], Failed),
            (
                &[(IF_MATCH, "\"a,b\""), (IF_NONE_MATCH, "\"a,b\"")],
                NotModified,
            ),
        ];
        for (lines, expected) in table {
            assert_eq!(evaluate(&headers(lines), &now()), *expected, "{lines:?}");
        }
    }

    #[test]
    fn content_without_validators_is_always_sent() {
        let now = Validators {
            etag: None,
            modified: None,
        };
        let outcome = |name, value| evaluate(&headers(&[(name, value)]), &now);
        assert_eq!(outcome(IF_NONE_MATCH, "\"a\""), Precondition::Proceed);
        assert_eq!(outcome(IF_MODIFIED_SINCE, AFTER), Precondition::Proceed);
        assert_eq!(outcome(IF_MATCH, "\"a\""), Precondition::Failed);
        // These ask whether the file exists.
        assert_eq!(outcome(IF_NONE_MATCH, "*"), Precondition::NotModified);
        assert_eq!(outcome(IF_MATCH, "*"), Precondition::Proceed);
        let clock = SystemTime::now();
        for value in ["\"a\"", "\"\"", THEN] {
            assert!(!allows_range(&headers(&[(IF_RANGE, value)]), &now, clock));
        }
    }

    #[test]
    fn a_range_needs_exactly_the_same_content() {
        let clock = SystemTime::now();
        for (value, expected) in [
            ("\"a,b\"", true),
            ("\"x\"", false),
            ("W/\"a,b\"", false),
            (THEN, true),
            (AFTER, false),
            (BEFORE, false),
            ("garbage", false),
        ] {
            let headers = headers(&[(IF_RANGE, value)]);
            assert_eq!(allows_range(&headers, &now(), clock), expected, "{value}");
        }
        assert!(allows_range(&headers(&[]), &now(), clock));
    }

    #[test]
    fn a_date_does_not_match_a_file_that_was_just_changed() {
        let headers = headers(&[(IF_RANGE, THEN)]);
        let now = now();
        assert!(!allows_range(&headers, &now, now.modified.unwrap()));
        assert!(!allows_range(&headers, &now, UNIX_EPOCH));
    }
}
