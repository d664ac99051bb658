//! How much of a Markdown text is rendered, so that no text costs too much.
//!
//! The parser keeps some 50 bytes for each piece of text and each mark around it, for the whole
//! text at once. A table with one letter per cell would take a hundred times its length.

/// The cost of what is rendered. A mark costs 1 and a line 2, and each unit is one or two nodes in
/// the parser's tree. Reaching this takes at most 8 MB and 50 ms.
const MAX_COST: usize = 40_000;

/// What was rendered so far has cost.
#[derive(Debug, Default)]
pub struct Cost(usize);

impl Cost {
    /// The start of a text that can be rendered as well within the limits: for most texts, all of it.
    pub fn affordable<'t>(&mut self, text: &'t str) -> &'t str {
        let (mut end, mut columns) = (0, 0);
        for line in text.split_inclusive(['\n', '\r']) {
            let of_line = line_cost(line.as_bytes(), &mut columns);
            if self.0 + of_line > MAX_COST {
                // Between two lines, if there are any.
                let part = if of_line > MAX_COST / 2 {
                    start(line, MAX_COST - self.0)
                } else {
                    ""
                };
                self.0 = MAX_COST;
                return &text[..end + part.len()];
            }
            self.0 += of_line;
            end += line.len();
        }
        text
    }
}

/// The start of a text that can be rendered within the limits.
pub fn affordable(text: &str) -> &str {
    Cost::default().affordable(text)
}

/// A line up to the mark of number `marks`, or nothing if it has fewer.
fn start(line: &str, marks: usize) -> &str {
    let mut ends = line
        .bytes()
        .enumerate()
        .filter(|(_, byte)| is_mark(byte) || is_prefix(byte));
    let end = ends.nth(marks).map_or(0, |(end, _)| end);
    // Before an ASCII byte.
    &line[..end]
}

/// Whether this can end a piece of text.
fn is_mark(byte: &u8) -> bool {
    b"|*_~`[]()!<>&\\".contains(byte)
}

/// Whether a quote, list or heading can begin with this.
fn is_prefix(byte: &u8) -> bool {
    byte.is_ascii_digit() || b">-+*.)#=".contains(byte)
}

/// The cost of a line. It may be a row of a table with as many as `columns` columns.
fn line_cost(line: &[u8], columns: &mut usize) -> usize {
    let prefix = line
        .iter()
        .take_while(|byte| is_prefix(byte) || byte.is_ascii_whitespace());
    let is_blank = prefix.clone().count() == line.len();
    let levels = prefix.filter(|byte| is_prefix(byte)).count();
    let marks = line.iter().filter(|byte| is_mark(byte)).count();
    // A row with fewer cells gets as many as the line below the head has.
    if line.contains(&b'-') {
        let pipes = line.iter().filter(|byte| **byte == b'|').count();
        *columns = (*columns).max(pipes + 1);
    } else if is_blank {
        *columns = 0;
    }
    let text = if line.iter().all(u8::is_ascii_whitespace) {
        0
    } else {
        2
    };
    text + marks.max(*columns) + levels
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Options, Parser};

    use super::*;

    /// Half a megabyte of the same.
    fn filled(piece: &str) -> String {
        piece.repeat(512 * 1024 / piece.len())
    }

    fn table(columns: usize, row: &str) -> String {
        let (head, line) = ("|a".repeat(columns), "|-".repeat(columns));
        format!("{head}\n{line}\n{}", filled(row))
    }

    #[test]
    fn what_people_write_is_rendered_whole() {
        let paragraph = "Some words that people write, in lines of this length,\n\
                         now and then *stressed* or with [a link](b.md).\n\n";
        for text in ["", "a", "a\n", "\n\n", &paragraph.repeat(2_000)] {
            assert_eq!(affordable(text), text);
        }
    }

    #[test]
    fn a_text_is_cut_between_lines_or_in_one_that_is_too_costly() {
        assert!(affordable(&filled("é *b*\n")).ends_with("*b*\n"));
        assert_eq!(affordable(&filled("é*")).len(), 3 * MAX_COST + 2);
    }

    #[test]
    fn whatever_is_written_the_parser_has_little_to_keep() {
        let pieces = [
            "a\n",
            "a\r",
            "a  \n",
            "a\n\n",
            "# a\n",
            "a\n=\n",
            "- a\n",
            "-\n",
            "- a\n* a\n",
            "- [ ] a\n",
            "> a\n\n",
            "*a*",
            "***a*** ",
            "*a",
            "~a~",
            "`a`",
            "[",
            "[a](b)",
            "[](b)",
            "![](b)",
            "<a:b>",
            "x<br>",
            "<",
            "&lt;",
            "\\*",
            "<p>\n",
            "    a\n\n",
            "```\n",
            "---\n",
        ];
        let mut texts: Vec<String> = pieces.iter().map(|piece| filled(piece)).collect();
        for mark in ["- ", "* ", ">", "1. "] {
            texts.push(filled(&format!("{}a\n\n", mark.repeat(50))));
        }
        for columns in [1, 30, 1_000, 20_000] {
            texts.extend([
                table(columns, &format!("{}\n", "|a".repeat(columns))),
                table(columns, "a\n"),
                table(columns, "|\n").replace("\n|", "\n> |"),
            ]);
        }
        for text in texts {
            let shown = affordable(&text);
            let events = Parser::new_ext(shown, Options::ENABLE_TABLES).count();
            // A node is up to two events.
            assert!(events < 4 * MAX_COST, "{events}: {:.60}", text);
        }
    }
}
