//! Leaves out of style sheets what only people read: comments, and white space that separates nothing.

/// A style sheet without comments and needless white space.
pub fn shortened(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    let mut has_space = false;
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            has_space = true;
            rest = &rest[first.len_utf8()..];
            continue;
        }
        if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        let last = text.chars().next_back();
        // A space before a colon belongs to a selector, and one beside `+` to a calculation.
        let is_needed =
            last.is_some_and(|last| !"{};,>:".contains(last)) && !"{};,>!".contains(first);
        if has_space && is_needed {
            text.push(' ');
        }
        has_space = false;
        if first == '}' && last == Some(';') {
            text.pop();
        }
        let last = text.chars().next_back();
        if is_needless_zero(rest) && last.is_none_or(|last| " :,(-/".contains(last)) {
            rest = &rest[1..];
            continue;
        }
        let length = match first {
            '\'' | '"' => string(rest, first),
            _ => first.len_utf8(),
        };
        text += &rest[..length];
        rest = &rest[length..];
    }
    text
}

/// Whether this is a number such as `0.5`, which can be `.5`.
fn is_needless_zero(text: &str) -> bool {
    let digits = text.strip_prefix("0.");
    digits.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The length of a string with its quotes.
fn string(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}
