//! Jupyter notebooks (nbformat 4) as HTML that is safe in the page's own context.
//!
//! The cells become what Markdown files are made of. Of what their code has put out, texts and pictures
//! are shown; HTML and scripts are not.

use serde::{Deserialize, de::IgnoredAny};

use super::{
    cost::Cost,
    html_writer::HtmlWriter,
    markdown::{MAX_BYTES, Rendered, write_text},
    words::AlertWords,
};

/// A longer file is no notebook that is rendered.
pub const MAX_FILE_BYTES: u64 = 8 * 1024 * 1024;

/// How long the HTML may become.
const MAX_HTML: usize = 8 * 1024 * 1024;

/// How long the text of one output may be.
const MAX_OUTPUT: usize = 32 * 1024;

/// How many cells are shown.
const MAX_CELLS: usize = 5_000;

/// How many lists, objects and items a notebook may have.
const MAX_PIECES: usize = 100_000;

#[derive(Deserialize)]
struct Notebook {
    #[serde(default)]
    cells: Vec<Cell>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    language_info: Language,
    #[serde(default)]
    kernelspec: Language,
}

#[derive(Default, Deserialize)]
struct Language {
    language: Option<String>,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Cell {
    #[serde(default)]
    cell_type: String,
    #[serde(default)]
    source: Lines,
    #[serde(default)]
    execution_count: Option<u32>,
    #[serde(default)]
    outputs: Vec<Output>,
}

/// A text, or its lines.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lines {
    Text(String),
    Separate(Vec<String>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Output {
    /// Of a stream.
    #[serde(default)]
    text: Lines,
    #[serde(default)]
    data: Data,
    /// Of an error.
    #[serde(default)]
    traceback: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(rename = "image/png")]
    png: Option<Lines>,
    #[serde(rename = "image/jpeg")]
    jpeg: Option<Lines>,
    #[serde(rename = "text/markdown")]
    markdown: Option<Lines>,
    #[serde(rename = "text/plain")]
    plain: Option<Lines>,
}

impl Default for Lines {
    fn default() -> Self {
        Self::Separate(Vec::new())
    }
}

impl Lines {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Separate(lines) => lines.concat(),
            Self::Other(_) => String::new(),
        }
    }
}

/// Renders a notebook as far as the limits allow, with these titles for alerts in its texts; `None` if it
/// is none.
pub fn render(file: &[u8], titles: &'static AlertWords) -> Option<Rendered> {
    // A list could stand for it as well.
    if !file.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    if is_too_fine(file) {
        return None;
    }
    let notebook: Notebook = serde_json::from_slice(file).ok()?;
    let mut writing = Writing {
        writer: HtmlWriter::with(titles),
        cost: Cost::default(),
        // At most half a megabyte of text.
        markdown_left: MAX_BYTES as usize,
        is_cut: notebook.cells.len() > MAX_CELLS,
    };
    let Metadata {
        language_info,
        kernelspec,
    } = notebook.metadata;
    let language = language_info.name.or(kernelspec.language);
    let language = language.unwrap_or_default();
    for cell in notebook.cells.iter().take(MAX_CELLS) {
        if writing.writer.length() > MAX_HTML {
            writing.is_cut = true;
            break;
        }
        writing.cell(cell, &language);
    }
    Some(Rendered {
        html: writing.writer.into_html(),
        is_cut: writing.is_cut,
    })
}

/// Whether JSON has more pieces than a notebook that is worth showing. Each takes up to 300 bytes of memory.
fn is_too_fine(json: &[u8]) -> bool {
    let (mut pieces, mut is_text, mut is_escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => pieces += 1,
            _ => {}
        }
    }
    pieces > MAX_PIECES
}

struct Writing {
    writer: HtmlWriter,
    cost: Cost,
    markdown_left: usize,
    is_cut: bool,
}

impl Writing {
    fn cell(&mut self, cell: &Cell, language: &str) {
        let source = cell.source.text();
        match cell.cell_type.as_str() {
            "markdown" => {
                self.writer.raw("<div class=\"cell\">\n");
                self.markdown(&source);
                self.writer.raw("</div>\n");
            }
            "code" => {
                let number = cell.execution_count.map(|number| number.to_string());
                let number = number.unwrap_or_default();
                self.writer
                    .raw(&format!("<div class=\"cell code\" data-n=\"{number}\">\n"));
                if !source.is_empty() {
                    let source = self.cut(&source, MAX_OUTPUT);
                    self.writer.code_block(language, source);
                }
                for output in &cell.outputs {
                    if self.writer.length() > MAX_HTML {
                        self.is_cut = true;
                        break;
                    }
                    self.output(output);
                }
                self.writer.raw("</div>\n");
            }
            _ => {
                self.writer.raw("<div class=\"cell\">\n");
                let source = self.cut(&source, MAX_OUTPUT);
                self.writer.code_block("", source);
                self.writer.raw("</div>\n");
            }
        }
    }

    fn markdown(&mut self, text: &str) {
        let text = self.cut(text, self.markdown_left);
        let shown = self.cost.affordable(text);
        self.is_cut |= shown.len() < text.len();
        self.markdown_left -= shown.len();
        write_text(shown, &mut self.writer);
    }

    fn output(&mut self, output: &Output) {
        self.writer.raw("<div class=\"output\">\n");
        let data = &output.data;
        let picture = match (&data.png, &data.jpeg) {
            (Some(png), _) => Some(("png", png)),
            (None, Some(jpeg)) => Some(("jpeg", jpeg)),
            (None, None) => None,
        };
        let is_shown = picture.is_some_and(|(kind, content)| self.picture(kind, &content.text()));
        if !is_shown {
            if let Some(text) = &data.markdown {
                self.markdown(&text.text());
            } else {
                let text = match &data.plain {
                    Some(text) => text.text(),
                    None if output.traceback.is_empty() => output.text.text(),
                    None => output.traceback.join("\n"),
                };
                self.plain(&text);
            }
        }
        self.writer.raw("</div>\n");
    }

    /// Shows a picture in Base64, if that is what it is.
    fn picture(&mut self, kind: &str, content: &str) -> bool {
        let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        let content: String = content.split_ascii_whitespace().collect();
        if content.is_empty() || !content.bytes().all(is_fine) {
            return false;
        }
        if self.writer.length() + content.len() > MAX_HTML {
            self.is_cut = true;
            return false;
        }
        self.writer
            .raw(&format!("<img alt=\"\" src=\"data:image/{kind};base64,"));
        self.writer.raw(&content);
        self.writer.raw("\">\n");
        true
    }

    fn plain(&mut self, text: &str) {
        let text = without_escapes(self.cut(text, MAX_OUTPUT));
        if !text.trim().is_empty() {
            self.writer.code_block("", &text);
        }
    }

    /// At most so many bytes of a text.
    fn cut<'t>(&mut self, text: &'t str, most: usize) -> &'t str {
        let end = (0..=most.min(text.len())).rfind(|&end| text.is_char_boundary(end));
        let shown = &text[..end.unwrap_or_default()];
        self.is_cut |= shown.len() < text.len();
        shown
    }
}

/// The text without what colours it in a terminal.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut parts = text.split("\u{1b}[");
    plain.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic());
        plain.push_str(end.map_or("", |end| &part[end + 1..]));
    }
    plain
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderMap;
    use proptest::prelude::*;

    use super::*;
    use crate::server::page::words::Words;

    fn render(file: &[u8]) -> Option<Rendered> {
        super::render(file, &Words::of(&HeaderMap::new()).alert)
    }

    fn html(notebook: &str) -> String {
        render(notebook.as_bytes()).unwrap().html
    }

    #[test]
    fn a_notebook_of_countless_pieces_is_none() {
        let cells = |count: usize| format!("{{\"cells\": [{{}}{}]}}", ",{}".repeat(count));
        assert!(render(cells(100).as_bytes()).is_some());
        assert!(render(cells(MAX_PIECES).as_bytes()).is_none());
        let text = "[,{\\\"".repeat(MAX_PIECES);
        let cell = format!("{{\"cells\": [{{\"source\": \"{text}\"}}]}}");
        assert!(render(cell.as_bytes()).is_some());
    }

    #[test]
    fn the_cells_of_a_notebook_are_shown() {
        let html = html(
            r##"{"metadata": {"kernelspec": {"language": "python", "name": "python3"}, "x": [1, {}]},
                "nbformat": 4, "cells": [
                {"cell_type": "markdown", "source": ["# Title\n", "See *this*[^1]\n\n[^1]: note"]},
                {"cell_type": "code", "execution_count": 3, "source": "print('<b>')", "outputs": [
                    {"output_type": "stream", "name": "stdout", "text": ["<b>\n"]},
                    {"output_type": "display_data", "data": {"image/png": "iVBO\nRw0K", "text/plain": "<Figure>"}},
                    {"output_type": "execute_result", "data": {"text/html": "<script>", "text/plain": "frame"}},
                    {"output_type": "error", "traceback": ["\u001b[0;31mValueError\u001b[0m", "x"]}]},
                {"cell_type": "raw", "source": "raw"},
                {"cell_type": "code", "source": [], "outputs": [{"data": {"image/jpeg": "\"><script>"}}]}]}"##,
        );
        for part in [
            "<h2 id=\"text-title\">Title</h2>",
            "<em>this</em><sup>",
            "<div class=\"cell code\" data-n=\"3\">",
            "class=\"language-python\">print(&#39;&lt;b&gt;&#39;)</code>",
            "<code>&lt;b&gt;\n</code>",
            "<img alt=\"\" src=\"data:image/png;base64,iVBORw0K\">",
            "<code>frame</code>",
            "<code>ValueError\nx</code>",
            "<code>raw</code>",
            "<li id=\"text-.note-1\"><p>note",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(
            !html.contains("<script") && !html.contains("Figure"),
            "{html}"
        );
    }

    #[test]
    fn each_cell_has_its_own_footnotes() {
        let html = html(
            r#"{"cells": [
                {"cell_type": "markdown", "source": "a[^1] b[^2]\n\n[^1]: first\n[^2]: second"},
                {"cell_type": "markdown", "source": "no note"},
                {"cell_type": "markdown", "source": "c[^1]\n\n[^1]: third"}]}"#,
        );
        let cells: Vec<_> = html.split("<div class=\"cell\">").skip(1).collect();
        assert!(
            cells[0].contains("<ol>\n<li id=\"text-.note-1\"><p>first"),
            "{html}"
        );
        assert!(
            cells[0].contains("<li id=\"text-.note-2\"><p>second"),
            "{html}"
        );
        assert!(!cells[1].contains("footnotes"), "{html}");
        assert!(cells[2].contains("href=\"#text-.note-3\">3</a>"), "{html}");
        assert!(
            cells[2].contains("<ol start=\"3\">\n<li id=\"text-.note-3\"><p>third"),
            "{html}"
        );
    }

    #[test]
    fn what_is_no_notebook_is_not_rendered_and_a_long_one_is_cut() {
        for text in ["", "[]", "{\"cells\": 1}", "{\"cells\": [1]}", "{"] {
            assert!(render(text.as_bytes()).is_none(), "{text}");
        }
        assert_eq!(html("{}"), "");
        let cell =
            |source: &str| format!("{{\"cell_type\": \"markdown\", \"source\": \"{source}\"}}");
        let cells = vec![cell(&"*a*".repeat(3_000)); 100].join(",");
        let rendered = render(format!("{{\"cells\": [{cells}]}}").as_bytes()).unwrap();
        assert!(
            rendered.is_cut && rendered.html.len() < 2_000_000,
            "{}",
            rendered.html.len()
        );
        let cells = vec![cell(""); MAX_CELLS + 1].join(",");
        assert!(
            render(format!("{{\"cells\": [{cells}]}}").as_bytes())
                .unwrap()
                .is_cut
        );
    }

    proptest! {
        #[test]
        fn whatever_cells_contain_only_known_elements_come_out(
            source in "[<>\"'&a-z/ *#\\n`-]{0,40}", kind in "markdown|code|raw|x"
        ) {
            let notebook = serde_json::json!({ "cells": [{
                "cell_type": kind, "source": source,
                "outputs": [{ "text": source, "data": { "image/png": source } }],
            }] });
            let html = html(&notebook.to_string());
            prop_assert!(!html.contains("<script") && !html.contains("<x"), "{}", html);
        }
    }
}
