//! For any tree and any request path: what is served is a regular file inside the folder, or
//! nothing.

#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

use crate::fixture::Share;
use crate::fixture::tree::{SECRET, Tree};
use proptest::prelude::*;

/// Something to put into the tree. There are few names, so that paths often hit something.
#[derive(Clone, Debug)]
enum Thing {
    Folder(PathBuf),
    File(PathBuf),
    Link(PathBuf, PathBuf),
}

fn name() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        4 => Just("a"),
        4 => Just("b"),
        2 => Just("c d"),
        1 => Just(".hidden"),
        1 => Just("%2e%2e"),
        1 => Just("x\\..\\y"),
        1 => Just("e\u{301}"),
    ]
}

fn path() -> impl Strategy<Value = PathBuf> {
    proptest::collection::vec(name(), 1..4).prop_map(|names| names.iter().collect())
}

fn target() -> impl Strategy<Value = PathBuf> {
    let part = prop_oneof![3 => name(), 2 => Just(".."), 1 => Just("secret"), 1 => Just("elsewhere"), 1 => Just(".")];
    let relative =
        proptest::collection::vec(part, 1..5).prop_map(|names| names.iter().collect::<PathBuf>());
    prop_oneof![6 => relative, 1 => Just(PathBuf::from("/etc/passwd")), 1 => Just(PathBuf::from("/"))]
}

fn thing() -> impl Strategy<Value = Thing> {
    prop_oneof![
        path().prop_map(Thing::Folder),
        path().prop_map(Thing::File),
        (path(), target()).prop_map(|(path, target)| Thing::Link(path, target)),
    ]
}

fn request() -> impl Strategy<Value = Vec<String>> {
    let part = prop_oneof![
        6 => name().prop_map(|name| crate::fixture::tree::url(name.as_bytes())),
        1 => Just("..".to_owned()),
        1 => Just("%2e%2e".to_owned()),
        1 => Just("%252e%252e".to_owned()),
        1 => Just("..%2f".to_owned()),
        1 => Just("..%5c".to_owned()),
        1 => Just("secret".to_owned()),
        1 => Just("elsewhere".to_owned()),
        1 => Just("%c0%ae%c0%ae".to_owned()),
        1 => Just(String::new()),
        1 => Just("a%00".to_owned()),
    ];
    proptest::collection::vec(part, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn only_regular_files_inside_are_served(
        things in proptest::collection::vec(thing(), 0..14),
        requests in proptest::collection::vec(request(), 1..30),
    ) {
        let tree = Tree::empty();
        fs::write(tree.outside("secret"), SECRET).unwrap();
        fs::create_dir(tree.outside("elsewhere")).unwrap();
        fs::write(tree.outside("elsewhere/a"), SECRET).unwrap();
        let root = fs::canonicalize(&tree.root).unwrap();
        for thing in &things {
            // Many can't be created because something is in the way or a link points elsewhere.
            match thing {
                Thing::Folder(path) if is_within(&root, path) => drop(fs::create_dir_all(root.join(path))),
                Thing::File(path) if is_within(&root, path) => {
                    drop(fs::write(root.join(path), path.as_os_str().as_bytes()));
                }
                Thing::Link(path, target) if is_within(&root, path) => {
                    drop(symlink(target, root.join(path)));
                }
                _ => {}
            }
        }
        let share = Share::folder(&root);
        let mut client = share.client();
        for request in &requests {
            let request = format!("/{}", request.join("/"));
            let response = client.get(&request, &[]);
            let is_secret = response.body.windows(SECRET.len()).any(|window| window == SECRET);
            prop_assert!(!is_secret, "{request}");
            match expected(&root, &request) {
                Some(file) => {
                    prop_assert_eq!(response.status, 200, "{}", request);
                    prop_assert_eq!(&response.body, &fs::read(file).unwrap(), "{}", request);
                }
                None => {
                    let is_page = response.header("content-security-policy").is_some();
                    let is_redirect = response.status == 302;
                    prop_assert!(is_page || is_redirect, "{request} is served: {}", response.status);
                }
            }
        }
    }
}

/// Whether something created at this path would be in the folder.
fn is_within(root: &Path, path: &Path) -> bool {
    let mut here = root.to_owned();
    for part in path.parent().unwrap_or(Path::new("")) {
        here.push(part);
        if let Ok(real) = fs::canonicalize(&here)
            && !real.starts_with(root)
        {
            return false;
        }
    }
    !fs::symlink_metadata(root.join(path)).is_ok_and(|metadata| metadata.is_symlink())
}

/// The file that a path names: each name taken literally, and plain dots and empty names resolved.
fn expected(root: &Path, request: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for part in request.strip_prefix('/')?.split('/') {
        if part == ".." && !path.pop() {
            return None;
        }
        if ["", ".", ".."].contains(&part) {
            continue;
        }
        let name = decode(part);
        let name = OsStr::from_bytes(&name);
        let mut components = Path::new(name).components();
        let is_name = matches!(components.next(), Some(Component::Normal(only)) if only == name);
        if !is_name || components.next().is_some() || name.as_bytes().contains(&0) {
            return None;
        }
        path.push(name);
    }
    // With these at the end it names a folder.
    if ["", ".", ".."]
        .iter()
        .any(|end| request.ends_with(&format!("/{end}")))
    {
        return None;
    }
    let real = fs::canonicalize(root.join(&path)).ok()?;
    let inside = real.strip_prefix(root).ok()?;
    let is_hidden = |path: &Path| path.iter().any(|name| name.as_bytes().starts_with(b"."));
    let passes_outside = {
        let mut here = root.to_owned();
        path.iter().any(|name| {
            here.push(name);
            !fs::canonicalize(&here).is_ok_and(|real| real.starts_with(root))
        })
    };
    let metadata = fs::metadata(&real).ok()?;
    (metadata.is_file() && !is_hidden(inside) && !is_hidden(&path) && !passes_outside)
        .then_some(real)
}

fn decode(part: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        if first == b'%' {
            let hex = std::str::from_utf8(&behind[..2]).unwrap();
            bytes.push(u8::from_str_radix(hex, 16).unwrap());
            rest = &behind[2..];
        } else {
            bytes.push(first);
            rest = behind;
        }
    }
    bytes
}
