//! The HTML that a Markdown file has of its own: what is harmless of it, each element written anew.

use super::{
    super::{
        link::{self, HEADING_PREFIX},
        markup::{Element, Kind, Markup, Said, read_markup},
    },
    output::{Open, Output},
};

/// How many elements of a file's own HTML may be in one another.
const MAX_DEPTH: usize = 24;

impl Output {
    /// Writes the harmless part of a block of the file's own HTML.
    pub fn own_block(&mut self, block: &str) {
        let start = self.html.len();
        let has_blocks = self.markup(block, false);
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

    /// Writes the harmless part of the file's own HTML. Returns whether there were blocks.
    pub fn markup(&mut self, html: &str, is_in_line: bool) -> bool {
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
    pub fn close_own(&mut self) {
        while let Some(open) = self.open.pop() {
            if matches!(open, Open::Markdown) {
                break;
            }
            self.close(open);
        }
    }

    /// Ends it.
    pub fn close(&mut self, open: Open) {
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
}

fn is_heading(element: &Element) -> bool {
    matches!(element.becomes, "h2" | "h3" | "h4" | "h5" | "h6")
}
