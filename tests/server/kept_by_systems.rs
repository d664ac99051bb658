//! What operating systems keep on a disk for themselves is not public, however it is asked for.

use crate::fixture::Share;
use crate::fixture::tree::{self, SECRET, Tree};
use spot_serve::server::{Content, Settings};

/// Files that systems keep for themselves, and where else they can be asked for.
const OF_SYSTEMS: [(&str, &str); 13] = [
    (
        "$RECYCLE.BIN/S-1-5-21-1-2-3-1001/$R1.txt",
        "$Recycle.bin/S-1-5-21-1-2-3-1001/$R1.txt",
    ),
    ("RECYCLED/DC1.DOC", "recycled/DC1.DOC"),
    ("Recycler/DC1.DOC", "rEcYcLeR./DC1.DOC"),
    (
        "System Volume Information/IndexerVolumeGuid",
        "system volume information/IndexerVolumeGuid",
    ),
    (
        ".Trash-1000/files/deleted.txt",
        ".trash-1000/files/deleted.txt",
    ),
    (".Trashes/501/deleted.txt", ".TRASHES/501/deleted.txt"),
    (".fseventsd/0000", ".fseventsd/0000"),
    ("lost+found/#12", "Lost+Found/#12"),
    ("sub/Thumbs.db", "sub/thumbs.db"),
    ("sub/desktop.ini", "sub/Desktop.ini."),
    ("sub/.DS_Store", "sub/.ds_store"),
    ("hiberfil.sys", "HIBERFIL.SYS"),
    ("pagefile.sys", "page\u{fb01}le.sys"),
];

#[test]
fn what_systems_keep_for_themselves_is_never_served() {
    let tree = Tree::empty();
    tree.write("plain.txt", b"plain");
    tree.write("sub/inner.txt", b"inner");
    // FAT ignores the dots.
    let with_dots = ["Thumbs.db", &".".repeat(200)].concat();
    #[cfg(unix)]
    tree.write(&with_dots, SECRET);
    for (name, other) in OF_SYSTEMS {
        tree.write(name, SECRET);
        // As on a disk that ignores upper case, and dots at the end.
        tree.write(other, SECRET);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("$RECYCLE.BIN", tree.root.join("link")).unwrap();
    for hidden in [false, true] {
        let settings = Settings {
            hidden: hidden.into(),
            port: 0,
            thumbnails: None,
            ..Settings::default()
        };
        let share = Share::start(&Content::Folder(tree.root.clone()), &settings).unwrap();
        for name in OF_SYSTEMS.iter().flat_map(|(name, other)| [name, other]) {
            assert_eq!(share.get(&format!("/{}", url(name))).status, 404, "{name}");
        }
        assert_eq!(share.get("/%24recycle.bin/?json").status, 404);
        assert_eq!(share.get(&format!("/{with_dots}")).status, 404);
        let listing = share.get("/?json").text();
        assert!(listing.contains("\"total\":2"), "{listing}");
        assert!(share.get("/sub/?json").text().contains("\"total\":1"));
        assert!(share.get("/?total").text().contains("\"files\":2"));
        let archive = share.get("/?archive=zip").body;
        assert!(holds(&archive, b"inner") && !holds(&archive, SECRET));
        for address in ["/", "/?rows", "/sub/"] {
            let text = share.get(address).text().to_lowercase();
            for name in ["recycle", "trash", "thumbs.db", "desktop.ini", "hiberfil"] {
                assert!(!text.contains(name), "{name} in {address}");
            }
        }
    }
}

#[test]
fn a_system_folder_or_file_that_is_shared_itself_is_served() {
    let tree = Tree::empty();
    tree.write("$RECYCLE.BIN/deleted.txt", b"deleted");
    tree.write("recycled/paper.txt", b"paper");
    tree.write("desktop.ini", b"settings");
    let trash = tree.root.join("$RECYCLE.BIN");
    assert_eq!(Share::folder(&trash).get("/deleted.txt").body, b"deleted");
    let recycled = tree.root.join("recycled");
    assert_eq!(Share::folder(&recycled).get("/paper.txt").body, b"paper");
    let content = Content::Files(vec![tree.root.join("desktop.ini"), trash, recycled]);
    let share = Share::start(&content, &Settings::default()).unwrap();
    assert_eq!(share.get("/desktop.ini").body, b"settings");
    assert_eq!(share.get("/%24RECYCLE.BIN/deleted.txt").body, b"deleted");
    assert_eq!(share.get("/recycled/paper.txt").body, b"paper");
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A path as a URL writes it.
fn url(path: &str) -> String {
    let names: Vec<_> = path
        .split('/')
        .map(|name| tree::url(name.as_bytes()))
        .collect();
    names.join("/")
}
