//! Whatever a file that is called an archive contains, the answer is a list within the limits, and what
//! is taken out of it has the length that the list says.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use spot_serve::server::fuzzing::{in_archive, taken_out};

const NAMES: [&[u8]; 5] = [b"a.zip", b"a.tar", b"a.tar.gz", b"a.7z", b"a.tar.xz"];

fuzz_target!(|input: &[u8]| {
    let Some((first, content)) = input.split_first() else {
        return;
    };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(content).expect("room");
    let Some(list) = in_archive(name, &file) else {
        return;
    };
    let list: Value = serde_json::from_slice(&list).expect("JSON");
    let entries = list["entries"].as_array().expect("entries");
    // Each takes some bytes there.
    assert!(name != b"a.zip" || entries.len() <= content.len() / 46);
    for entry in entries.iter().take(4) {
        let shown = entry[0].as_str().expect("a name");
        assert!(!shown.contains(char::is_control));
        let Some(member) = entry[4].as_str() else {
            continue;
        };
        let member: Vec<u8> = percent_decode_str(member).collect();
        let zip = file.try_clone().expect("a handle");
        if let Some(bytes) = taken_out(zip, &member) {
            // Nothing unpacks to more than this.
            assert!(bytes.len() <= 1100 * content.len());
        }
    }
});
