//! Files that are handed in with tuspy, the client for Python.

use std::path::Path;
use std::process::Command;

use loopback_edge::needs;

use crate::fixture::receiving::Receiving;

const LENGTH: usize = (5 << 20) + 7;

/// Where the first run stops: at the end of a chunk.
const STOP: usize = 2 << 20;

/// Runs tuspy, and returns at which byte it began.
fn upload(receiving: &Receiving, own: &Path, file: &str, name: &str, stop: Option<usize>) -> usize {
    let link = format!("http://127.0.0.1:{}/?upload", receiving.share.port);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tuspy/upload.py");
    let output = Command::new("python3")
        .args([script, &link, file, name, "known.json"])
        .args(stop.map(|stop| stop.to_string()))
        .current_dir(own)
        .env("PYTHONPATH", needs::tuspy().unwrap())
        .env("NO_PROXY", "*")
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let began = String::from_utf8(output.stdout).unwrap();
    began.trim().parse().unwrap()
}

#[test]
fn tuspy_goes_on_where_it_was_stopped() {
    if !needs::met(&["tuspy"]) {
        return;
    }
    let receiving = Receiving::folder();
    let own = tempfile::tempdir().unwrap();
    let film: Vec<u8> = (0..LENGTH as u32)
        .map(|at| ((at * 31) >> 7) as u8)
        .collect();
    std::fs::write(own.path().join("film"), &film).unwrap();
    std::fs::write(own.path().join("nothing"), b"").unwrap();
    let name = "Sommer – été 日本.mp4";
    assert_eq!(upload(&receiving, own.path(), "film", name, Some(STOP)), 0);
    receiving.assert_names([]);
    assert_eq!(upload(&receiving, own.path(), "film", name, None), STOP);
    assert!(receiving.content(name) == film, "it is what was sent");
    assert_eq!(
        upload(&receiving, own.path(), "nothing", "nothing", None),
        0
    );
    assert_eq!(receiving.content("nothing"), b"");
    receiving.assert_names([name, "nothing"]);
}
