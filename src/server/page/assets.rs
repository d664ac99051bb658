//! The style sheets and scripts of the pages. Each is one piece, which `build/pages.rs` makes from the
//! files in `web/`.
//!
//! A debug build takes them from the folder that `SPOT_SERVE_PAGES` names, if it is set, so that a
//! change needs no build: `scripts/join-pages.sh` writes them there.

use std::{collections::BTreeMap, sync::LazyLock};

use super::hash::hash;

/// A style sheet or script that is part of a page.
pub type Asset = LazyLock<&'static str>;

/// What was built as this file. Whoever uses it imports [`loaded`] as well.
macro_rules! built {
    ($file:expr) => {
        std::sync::LazyLock::new(|| {
            loaded($file, include_str!(concat!(env!("OUT_DIR"), "/", $file)))
        })
    };
}
pub(crate) use built;

/// Defines an asset by its file. Whoever uses it imports [`Asset`] and what [`built`] needs as well.
macro_rules! asset {
    ($(#[$doc:meta])* $name:ident = $file:literal) => {
        $(#[$doc])*
        pub static $name: Asset = built!($file);
    };
}
pub(crate) use asset;

asset! {
    /// The style sheet of the list and of notices.
    STYLE = "list.css"
}
asset! {
    /// The style sheet that the page of what is found has as well.
    SEARCH_STYLE = "search.css"
}
asset! {
    /// The script of the list.
    SCRIPT = "list.js"
}
asset! {
    /// The script of the page that asks for the password.
    UNLOCK_SCRIPT = "unlock.js"
}
asset! {
    /// The style sheet of the page of a text.
    TEXT_STYLE = "shared-text.css"
}
asset! {
    /// The script of that page.
    TEXT_SCRIPT = "shared-text.js"
}
asset! {
    /// The style sheet of the page for handing in files.
    UPLOAD_STYLE = "upload.css"
}
asset! {
    /// The script of that page.
    UPLOAD_SCRIPT = "upload.js"
}
asset! {
    /// The style sheet that the list of a folder has as well if visitors may add files.
    LIST_UPLOAD_STYLE = "list-upload.css"
}
asset! {
    /// The script that it has as well.
    LIST_UPLOAD_SCRIPT = "list-upload.js"
}

/// What the list's script fetches when a visitor first needs it.
pub struct Part {
    pub name: &'static str,
    pub script: Asset,
    pub style: Asset,
}

/// A part by its name.
macro_rules! part {
    ($name:literal) => {
        Part {
            name: $name,
            script: built!(concat!("part-", $name, ".js")),
            style: built!(concat!("part-", $name, ".css")),
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/parts.rs"));

/// The part of this name.
pub fn part(name: &str) -> Option<&'static Part> {
    PARTS.iter().find(|part| part.name == name)
}

/// Their names, each with what changes with its content.
pub static PART_VERSIONS: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| {
    let version = |part: &Part| hash(&[*part.script, *part.style].concat())[7..15].to_owned();
    let parts = PARTS.iter().map(|part| (part.name, version(part)));
    parts.collect()
});

/// What was built, or what is in the folder that a debug build is told to take.
pub fn loaded(file: &str, built: &'static str) -> &'static str {
    #[cfg(debug_assertions)]
    if let Some(folder) = std::env::var_os("SPOT_SERVE_PAGES")
        && let Ok(text) = std::fs::read_to_string(std::path::Path::new(&folder).join(file))
    {
        return text.leak();
    }
    let _ = file;
    built
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_strict_like_modules() {
        for part in &PARTS {
            assert!(part.script.starts_with("\"use strict\";"), "{}", part.name);
        }
    }

    #[test]
    fn style_sheets_and_scripts_stay_small() {
        let list = STYLE.len() + SCRIPT.len();
        assert!(list <= 60_000, "{list}");
        let parts = PARTS.iter();
        let parts: usize = parts.map(|part| part.script.len() + part.style.len()).sum();
        assert!(list + parts <= 110_000, "{list} and {parts}");
        let uploader = UPLOAD_STYLE.len() + UPLOAD_SCRIPT.len();
        assert!(uploader <= 32_000, "{uploader}");
        assert!(LIST_UPLOAD_STYLE.len() + LIST_UPLOAD_SCRIPT.len() <= 3_000);
    }

    #[test]
    fn none_ends_the_element_that_contains_it() {
        let parts = PARTS.iter();
        for style in [&STYLE, &UPLOAD_STYLE, &LIST_UPLOAD_STYLE, &TEXT_STYLE]
            .into_iter()
            .chain(parts.clone().map(|part| &part.style))
        {
            assert!(!style.contains("</"));
        }
        let scripts = [
            &SCRIPT,
            &UNLOCK_SCRIPT,
            &UPLOAD_SCRIPT,
            &LIST_UPLOAD_SCRIPT,
            &TEXT_SCRIPT,
        ];
        for script in scripts.into_iter().chain(parts.map(|part| &part.script)) {
            assert!(!script.contains("</script") && !script.contains("<!--"));
        }
    }
}
