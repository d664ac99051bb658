//! Writes Markdown as HTML.
//!
//! Only known elements come out, and each ends where the one around it ends at the latest. All text is
//! escaped, and [`link`](super::link) decides where links may lead.
//!
//! ```text
//! own_html  what is harmless of the HTML in a file
//! output    the HTML that is being written: text, links, pictures and headings
//! ```

mod output;
mod own_html;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::{footnotes::Footnotes, words::AlertWords};
use output::{Open, Output};

/// The longest name of a language.
const MAX_LANGUAGE: usize = 32;

/// Collects the HTML of a parsed text.
#[derive(Default)]
pub struct HtmlWriter {
    out: Output,
    alignments: Vec<Alignment>,
    column: usize,
    is_head: bool,
    /// The headings that were open where a footnote began.
    outer_headings: Vec<Option<(usize, String)>>,
    /// A block of HTML, which comes line by line.
    block: String,
    /// Text that may go on.
    pending: String,
    is_code: bool,
    footnotes: Footnotes,
    /// What alerts are called; as Markdown does if nothing else is known.
    titles: Option<&'static AlertWords>,
}

impl HtmlWriter {
    /// A writer that gives alerts these titles.
    pub fn with(titles: &'static AlertWords) -> Self {
        Self {
            titles: Some(titles),
            ..Self::default()
        }
    }

    /// Writes the next event of the parser.
    pub fn write(&mut self, event: Event<'_>) {
        if let Some((alt, _)) = &mut self.out.alt {
            match event {
                Event::Text(text) | Event::Code(text) => alt.push_str(&text),
                Event::End(TagEnd::Image) => self.out.end_picture(),
                _ => {}
            }
            return;
        }
        if let (Event::Text(text) | Event::Code(text), Some((_, heading))) =
            (&event, &mut self.out.heading)
        {
            heading.push_str(text);
        }
        if let Event::Text(text) = &event {
            self.pending.push_str(text);
            return;
        }
        self.flush();
        match event {
            Event::Start(tag) => {
                if !matches!(tag, Tag::HtmlBlock | Tag::Image { .. }) {
                    self.out.open.push(Open::Markdown);
                }
                self.start(tag);
            }
            Event::End(tag) => {
                if !matches!(tag, TagEnd::HtmlBlock | TagEnd::Image) {
                    self.out.close_own();
                }
                self.end(tag);
            }
            Event::InlineHtml(text) => {
                self.out.markup(&text, true);
            }
            Event::Html(text) => self.block.push_str(&text),
            Event::Code(text) => {
                self.out.raw("<code>");
                self.out.text(&text);
                self.out.raw("</code>");
            }
            Event::SoftBreak => self.out.raw("\n"),
            Event::HardBreak => self.out.raw("<br>"),
            Event::Rule => self.out.raw("<hr>"),
            Event::TaskListMarker(is_done) => {
                if self.out.html.ends_with("<li>") {
                    self.out.html.truncate(self.out.html.len() - 1);
                    self.out.raw(" class=\"task\">");
                }
                self.out.raw(if is_done { "☑ " } else { "☐ " });
            }
            Event::FootnoteReference(label) => {
                let reference = self.footnotes.refer(&label);
                self.out.raw(&reference);
            }
            // Merged above.
            Event::Text(_) => {}
            // Not enabled.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.out.text(&text),
        }
    }

    /// Writes code in a language, as far as that is known.
    pub fn code_block(&mut self, language: &str, code: &str) {
        self.start_code(language);
        self.out.text(code);
        self.is_code = false;
        self.out.raw("</code></pre>\n");
    }

    /// Writes HTML that is known to be safe.
    pub fn raw(&mut self, html: &str) {
        self.out.raw(html);
    }

    /// How long the HTML is so far.
    pub fn length(&self) -> usize {
        self.out.html.len()
    }

    /// Ends the text, and all that is still open, and writes its footnotes.
    pub fn end_text(&mut self) {
        self.flush();
        while let Some(open) = self.out.open.pop() {
            self.out.close(open);
        }
        self.footnotes.write(&mut self.out.html);
    }

    /// The HTML of all events.
    pub fn into_html(mut self) -> String {
        self.end_text();
        self.out.html
    }

    /// Writes the text that was collected, with links to the addresses in it.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.pending);
        if self.is_code {
            self.out.text(&text);
        } else {
            self.out.linked_text(&text);
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.out.raw("<p>"),
            Tag::Heading { level, .. } => {
                let level = (level as usize + 1).min(6);
                self.out.html.push_str(&format!("<h{level}"));
                self.out.heading = Some((self.out.html.len(), String::new()));
                self.out.raw(">");
            }
            Tag::BlockQuote(None) => self.out.raw("<blockquote>"),
            Tag::BlockQuote(Some(kind)) => {
                let name = format!("{kind:?}");
                let class = name.to_ascii_lowercase();
                let title = self.titles.map_or(name.as_str(), |titles| titles.of(kind));
                self.out.html.push_str(&format!(
                    "<blockquote class=\"alert {class}\"><p class=\"alert-title\">{title}</p>\n"
                ));
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => self.start_code(""),
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => self.start_code(&info),
            Tag::List(None) => self.out.raw("<ul>"),
            Tag::List(Some(start)) => self.out.html.push_str(&format!("<ol start=\"{start}\">")),
            Tag::Item => self.out.raw("<li>"),
            Tag::Table(alignments) => {
                self.alignments = alignments;
                self.out.raw("<div class=\"wide\" tabindex=\"0\"><table>");
            }
            Tag::TableHead => {
                self.is_head = true;
                self.column = 0;
                self.out.raw("<thead><tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.out.raw("<tr>");
            }
            Tag::TableCell => {
                let cell = if self.is_head { "th" } else { "td" };
                let class = match self.alignments.get(self.column) {
                    Some(Alignment::Center) => " class=\"center\"",
                    Some(Alignment::Right) => " class=\"end\"",
                    _ => "",
                };
                self.column += 1;
                self.out.html.push_str(&format!("<{cell}{class}>"));
            }
            Tag::Emphasis => self.out.raw("<em>"),
            Tag::Strong => self.out.raw("<strong>"),
            Tag::Strikethrough => self.out.raw("<del>"),
            Tag::Link {
                link_type: LinkType::Email,
                dest_url,
                ..
            } => self.out.start_link(&format!("mailto:{dest_url}")),
            Tag::Link { dest_url, .. } => self.out.start_link(&dest_url),
            Tag::Image { dest_url, .. } => self.out.start_picture(&dest_url, String::new()),
            Tag::FootnoteDefinition(label) => {
                // The footnote is written elsewhere, where the place of this heading means nothing.
                self.outer_headings.push(self.out.heading.take());
                self.footnotes.begin(&label, &mut self.out.html);
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.out.raw("</p>\n"),
            TagEnd::HtmlBlock => {
                let block = std::mem::take(&mut self.block);
                self.out.own_block(&block);
            }
            TagEnd::Heading(level) => {
                let level = (level as usize + 1).min(6);
                self.out.name_heading();
                self.out.html.push_str(&format!("</h{level}>\n"));
            }
            TagEnd::BlockQuote(_) => self.out.raw("</blockquote>\n"),
            TagEnd::CodeBlock => {
                self.is_code = false;
                self.out.raw("</code></pre>\n");
            }
            TagEnd::List(true) => self.out.raw("</ol>\n"),
            TagEnd::List(false) => self.out.raw("</ul>\n"),
            TagEnd::Item => self.out.raw("</li>\n"),
            TagEnd::Table => self.out.raw("</tbody></table></div>\n"),
            TagEnd::TableHead => {
                self.is_head = false;
                self.out.raw("</tr></thead><tbody>\n");
            }
            TagEnd::TableRow => self.out.raw("</tr>\n"),
            TagEnd::TableCell if self.is_head => self.out.raw("</th>"),
            TagEnd::TableCell => self.out.raw("</td>"),
            TagEnd::Emphasis => self.out.raw("</em>"),
            TagEnd::Strong => self.out.raw("</strong>"),
            TagEnd::Strikethrough => self.out.raw("</del>"),
            TagEnd::Link => {
                let end = self.out.ends.pop().unwrap_or_default();
                self.out.raw(end);
            }
            TagEnd::FootnoteDefinition => {
                self.footnotes.end(&mut self.out.html);
                self.out.heading = self.outer_headings.pop().flatten();
            }
            _ => {}
        }
    }

    /// Begins code; the first word of `info` is its language.
    fn start_code(&mut self, info: &str) {
        let language = info.split([' ', ',', '\t']).next().unwrap_or_default();
        let language = language.trim_start_matches('{').trim_start_matches('.');
        let language: String = language
            .chars()
            .take(MAX_LANGUAGE)
            .filter(|c| c.is_ascii_alphanumeric() || "+#-_".contains(*c))
            .collect();
        // Wide code can be scrolled with the keyboard.
        self.out.raw("<pre tabindex=\"0\"><code");
        if !language.is_empty() {
            let language = language.to_ascii_lowercase();
            self.out
                .html
                .push_str(&format!(" class=\"language-{language}\""));
        }
        self.out.raw(">");
        self.is_code = true;
    }
}
