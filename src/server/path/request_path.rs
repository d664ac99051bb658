//! Parses the path of a request into names inside the share.
//!
//! Percent-encoding is decoded exactly once, and the names are used byte for byte. A name that could
//! mean anything but "this entry of that folder" to the file system is rejected before any lookup.
//! The capability in `folder` would stop such a path as well; this is the first of two barriers.

use std::{borrow::Cow, ffi::OsStr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};

use super::windows_name;
use crate::hidden_name::{Visibility, WELL_KNOWN, may_be_short};

/// The most names that a path may have. Deeper files are not served: a stranger may have made the
/// folder, and each name costs time.
pub const MAX_NAMES: usize = 512;

/// The system whose file names are allowed. A harmless name on one system is a device on another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// A name may contain any bytes except `/` and NUL.
    Unix,
    /// No drive letters, streams, devices, wildcards, or trailing dots and spaces.
    Windows,
}

impl Rules {
    /// The rules of the system that this program was built for.
    pub const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else {
        Self::Unix
    };
}

/// The names from the share's root down to the requested entry.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RequestPath {
    /// Names joined with `/`. Names can't contain it, so splitting gives back the same names.
    joined: Vec<u8>,
    /// Whether the path ended with a slash, which is valid for folders only.
    pub is_folder: bool,
}

impl RequestPath {
    /// Parses the percent-encoded path of a request target, without its query.
    ///
    /// Returns `None` for a path that can't name anything: one with `..` or `.` in any encoding, an
    /// empty name, NUL, an encoded slash or invalid percent-encoding. On Windows, also for names with
    /// a special meaning.
    pub fn parse(raw: &[u8], rules: Rules) -> Option<Self> {
        let raw = raw.strip_prefix(b"/")?;
        if raw.is_empty() {
            return Some(Self {
                joined: Vec::new(),
                is_folder: true,
            });
        }
        let (raw, is_folder) = match raw.strip_suffix(b"/") {
            Some(rest) => (rest, true),
            None => (raw, false),
        };
        let mut joined = Vec::with_capacity(raw.len());
        for (index, part) in raw.split(|&byte| byte == b'/').enumerate() {
            if index >= MAX_NAMES {
                return None;
            }
            if !joined.is_empty() {
                joined.push(b'/');
            }
            joined.extend_from_slice(&decoded(part, rules)?);
        }
        Some(Self { joined, is_folder })
    }

    /// Parses a path that may also have empty names, `.` and `..`, which are taken out before anything
    /// is looked up (RFC 3986, section 5.2.4). Says whether there were any.
    ///
    /// Returns `None` where [`RequestPath::parse`] would, for names that are taken out as well; and for
    /// a path that leads above the root.
    pub fn resolve(raw: &[u8], rules: Rules) -> Option<(Self, bool)> {
        if let Some(path) = Self::parse(raw, rules) {
            return Some((path, false));
        }
        let mut kept = Vec::new();
        let mut is_folder = false;
        for part in raw.strip_prefix(b"/")?.split(|&byte| byte == b'/') {
            is_folder = matches!(part, b"" | b"." | b"..");
            match part {
                b"" | b"." => {}
                b".." => {
                    kept.pop()?;
                }
                part => {
                    decoded(part, rules)?;
                    kept.push(part);
                }
            }
        }
        let mut resolved = Vec::with_capacity(raw.len());
        for part in kept {
            resolved.push(b'/');
            resolved.extend_from_slice(part);
        }
        if is_folder {
            resolved.push(b'/');
        }
        Some((Self::parse(&resolved, rules)?, true))
    }

    /// The path with names from the file system, root first.
    ///
    /// Returns `None` if [`RequestPath::parse`] would reject a name.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a OsStr>) -> Option<Self> {
        let mut joined = Vec::new();
        for (index, name) in names.into_iter().enumerate() {
            if index >= MAX_NAMES {
                return None;
            }
            if !joined.is_empty() {
                joined.push(b'/');
            }
            let name = name.as_encoded_bytes();
            if !is_name(name, Rules::HERE) {
                return None;
            }
            joined.extend_from_slice(name);
        }
        Some(Self {
            joined,
            is_folder: false,
        })
    }

    /// The path that [`RequestPath::as_bytes`] was taken from.
    pub fn from_joined(joined: &[u8]) -> Self {
        Self {
            joined: joined.to_vec(),
            is_folder: false,
        }
    }

    /// The names, root first; none for the root itself.
    pub fn names(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.joined
            .split(|&byte| byte == b'/')
            .filter(|name| !name.is_empty())
    }

    /// Whether the entries of this folder are too deep to be served.
    pub fn is_deepest(&self) -> bool {
        self.names().count() >= MAX_NAMES
    }

    /// All names joined with `/`, empty for the root.
    pub fn as_bytes(&self) -> &[u8] {
        &self.joined
    }

    /// The last name; none for the root.
    pub fn last(&self) -> Option<&[u8]> {
        self.names().next_back()
    }

    /// Whether the path is that of the share itself.
    pub fn is_root(&self) -> bool {
        self.joined.is_empty()
    }

    /// The path with one more name, which `parse` must allow.
    pub fn join(&self, name: &[u8]) -> Self {
        let mut joined = Vec::with_capacity(self.joined.len() + 1 + name.len());
        joined.extend_from_slice(&self.joined);
        if !joined.is_empty() {
            joined.push(b'/');
        }
        joined.extend_from_slice(name);
        Self {
            joined,
            is_folder: false,
        }
    }

    /// The path with all names of another one.
    pub fn join_all(&self, path: &Self) -> Self {
        if path.is_root() {
            return self.clone();
        }
        self.join(&path.joined)
    }

    /// The same names with `suffix` at the end of the last one.
    pub fn with_suffix(&self, suffix: &[u8]) -> Self {
        let mut joined = self.joined.clone();
        joined.extend_from_slice(suffix);
        Self {
            joined,
            is_folder: false,
        }
    }

    /// The path of the parent folder; none for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(Self {
            joined: self.parent_bytes().to_vec(),
            is_folder: true,
        })
    }

    /// The names of the folder that the path is in, joined with `/`. A folder is in itself.
    pub fn folder_bytes(&self) -> &[u8] {
        if self.is_folder {
            &self.joined
        } else {
            self.parent_bytes()
        }
    }

    fn parent_bytes(&self) -> &[u8] {
        let end = self.joined.iter().rposition(|&byte| byte == b'/');
        &self.joined[..end.unwrap_or(0)]
    }

    /// The first name, which selects one of several shared items, and the rest of the path.
    pub fn split_first(&self) -> Option<(&[u8], Self)> {
        let first = self.names().next()?;
        let rest = self.joined.get(first.len() + 1..).unwrap_or_default();
        Some((
            first,
            Self {
                joined: rest.to_vec(),
                is_folder: self.is_folder,
            },
        ))
    }

    /// Whether visitors don't see one of the names.
    pub fn is_hidden(&self, visibility: Visibility) -> bool {
        self.names().any(|name| visibility.hides(name))
    }

    /// The same for a path from the top of a share, where they see [`WELL_KNOWN`].
    pub fn is_hidden_at_top(&self, visibility: Visibility) -> bool {
        let mut names = self.names().peekable();
        names.next_if_eq(&WELL_KNOWN);
        names.any(|name| visibility.hides(name))
    }

    /// Whether any name might be the short alias of a longer name.
    pub fn has_short_name(&self) -> bool {
        self.names().any(may_be_short)
    }

    /// The path as a URL writes it, from the root: `/a%20b/c`.
    pub fn to_url(&self) -> String {
        let mut url = String::with_capacity(self.joined.len() + 2);
        for name in self.names() {
            url.push('/');
            push_encoded(name, &mut url);
        }
        if self.is_folder || url.is_empty() {
            url.push('/');
        }
        url
    }
}

/// Everything except the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes a name for use in a URL. The result is also safe in an HTML attribute and in a
/// header.
pub fn push_encoded(name: &[u8], url: &mut String) {
    url.extend(percent_encode(name, RESERVED));
}

/// Whether [`RequestPath::parse`] allows this name of the file system.
pub fn can_be_asked_for(name: &[u8]) -> bool {
    is_name(name, Rules::HERE)
}

/// The name that a part of a path stands for, if it is one.
fn decoded(part: &[u8], rules: Rules) -> Option<Cow<'_, [u8]>> {
    let name = Cow::from(is_well_encoded(part).then(|| percent_decode(part))?);
    is_name(&name, rules).then_some(name)
}

/// Whether every percent sign starts a valid escape. The decoder would keep invalid ones.
fn is_well_encoded(part: &[u8]) -> bool {
    part.split(|&byte| byte == b'%')
        .skip(1)
        .all(|rest| matches!(rest, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()))
}

fn is_name(name: &[u8], rules: Rules) -> bool {
    if name.is_empty() || name == b"." || name == b".." {
        return false;
    }
    if name.iter().any(|&byte| byte == b'/' || byte == 0) {
        return false;
    }
    match rules {
        Rules::Unix => true,
        Rules::Windows => windows_name::is_plain(name),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(raw: &str, rules: Rules) -> Option<Vec<Vec<u8>>> {
        RequestPath::parse(raw.as_bytes(), rules)
            .map(|path| path.names().map(<[u8]>::to_vec).collect())
    }

    #[test]
    fn names_are_decoded_once() {
        assert_eq!(
            names("/a%20b/%E2%82%AC/%252e%252e", Rules::Unix),
            Some(vec![
                b"a b".to_vec(),
                "€".as_bytes().to_vec(),
                b"%2e%2e".to_vec()
            ])
        );
    }

    #[test]
    fn paths_that_climb_or_cheat_name_nothing_on_any_system() {
        for raw in [
            "",
            "a",
            "//",
            "/a//b",
            "/.",
            "/..",
            "/a/../b",
            "/%2e%2e",
            "/%2E./x",
            "/.%2e/x",
            "/a%2fb",
            "/%2f",
            "/%00",
            "/a%00.txt",
            "/%",
            "/%4",
            "/%zz",
            "/%2e%2e%2f",
            "*",
        ] {
            assert_eq!(names(raw, Rules::Unix), None, "{raw}");
            assert_eq!(names(raw, Rules::Windows), None, "{raw}");
        }
    }

    #[test]
    fn dots_and_empty_names_are_resolved_within_the_root() {
        let resolved = |raw: &str, rules| {
            let (path, is_changed) = RequestPath::resolve(raw.as_bytes(), rules)?;
            assert_eq!(is_changed, path.to_url() != raw, "{raw}");
            Some(path.to_url())
        };
        for (raw, expected) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("//", "/"),
            ("//a", "/a"),
            ("/./a", "/a"),
            ("/a//b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/./b/../c/", "/a/c/"),
            ("/a/.", "/a/"),
            ("/a/..", "/"),
            ("/a//", "/a/"),
            ("///evil.example", "/evil.example"),
            ("/a%20b//c", "/a%20b/c"),
        ] {
            for rules in [Rules::Unix, Rules::Windows] {
                assert_eq!(resolved(raw, rules).as_deref(), Some(expected), "{raw}");
            }
        }
        let deep = "/n".repeat(MAX_NAMES);
        let too_deep = format!("{deep}/n/..");
        assert_eq!(resolved(&too_deep, Rules::Unix), Some(format!("{deep}/")));
        for raw in [
            "",
            "a",
            "*",
            "/..",
            "/../",
            "/../a",
            "/a/../../b",
            "//../a",
            "/./%2e%2e/a",
            "/%2e%2e/../a",
            "/%2f/../a",
            "/%00/../a",
            "/%/../a",
            "/a/%2e",
        ] {
            for rules in [Rules::Unix, Rules::Windows] {
                assert_eq!(resolved(raw, rules), None, "{raw}");
            }
        }
        assert_eq!(resolved("/c%3a/../a", Rules::Windows), None);
        assert_eq!(resolved("/.. /a//", Rules::Windows), None);
    }

    #[test]
    fn windows_names_are_checked_when_they_are_decoded() {
        for raw in ["/c%3a", "/a%5cb", "/..%5c..%5cx", "/a/%ff", "/%c0%ae%c0%ae"] {
            assert_eq!(names(raw, Rules::Windows), None, "{raw}");
            assert!(names(raw, Rules::Unix).is_some(), "{raw}");
        }
    }

    #[test]
    fn a_path_of_too_many_names_names_nothing() {
        let most = "/n".repeat(MAX_NAMES);
        let path = RequestPath::parse(most.as_bytes(), Rules::Unix).unwrap();
        assert!(path.is_deepest());
        assert!(!path.parent().unwrap().is_deepest());
        assert_eq!(names(&format!("{most}/n"), Rules::Unix), None);
        assert!(names(&format!("{most}/"), Rules::Unix).is_some());
        let names = vec![OsStr::new("n"); MAX_NAMES + 1];
        assert_eq!(RequestPath::from_names(names), None);
    }

    #[test]
    fn a_url_made_from_a_path_leads_back_to_it() {
        let path = RequestPath::parse(b"/%ff%0a/%22%27%3c%23%3f/a/", Rules::Unix).unwrap();
        assert_eq!(path.to_url(), "/%FF%0A/%22%27%3C%23%3F/a/");
        assert_eq!(
            RequestPath::parse(path.to_url().as_bytes(), Rules::Unix),
            Some(path)
        );
    }

    #[test]
    fn parent_and_first_name_are_found() {
        let path = RequestPath::parse(b"/a/b/c", Rules::Unix).unwrap();
        assert_eq!(path.parent().unwrap().as_bytes(), b"a/b");
        let (first, rest) = path.split_first().unwrap();
        assert_eq!((first, rest.as_bytes()), (&b"a"[..], &b"b/c"[..]));
        let (first, rest) = rest.split_first().unwrap();
        assert_eq!((first, rest.as_bytes()), (&b"b"[..], &b"c"[..]));
        let (first, rest) = rest.split_first().unwrap();
        assert_eq!((first, rest.is_root()), (&b"c"[..], true));
    }

    proptest! {
        #[test]
        fn whatever_is_asked_for_only_names_come_out(raw in proptest::collection::vec(any::<u8>(), 0..64)) {
            for rules in [Rules::Unix, Rules::Windows] {
                let mut asked = b"/".to_vec();
                asked.extend_from_slice(&raw);
                if let Some(path) = RequestPath::parse(&asked, rules) {
                    for name in path.names() {
                        prop_assert!(is_name(name, rules));
                    }
                    let again = RequestPath::parse(path.to_url().as_bytes(), rules);
                    prop_assert_eq!(again, Some(path.clone()));
                    prop_assert_eq!(RequestPath::resolve(&asked, rules), Some((path, false)));
                } else if let Some((path, is_changed)) = RequestPath::resolve(&asked, rules) {
                    prop_assert!(is_changed);
                    for name in path.names() {
                        prop_assert!(is_name(name, rules));
                    }
                    prop_assert!(!path.to_url().starts_with("//"));
                    let again = RequestPath::parse(path.to_url().as_bytes(), rules);
                    prop_assert_eq!(again, Some(path));
                }
            }
        }

        #[test]
        fn every_unix_name_can_be_asked_for(name in proptest::collection::vec(1_u8.., 1..255)) {
            prop_assume!(!name.contains(&b'/') && name != b"." && name != b"..");
            let mut url = String::from("/");
            push_encoded(&name, &mut url);
            let path = RequestPath::parse(url.as_bytes(), Rules::Unix).unwrap();
            prop_assert_eq!(path.last(), Some(&name[..]));
        }
    }
}
