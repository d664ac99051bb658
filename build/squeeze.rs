//! Leaves out of scripts and style sheets what only people read: comments, and white space that
//! separates nothing.

/// Signs that need no white space beside them in a script.
const SIGNS: &str = "{}()[];,=?:+-*/%<>&|!^~.";
/// After these, a line doesn't end a statement.
const OPEN: &str = "{([;,=?:&|<>*%^~.";
/// Before these, neither.
const CLOSING: &str = "})];,?:=&|<>*%^.";
const CLOSING_BRACKETS: &str = "})]";
/// Words after which a slash begins a regular expression.
const BEFORE_VALUES: [&str; 8] = [
    "return", "typeof", "case", "of", "in", "yield", "await", "else",
];

/// A script without comments and needless white space. Strings, templates and regular expressions
/// stay as they are.
pub fn script(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    let mut rest = source;
    // The white space before `rest` that was not written yet, and whether a line ends in it.
    let (mut has_space, mut has_line) = (false, false);
    while let Some(first) = rest.chars().next() {
        if first.is_whitespace() {
            has_space = true;
            has_line |= first == '\n';
            rest = &rest[first.len_utf8()..];
            continue;
        }
        if rest.starts_with("//") {
            rest = &rest[rest.find('\n').unwrap_or(rest.len())..];
            continue;
        }
        if rest.starts_with("/*") {
            rest = rest.split_once("*/").map_or("", |(_, after)| after);
            has_space = true;
            continue;
        }
        if has_space {
            separate(&mut text, first, has_line);
        }
        (has_space, has_line) = (false, false);
        let length = match first {
            '\'' | '"' => string(rest, first),
            '`' => template(rest),
            '/' if is_before_value(&text) => regular_expression(rest),
            _ if is_of_word(first) => rest.find(|c| !is_of_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        if CLOSING_BRACKETS.contains(first) {
            drop_needless_end(&mut text, first);
        }
        // `let` is shorter. That a name doesn't change is of use to people only.
        match &rest[..length] {
            "const" if !text.ends_with('.') => text += "let",
            token => text += token,
        }
        rest = &rest[length..];
    }
    text.push('\n');
    text
}

/// Removes the comma after the last of a list, and the semicolon after the last statement of a block.
fn drop_needless_end(text: &mut String, closing: char) {
    let mut chars = text.chars().rev();
    let (last, before) = (chars.next(), chars.next());
    let is_comma = last == Some(',') && !before.is_some_and(|before| ",[".contains(before));
    if is_comma || last == Some(';') && closing == '}' {
        text.pop();
    }
}

/// Writes the white space that is needed between what is written and `next`.
fn separate(text: &mut String, next: char, has_line: bool) {
    let Some(last) = text.chars().next_back() else {
        return;
    };
    if has_line {
        if !OPEN.contains(last) && !CLOSING.contains(next) {
            text.push('\n');
        }
        // `a + +b` and the like.
    } else if !SIGNS.contains(last) && !SIGNS.contains(next)
        || last == next && "+-".contains(next)
        || last == '/' && next == '/'
        // A number and a method of it.
        || last.is_ascii_digit() && next == '.'
    {
        text.push(' ');
    }
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || c == '#'
}

/// Whether what was written ends where a value must follow.
fn is_before_value(text: &str) -> bool {
    match text.chars().next_back() {
        None => true,
        Some(')' | ']' | '}') => false,
        Some(last) if is_of_word(last) => {
            let start = text.rfind(|c| !is_of_word(c)).map_or(0, |at| at + 1);
            BEFORE_VALUES.contains(&&text[start..])
        }
        Some(_) => true,
    }
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

/// The length of a template, with those inside of it.
fn template(text: &str) -> usize {
    let mut at = 1;
    while let Some(c) = text[at..].chars().next() {
        if c == '`' {
            return at + 1;
        }
        if c == '\\' {
            at += 1;
            at += text[at..].chars().next().map_or(0, char::len_utf8);
        } else if text[at..].starts_with("${") {
            at += 2;
            let mut depth = 1;
            while depth > 0 {
                let Some(c) = text[at..].chars().next() else {
                    return text.len();
                };
                at += match c {
                    '\'' | '"' => string(&text[at..], c),
                    '`' => template(&text[at..]),
                    _ => c.len_utf8(),
                };
                depth = match c {
                    '{' => depth + 1,
                    '}' => depth - 1,
                    _ => depth,
                };
            }
        } else {
            at += c.len_utf8();
        }
    }
    text.len()
}

/// The length of a regular expression without its flags.
fn regular_expression(text: &str) -> usize {
    let mut is_in_class = false;
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            '[' => is_in_class = true,
            ']' => is_in_class = false,
            '/' if !is_in_class => return at + 1,
            '\n' => return at,
            _ => {}
        }
    }
    text.len()
}

/// A style sheet without comments and needless white space.
pub fn style(source: &str) -> String {
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
