//! What is in the history stays, whenever the program is killed.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use spot_serve::history::{Entry, HistoryFile, Kind};

/// In the process that is killed: the file to write over and over.
const WRITES: &str = "SPOT_SERVE_TEST_WRITES_HISTORY";

/// How it says that so many entries are written.
const WRITTEN: &str = "written ";

/// Many enough for the file to be shortened now and then.
const AT_ONCE: usize = 40;

fn entry(share: &str) -> Entry {
    Entry::now(Kind::Visit, share, &"x".repeat(250))
}

#[test]
fn a_kill_while_it_is_written_loses_nothing() {
    if let Some(path) = env::var_os(WRITES) {
        let mut file = HistoryFile::at(path.into());
        for round in 1.. {
            file.append(&mut vec![entry("flood"); AT_ONCE]).unwrap();
            println!("{WRITTEN}{}", round * AT_ONCE);
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("history.jsonl");
    let mut file = HistoryFile::at(path.clone());
    file.append(&mut vec![entry("flood"); 9000]).unwrap();
    let precious = ["first", "second", "third"];
    file.append(&mut precious.map(entry)).unwrap();
    for round in 0..10_u64 {
        let before = file.read().unwrap();
        let mut writer = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("history_survives_kills::a_kill_while_it_is_written_loses_nothing")
            .env(WRITES, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(writer.stdout.take().unwrap()).lines();
        let first = said.find(|line| line.as_ref().unwrap().contains(WRITTEN));
        assert!(first.is_some());
        // At a different moment each time.
        thread::sleep(Duration::from_micros(round * 2370 % 20_000));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let written = said.filter_map(|line| {
            let line = line.ok()?;
            line.split_once(WRITTEN)?.1.parse::<usize>().ok()
        });
        let written = written.last().unwrap_or(AT_ONCE);
        let after = file.read().unwrap();
        for share in precious {
            assert!(after.iter().any(|entry| entry.share == share), "{share}");
        }
        let last = before.last().unwrap().id;
        let new = after.iter().filter(|entry| entry.id > last).count();
        assert!(new >= written, "{new} of {written}");
        assert!(after.is_sorted_by(|one, next| one.id < next.id));
    }
    let length = fs::metadata(&path).unwrap().len();
    assert!(length < 8 << 20, "it is bounded: {length} bytes");
}
