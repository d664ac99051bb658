//! Writes Markdown as HTML.
//!
//! Only known elements come out, and each ends where the one around it ends at the latest. All text is
//! escaped, and [`link`] decides where links may lead.

use std::collections::HashMap;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::{
    autolink::{self, Part},
    footnotes::Footnotes,
    link::{self, HEADING_PREFIX},
    markup::{Element, Kind, Markup, Said, read_markup},
    words::AlertWords,
};

/// How many elements of a file's own HTML may be in one another.
const MAX_DEPTH: usize = 24;

/// How many addresses in a text become links.
const MAX_AUTOLINKS: usize = 4_000;

/// The longest name of a language.
const MAX_LANGUAGE: usize = 32;

/// Collects the HTML of a parsed text.
#[derive(Default)]
pub struct HtmlWriter {
    html: String,
    alignments: Vec<Alignment>,
    column: usize,
    is_head: bool,
    /// The ends of the open links and pictures, innermost last.
    ends: Vec<&'static str>,
    /// The alternative text of a picture that is being collected, and its size.
    alt: Option<(String, String)>,
    /// The heading that is being written: where its tag may take an id, and its text.
    heading: Option<(usize, String)>,
    /// Those that were open where a footnote began.
    outer_headings: Vec<Option<(usize, String)>>,
    /// Ids of headings, and how many headings wanted each.
    ids: HashMap<String, usize>,
    /// A block of HTML, which comes line by line.
    block: String,
    /// Text that may go on.
    pending: String,
    is_code: bool,
    /// What is open: an element of the file's own HTML, or something of the Markdown around it.
    open: Vec<Open>,
    /// How many of these are elements.
    depth: usize,
    autolinks: usize,
    footnotes: Footnotes,
    /// What alerts are called; as Markdown does if nothing else is known.
    titles: Option<&'static AlertWords>,
}

#[derive(Clone, Copy, Debug)]
enum Open {
    Markdown,
    Element(&'static Element),
    /// A link of the file's own HTML.
    Link,
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
        if let Some((alt, _)) = &mut self.alt {
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
        if let Event::Text(text) = &event {
            self.pending.push_str(text);
            return;
        }
        self.flush();
        match event {
            Event::Start(tag) => {
                if !matches!(tag, Tag::HtmlBlock | Tag::Image { .. }) {
                    self.open.push(Open::Markdown);
                }
                self.start(tag);
            }
            Event::End(tag) => {
                if !matches!(tag, TagEnd::HtmlBlock | TagEnd::Image) {
                    self.close_own();
                }
                self.end(tag);
            }
            Event::InlineHtml(text) => {
                self.markup(&text, true);
            }
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
            Event::FootnoteReference(label) => {
                let reference = self.footnotes.refer(&label);
                self.raw(&reference);
            }
            // Merged above.
            Event::Text(_) => {}
            // Not enabled.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
        }
    }

    /// Writes code in a language, as far as that is known.
    pub fn code_block(&mut self, language: &str, code: &str) {
        self.start_code(language);
        self.text(code);
        self.is_code = false;
        self.raw("</code></pre>\n");
    }

    /// Writes HTML that is known to be safe.
    pub fn raw(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        push_escaped(text, &mut self.html);
    }

    /// How long the HTML is so far.
    pub fn length(&self) -> usize {
        self.html.len()
    }

    /// Ends the text, and all that is still open.
    pub fn end_text(&mut self) {
        self.flush();
        while let Some(open) = self.open.pop() {
            self.close(open);
        }
    }

    /// The HTML of all events.
    pub fn into_html(mut self) -> String {
        self.end_text();
        self.footnotes.write(&mut self.html);
        self.html
    }

    /// Writes the text that was collected, with links to the addresses in it.
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.pending);
        let is_in_link = self.is_in_link();
        if self.is_code || is_in_link || self.autolinks >= MAX_AUTOLINKS {
            self.text(&text);
            return;
        }
        for part in autolink::split(&text) {
            match part {
                Part::Address(address) if self.autolinks < MAX_AUTOLINKS => {
                    self.autolinks += 1;
                    if address.starts_with("www.") {
                        self.start_link(&format!("http://{address}"));
                    } else {
                        self.start_link(address);
                    }
                    self.text(address);
                    let end = self.ends.pop().unwrap_or_default();
                    self.raw(end);
                }
                Part::Text(text) | Part::Address(text) => self.text(text),
            }
        }
    }

    fn is_in_link(&self) -> bool {
        self.ends.contains(&"</a>") || self.open.iter().any(|open| matches!(open, Open::Link))
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
            Tag::BlockQuote(None) => self.raw("<blockquote>"),
            Tag::BlockQuote(Some(kind)) => {
                let name = format!("{kind:?}");
                let class = name.to_ascii_lowercase();
                let title = self.titles.map_or(name.as_str(), |titles| titles.of(kind));
                self.html.push_str(&format!(
                    "<blockquote class=\"alert {class}\"><p class=\"alert-title\">{title}</p>\n"
                ));
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => self.start_code(""),
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => self.start_code(&info),
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
            Tag::Image { dest_url, .. } => self.start_picture(&dest_url, String::new()),
            Tag::FootnoteDefinition(label) => {
                // The footnote is written elsewhere, where the place of this heading means nothing.
                self.outer_headings.push(self.heading.take());
                self.footnotes.begin(&label, &mut self.html);
            }
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
            TagEnd::CodeBlock => {
                self.is_code = false;
                self.raw("</code></pre>\n");
            }
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
            TagEnd::FootnoteDefinition => {
                self.footnotes.end(&mut self.html);
                self.heading = self.outer_headings.pop().flatten();
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
        self.raw("<pre tabindex=\"0\"><code");
        if !language.is_empty() {
            let language = language.to_ascii_lowercase();
            self.html
                .push_str(&format!(" class=\"language-{language}\""));
        }
        self.raw(">");
        self.is_code = true;
    }

    /// Writes the harmless part of the file's own HTML. Returns whether there were blocks.
    fn markup(&mut self, html: &str, is_in_line: bool) -> bool {
        let mut has_blocks = false;
        for part in read_markup(html) {
            match part {
                Markup::Text(text) => self.own_text(text),
                Markup::Break => self.raw("<br>"),
                Markup::Rule => {
                    has_blocks = true;
                    if !is_in_line {
                        self.raw("<hr>");
                    }
                }
                Markup::Picture { url, alt, size } => {
                    self.start_picture(&url, size);
                    if let Some((collected, _)) = &mut self.alt {
                        *collected = alt;
                    }
                    self.end_picture();
                }
                Markup::Link { url, id } => self.open_link(url.as_deref(), id.as_deref()),
                Markup::CloseLink => self.close_nearest(|open| matches!(open, Open::Link)),
                Markup::Open(element, _) | Markup::Close(element)
                    if is_in_line && element.kind != Kind::Inline => {}
                Markup::Open(element, said) => {
                    has_blocks |= element.kind != Kind::Inline;
                    self.open_element(element, &said);
                }
                Markup::Close(element) => {
                    has_blocks |= element.kind != Kind::Inline;
                    self.close_nearest(
                        |open| matches!(open, Open::Element(other) if *other == element),
                    );
                }
            }
        }
        has_blocks
    }

    fn own_text(&mut self, text: &str) {
        if let Some((_, heading)) = &mut self.heading {
            heading.push_str(text);
        }
        self.text(text);
    }

    fn open_element(&mut self, element: &'static Element, said: &Said) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        self.open.push(Open::Element(element));
        self.html.push_str(&format!("<{}", element.becomes));
        if let Some(class) = said.class {
            self.html.push_str(&format!(" class=\"{class}\""));
        }
        self.raw(&said.attributes);
        if is_heading(element) && self.heading.is_none() {
            self.heading = Some((self.html.len(), String::new()));
        }
        self.raw(">");
    }

    fn open_link(&mut self, url: Option<&str>, id: Option<&str>) {
        if let Some(id) = id.map(link::slug).filter(|id| !id.is_empty()) {
            self.html
                .push_str(&format!("<a id=\"{HEADING_PREFIX}{id}\"></a>"));
        }
        let Some(url) = url.filter(|url| url.starts_with('#') || link::is_allowed(url)) else {
            return;
        };
        // A link in a link would end the outer one.
        if self.depth >= MAX_DEPTH || self.is_in_link() {
            return;
        }
        self.depth += 1;
        self.open.push(Open::Link);
        self.start_link(url);
        self.ends.pop();
    }

    /// Ends the nearest element that is meant, and all in it.
    fn close_nearest(&mut self, is_meant: impl Fn(&Open) -> bool) {
        let own = self.open.iter().rev();
        let mut own = own.take_while(|open| !matches!(open, Open::Markdown));
        let Some(inside) = own.position(is_meant) else {
            return;
        };
        for _ in 0..=inside {
            if let Some(open) = self.open.pop() {
                self.close(open);
            }
        }
    }

    /// Ends what the file's own HTML has begun within something of the Markdown, which ends as well.
    fn close_own(&mut self) {
        while let Some(open) = self.open.pop() {
            if matches!(open, Open::Markdown) {
                break;
            }
            self.close(open);
        }
    }

    fn close(&mut self, open: Open) {
        match open {
            Open::Markdown => {}
            Open::Link => {
                self.depth -= 1;
                self.raw("</a>");
            }
            Open::Element(element) => {
                self.depth -= 1;
                if is_heading(element) {
                    self.name_heading();
                }
                self.html.push_str(&format!("</{}>", element.becomes));
            }
        }
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        let start = self.html.len();
        let has_blocks = self.markup(&block, false);
        // Only containers go on in the next block, so nothing but containers may be around them.
        let own = self
            .open
            .iter()
            .rposition(|open| matches!(open, Open::Markdown));
        let own = own.map_or(0, |outer| outer + 1);
        let ends = self.open[own..].iter().position(|open| match open {
            Open::Markdown => false,
            Open::Link => true,
            Open::Element(element) => element.kind != Kind::Container,
        });
        while ends.is_some_and(|first| self.open.len() > own + first) {
            if let Some(open) = self.open.pop() {
                self.close(open);
            }
        }
        if self.html[start..].trim().is_empty() {
            self.html.truncate(start);
        } else if !has_blocks {
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

    fn start_picture(&mut self, url: &str, size: String) {
        if link::is_within_share(url) {
            self.raw("<img loading=\"lazy\" src=\"");
            self.text(url);
            self.raw("\" alt=\"");
            self.ends.push("\"");
        } else {
            // A link in a link would end the outer one.
            if self.is_in_link() {
                self.ends.push("");
            } else {
                self.start_link(url);
            }
        }
        self.alt = Some((String::new(), size));
    }

    fn end_picture(&mut self) {
        let (alt, size) = self.alt.take().unwrap_or_default();
        let end = self.ends.pop().unwrap_or_default();
        if alt.is_empty() && end == "</a>" {
            self.text("🔗");
        }
        self.text(&alt);
        self.raw(end);
        if end == "\"" {
            self.raw(&size);
            self.raw(">");
        }
    }
}

fn is_heading(element: &Element) -> bool {
    matches!(element.becomes, "h2" | "h3" | "h4" | "h5" | "h6")
}

fn push_escaped(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
}
