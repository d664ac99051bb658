//! Names of shares in the local network.

use icu_normalizer::DecomposingNormalizerBorrowed;

/// The longest label of a name, in bytes; one more may be added when a name is taken.
const MAX_LABEL: usize = 56;

/// The longest name of a service, in bytes (RFC 6763); a number may be added when it is taken.
const MAX_SERVICE: usize = 56;

/// For a share whose name has no letters that a host name may have.
const NAMELESS: &str = "share";

/// A host name for a share: `photos` for "Photos", `fruhling-2026` for "Frühling (2026)".
pub fn label(name: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(name);
    let mut label = String::new();
    for c in decomposed.chars() {
        if c.is_ascii_alphanumeric() {
            label.push(c.to_ascii_lowercase());
        } else if (c.is_whitespace() || c.is_ascii_punctuation()) && !label.ends_with('-') {
            label.push('-');
        }
        if label.len() == MAX_LABEL {
            break;
        }
    }
    let label = label.trim_matches('-');
    if label.is_empty() {
        NAMELESS.to_owned()
    } else {
        label.to_owned()
    }
}

/// The name of a share in lists of services, as people read it.
pub fn service(name: &str) -> String {
    let mut end = name.len().min(MAX_SERVICE);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    match name[..end].trim() {
        "" => NAMELESS.to_owned(),
        name => name.to_owned(),
    }
}

/// The first of a name, the name with 2, the name with 3… that is not taken.
pub fn distinct(
    name: &str,
    number: impl Fn(u32) -> String,
    is_taken: impl Fn(&str) -> bool,
) -> String {
    let numbered = (2..).map(|count| format!("{name}{}", number(count)));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_host_name_is_close_to_the_name_of_the_share() {
        for (name, expected) in [
            ("Photos", "photos"),
            ("Frühling (2026)", "fruhling-2026"),
            ("plan.pdf", "plan-pdf"),
            ("--x--", "x"),
            ("写真", "share"),
            ("", "share"),
        ] {
            assert_eq!(label(name), expected, "{name}");
        }
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let taken = ["photos", "photos-2"];
        let name = distinct(
            "photos",
            |count| format!("-{count}"),
            |name| taken.contains(&name),
        );
        assert_eq!(name, "photos-3");
    }

    proptest! {
        #[test]
        fn every_name_is_valid(name in ".{0,100}") {
            let label = label(&name);
            prop_assert!(!label.is_empty() && label.len() <= MAX_LABEL);
            prop_assert!(label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert!(!label.starts_with('-') && !label.ends_with('-'));
            let service = service(&name);
            prop_assert!(!service.is_empty() && service.len() <= MAX_SERVICE);
        }
    }
}
