use std::fs::{self, OpenOptions};

use super::*;
use crate::history::Kind;

fn visit(share: &str) -> Entry {
    Entry::now(Kind::Visit, share, share)
}

fn names(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|entry| entry.name.as_str()).collect()
}

#[test]
fn entries_stay_in_order_with_growing_numbers() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = HistoryFile::at(dir.path().join("state/history.jsonl"));
    assert_eq!(file.read().unwrap(), []);
    file.append(&mut [visit("a"), visit("b")]).unwrap();
    let mut other = HistoryFile::at(dir.path().join("state/history.jsonl"));
    other.append(&mut [visit("c")]).unwrap();
    let entries = file.read().unwrap();
    assert_eq!(names(&entries), ["a", "b", "c"]);
    assert!(entries.is_sorted_by(|one, next| one.id < next.id));
    assert_eq!(names(&file.read_after(entries[1].id).unwrap()), ["c"]);
    file.clear().unwrap();
    assert_eq!(file.read().unwrap(), []);
    file.append(&mut [visit("d")]).unwrap();
    let after = file.read_after(entries[2].id).unwrap();
    assert_eq!(names(&after), ["d"], "who follows the file sees it");
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.jsonl");
    let mut file = HistoryFile::at(path.clone());
    for shortens in [false, true] {
        file.append(&mut [visit("a")]).unwrap();
        if shortens {
            append_text(&path, "torn\n");
            file.tidy_locked().unwrap();
        }
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

fn append_text(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn what_a_crash_or_a_hand_has_broken_costs_only_itself() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.jsonl");
    let mut file = HistoryFile::at(path.clone());
    file.append(&mut [visit("a")]).unwrap();
    append_text(&path, "\0\u{fffd}nonsense\n[]\n\n{\"kind\":\"visit\"}\n");
    fs::write(
        &path,
        [&fs::read(&path).unwrap()[..], b"\xff\xfe\n"].concat(),
    )
    .unwrap();
    file.append(&mut [visit("b")]).unwrap();
    append_text(&path, r#"{"id":99,"time":"2026-"#);
    assert_eq!(names(&file.read().unwrap()), ["a", "b"]);
    file.append(&mut [visit("c")]).unwrap();
    assert_eq!(names(&file.read().unwrap()), ["a", "b", "c"]);
    file.tidy_locked().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert_eq!(names(&file.read().unwrap()), ["a", "b", "c"]);
}

#[test]
fn it_is_bounded_and_loses_what_is_too_old() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.jsonl");
    let mut file = HistoryFile::at(path.clone());
    let mut old = visit("old");
    old.time -= Duration::from_secs((bounds::MAX_DAYS + 1) * 24 * 60 * 60);
    file.append(&mut [old, visit("first")]).unwrap();
    assert_eq!(names(&file.read().unwrap()), ["first"]);
    assert!(!fs::read_to_string(&path).unwrap().contains("old"));
    for _ in 0..40 {
        file.append(&mut vec![visit("flood"); 1000]).unwrap();
    }
    let entries = file.read().unwrap();
    assert_eq!(entries.len(), bounds::MAX_ENTRIES);
    assert_eq!(entries[0].name, "first");
    let line = fs::metadata(&path).unwrap().len() / entries.len() as u64;
    assert!(line < 200, "it was shortened: {line} bytes an entry");
    let last = entries.last().unwrap().id;
    assert_eq!(file.read_after(last).unwrap(), []);
    assert_eq!(file.read_after(last - 3).unwrap().len(), 3);
}

#[test]
fn several_writers_lose_nothing_while_it_is_shortened() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.jsonl");
    thread::scope(|scope| {
        for writer in 0..4 {
            let path = path.clone();
            scope.spawn(move || {
                let name = format!("writer {writer}");
                let mut file = HistoryFile::at(path.clone());
                for _ in 0..25 {
                    file.append(&mut [visit(&name)]).unwrap();
                    append_text(&path, "nonsense\n");
                    let lock = file.lock().unwrap();
                    file.tidy_locked().unwrap();
                    drop(lock);
                }
            });
        }
    });
    assert_eq!(HistoryFile::at(path).read().unwrap().len(), 100);
}

#[test]
fn a_file_that_can_not_be_written_is_an_error_and_no_loss() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.jsonl");
    fs::create_dir(&path).unwrap();
    let mut file = HistoryFile::at(path.clone());
    assert!(file.append(&mut [visit("a")]).is_err());
    fs::remove_dir(&path).unwrap();
    file.append(&mut [visit("a")]).unwrap();
    assert_eq!(names(&file.read().unwrap()), ["a"]);
}

/// A limit on the size of files stands for a full disk: it also takes a part. It is set in a process
/// of its own.
#[cfg(unix)]
#[test]
fn what_a_full_disk_took_in_part_is_not_there_twice() {
    use std::{env, process::Command};
    const IS_LIMITED: &str = "SPOT_SERVE_TEST_LIMITED";
    const LIMIT: &str = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    if env::var_os(IS_LIMITED).is_none() {
        let (_, tests) = module_path!().split_once("::").unwrap();
        let name = format!("{tests}::what_a_full_disk_took_in_part_is_not_there_twice");
        let mut limited = Command::new("sh");
        limited.args(["-c", LIMIT]).arg(env::current_exe().unwrap());
        limited.args(["--exact", &name]).env(IS_LIMITED, "1");
        let output = limited.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{text}");
        assert!(text.contains("1 passed"), "{text}");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.jsonl");
    let mut file = HistoryFile::at(path.clone());
    file.append(&mut [visit("a")]).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(file.append(&mut vec![visit("b"); 1000]).is_err());
    assert_eq!(fs::read(&path).unwrap(), before);
    file.append(&mut [visit("b")]).unwrap();
    assert_eq!(names(&file.read().unwrap()), ["a", "b"]);
}
