//! The style sheet and the script, and what the page may load and run.

use std::sync::LazyLock;

use crate::server::common::{BASE_STYLE, SIZES_SCRIPT, dense, hash, lean};

pub const ICONS: &str = include_str!("icons.svg");

pub static STYLE: LazyLock<String> = LazyLock::new(|| {
    let own = concat!(
        include_str!("dashboard.css"),
        include_str!("drive.css"),
        include_str!("live.css"),
        include_str!("history.css"),
        include_str!("requests.css"),
    );
    lean(&[BASE_STYLE, own].concat())
});

/// Several files, joined into one module. A space that [`dense`] would leave out of a text is written
/// `\x20`.
pub static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let own = concat!(
        include_str!("script/texts.js"),
        include_str!("script/elements.js"),
        include_str!("script/wire.js"),
        include_str!("script/dialogs.js"),
        include_str!("script/settings.js"),
        include_str!("script/drive.js"),
        include_str!("script/live.js"),
        include_str!("script/cards.js"),
        include_str!("script/history.js"),
        include_str!("script/requests.js"),
        include_str!("script/start.js"),
    );
    dense(&[SIZES_SCRIPT, own].concat())
});

static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(&STYLE),
        hash(&SCRIPT)
    )
});

/// The Content-Security-Policy of the page. Nothing of what strangers send can run in it, even if it
/// got there as markup.
pub fn policy() -> &'static str {
    &POLICY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_sheet_and_script_stay_small() {
        let size = STYLE.len() + SCRIPT.len();
        assert!(size <= 60_000, "{size}");
    }

    #[test]
    fn none_ends_the_element_that_contains_it() {
        assert!(!STYLE.contains("</"));
        assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--"));
    }

    #[test]
    fn no_text_becomes_markup() {
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval("] {
            assert!(!SCRIPT.contains(way), "{way}");
        }
    }
}
