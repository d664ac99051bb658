//! Both kinds of lookup, by the kernel and name by name, must give the same results.

use std::fs;

use super::*;
use crate::server::path::Rules;

fn path(raw: &str) -> RequestPath {
    RequestPath::parse(raw.as_bytes(), Rules::HERE).unwrap()
}

#[cfg(unix)]
fn tree() -> tempfile::TempDir {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("root");
    fs::create_dir_all(root.join("sub/.git/deep")).unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    fs::write(root.join("file"), "file").unwrap();
    fs::write(root.join("sub/inner"), "inner").unwrap();
    fs::write(root.join(".hidden"), "hidden").unwrap();
    fs::write(root.join("sub/.git/deep/config"), "config").unwrap();
    symlink("../secret", root.join("out")).unwrap();
    symlink(outside.path().join("secret"), root.join("out-absolute")).unwrap();
    symlink("..", root.join("sub/up")).unwrap();
    symlink("../..", root.join("sub/up-and-out")).unwrap();
    symlink("sub/inner", root.join("in")).unwrap();
    symlink("in", root.join("in-twice")).unwrap();
    symlink("sub", root.join("folder-in")).unwrap();
    symlink(".hidden", root.join("to-hidden")).unwrap();
    symlink("sub/.git/deep", root.join("to-hidden-folder")).unwrap();
    symlink("nowhere", root.join("broken")).unwrap();
    symlink("round", root.join("round")).unwrap();
    symlink(".", root.join("self")).unwrap();
    outside
}

#[cfg(unix)]
fn outcome(found: io::Result<Found>) -> String {
    match found {
        Ok(Found::File { path, .. }) => format!("file {}", path.to_url()),
        Ok(Found::Folder { path, .. }) => format!("folder {}", path.to_url()),
        Err(error) => format!("{:?}", error.kind()),
    }
}

#[cfg(unix)]
#[test]
fn links_inside_are_followed_and_all_others_lead_nowhere() {
    let outside = tree();
    let folder = Folder::open_ambient(&outside.path().join("root"), false).unwrap();
    for (asked, expected) in [
        ("/", "folder /"),
        ("/file", "file /file"),
        ("/sub", "folder /sub"),
        ("/sub/inner", "file /sub/inner"),
        ("/in", "file /sub/inner"),
        ("/in-twice", "file /sub/inner"),
        ("/folder-in/inner", "file /sub/inner"),
        ("/self", "folder /"),
        ("/sub/up", "folder /"),
        ("/sub/up/sub/up/file", "file /file"),
        ("/self/self/file", "file /file"),
        ("/out", "NotFound"),
        ("/out-absolute", "NotFound"),
        ("/sub/up-and-out", "NotFound"),
        ("/sub/up-and-out/secret", "NotFound"),
        ("/sub/up-and-out/root/file", "NotFound"),
        ("/broken", "NotFound"),
        ("/round", "NotFound"),
        ("/.hidden", "NotFound"),
        ("/to-hidden", "NotFound"),
        ("/sub/.git/deep/config", "NotFound"),
        ("/to-hidden-folder", "NotFound"),
        ("/to-hidden-folder/config", "NotFound"),
        ("/file/below", "NotFound"),
        ("/nothing", "NotFound"),
    ] {
        assert_eq!(outcome(folder.find(&path(asked))), expected, "{asked}");
    }
}

#[cfg(unix)]
#[test]
fn hidden_names_are_found_where_the_share_allows_it() {
    let outside = tree();
    let folder = Folder::open_ambient(&outside.path().join("root"), true).unwrap();
    assert_eq!(outcome(folder.find(&path("/.hidden"))), "file /.hidden");
    assert_eq!(outcome(folder.find(&path("/to-hidden"))), "file /.hidden");
    assert_eq!(outcome(folder.find(&path("/out"))), "NotFound");
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_and_the_walk_agree() {
    let outside = tree();
    let dir = Dir::open_ambient_dir(outside.path().join("root"), ambient_authority()).unwrap();
    for asked in [
        "/",
        "/file",
        "/sub",
        "/sub/inner",
        "/in",
        "/folder-in/inner",
        "/out",
        "/broken",
        "/sub/up",
        "/file/below",
        "/nothing",
        "/sub/nothing",
    ] {
        let shape = |probe: io::Result<PathProbe>| match probe {
            Ok(PathProbe::File(stamp)) => format!("file {stamp:?}"),
            Ok(PathProbe::Folder(dir)) => {
                format!("folder {:?}", FileStamp::of(&dir.dir_metadata().unwrap()))
            }
            Ok(PathProbe::Link) => "link".to_owned(),
            Ok(PathProbe::Special) => "special".to_owned(),
            Err(error) => format!("{:?}", error.kind()),
        };
        assert_eq!(
            shape(system::probe_by_kernel(
                &dir,
                &path(asked),
                system::Wait::ForDisk
            )),
            shape(walk::probe(&dir, &path(asked), Visibility::Usual)),
            "{asked}"
        );
        let opened = |opened: io::Result<(File, FileStamp)>| opened.map(|(_, stamp)| stamp).ok();
        assert_eq!(
            opened(system::open_by_kernel(
                &dir,
                &path(asked),
                system::Wait::ForDisk
            )),
            opened(walk::open(&dir, &path(asked), Visibility::Usual)),
            "{asked}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_longer_than_the_system_accepts_is_walked() {
    let root = tempfile::tempdir().unwrap();
    let folder = Folder::open_ambient(root.path(), false).unwrap();
    let name = "n".repeat(250);
    let mut here = folder.dir.try_clone().unwrap();
    let mut raw = String::new();
    for _ in 0..20 {
        here.create_dir(&name).unwrap();
        here = here.open_dir(&name).unwrap();
        raw = format!("{raw}/{name}");
    }
    here.write("end", "end").unwrap();
    let raw = format!("{raw}/end");
    assert!(raw.len() > 4096);
    assert!(matches!(folder.find(&path(&raw)), Ok(Found::File { .. })));
    assert_eq!(folder.open(&path(&raw)).unwrap().1.size, 3);
}

#[cfg(unix)]
#[test]
fn entries_are_what_can_be_found() {
    let outside = tree();
    let folder = Folder::open_ambient(&outside.path().join("root"), false).unwrap();
    let Found::Folder { path, dir } = folder.find(&path("/")).unwrap() else {
        panic!("the root is a folder");
    };
    let mut names: Vec<_> = folder
        .entries(&path, &dir, &Budget::ample())
        .unwrap()
        .into_iter()
        .map(|entry| entry.name.into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["file", "folder-in", "in", "in-twice", "self", "sub"]
    );
}

#[cfg(unix)]
#[test]
fn a_link_swapped_again_and_again_never_leads_out() {
    use std::{
        os::unix::fs::symlink,
        sync::atomic::{AtomicBool, Ordering},
    };
    let outside = tree();
    let root = outside.path().join("root");
    fs::create_dir(outside.path().join("elsewhere")).unwrap();
    fs::write(outside.path().join("elsewhere/inner"), "OUT").unwrap();
    let folder = Folder::open_ambient(&root, false).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for target in ["sub", "../elsewhere", ".git"] {
                    symlink(target, root.join("new")).unwrap();
                    fs::rename(root.join("new"), root.join("swapped")).unwrap();
                }
            }
        });
        let mut reached = 0;
        for _ in 0..20_000 {
            let Ok(Found::File { path, .. }) = folder.find(&path("/swapped/inner")) else {
                continue;
            };
            if let Ok((file, _)) = folder.open(&path) {
                assert_eq!(io::read_to_string(file).unwrap(), "inner");
                reached += 1;
            }
        }
        done.store(true, Ordering::Relaxed);
        assert!(reached > 0, "the link pointed inside some of the time");
    });
}
