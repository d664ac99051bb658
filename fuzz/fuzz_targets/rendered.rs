//! Whatever a Markdown file or a notebook contains, its HTML has known elements only, each of which ends
//! in the one around it, and leads to no script.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::rendered;

const EMPTY: [&str; 3] = ["br", "hr", "img"];

const KNOWN: [&str; 40] = [
    "a",
    "blockquote",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "samp",
    "section",
    "small",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
    "var",
    "input",
    "span",
];

fuzz_target!(|input: &[u8]| {
    let Some((first, file)) = input.split_first() else {
        return;
    };
    let Some(html) = rendered(file, first & 1 == 1) else {
        return;
    };
    let mut open = Vec::new();
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag has an end");
        assert!(!text.contains('>'));
        let name = tag.split(' ').next().expect("a name");
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !EMPTY.contains(&name) {
            assert!(KNOWN.contains(&name), "{name}");
            open.push(name);
        }
        let tag = tag.to_ascii_lowercase();
        for attribute in [
            " on",
            "style=",
            "srcdoc",
            "href=\"javascript",
            "href=\"data",
        ] {
            assert!(!attributes(&tag).contains(attribute), "{tag}");
        }
    }
    assert!(open.is_empty());
    // What becomes longer is limited.
    assert!(html.len() < 4 * 1024 * 1024 + 16 * file.len());
});

/// A tag without what is in its quotes, except for how that begins.
fn attributes(tag: &str) -> String {
    let parts = tag.split('"').enumerate();
    let kept = parts.map(|(at, part)| {
        if at % 2 == 0 {
            part.to_owned()
        } else {
            let start: String = part.chars().take(12).collect();
            format!("\"{}\"", start.replace(' ', ""))
        }
    });
    kept.collect()
}
