//! The harmless part of the HTML that people write into Markdown: pictures, line breaks, text, and
//! elements that only say what their content is.
//!
//! Tags that only affect the layout are left out, and so are comments. Every other tag is shown
//! as text.

/// A part of the HTML.
#[derive(Debug, PartialEq, Eq)]
pub enum Markup<'a> {
    Text(&'a str),
    Break,
    Rule,
    Picture {
        url: String,
        alt: String,
        /// As attributes, with a space before each.
        size: String,
    },
    /// A link, or a place that links lead to.
    Link {
        url: Option<String>,
        id: Option<String>,
    },
    Open(&'static Element, Said),
    Close(&'static Element),
    CloseLink,
}

/// What attributes say about an element.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub class: Option<&'static str>,
    /// Other attributes, with a space before each.
    pub attributes: String,
}

/// An element that is kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Element {
    /// What it is called in a file.
    name: &'static str,
    /// What it becomes. A page has a first heading.
    pub becomes: &'static str,
    pub kind: Kind,
}

/// Where an element may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In a line of text.
    Inline,
    /// It ends with its block at the latest.
    Block,
    /// It may contain blocks of Markdown.
    Container,
}

const fn element(name: &'static str, becomes: &'static str, kind: Kind) -> Element {
    Element {
        name,
        becomes,
        kind,
    }
}

const ELEMENTS: [Element; 46] = [
    element("b", "strong", Kind::Inline),
    element("cite", "em", Kind::Inline),
    element("code", "code", Kind::Inline),
    element("del", "del", Kind::Inline),
    element("em", "em", Kind::Inline),
    element("i", "em", Kind::Inline),
    element("ins", "ins", Kind::Inline),
    element("kbd", "kbd", Kind::Inline),
    element("mark", "mark", Kind::Inline),
    element("q", "q", Kind::Inline),
    element("s", "del", Kind::Inline),
    element("samp", "samp", Kind::Inline),
    element("small", "small", Kind::Inline),
    element("strike", "del", Kind::Inline),
    element("strong", "strong", Kind::Inline),
    element("sub", "sub", Kind::Inline),
    element("sup", "sup", Kind::Inline),
    element("tt", "code", Kind::Inline),
    element("u", "ins", Kind::Inline),
    element("var", "var", Kind::Inline),
    element("figcaption", "p", Kind::Block),
    element("h1", "h2", Kind::Block),
    element("h2", "h3", Kind::Block),
    element("h3", "h4", Kind::Block),
    element("h4", "h5", Kind::Block),
    element("h5", "h6", Kind::Block),
    element("h6", "h6", Kind::Block),
    element("pre", "pre", Kind::Block),
    element("summary", "summary", Kind::Block),
    element("blockquote", "blockquote", Kind::Container),
    element("center", "div", Kind::Container),
    element("dd", "dd", Kind::Container),
    element("details", "details", Kind::Container),
    element("div", "div", Kind::Container),
    element("dl", "dl", Kind::Container),
    element("dt", "dt", Kind::Container),
    element("figure", "div", Kind::Container),
    element("li", "li", Kind::Container),
    element("ol", "ol", Kind::Container),
    // Blocks of Markdown between its tags are paragraphs of their own.
    element("p", "div", Kind::Container),
    element("table", "table", Kind::Container),
    element("tbody", "tbody", Kind::Container),
    element("td", "td", Kind::Container),
    element("th", "th", Kind::Container),
    element("thead", "thead", Kind::Container),
    element("tr", "tr", Kind::Container),
];

const LIST: Element = element("ul", "ul", Kind::Container);

/// Tags that are left out, with their attributes. Their content stays.
const LEFT_OUT: [&str; 7] = ["big", "font", "picture", "source", "span", "tfoot", "wbr"];

fn kept(name: &str) -> Option<&'static Element> {
    if name == LIST.name {
        return Some(&LIST);
    }
    ELEMENTS.iter().find(|element| element.name == name)
}

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
    let is_end = tag.starts_with("</");
    match name.as_str() {
        "br" => Some(Markup::Break),
        "hr" => Some(Markup::Rule),
        "img" => Some(Markup::Picture {
            url: attribute(inner, "src").unwrap_or_default(),
            alt: attribute(inner, "alt").unwrap_or_default(),
            size: ["width", "height"]
                .iter()
                .filter_map(|name| number(inner, name, 4))
                .collect(),
        }),
        "a" if is_end => Some(Markup::CloseLink),
        "a" => Some(Markup::Link {
            url: attribute(inner, "href"),
            id: attribute(inner, "id").or_else(|| attribute(inner, "name")),
        }),
        name if LEFT_OUT.contains(&name) => None,
        name => Some(match kept(name) {
            Some(element) if is_end => Markup::Close(element),
            Some(element) => Markup::Open(element, said(element, inner)),
            None => Markup::Text(tag),
        }),
    }
}

/// What the attributes of a tag say, as far as it does no harm.
fn said(element: &Element, tag: &str) -> Said {
    let mut said = Said::default();
    match element.name {
        "details" => {
            let mut words = tag.split(|c: char| c.is_whitespace() || c == '>' || c == '/');
            if words.any(|word| word.eq_ignore_ascii_case("open") || word == "open=\"\"") {
                said.attributes.push_str(" open");
            }
        }
        "ol" => said.attributes.extend(number(tag, "start", 6)),
        "td" | "th" => {
            said.attributes.extend(number(tag, "colspan", 2));
            said.attributes.extend(number(tag, "rowspan", 2));
        }
        "center" => said.class = Some("center"),
        _ => {}
    }
    let is_aligned = ["div", "p", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"];
    if is_aligned.contains(&element.name) {
        let align = attribute(tag, "align").unwrap_or_default();
        if align.eq_ignore_ascii_case("center") {
            said.class = Some("center");
        } else if align.eq_ignore_ascii_case("right") {
            said.class = Some("end");
        }
    }
    said
}

/// An attribute that is a short number or a percentage, with a space before it.
fn number(tag: &str, name: &str, digits: usize) -> Option<String> {
    let value = attribute(tag, name)?;
    let value = value.trim().trim_end_matches("px");
    let plain = value.strip_suffix('%').unwrap_or(value);
    let is_fine = (1..=digits).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_digit());
    is_fine.then(|| format!(" {name}=\"{value}\""))
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
        let div = kept("p").unwrap();
        assert_eq!(
            read_markup("<p align=\"center\">a</p><script>b</script>"),
            [
                Markup::Open(
                    div,
                    Said {
                        class: Some("center"),
                        attributes: String::new()
                    }
                ),
                Markup::Text("a"),
                Markup::Close(div),
                Markup::Text("<script>"),
                Markup::Text("b"),
                Markup::Text("</script>")
            ]
        );
        assert_eq!(
            read_markup("<img alt='>' onerror=x SRC = a.png?b=1&amp;c width=20 height='1\"x'>"),
            [Markup::Picture {
                url: "a.png?b=1&c".to_owned(),
                alt: ">".to_owned(),
                size: " width=\"20\"".to_owned()
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
            [
                Markup::Text("<"),
                Markup::Text("p "),
                Markup::Open(kept("b").unwrap(), Said::default()),
                Markup::Text("a")
            ]
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
