//! The HTML that is being written: its text, links, pictures and headings.

use std::collections::HashMap;

use super::super::{
    autolink::{self, Part},
    link::{self, HEADING_PREFIX},
    markup::Element,
};

/// How many addresses in a text become links.
const MAX_AUTOLINKS: usize = 4_000;

/// HTML, and what is not ended in it.
#[derive(Default)]
pub struct Output {
    pub html: String,
    /// The ends of the open links and pictures, innermost last.
    pub ends: Vec<&'static str>,
    /// The alternative text of a picture that is being collected, and its size.
    pub alt: Option<(String, String)>,
    /// The heading that is being written: where its tag may take an id, and its text.
    pub heading: Option<(usize, String)>,
    /// Ids of headings, and how many headings wanted each.
    ids: HashMap<String, usize>,
    /// What is open: an element of the file's own HTML, or something of the Markdown around it.
    pub open: Vec<Open>,
    /// How many of these are elements.
    pub depth: usize,
    autolinks: usize,
}

#[derive(Clone, Copy, Debug)]
pub enum Open {
    Markdown,
    Element(&'static Element),
    /// A link of the file's own HTML.
    Link,
}

impl Output {
    /// Writes HTML that is known to be safe.
    pub fn raw(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// Writes a text.
    pub fn text(&mut self, text: &str) {
        push_escaped(text, &mut self.html);
    }

    /// Writes a text, with links to the addresses in it.
    pub fn linked_text(&mut self, text: &str) {
        if self.is_in_link() || self.autolinks >= MAX_AUTOLINKS {
            self.text(text);
            return;
        }
        for part in autolink::split(text) {
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

    /// Whether another link would be in a link, which it would end.
    pub fn is_in_link(&self) -> bool {
        self.ends.contains(&"</a>") || self.open.iter().any(|open| matches!(open, Open::Link))
    }

    /// Begins a link, or nothing if it may not lead there.
    pub fn start_link(&mut self, url: &str) {
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

    /// Begins a picture of the share, or a link to another. What follows is its text.
    pub fn start_picture(&mut self, url: &str, size: String) {
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

    /// Writes the text of a picture, and its end.
    pub fn end_picture(&mut self) {
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

    /// Gives the heading that was just written an id, so that links can lead to it. No other
    /// element of the page has an id with this prefix.
    pub fn name_heading(&mut self) {
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
