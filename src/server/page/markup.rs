//! What is harmless of the HTML that people write into Markdown: pictures, ends of lines, and text.
//!
//! Tags that only lay something out are left out, comments as well. Every other tag is text, as
//! it stands there.

/// A part of what was written.
#[derive(Debug, PartialEq, Eq)]
pub enum Markup<'a> {
    Text(&'a str),
    Break,
    Picture { url: String, alt: String },
}

/// Tags that are left out, with their attributes; what is between them stays.
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

/// Takes HTML apart.
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

/// The tag that a text begins with, and what follows. Quotes may have a `>` in them.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    let end = text.bytes().position(|byte| match quote {
        Some(open) => {
            if byte == open {
                quote = None;
            }
            false
        }
        None => {
            if matches!(byte, b'"' | b'\'') {
                quote = Some(byte);
            }
            byte == b'>'
        }
    })?;
    Some(text.split_at(end + 1))
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

/// The value of an attribute, without its quotes. References such as `&amp;` stay as they are but
/// for the one that addresses have.
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
    use super::*;
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn nothing_makes_it_panic(html in "[a-zé<>\"'=/! -]{0,80}") {
            let _ = read_markup(&html);
        }
    }
}
