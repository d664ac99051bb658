//! Markdown as HTML that is safe in the page's own context.
//!
//! The author may be hostile: of the HTML in the file, only harmless elements get through, each written
//! anew; links use safe schemes only, and
//! pictures from elsewhere become links, because the page makes no requests to other servers.
//!
//! This is not `pulldown_cmark::html` with `ammonia` (4.2.5), which took more than a minute for half
//! a megabyte of `<div>`, or of `<b>` followed by `<p>`, and 92 MB for tables.

use pulldown_cmark::{Options, Parser};

use super::{cost::affordable, html_writer::HtmlWriter, nesting::is_too_deep, words::AlertWords};

/// Longer files are cut.
pub const MAX_BYTES: u64 = 512 * 1024;

/// About how many bytes of a page are written at a time.
pub const CHUNK_BYTES: usize = 48 * 1024;

/// Markdown as HTML.
#[derive(Debug)]
pub struct Rendered {
    pub html: String,
    /// Whether it contains only the start of the text.
    pub is_cut: bool,
}

impl Rendered {
    /// The HTML from this byte on, as much of it as is written at a time.
    pub fn chunk(&self, start: usize) -> &[u8] {
        let left = &self.html.as_bytes()[start..];
        &left[..left.len().min(CHUNK_BYTES)]
    }
}

/// Renders as much of a Markdown text as the limits allow, with these titles for its alerts.
pub fn render(text: &str, titles: &'static AlertWords) -> Rendered {
    // Showing it as source costs little.
    let shown = if is_too_deep(text) {
        text
    } else {
        affordable(text)
    };
    Rendered {
        html: to_html(shown, titles),
        is_cut: shown.len() < text.len(),
    }
}

/// Renders Markdown with its headings one level down, because the page has a first heading.
/// Text that nests deeper than people write is shown as source.
fn to_html(text: &str, titles: &'static AlertWords) -> String {
    let mut writer = HtmlWriter::with(titles);
    write_text(text, &mut writer);
    writer.into_html()
}

/// Writes Markdown whose cost is within the limits.
pub fn write_text(text: &str, writer: &mut HtmlWriter) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_GFM;
    if is_too_deep(text) {
        writer.code_block("", text);
    } else {
        for event in Parser::new_ext(text, options) {
            writer.write(event);
        }
    }
    writer.end_text();
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderValue};
    use proptest::prelude::*;

    use crate::server::page::words::Words;

    fn to_html(text: &str) -> String {
        super::to_html(text, &Words::of(&HeaderMap::new()).alert)
    }

    #[test]
    fn alerts_have_titles_in_the_language_of_the_visitor() {
        for (language, title) in [("en", "Warning"), ("de", "Warnung"), ("xx", "Warning")] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(language));
            let html = super::to_html("> [!WARNING]\n> Hot", &Words::of(&headers).alert);
            let start = "<blockquote class=\"alert warning\"><p class=\"alert-title\">";
            assert!(html.starts_with(&format!("{start}{title}<")), "{html}");
        }
    }

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
            "<code class=\"language-rust\">let a = &quot;&lt;&quot;;",
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
    fn a_heading_ends_with_its_block_and_is_none_of_a_footnote() {
        for text in [
            "a\n\n<h1><div>\n\n[^a]: <h1></h1>\n",
            "a\n\n<h1><div>\n\nb\n\n</div></h1>é <b>ü\n",
        ] {
            assert!(to_html(text).contains("<h2"), "{text}");
        }
        let picture = "[^a]: ![](<x onload=alert(1) y>)";
        let before = "a".repeat(18);
        let html = to_html(&format!(
            "{before}\n\n<h1><div>\n\n{picture}\n\n    <h2>z</h2>\n\n[^a]"
        ));
        assert!(!html.contains("id=\"text-z\" onload"), "{html}");
    }

    #[test]
    fn html_that_people_write_is_taken_for_what_it_means() {
        let html = to_html(
            "<h1 align=\"center\">\n  <img src=\"logo.png\" width='90' alt=\"A & B\"><br>\n  Name\n</h1>\n\n\
             <!-- not\n\nshown -->\n\na<br/>b <kbd>Esc</kbd> <button onclick=\"x()\">c</button> 1 < 2\n",
        );
        for part in [
            "<h2 class=\"center\" id=\"text-name\">\n  <img loading=\"lazy\" src=\"logo.png\" \
             alt=\"A &amp; B\" width=\"90\"><br>\n  Name\n</h2>",
            "a<br>b <kbd>Esc</kbd> &lt;button onclick=&quot;x()&quot;&gt;c&lt;/button&gt; 1 &lt; 2</p>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains("shown"), "{html}");
    }

    #[test]
    fn markdown_is_rendered_as_on_github() {
        let html = to_html(
            "> [!WARNING]\n> Hot\n\nNote[^1] and[^x] again[^1].\n\n[^1]: The *first*.\n[^x]: Other\n\n\
             H<sub>2</sub>O ~~no~~ https://a.example/b_c_d?e=1&f=2. [www.b.example](c.md)\n\n\
             <details open>\n<summary>More</summary>\n\n- **in** it\n\n</details>\n\n\
             <table><tr><td align=\"right\" colspan=2>\n\n`x`\n\n</td></tr></table>\n\n\
             <p align=\"center\"><a href=\"d.md\">D</a> <a name=\"Here\"></a></p>\n\nend",
        );
        for part in [
            "<blockquote class=\"alert warning\"><p class=\"alert-title\">Warning</p>\n<p>Hot</p>",
            "Note<sup><a class=\"note\" id=\"text-.ref-1\" href=\"#text-.note-1\">1</a></sup>",
            "again<sup><a class=\"note\" href=\"#text-.note-1\">1</a></sup>",
            "<li id=\"text-.note-1\"><p>The <em>first</em>. <a class=\"back\" href=\"#text-.ref-1\">↩</a></p></li>",
            "H<sub>2</sub>O <del>no</del> <a rel=\"noopener noreferrer nofollow\" \
             href=\"https://a.example/b_c_d?e=1&amp;f=2\">https://a.example/b_c_d?e=1&amp;f=2</a>.",
            "href=\"c.md\">www.b.example</a>",
            "<details open>\n<summary>More</summary>\n<ul>\n<li><strong>in</strong> it</li>\n</ul>\n</details>",
            "<td class=\"end\" colspan=\"2\">\n<p><code>x</code></p>\n</td></tr></table>",
            "<div class=\"center\"><a rel=\"noopener noreferrer nofollow\" href=\"d.md\">D</a> \
             <a id=\"text-here\"></a></div>",
            "<p>end</p>",
        ] {
            let joined = html.replace("<ul><li>", "<ul>\n<li>");
            assert!(joined.contains(part), "{part} in {html}");
        }
        // What is open ends where its surroundings end.
        for (text, html) in [
            ("*a <kbd>b* c</kbd>", "<p><em>a <kbd>b</kbd></em> c</p>\n"),
            (
                "> <div>\n\nx",
                "<blockquote><div>\n</div></blockquote>\n<p>x</p>\n",
            ),
            ("<details>", "<details></details>"),
            ("a</div></p>", "<p>a</p>\n"),
        ] {
            assert_eq!(
                to_html(text).replace("\n<div>\n</div>", "\n<div></div>"),
                html,
                "{text}"
            );
        }
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
        fn every_element_ends_in_the_one_around_it(
            text in "(</?(div|details|b|p|td|a href=x|h1|ul|li|kbd|pre)>|\\[\\^a\\](: )?|\n\n|[>*_`~|a #-]){0,40}",
        ) {
            let html = to_html(&text);
            let mut open = Vec::new();
            for part in html.split('<').skip(1) {
                let tag = part.split('>').next().unwrap();
                let name = tag.split(' ').next().unwrap().to_owned();
                if let Some(name) = name.strip_prefix('/') {
                    let begun: Option<String> = open.pop();
                    prop_assert_eq!(begun.as_deref(), Some(name), "{} in {}", text, html);
                } else if !["br", "hr", "img"].contains(&name.as_str()) {
                    open.push(name);
                }
            }
            prop_assert!(open.is_empty(), "{:?} in {}", open, html);
        }

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
                     "del", "a", "img", "br", "hr", "sup", "section", "ins", "q", "sub", "kbd",
                     "var", "dd", "dt", "dl", "samp", "mark"].contains(&name.as_str()),
                    "{} in {}", name, html
                );
            }
        }
    }
}
