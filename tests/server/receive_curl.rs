//! Files that are handed in with curl, as its manual says.

use std::path::Path;
use std::process::Command;

use loopback_edge::needs;

use crate::fixture::receiving::{Receiving, rules};

/// Larger than any buffer on the way.
const LARGE: usize = 20 << 20;

/// Runs curl with these arguments; what it has printed, and the status.
fn curl(folder: &Path, arguments: &[&str]) -> (String, String) {
    let output = Command::new("curl")
        .current_dir(folder)
        .args([
            "--silent",
            "--show-error",
            "--max-time",
            "60",
            "--noproxy",
            "*",
        ])
        .args(["--write-out", "|%{http_code} %{num_connects}"])
        .args(arguments)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (text, status) = text.rsplit_once('|').unwrap();
    (text.to_owned(), status.to_owned())
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn curl_hands_in_files_in_every_way() {
    if !needs::met(&["curl"]) {
        return;
    }
    let receiving = Receiving::folder();
    let link = format!("http://127.0.0.1:{}/", receiving.share.port);
    let own = tempfile::tempdir().unwrap();
    let large = noise(LARGE);
    std::fs::write(own.path().join("large file.bin"), &large).unwrap();
    std::fs::write(own.path().join("small.txt"), b"small").unwrap();
    std::fs::write(own.path().join("ümlaut \"q\".txt"), b"name").unwrap();

    let (text, status) = curl(own.path(), &["-T", "large file.bin", &link]);
    assert_eq!(
        (text.as_str(), status.as_str()),
        ("Received: large file.bin\n", "201 1")
    );
    assert!(receiving.content("large file.bin") == large);

    // From a pipe, so that the length is not known.
    let target = format!("{link}piped.bin");
    let pipe = Command::new("sh")
        .current_dir(own.path())
        .args([
            "-c",
            "cat 'large file.bin' | curl --silent --noproxy '*' -T - \"$0\"",
            &target,
        ])
        .output()
        .unwrap();
    assert_eq!(pipe.stdout, b"Received: piped.bin\n");
    assert!(receiving.content("piped.bin") == large);

    // Several files over one connection.
    let (text, status) = curl(own.path(), &["-T", "{small.txt,large file.bin}", &link]);
    assert!(text.contains("Received: small.txt\n|201 1"), "{text}");
    assert_eq!(status, "201 0");

    let form = [
        "-F",
        "file=@large file.bin",
        "-F",
        "file=@ümlaut \"q\".txt",
        "-F",
        "sender=Ann",
    ];
    let (text, status) = curl(own.path(), &[&form[..], &[&link]].concat());
    assert_eq!(status, "201 1");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "Received: large file (3).bin");
    assert!(lines[1].starts_with("Received: ümlaut"), "{text}");
    assert!(receiving.content("large file (3).bin") == large);
}

#[test]
fn curl_shows_why_a_file_is_refused() {
    if !needs::met(&["curl"]) {
        return;
    }
    let mut rules = rules().unwrap();
    rules.max_bytes = Some(1000);
    let receiving = Receiving::start(spot_serve::server::Content::Inbox, Some(rules));
    let link = format!("http://127.0.0.1:{}/", receiving.share.port);
    let own = tempfile::tempdir().unwrap();
    std::fs::write(own.path().join("large.bin"), noise(LARGE)).unwrap();
    for way in [
        &["-T", "large.bin"][..],
        &["-F", "file=@large.bin"],
        // Sends at once instead of waiting for 100.
        &["-H", "Expect:", "-T", "large.bin"],
        &["-H", "Expect:", "-F", "file=@large.bin"],
    ] {
        let (text, status) = curl(own.path(), &[way, &[link.as_str()]].concat());
        assert_eq!(status, "413 1", "{way:?}");
        assert!(text.contains("1000 bytes"), "{way:?} {text}");
    }
    receiving.assert_names([]);
}
