//! Markdown as HTML that is safe in the page's own context.
//!
//! Whoever wrote the file may be hostile: HTML in it is shown as text, links lead only where
//! links may lead, and pictures from other places become links, as a page asks nothing of any
//! other server.

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Longer ones are cut.
pub const MAX_BYTES: u64 = 512 * 1024;

/// Renders Markdown, with its headings one level down, as the page has the first one itself.
pub fn to_html(text: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::default();
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
    /// What ends the links and pictures that are open, innermost last.
    ends: Vec<&'static str>,
    /// The alternative text of a picture that is being collected.
    alt: Option<String>,
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
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => {
                self.raw("<code>");
                self.text(&text);
                self.raw("</code>");
            }
            Event::SoftBreak => self.raw("\n"),
            Event::HardBreak => self.raw("<br>"),
            Event::Rule => self.raw("<hr>"),
            Event::TaskListMarker(true) => self.raw("☑ "),
            Event::TaskListMarker(false) => self.raw("☐ "),
            // Not switched on.
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
                self.html.push_str(&format!("<h{level}>"));
            }
            Tag::BlockQuote(_) => self.raw("<blockquote>"),
            Tag::CodeBlock(CodeBlockKind::Indented | CodeBlockKind::Fenced(_)) => {
                // Wide code is scrolled, also by keyboard.
                self.raw("<pre tabindex=\"0\"><code>");
            }
            Tag::HtmlBlock => self.raw("<p>"),
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
            Tag::Link { dest_url, .. } => self.start_link(&dest_url),
            Tag::Image { dest_url, .. } => self.start_picture(&dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.raw("</p>\n"),
            TagEnd::Heading(level) => {
                let level = (level as usize + 1).min(6);
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

    fn start_link(&mut self, url: &str) {
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
        let is_here = !url.contains(':') && !url.starts_with("//") && !url.contains('\\');
        if is_here {
            self.raw("<img loading=\"lazy\" src=\"");
            self.text(url);
            self.raw("\" alt=\"");
            self.ends.push("\">");
        } else {
            // Inside a link already, a second one would end it.
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

/// Whether a link may lead there: a place of this share, or another by a scheme that only shows
/// something. Browsers skip white space and control characters in a scheme, so there may be none.
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
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_write_is_rendered() {
        let html = to_html(
            "# A\n\ntext *em* **strong** `code` [link](b.md)\n\n- [x] done\n\n\
             | a | b |\n|---|--:|\n| 1 | 2 |\n\n```rust\nlet a = \"<\";\n```\n\n![cat](cat.jpg)\n",
        );
        for part in [
            "<h2>A</h2>",
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
            assert!(!tags.contains('<'), "{html}");
        }
        let html = to_html("![a\"b](x.png\"onerror=1) ![t](https://elsewhere.example/t.gif)");
        assert!(
            !html.contains("onerror=1 ") && !html.contains("src=\"https"),
            "{html}"
        );
        let html = to_html("![t](//elsewhere.example/t.gif) ![t](\\\\elsewhere.example/t.gif)");
        assert!(!html.contains("<img"), "{html}");
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
