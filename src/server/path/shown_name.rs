//! Names for display.

use crate::app::visible;

/// A name for display. Invalid UTF-8, invisible characters and those that change the direction of
/// writing are replaced with a visible character.
pub fn shown_name(name: &[u8]) -> String {
    visible(&String::from_utf8_lossy(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hidden_characters_are_replaced_and_joiners_are_kept() {
        assert_eq!(
            shown_name("x\u{202e}gpj.exe".as_bytes()),
            "x\u{fffd}gpj.exe"
        );
        assert_eq!(shown_name(b"a\nb\xff"), "a\u{fffd}b\u{fffd}");
        let joined = "👩\u{200d}🚀 می\u{200c}خواهم";
        assert_eq!(shown_name(joined.as_bytes()), joined);
    }

    proptest! {
        #[test]
        fn no_name_is_shown_with_control_characters(name in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(!shown_name(&name).chars().any(char::is_control));
        }
    }
}
