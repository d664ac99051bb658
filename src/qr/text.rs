//! A code as text. Each character stands for two modules, one above the other, because characters
//! are about twice as high as they are wide.

use super::code::Code;

/// Black on white, from the fixed part of the 256 colours. Themes change only the first 16.
const COLORS: &str = "\x1b[38;5;16;48;5;231m";
const RESET: &str = "\x1b[0m";

/// The code in colours that can be read on any background.
pub fn colored_text(code: &Code) -> String {
    lines(code)
        .map(|line| format!("{COLORS}{line}{RESET}\n"))
        .collect()
}

/// The code without colours: dark modules are drawn, as on paper.
pub fn plain_text(code: &Code) -> String {
    lines(code).map(|line| line + "\n").collect()
}

fn lines(code: &Code) -> impl Iterator<Item = String> {
    let rows = (0..code.size()).step_by(2);
    rows.map(|y| {
        let columns = 0..code.size();
        columns
            .map(|x| match (code.is_dark(x, y), code.is_dark(x, y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_link_fits_a_small_terminal() {
        let code = Code::of("https://quiet-river-lake-sand.trycloudflare.com").unwrap();
        let text = plain_text(&code);
        assert!(text.lines().count() < 24, "{text}");
        let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == code.size()), "{text}");
    }

    #[test]
    fn colours_end_with_their_line() {
        let code = Code::of("a").unwrap();
        for line in colored_text(&code).lines() {
            assert!(
                line.starts_with(COLORS) && line.ends_with(RESET),
                "{line:?}"
            );
        }
        let stripped = anstream::adapter::strip_str(&colored_text(&code)).to_string();
        assert_eq!(stripped, plain_text(&code));
    }
}
