//! Whatever somebody puts in the place of the release feed: nothing without the right signature is
//! believed, and what is signed has only text that can be shown anywhere, without links to elsewhere.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use spot_serve::updates::{feed::Feed, signature::signed_text, version::Version};

const RELEASES: &str = "https://github.com/someone/spot-serve/releases/";
const KEY: &str = include_str!("../../src/updates/tests/key.pub");
/// What was signed with this key.
const SIGNED: [&str; 2] = [
    include_str!("../../src/updates/tests/signed.feed"),
    include_str!("../../src/updates/tests/later.feed"),
];

fuzz_target!(|input: &[u8]| {
    if let Some(text) = signed_text(input, KEY.trim()) {
        assert!(SIGNED.iter().any(|signed| signed.ends_with(text)));
    }
    let Ok(text) = str::from_utf8(input) else {
        return;
    };
    check(text);
    // The same text as a note, a version and a date of a feed that is otherwise right.
    for place in ["notes", "version", "date"] {
        let mut release = json!({"version": "1.2.3", "date": "2026-12-01", "notes": ["a"]});
        release[place] = if place == "notes" {
            json!([text])
        } else {
            json!(text)
        };
        let feed = json!({
            "format": 1,
            "signed": "2026-12-01T10:00:00Z",
            "expires": "2099-12-01T10:00:00Z",
            "releases": [release],
        });
        check(&feed.to_string());
    }
});

fn check(text: &str) {
    let Ok(feed) = Feed::read(text, RELEASES) else {
        return;
    };
    assert!(!feed.releases.is_empty() && feed.releases.len() <= 50);
    assert!(feed.releases.is_sorted_by(|a, b| a.version >= b.version));
    for release in &feed.releases {
        assert_eq!(
            Version::parse(&release.version.to_string()),
            Some(release.version)
        );
        assert!(release.notes.len() <= 200);
        for note in &release.notes {
            assert!(note.len() <= 2000);
            assert!(
                !note.contains(|c: char| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c))
            );
            for (at, _) in note.match_indices("://") {
                // `https` is before it.
                let link = &note[at.saturating_sub(5)..];
                let link = link.to_lowercase();
                assert!(link.starts_with(RELEASES), "{note}");
                let path = link[RELEASES.len()..].split_whitespace().next();
                assert!(
                    !path
                        .unwrap_or_default()
                        .contains(['%', '\\', '?', '#', '@'])
                );
            }
        }
    }
}
