//! Writes Markdown as HTML.
//!
//! Only known elements come out. All text is escaped, and [`link`] decides where links may lead.

use std::collections::HashMap;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::{
    link::{self, HEADING_PREFIX},
    markup::{Markup, read_markup},
};

/// Collects the HTML of a parsed text.
#[derive(Default)]
pub struct HtmlWriter {
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

impl HtmlWriter {
    /// Writes the next event of the parser.
    pub fn write(&mut self, event: Event<'_>) {
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

    /// The HTML of all events.
    pub fn into_html(self) -> String {
        self.html
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
        let slug = link::slug(&text);
        let count = self.ids.entry(slug.clone()).or_default();
        let id = match *count {
            0 => format!(" id=\"{HEADING_PREFIX}{slug}\""),
            count => format!(" id=\"{HEADING_PREFIX}{slug}-{count}\""),
        };
        *count += 1;
        self.html.insert_str(at, &id);
    }

    fn start_link(&mut self, url: &str) {
        if let Some(heading) = url.strip_prefix('#') {
            self.raw("<a href=\"#");
            self.raw(HEADING_PREFIX);
            self.text(&link::slug(heading));
            self.raw("\">");
            self.ends.push("</a>");
            return;
        }
        if !link::is_allowed(url) {
            self.ends.push("");
            return;
        }
        self.raw("<a rel=\"noopener noreferrer nofollow\" href=\"");
        self.text(url);
        self.raw("\">");
        self.ends.push("</a>");
    }

    fn start_picture(&mut self, url: &str) {
        if link::is_within_share(url) {
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
