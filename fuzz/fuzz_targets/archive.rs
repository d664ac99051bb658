//! Every range of an archive equals the same range of the complete archive.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::Archive;

struct Sample {
    _folder: tempfile::TempDir,
    archives: [(Archive, Vec<u8>); 2],
}

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("b/empty")).expect("a folder");
    for (name, size) in [
        ("a", 0),
        ("b/c", 10),
        ("b/d", 65_536),
        ("b/e", 65_537),
        ("z", 200_000),
    ] {
        let content: Vec<u8> = (0..size).map(|i: u32| (i % 251) as u8).collect();
        fs::write(folder.path().join(name), content).expect("a file");
    }
    let archives = [Archive::of, Archive::tar_of].map(|of| {
        let archive = of(folder.path()).expect("an archive");
        let whole = archive.read(0..archive.length()).expect("the whole");
        (archive, whole)
    });
    Sample {
        _folder: folder,
        archives,
    }
});

fuzz_target!(|input: (u32, u32)| {
    for (archive, whole) in &SAMPLE.archives {
        let length = archive.length();
        let start = u64::from(input.0) % length;
        let end = start + 1 + u64::from(input.1) % (length - start);
        let part = archive.read(start..end).expect("a part");
        assert!(part == whole[start as usize..end as usize]);
    }
});
