//! The style sheet and the script, and what the page may load and run.

use std::sync::LazyLock;

use crate::server::common::{Asset, asset, built, hash, loaded};

pub const ICONS: &str = include_str!("icons.svg");

asset! {
    /// The style sheet.
    STYLE = "dashboard.css"
}
asset! {
    /// The script.
    SCRIPT = "dashboard.js"
}

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
