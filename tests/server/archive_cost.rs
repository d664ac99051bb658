//! What resuming an archive may cost other visitors. Near its end, an archive needs the checksums of
//! all files before that point, so the server has to read them just for that.

#![cfg(target_os = "linux")]

use std::fs::{File, read_dir, read_link};
use std::path::Path;
use std::time::Instant;

use crate::fixture::http::PATIENCE;
use crate::fixture::tree::Tree;
use crate::fixture::{Client, Share};

/// A folder with a sparse file that takes longer to read than anybody waits.
fn with_endless_file() -> Tree {
    let tree = Tree::empty();
    tree.write("small.txt", b"small");
    let endless = File::create(tree.root.join("endless")).unwrap();
    endless.set_len(8 << 40).unwrap();
    tree
}

/// Asks for the last bytes of the archive of all, which needs the checksum of the endless file.
fn ask_for_end(share: &Share) -> Client {
    let mut client = share.client();
    client.ask("GET", "/?archive=zip", &[("Range", "bytes=-100000")]);
    assert_eq!(client.read_head().unwrap().status, 206);
    client
}

/// Whether this process has a file open.
fn is_open(path: &Path) -> bool {
    let open = read_dir("/proc/self/fd").unwrap();
    open.flatten()
        .any(|open| read_link(open.path()).is_ok_and(|target| target == path))
}

#[test]
fn computing_checksums_for_some_visitors_does_not_block_others() {
    let tree = with_endless_file();
    for number in 0..40_u8 {
        let content = vec![number; 100_000 * usize::from(number)];
        tree.write(format!("folder/{number}"), &content);
    }
    let whole = Share::folder(&tree.root).get("/folder/?archive=zip").body;
    let share = Share::folder(&tree.root);
    let waiting: Vec<_> = (0..24).map(|_| ask_for_end(&share)).collect();
    // This needs a thread that may wait for the disk.
    assert_eq!(share.get("/?json").status, 200);
    // Another request that needs checksums gets its turn.
    let range = [("Range", "bytes=-3000")];
    let end = share.get_with("/folder/?archive=zip", &range);
    assert!(end.body == whole[whole.len() - 3000..]);
    drop(waiting);
}

#[test]
fn no_checksum_is_computed_for_a_visitor_who_has_left() {
    let tree = with_endless_file();
    let share = Share::folder(&tree.root);
    let waiting: Vec<_> = (0..4).map(|_| ask_for_end(&share)).collect();
    let endless = tree.root.join("endless");
    let begun = Instant::now();
    while !is_open(&endless) {
        assert!(begun.elapsed() < PATIENCE, "it is read");
    }
    drop(waiting);
    let left = Instant::now();
    while is_open(&endless) {
        assert!(left.elapsed() < PATIENCE, "it is read no more");
        assert_eq!(share.get("/small.txt").body, b"small");
    }
}
