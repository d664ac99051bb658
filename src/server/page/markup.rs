//! The harmless part of the HTML that people write into Markdown: pictures, line breaks and text.
//!
//! Tags that only affect the layout are left out, and so are comments. Every other tag is shown
//! as text.

/// A part of the HTML.
#[derive(Debug, PartialEq, Eq)]
pub enum Markup<'a> {
    Text(&'a str),
    Break,
    Picture { url: String, alt: String },
}

/// Tags that are left out, with their attributes. Their content stays.
const LEFT_OUT: [&str; 49] = [
    "a",
    "b",
    "big",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "i",
    "ins",
    "kbd",
    "mark",
    "ol",
    "p",
    "picture",
    "q",
    "s",
    "samp",
    "small",
    "source",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// Splits HTML into its parts.
pub fn read_markup(html: &str) -> Vec<Markup<'_>> {
    let mut parts = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        if !text.is_empty() {
            parts.push(Markup::Text(text));
        }
        rest = if let Some(comment) = tag.strip_prefix("<!--") {
            comment.split_once("-->").map_or("", |(_, rest)| rest)
        } else if let Some((tag, rest)) = split_tag(tag) {
            parts.extend(meaning(tag));
            rest
        } else {
            parts.push(Markup::Text("<"));
            &tag[1..]
        };
    }
    if !rest.is_empty() {
        parts.push(Markup::Text(rest));
    }
    parts
}

/// The tag at the start of a text, and the rest.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    Some(text.split_at(tag_length(text).ok()?))
}

/// Length of the tag at the start of a text, in bytes. Quotes may contain a `>`.
///
/// If there is no tag: how many bytes were read to find out. Calling this at every `<` of a text
/// reads each byte at most three times: a call is outside quotes or inside one of two kinds of
/// quotes, no two calls are at the same byte in the same state, and a call ends at a `<` outside
/// quotes.
fn tag_length(text: &str) -> Result<usize, usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Ok(at + 1),
            (None, b'<') => return Err(at),
            (None, _) => {}
        }
    }
    Err(text.len())
}

fn meaning(tag: &str) -> Option<Markup<'_>> {
    let inner = tag.trim_start_matches('<').trim_start_matches('/');
    let name: String = inner
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match name.as_str() {
        "br" => Some(Markup::Break),
        "li" | "tr" if !tag.starts_with("</") => Some(Markup::Break),
        "summary" if tag.starts_with("</") => Some(Markup::Break),
        "li" | "tr" => None,
        "img" => Some(Markup::Picture {
            url: attribute(inner, "src").unwrap_or_default(),
            alt: attribute(inner, "alt").unwrap_or_default(),
        }),
        name if LEFT_OUT.contains(&name) => None,
        _ => Some(Markup::Text(tag)),
    }
}

/// The value of an attribute, without its quotes. `&amp;` is the only reference that is decoded,
/// because URLs need it.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let key = before
            .rsplit(|c: char| c.is_whitespace())
            .find(|key| !key.is_empty());
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after[1..].split_once(quote)?,
            _ => {
                let end = after.find(|c: char| c.is_whitespace() || c == '>');
                after.split_at(end.unwrap_or(after.len()))
            }
        };
        if key.is_some_and(|key| key.eq_ignore_ascii_case(name)) {
            return Some(value.replace("&amp;", "&"));
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tag_is_what_it_means() {
        assert_eq!(
            read_markup("<p align=\"center\">a</p><script>b</script>"),
            [
                Markup::Text("a"),
                Markup::Text("<script>"),
                Markup::Text("b"),
                Markup::Text("</script>")
            ]
        );
        assert_eq!(
            read_markup("<img alt='>' onerror=x SRC = a.png?b=1&amp;c>"),
            [Markup::Picture {
                url: "a.png?b=1&c".to_owned(),
                alt: ">".to_owned()
            }]
        );
        assert_eq!(read_markup("<!-- a > b -->"), []);
        assert_eq!(read_markup("<!-- a"), []);
        assert_eq!(
            read_markup("1 < 2"),
            [Markup::Text("1 "), Markup::Text("<"), Markup::Text(" 2")]
        );
    }

    /// Total bytes read by calls at every `<`.
    fn looked_at(html: &str) -> usize {
        let starts = html.match_indices('<');
        starts
            .map(|(at, _)| match tag_length(&html[at..]) {
                Ok(bytes) | Err(bytes) => bytes,
            })
            .sum()
    }

    #[test]
    fn tags_without_an_end_cost_no_more_than_they_are_long() {
        for piece in ["<", "<'", "<\"'", "<a b=\"<'", "<?", "</"] {
            let html = format!("<div\n{}", piece.repeat(2_000));
            assert!(looked_at(&html) <= 3 * html.len(), "{piece}");
        }
        assert_eq!(
            read_markup("<p <b>a"),
            [Markup::Text("<"), Markup::Text("p "), Markup::Text("a")]
        );
    }

    proptest! {
        #[test]
        fn no_byte_is_looked_at_more_than_three_times(html in "[a<>\"']{0,200}") {
            prop_assert!(looked_at(&html) <= 3 * html.len());
        }

        #[test]
        fn nothing_makes_it_panic(html in "[a-zé<>\"'=/! -]{0,80}") {
            let _ = read_markup(&html);
        }
    }
}
