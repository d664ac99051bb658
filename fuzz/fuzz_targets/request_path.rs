//! Any request path is parsed into plain names, and resolves only to files inside the folder.
#![no_main]

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::{Folder, Found, RequestPath, Rules};

struct Tree {
    _around: tempfile::TempDir,
    folder: Folder,
    /// The same as the top of a share.
    top: Folder,
}

static TREE: LazyLock<Tree> = LazyLock::new(|| {
    let around = tempfile::tempdir().expect("a folder");
    let root = around.path().join("root");
    fs::create_dir_all(root.join("a/b")).expect("a folder");
    fs::write(around.path().join("secret"), "SECRET").expect("a file");
    fs::write(root.join("a/f"), "inside").expect("a file");
    fs::write(root.join(".h"), "SECRET").expect("a file");
    for (folder, name, content) in [
        (".well-known", "f", "well known"),
        (".well-known", ".h", "SECRET"),
        ("a/.well-known", "f", "SECRET"),
    ] {
        fs::create_dir_all(root.join(folder)).expect("a folder");
        fs::write(root.join(folder).join(name), content).expect("a file");
    }
    for (target, name) in [
        ("../secret", "o"),
        ("..", "u"),
        ("a", "l"),
        (".h", "h"),
        ("/", "r"),
    ] {
        symlink(target, root.join(name)).expect("a link");
    }
    let folder = Folder::open_ambient(&root, false).expect("a folder");
    Tree {
        top: folder.clone().as_top(),
        folder,
        _around: around,
    }
});

fuzz_target!(|raw: &[u8]| {
    for rules in [Rules::Unix, Rules::Windows] {
        let Some((path, is_changed)) = RequestPath::resolve(raw, rules) else {
            assert_eq!(RequestPath::parse(raw, rules), None);
            continue;
        };
        assert_eq!(is_changed, RequestPath::parse(raw, rules).is_none());
        // It is also where browsers are sent.
        assert!(!path.to_url().starts_with("//"));
        for name in path.names() {
            assert!(!name.is_empty() && name != b"." && name != b"..");
            assert!(!name.contains(&b'/') && !name.contains(&0));
            assert!(rules == Rules::Unix || !name.iter().any(|byte| b"\\:*?\"<>|".contains(byte)));
        }
        assert_eq!(
            RequestPath::parse(path.to_url().as_bytes(), rules).as_ref(),
            Some(&path)
        );
        for folder in [&TREE.folder, &TREE.top] {
            if let Ok(Found::File { path, .. }) = folder.find(&path)
                && let Ok((file, _)) = folder.open(&path)
            {
                let text = std::io::read_to_string(file).expect("text");
                let is_well_known = text == "well known" && path.as_bytes().starts_with(b".well-known/");
                assert!(text == "inside" || std::ptr::eq(folder, &TREE.top) && is_well_known);
            }
        }
    }
});
