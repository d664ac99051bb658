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
}

static TREE: LazyLock<Tree> = LazyLock::new(|| {
    let around = tempfile::tempdir().expect("a folder");
    let root = around.path().join("root");
    fs::create_dir_all(root.join("a/b")).expect("a folder");
    fs::write(around.path().join("secret"), "SECRET").expect("a file");
    fs::write(root.join("a/f"), "inside").expect("a file");
    fs::write(root.join(".h"), "SECRET").expect("a file");
    for (target, name) in [
        ("../secret", "o"),
        ("..", "u"),
        ("a", "l"),
        (".h", "h"),
        ("/", "r"),
    ] {
        symlink(target, root.join(name)).expect("a link");
    }
    Tree {
        folder: Folder::open_ambient(&root, false).expect("a folder"),
        _around: around,
    }
});

fuzz_target!(|raw: &[u8]| {
    for rules in [Rules::Unix, Rules::Windows] {
        let Some(path) = RequestPath::parse(raw, rules) else {
            continue;
        };
        for name in path.names() {
            assert!(!name.is_empty() && name != b"." && name != b"..");
            assert!(!name.contains(&b'/') && !name.contains(&0));
            assert!(rules == Rules::Unix || !name.iter().any(|byte| b"\\:*?\"<>|".contains(byte)));
        }
        assert_eq!(
            RequestPath::parse(path.to_url().as_bytes(), rules).as_ref(),
            Some(&path)
        );
        if let Ok(Found::File { path, .. }) = TREE.folder.find(&path)
            && let Ok((file, _)) = TREE.folder.open(&path)
        {
            assert_eq!(std::io::read_to_string(file).expect("text"), "inside");
        }
    }
});
