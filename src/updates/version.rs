//! Version numbers of releases.

use std::fmt;

/// `MAJOR.MINOR.PATCH`, as in Semantic Versioning. The feed has no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// The version of this program.
    pub fn of_this_program() -> Self {
        // What follows a hyphen or plus is a build on the way to that version, or of it.
        let text = env!("CARGO_PKG_VERSION");
        let numbers = text.split(['-', '+']).next().unwrap_or(text);
        // Cargo allows nothing else.
        Self::parse(numbers).unwrap_or(Self {
            major: 0,
            minor: 0,
            patch: 0,
        })
    }

    /// `None` if `text` is anything but three numbers without leading zeros.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.').map(number);
        let version = Self {
            major: parts.next()??,
            minor: parts.next()??,
            patch: parts.next()??,
        };
        parts.next().is_none().then_some(version)
    }
}

fn number(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let has_zeros = text.len() > 1 && text.starts_with('0');
    (is_plain && !has_zeros)
        .then(|| text.parse().ok())
        .flatten()
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let version = |text| Version::parse(text).unwrap();
        assert!(version("0.10.0") > version("0.9.12"));
        assert!(version("1.0.0") > version("0.99.99"));
        assert_eq!(version("1.2.3").to_string(), "1.2.3");
    }

    #[test]
    fn what_is_no_plain_version_is_refused() {
        for text in [
            "",
            "1",
            "1.2",
            "1.2.3.4",
            "v1.2.3",
            "1.2.3-rc1",
            "1.02.3",
            "1.2.+3",
            "1.2.-3",
            "1.2.4294967296",
            " 1.2.3",
            "1.2.3\n",
        ] {
            assert_eq!(Version::parse(text), None, "{text:?}");
        }
    }
}
