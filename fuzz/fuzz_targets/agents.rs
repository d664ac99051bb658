//! Whatever a visitor's user agent is, what the owner reads is short and plain.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::agent_in_words;

fuzz_target!(|header: &[u8]| {
    let words = agent_in_words(header);
    assert!(!words.is_empty() && words.len() <= 48, "{words}");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.+ ".contains(c);
    assert!(words.chars().all(is_plain), "{words}");
});
