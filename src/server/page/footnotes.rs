//! The footnotes of a Markdown text: collected where they are, and written at its end in the order in
//! which the text refers to them. The cells of a notebook are texts of their own, and their notes are
//! numbered together.

use std::collections::HashMap;

/// The prefix of the ids of notes. No heading has such an id.
const NOTE_PREFIX: &str = "text-.note-";

/// The same of the first place that refers to one.
const REFERENCE_PREFIX: &str = "text-.ref-";

/// How many footnotes all texts may have.
const MAX_NOTES: usize = 2_000;

/// The footnotes of a text.
#[derive(Default)]
pub struct Footnotes {
    /// How many notes the texts before have.
    before: usize,
    /// The numbers of the notes by label, from 1 in the first text.
    numbers: HashMap<String, usize>,
    /// The HTML of the notes by label.
    notes: HashMap<String, String>,
    /// The notes that are being written, with the HTML around each.
    around: Vec<(String, String)>,
}

impl Footnotes {
    /// The HTML that refers to a note.
    pub fn refer(&mut self, label: &str) -> String {
        let next = self.before + self.numbers.len() + 1;
        if let Some(number) = self.numbers.get(label) {
            return format!(
                "<sup><a class=\"note\" href=\"#{NOTE_PREFIX}{number}\">{number}</a></sup>"
            );
        }
        if next > MAX_NOTES {
            return String::new();
        }
        self.numbers.insert(label.to_owned(), next);
        format!(
            "<sup><a class=\"note\" id=\"{REFERENCE_PREFIX}{next}\" \
             href=\"#{NOTE_PREFIX}{next}\">{next}</a></sup>"
        )
    }

    /// What is written from now on belongs to a note.
    pub fn begin(&mut self, label: &str, html: &mut String) {
        self.around.push((label.to_owned(), std::mem::take(html)));
    }

    /// The note ends here.
    pub fn end(&mut self, html: &mut String) {
        if let Some((label, around)) = self.around.pop() {
            let note = std::mem::replace(html, around);
            self.notes.entry(label).or_insert(note);
        }
    }

    /// Writes the notes that the text refers to. Another text may follow.
    pub fn write(&mut self, html: &mut String) {
        while !self.around.is_empty() {
            self.end(html);
        }
        let (numbers, notes) = (
            std::mem::take(&mut self.numbers),
            std::mem::take(&mut self.notes),
        );
        if numbers.is_empty() {
            return;
        }
        let start = match self.before {
            0 => String::new(),
            before => format!(" start=\"{}\"", before + 1),
        };
        self.before += numbers.len();
        let mut labels: Vec<(usize, &String)> = numbers
            .iter()
            .map(|(label, number)| (*number, label))
            .collect();
        labels.sort_unstable();
        html.push_str(&format!("<section class=\"footnotes\"><ol{start}>\n"));
        for (number, label) in labels {
            let note = notes.get(label).map_or("", String::as_str);
            let note = note.trim_end();
            // In the last line of the note.
            let (note, end) = match note.strip_suffix("</p>") {
                Some(note) => (note, "</p>"),
                None => (note, ""),
            };
            html.push_str(&format!(
                "<li id=\"{NOTE_PREFIX}{number}\">{note} <a class=\"back\" \
                 href=\"#{REFERENCE_PREFIX}{number}\">↩</a>{end}</li>\n"
            ));
        }
        html.push_str("</ol></section>\n");
    }
}
