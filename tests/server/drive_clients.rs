//! Programs that open a share as a drive.

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use loopback_edge::needs;

use crate::fixture::receiving::Receiving;

/// Runs a program in a folder of its own, with these lines as its input.
fn run(folder: &Path, program: &str, arguments: &[&str], input: &str) -> Output {
    let lines = folder.join("input");
    fs::write(&lines, input).unwrap();
    Command::new(program)
        .current_dir(folder)
        .args(arguments)
        .env("HOME", folder)
        .env("no_proxy", "*")
        .stdin(Stdio::from(fs::File::open(lines).unwrap()))
        .output()
        .unwrap()
}

fn link(receiving: &Receiving) -> String {
    format!("http://127.0.0.1:{}/", receiving.share.port)
}

#[test]
fn rclone_copies_from_a_drive_and_replaces_nothing_on_it() {
    if !needs::met(&["rclone"]) {
        return;
    }
    let receiving = Receiving::folder();
    receiving.tree.write("a & b.txt", b"hello");
    receiving.tree.write("sub/größe #1.bin", &[7; 100_000]);
    let link = link(&receiving);
    let own = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        let retries = ["--retries", "1", "--low-level-retries", "1"];
        let arguments = [&["copy", from, to, "--webdav-url", &link], &retries[..]].concat();
        run(own.path(), "rclone", &arguments, "")
    };
    let out = copy(":webdav:", "got");
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert_eq!(
        fs::read(own.path().join("got/a & b.txt")).unwrap(),
        b"hello"
    );
    let copied = fs::read(own.path().join("got/sub/größe #1.bin")).unwrap();
    assert_eq!(copied, [7; 100_000]);
    fs::create_dir_all(own.path().join("new/folder")).unwrap();
    fs::write(own.path().join("new/folder/n.txt"), "new").unwrap();
    fs::write(own.path().join("new/a & b.txt"), "changed").unwrap();
    let out = copy("new", ":webdav:");
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(!out.status.success(), "{said}");
    assert!(said.contains("nothing is ever replaced"), "{said}");
    assert_eq!(receiving.content("a & b.txt"), b"hello");
    receiving.assert_names(["a & b.txt", "folder/n.txt", "sub/größe #1.bin"]);
}

#[test]
fn cadaver_lists_gets_and_adds() {
    if !needs::met(&["cadaver"]) {
        return;
    }
    let receiving = Receiving::folder();
    receiving.tree.write("sub/a b.txt", b"hello");
    let own = tempfile::tempdir().unwrap();
    fs::write(own.path().join("n.txt"), "new").unwrap();
    let input = "ls sub\nget \"sub/a b.txt\" got\nmkcol new\ncd new\nput n.txt\nput n.txt\n\
                 ls\ndelete n.txt\nmove n.txt m.txt\nquit\n";
    let out = run(own.path(), "cadaver", &[&link(&receiving)], input);
    let said = String::from_utf8_lossy(&out.stdout);
    assert_eq!(
        fs::read(own.path().join("got")).unwrap(),
        b"hello",
        "{said}"
    );
    let refused = said.matches("403 Forbidden").count();
    assert_eq!(
        (refused, said.matches("405 Method Not Allowed").count()),
        (1, 2),
        "{said}"
    );
    assert_eq!(said.matches("succeeded").count(), 5, "{said}");
    receiving.assert_names(["new/n.txt", "sub/a b.txt"]);
    assert_eq!(receiving.content("new/n.txt"), b"new");
}

/// What removes, replaces or sets something fails, and nothing else.
#[test]
fn litmus_finds_what_a_drive_that_shows_and_adds_must_do() {
    if !needs::met(&["litmus"]) {
        return;
    }
    let own = tempfile::tempdir().unwrap();
    let mut failed = Vec::new();
    // Each suite makes the same folder, and can't remove it.
    for suite in ["basic", "props", "http"] {
        let receiving = Receiving::folder();
        let link = link(&receiving);
        let test = format!("TESTS={suite}");
        let arguments = [test.as_str(), "litmus", "--keep-going", &link];
        let out = run(own.path(), "env", &arguments, "");
        let said = String::from_utf8_lossy(&out.stdout).replace('\r', "\n");
        assert!(said.contains(&format!("summary for `{suite}'")), "{said}");
        assert!(said.contains("begin................. pass"), "{said}");
        for line in said.lines().filter(|line| line.contains("FAIL")) {
            // What follows may be anything: it shows a name that it has freed.
            let name = line.trim_start_matches(|c: char| " 0123456789.".contains(c));
            failed.push(name.split('.').next().unwrap().to_owned());
        }
    }
    failed.sort();
    failed.dedup();
    let expected = [
        "delete",
        "delete_coll",
        "delete_fragment",
        "propinit",
        "propmanyns",
        "propset",
    ];
    assert_eq!(failed, expected);
}
