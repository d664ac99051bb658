//! Markdown as HTML that is safe in the page's own context.
//!
//! The author may be hostile: no HTML of the file gets through, links use safe schemes only, and
//! pictures from elsewhere become links, because the page makes no requests to other servers.
//!
//! This is not `pulldown_cmark::html` with `ammonia` (4.2.5), which took more than a minute for half
//! a megabyte of `<div>`, or of `<b>` followed by `<p>`, and 92 MB for tables.

use std::collections::HashMap;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::{
    cost::affordable,
    markup::{Markup, read_markup},
    nesting::is_too_deep,
};

/// Longer files are cut.
pub const MAX_BYTES: u64 = 512 * 1024;

/// Markdown as HTML.
#[derive(Debug)]
pub struct Rendered {
    pub html: String,
    /// Whether it contains only the start of the text.
    pub is_cut: bool,
}

/// Renders as much of a Markdown text as the limits allow.
pub fn render(text: &str) -> Rendered {
    // Showing it as source costs little.
    let shown = if is_too_deep(text) {
        text
    } else {
        affordable(text)
    };
    Rendered {
        html: to_html(shown),
        is_cut: shown.len() < text.len(),
    }
}

/// Renders Markdown with its headings one level down, because the page has a first heading.
/// Text that nests deeper than people write is shown as source.
fn to_html(text: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::default();
    if is_too_deep(text) {
        writer.start(Tag::CodeBlock(CodeBlockKind::Indented));
        writer.text(text);
        writer.end(TagEnd::CodeBlock);
        return writer.html;
    }
    for event in Parser::new_ext(text, options) {
        writer.event(event);
    }
    writer.html
}

#[derive(Default)]
struct Writer {
    html: String,
    alignments: Vec<Alignment>,
    column: usize,
    is_head: bool,
    /// The ends of the open links and pictures, innermost last.
    ends: Vec<&'static str>,
    /// The alternative text of a picture that is being collected.
    alt: Option<String>,
    /// The heading that is being written: where its tag may take an id, and its text.
    heading: Option<(usize, String)>,
    /// Ids of headings, and how many headings wanted each.
    ids: HashMap<String, usize>,
    /// A block of HTML, which comes line by line.
    block: String,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        if let Some(alt) = &mut self.alt {
            match event {
                Event::Text(text) | Event::Code(text) => alt.push_str(&text),
                Event::End(TagEnd::Image) => self.end_picture(),
                _ => {}
            }
            return;
        }
        if let (Event::Text(text) | Event::Code(text), Some((_, heading))) =
            (&event, &mut self.heading)
        {
            heading.push_str(text);
        }
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::InlineHtml(text) => self.markup(&text),
            Event::Html(text) => self.block.push_str(&text),
            Event::Code(text) => {
                self.raw("<code>");
                self.text(&text);
                self.raw("</code>");
            }
            Event::SoftBreak => self.raw("\n"),
            Event::HardBreak => self.raw("<br>"),
            Event::Rule => self.raw("<hr>"),
            Event::TaskListMarker(is_done) => {
                if self.html.ends_with("<li>") {
                    self.html.truncate(self.html.len() - 1);
                    self.raw(" class=\"task\">");
                }
                self.raw(if is_done { "☑ " } else { "☐ " });
            }
            // Not enabled.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.text(&text);
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.raw("<p>"),
            Tag::Heading { level, .. } => {
                let level = (level as usize + 1).min(6);
                self.html.push_str(&format!("<h{level}"));
                self.heading = Some((self.html.len(), String::new()));
                self.raw(">");
            }
            Tag::BlockQuote(_) => self.raw("<blockquote>"),
            Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => {
                // Wide code can be scrolled with the keyboard.
                self.raw("<pre tabindex=\"0\"><code>");
            }
            Tag::List(None) => self.raw("<ul>"),
            Tag::List(Some(start)) => self.html.push_str(&format!("<ol start=\"{start}\">")),
            Tag::Item => self.raw("<li>"),
            Tag::Table(alignments) => {
                self.alignments = alignments;
                self.raw("<div class=\"wide\" tabindex=\"0\"><table>");
            }
            Tag::TableHead => {
                self.is_head = true;
                self.column = 0;
                self.raw("<thead><tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.raw("<tr>");
            }
            Tag::TableCell => {
                let cell = if self.is_head { "th" } else { "td" };
                let class = match self.alignments.get(self.column) {
                    Some(Alignment::Center) => " class=\"center\"",
                    Some(Alignment::Right) => " class=\"end\"",
                    _ => "",
                };
                self.column += 1;
                self.html.push_str(&format!("<{cell}{class}>"));
            }
            Tag::Emphasis => self.raw("<em>"),
            Tag::Strong => self.raw("<strong>"),
            Tag::Strikethrough => self.raw("<del>"),
            Tag::Link {
                link_type: LinkType::Email,
                dest_url,
                ..
            } => self.start_link(&format!("mailto:{dest_url}")),
            Tag::Link { dest_url, .. } => self.start_link(&dest_url),
            Tag::Image { dest_url, .. } => self.start_picture(&dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.raw("</p>\n"),
            TagEnd::HtmlBlock => self.end_block(),
            TagEnd::Heading(level) => {
                let level = (level as usize + 1).min(6);
                self.name_heading();
                self.html.push_str(&format!("</h{level}>\n"));
            }
            TagEnd::BlockQuote(_) => self.raw("</blockquote>\n"),
            TagEnd::CodeBlock => self.raw("</code></pre>\n"),
            TagEnd::List(true) => self.raw("</ol>\n"),
            TagEnd::List(false) => self.raw("</ul>\n"),
            TagEnd::Item => self.raw("</li>\n"),
            TagEnd::Table => self.raw("</tbody></table></div>\n"),
            TagEnd::TableHead => {
                self.is_head = false;
                self.raw("</tr></thead><tbody>\n");
            }
            TagEnd::TableRow => self.raw("</tr>\n"),
            TagEnd::TableCell if self.is_head => self.raw("</th>"),
            TagEnd::TableCell => self.raw("</td>"),
            TagEnd::Emphasis => self.raw("</em>"),
            TagEnd::Strong => self.raw("</strong>"),
            TagEnd::Strikethrough => self.raw("</del>"),
            TagEnd::Link => {
                let end = self.ends.pop().unwrap_or_default();
                self.raw(end);
            }
            _ => {}
        }
    }

    /// Writes the harmless part of the file's own HTML.
    fn markup(&mut self, html: &str) {
        for part in read_markup(html) {
            match part {
                Markup::Text(text) => self.text(text),
                Markup::Break => self.raw("<br>"),
                Markup::Picture { url, alt } => {
                    self.start_picture(&url);
                    self.alt = Some(alt);
                    self.end_picture();
                }
            }
        }
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        let start = self.html.len();
        self.markup(&block);
        if self.html[start..].trim().is_empty() {
            self.html.truncate(start);
        } else {
            self.html.insert_str(start, "<p>");
            self.raw("</p>\n");
        }
    }

    /// Gives the heading that was just written an id, so that links can lead to it. No other
    /// element of the page has an id with this prefix.
    fn name_heading(&mut self) {
        let Some((at, text)) = self.heading.take() else {
            return;
        };
        let slug = slug(&text);
        let count = self.ids.entry(slug.clone()).or_default();
        let id = match *count {
            0 => format!(" id=\"{HEADING}{slug}\""),
            count => format!(" id=\"{HEADING}{slug}-{count}\""),
        };
        *count += 1;
        self.html.insert_str(at, &id);
    }

    fn start_link(&mut self, url: &str) {
        if let Some(heading) = url.strip_prefix('#') {
            self.raw("<a href=\"#");
            self.raw(HEADING);
            self.text(&slug(heading));
            self.raw("\">");
            self.ends.push("</a>");
            return;
        }
        if !may_lead_to(url) {
            self.ends.push("");
            return;
        }
        self.raw("<a rel=\"noopener noreferrer nofollow\" href=\"");
        self.text(url);
        self.raw("\">");
        self.ends.push("</a>");
    }

    fn start_picture(&mut self, url: &str) {
        // Browsers ignore some characters in a URL, and spaces around it.
        let is_plain = !url.contains([':', '\\']) && !url.chars().any(char::is_control);
        let is_here = is_plain && url.trim() == url && !url.starts_with("//");
        if is_here {
            self.raw("<img loading=\"lazy\" src=\"");
            self.text(url);
            self.raw("\" alt=\"");
            self.ends.push("\">");
        } else {
            // A link in a link would end the outer one.
            if self.ends.last() == Some(&"</a>") {
                self.ends.push("");
            } else {
                self.start_link(url);
            }
        }
        self.alt = Some(String::new());
    }

    fn end_picture(&mut self) {
        let alt = self.alt.take().unwrap_or_default();
        let end = self.ends.pop().unwrap_or_default();
        if alt.is_empty() && end == "</a>" {
            self.text("🔗");
        }
        self.text(&alt);
        self.raw(end);
    }

    fn raw(&mut self, html: &str) {
        self.html.push_str(html);
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.html.push_str("&amp;"),
                '<' => self.html.push_str("&lt;"),
                '>' => self.html.push_str("&gt;"),
                '"' => self.html.push_str("&quot;"),
                '\'' => self.html.push_str("&#39;"),
                c => self.html.push(c),
            }
        }
    }
}

/// The prefix of the ids of headings.
const HEADING: &str = "text-";

/// The usual id of a Markdown heading: letters and digits in lower case, with hyphens between
/// words. No character of it can end an attribute.
fn slug(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let kept = text.chars().filter_map(|c| match c {
        ' ' | '-' => Some('-'),
        '_' => Some('_'),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.collect()
}

/// Whether a link may have this target: a path in this share, or a URL with a scheme that runs no
/// code. Browsers skip white space and control characters in a scheme, so none is allowed.
fn may_lead_to(url: &str) -> bool {
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return false;
    }
    let before_path = url.split(['/', '?', '#']).next().unwrap_or_default();
    match before_path.split_once(':') {
        None => true,
        Some((scheme, _)) => ["http", "https", "mailto"]
            .iter()
            .any(|allowed| scheme.eq_ignore_ascii_case(allowed)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_write_is_rendered() {
        let html = to_html(
            "# A\n\ntext *em* **strong** `code` [link](b.md)\n\n- [x] done\n\n\
             | a | b |\n|---|--:|\n| 1 | 2 |\n\n```rust\nlet a = \"<\";\n```\n\n![cat](cat.jpg)\n",
        );
        for part in [
            "<h2 id=\"text-a\">A</h2>",
            "<em>em</em> <strong>strong</strong> <code>code</code>",
            "href=\"b.md\">link</a>",
            "☑ done",
            "<th>a</th><th class=\"end\">b</th>",
            "<td>1</td><td class=\"end\">2</td>",
            "let a = &quot;&lt;&quot;;",
            "<img loading=\"lazy\" src=\"cat.jpg\" alt=\"cat\">",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn nothing_hostile_gets_through() {
        for text in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html,<script>1</script>)",
            "[x](<java\tscript:alert(1)>)",
            "[x](vbscript:1)",
            "<javascript:alert(1)>",
        ] {
            let html = to_html(text);
            let tags = html.replace("<p>", "").replace("</p>", "");
            assert!(
                !tags.contains('<')
                    || tags.starts_with("a <img loading=\"lazy\" src=\"x\" alt=\"\"> b"),
                "{html}"
            );
        }
        let html = to_html("![a\"b](x.png\"onerror=1) ![t](https://elsewhere.example/t.gif)");
        assert!(
            !html.contains("onerror=1 ") && !html.contains("src=\"https"),
            "{html}"
        );
        let html = to_html("![t](//elsewhere.example/t.gif) ![t](\\\\elsewhere.example/t.gif)");
        assert!(!html.contains("<img"), "{html}");
    }

    #[test]
    fn html_that_people_write_is_taken_for_what_it_means() {
        let html = to_html(
            "<h1 align=\"center\">\n  <img src=\"logo.png\" width='90' alt=\"A & B\"><br>\n  Name\n</h1>\n\n\
             <!-- not\n\nshown -->\n\na<br/>b <kbd>Esc</kbd> <button onclick=\"x()\">c</button> 1 < 2\n",
        );
        for part in [
            "<p>\n  <img loading=\"lazy\" src=\"logo.png\" alt=\"A &amp; B\"><br>\n  Name\n\n</p>",
            "a<br>b Esc &lt;button onclick=&quot;x()&quot;&gt;c&lt;/button&gt; 1 &lt; 2</p>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("shown"), "{html}");
    }

    #[test]
    fn a_picture_of_another_place_is_a_link_however_it_is_written() {
        for url in [
            "//evil.example/t.png",
            "/&#9;/evil.example/t.png",
            "/&#10;/evil.example/t.png",
            "&#32;//evil.example/t.png",
        ] {
            let plain = url
                .replace("&#9;", "\t")
                .replace("&#10;", "\n")
                .replace("&#32;", " ");
            for text in [format!("![t]({url})"), format!("a <img src=\"{plain}\">")] {
                let html = to_html(&text);
                assert!(!html.contains("<img"), "{text}: {html}");
            }
        }
        assert!(to_html("<me@example.org>").contains("href=\"mailto:me@example.org\""));
    }

    #[test]
    fn links_lead_to_headings() {
        let html = to_html(
            "[go](#what-it-is--does) [x](#\"><b>)\n\n# What it `is` / does\n\n## What it is / does\n",
        );
        for part in [
            "<a href=\"#text-what-it-is--does\">go</a>",
            "<a href=\"#text-b\">x</a>",
            "<h2 id=\"text-what-it-is--does\">",
            "<h3 id=\"text-what-it-is--does-1\">",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    proptest! {
        #[test]
        fn only_known_elements_come_out(text in "[a-z<>\"'&!\\[\\]()`#*_|:/\\n -]{0,200}") {
            let html = to_html(&text);
            for part in html.split('<').skip(1) {
                let name: String = part
                    .trim_start_matches('/')
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect();
                prop_assert!(
                    ["p", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "ul", "ol",
                     "li", "div", "table", "thead", "tbody", "tr", "th", "td", "em", "strong",
                     "del", "a", "img", "br", "hr"].contains(&name.as_str()),
                    "{} in {}", name, html
                );
            }
        }
    }
}
