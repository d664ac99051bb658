//! Addresses in a text that are meant as links, although they are not marked as such.

/// What an address begins with.
const STARTS: [&str; 3] = ["https://", "http://", "www."];

/// How many characters of a name are looked at.
const MAX_HOST: usize = 255;

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'a> {
    Text(&'a str),
    /// As it is written: without a scheme if it begins with `www.`.
    Address(&'a str),
}

/// Splits a text into its addresses and what is between them.
pub fn split(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut begun, mut at) = (0, 0);
    while let Some(start) = next_start(text, at) {
        let before = text[..start].chars().next_back();
        let length = if before.is_some_and(|c| c.is_alphanumeric() || c == '/') {
            0
        } else {
            address_length(&text[start..])
        };
        if length == 0 {
            // An ASCII letter is here.
            at = start + 1;
            continue;
        }
        if begun < start {
            parts.push(Part::Text(&text[begun..start]));
        }
        parts.push(Part::Address(&text[start..start + length]));
        begun = start + length;
        at = begun;
    }
    if begun < text.len() {
        parts.push(Part::Text(&text[begun..]));
    }
    parts
}

/// Where the next address may begin.
fn next_start(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut places = (from..bytes.len()).filter(|at| matches!(bytes[*at], b'h' | b'w'));
    places.find(|at| {
        let rest = &bytes[*at..];
        STARTS
            .iter()
            .any(|start| rest.starts_with(start.as_bytes()))
    })
}

/// How long the address at the start of a text is; 0 if there is none. That takes little time to find
/// out.
fn address_length(text: &str) -> usize {
    let Some(start) = STARTS.iter().find(|start| text.starts_with(**start)) else {
        return 0;
    };
    let behind = &text[start.len()..];
    let mut host = behind.chars().take(MAX_HOST);
    let has_dot = *start != "www."
        || host
            .by_ref()
            .take_while(|c| is_inside(*c) && *c != '/')
            .any(|c| c == '.');
    if !has_dot || !behind.starts_with(char::is_alphanumeric) {
        return 0;
    }
    let end = text.find(|c| !is_inside(c));
    let mut address = &text[..end.unwrap_or(text.len())];
    // A sentence goes on, or ends, behind it.
    let (opened, mut closed) = (address.matches('(').count(), address.matches(')').count());
    while let Some(last) = address.chars().next_back() {
        match last {
            ')' if closed > opened => closed -= 1,
            '.' | ',' | ':' | ';' | '!' | '?' | '\'' | '*' | '_' | '~' | ']' | '(' => {}
            _ => break,
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    if address.len() > start.len() {
        address.len()
    } else {
        0
    }
}

/// Whether an address may contain this.
fn is_inside(c: char) -> bool {
    !(c.is_whitespace() || c.is_control() || "<>\"`".contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_end_where_people_mean() {
        for (text, address) in [
            (
                "see https://a.example/b_c?d=e&f.",
                "https://a.example/b_c?d=e&f",
            ),
            ("(www.example.org)", "www.example.org"),
            ("http://a.b/c_(d) e", "http://a.b/c_(d)"),
            ("**https://é.example**", "https://é.example"),
        ] {
            assert!(split(text).contains(&Part::Address(address)), "{text}");
        }
        for text in [
            "https://",
            "www.",
            "www.a",
            "xhttps://a.b",
            "http:// a",
            "ftp://a.b",
        ] {
            assert_eq!(split(text), [Part::Text(text)], "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_of_a_text_is_lost(text in "(https://|www\\.|[a.()é \\]:/_]){0,30}") {
            let whole: String = split(&text)
                .iter()
                .map(|part| match part {
                    Part::Text(text) | Part::Address(text) => *text,
                })
                .collect();
            prop_assert_eq!(whole, text);
        }
    }
}
