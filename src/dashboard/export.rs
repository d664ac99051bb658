//! The history as a file for other programs.

use serde_json::Value;

use crate::history::Entry;

/// The columns, which are the fields of an entry.
const COLUMNS: [&str; 11] = [
    "id", "time", "kind", "share", "name", "count", "visitor", "sender", "file", "bytes", "size",
];

/// Tells programs for tables that the text is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// An array with an object for each entry.
pub fn json(entries: &[Entry]) -> String {
    // Only maps with keys other than strings could fail, and there are none.
    serde_json::to_string_pretty(entries).unwrap_or_default()
}

/// A line for each entry (RFC 4180), after one with the names of the columns.
pub fn csv(entries: &[Entry]) -> String {
    let mut text = format!("{BYTE_ORDER_MARK}{},reason\r\n", COLUMNS.join(","));
    for entry in entries {
        let fields = serde_json::to_value(entry).unwrap_or_default();
        let columns = COLUMNS.iter().chain([&"reason"]);
        let cells: Vec<String> = columns.map(|column| cell(&fields[*column])).collect();
        text += &cells.join(",");
        text += "\r\n";
    }
    text
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => quoted(&harmless(text)),
        other => other.to_string(),
    }
}

/// Strangers choose names, and programs for tables take a text that begins like this for a formula, also
/// behind what they take for the end of a cell.
fn harmless(text: &str) -> String {
    let mut harmless = String::new();
    let mut is_start = true;
    for character in text.chars() {
        if is_start
            && matches!(
                character,
                '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '\t' | '\r'
            )
        {
            harmless.push('\'');
        }
        harmless.push(character);
        is_start = matches!(character, ';' | ',' | '\t' | ' ');
    }
    harmless
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Kind;

    #[test]
    fn every_field_has_a_column() {
        let entry = Entry {
            file: Some("a, \"b\".txt".to_owned()),
            bytes: Some(5),
            size: Some(7),
            sender: Some("=HYPERLINK(\"http://evil.example\")".to_owned()),
            reason: Some("time is up".to_owned()),
            visitor: "203.0.113.7".parse().ok(),
            ..Entry::now(Kind::BrokenDownload, "abc", "Photos")
        };
        let text = csv(std::slice::from_ref(&entry));
        let fields = serde_json::to_value(&entry).unwrap();
        let columns = fields.as_object().unwrap().len();
        assert_eq!(columns, COLUMNS.len() + 1);
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[0].starts_with("\u{feff}id,time,kind,"));
        let end = "\"broken-download\",\"abc\",\"Photos\",1,\"203.0.113.7\",\
            \"'=HYPERLINK(\"\"http://evil.example\"\")\",\"a, \"\"b\"\".txt\",5,7,\"time is up\"";
        assert!(lines[1].ends_with(end), "{}", lines[1]);
        assert_eq!(json(&[entry]).matches("Photos").count(), 1);
    }

    #[test]
    fn no_part_of_a_text_becomes_a_formula() {
        for (text, safe) in [
            ("=1", "'=1"),
            ("a;=1", "a;'=1"),
            ("a, @b", "a, '@b"),
            ("－1", "'－1"),
            ("a-b=c", "a-b=c"),
        ] {
            assert_eq!(harmless(text), safe);
        }
    }
}
