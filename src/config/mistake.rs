//! What is wrong with settings, in plain words.

/// Longer than any key, in bytes. A longer text may be part of a secret.
const KEY_MAX: usize = 32;

/// The number of the line in `text` that has the mistake, and what is wrong.
pub fn explain(text: &str, error: &toml::de::Error) -> (usize, String) {
    let start = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = &text.as_bytes()[..start];
    let number = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    let key = line.split('=').next().unwrap_or_default().trim();
    let is_key = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.[]\"".contains(c));
    let subject = if is_key && key.len() < KEY_MAX {
        format!("`{key}`")
    } else {
        "it".to_owned()
    };
    // The parser may quote a value, and for a token even its type says too much.
    let is_secret = line.to_ascii_lowercase().contains("token");
    let what = if is_secret {
        "it can't be read as a setting".to_owned()
    } else {
        in_plain_words(&subject, error.message())
    };
    (number, what)
}

/// What the parser says, without the names of its types.
fn in_plain_words(subject: &str, message: &str) -> String {
    let message = message.trim().replace('\n', "; ");
    let Some((problem, expected)) = message.rsplit_once(", expected ") else {
        return message;
    };
    let choices = expected.strip_prefix("one of ").unwrap_or(expected);
    if problem.starts_with("unknown field") {
        return format!("there is no setting {subject} here. The settings here are {choices}");
    }
    if problem.starts_with("unknown variant") {
        return format!("{subject} must be one of {}", choices.replace('`', "\""));
    }
    if !problem.starts_with("invalid") {
        return message;
    }
    let must_be = match expected {
        "a boolean" => "true or false",
        "u16" => "a number from 0 to 65535",
        "u64" => "a number, 0 or more",
        "a string" | "path string" => "text in quotes",
        "a sequence" => "a list in square brackets",
        other if other.starts_with("struct ") => {
            "a section: a name in square brackets on a line of its own"
        }
        _ => return format!("{subject} has a value of the wrong kind"),
    };
    format!("{subject} must be {must_be}")
}
