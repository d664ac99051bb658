//! What may stand in XML.

/// Appends text as the content of an element, or as the value of an attribute. What XML can't hold
/// becomes a visible character.
pub fn push_text(text: &str, xml: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            letter if is_allowed(letter) => xml.push(letter),
            _ => xml.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// Whether XML can hold a character (XML 1.0, section 2.2), and readers leave it as it is.
pub fn is_allowed(letter: char) -> bool {
    !matches!(letter, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether an element may have this local name. Fewer are allowed than in XML: letters, digits, `-`,
/// `_` and `.`.
pub fn is_local_name(name: &str) -> bool {
    let is_first = |letter: char| letter.is_alphabetic() || letter == '_';
    let is_next = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    // Some letters of today were none when XML was made.
    let is_of_xml = |letter: char| letter.is_ascii() || ('\u{c0}'..'\u{2000}').contains(&letter);
    name.starts_with(is_first)
        && name
            .chars()
            .all(|letter| is_next(letter) && is_of_xml(letter))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::{Reader, events::Event};

    use super::*;

    #[test]
    fn markup_and_what_xml_cannot_hold_do_not_get_through() {
        let mut xml = String::new();
        push_text("<a b=\"&\">\u{1}\u{fffe}é\n", &mut xml);
        assert_eq!(
            xml,
            "&lt;a b=&quot;&amp;&quot;&gt;\u{fffd}\u{fffd}é\u{fffd}"
        );
    }

    #[test]
    fn names_of_elements_are_plain() {
        for name in ["getetag", "_a-b.1", "größe", "имя"] {
            assert!(is_local_name(name), "{name}");
        }
        for name in [
            "", "1a", "-a", "a b", "a\"", "a/", "a:b", "a\u{0}", "a>b", "𝒳",
        ] {
            assert!(!is_local_name(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_stays_one_text(text: String) {
            let mut xml = String::from("<a>");
            push_text(&text, &mut xml);
            xml.push_str("</a>");
            let mut reader = Reader::from_str(&xml);
            let mut elements = 0;
            loop {
                match reader.read_event().unwrap() {
                    Event::Start(_) | Event::Empty(_) => elements += 1,
                    Event::Eof => break,
                    _ => {}
                }
            }
            prop_assert_eq!(elements, 1);
        }
    }
}
