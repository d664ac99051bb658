//! The list of recent folders is never damaged, whenever the program is killed.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use spot_serve::store::{Writer, load_recent, recent_as_json};

/// In the process that is killed: the file to write over and over.
const WRITES: &str = "SPOT_SERVE_TEST_WRITES";

/// Long enough to notice a half-written file.
fn folders(round: usize) -> Vec<PathBuf> {
    (0..12)
        .map(|n| PathBuf::from(format!("/home/somebody/{round}/{n}/{}", "x".repeat(2000))))
        .collect()
}

#[test]
fn a_kill_while_they_are_written_loses_nothing() {
    if let Some(file) = env::var_os(WRITES) {
        let writer = Writer::to(file.into());
        for round in 0.. {
            writer.save(&recent_as_json(folders(round)));
            writer.finish();
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("recent.json");
    Writer::to(file.clone()).save(&recent_as_json(folders(0)));
    for round in 0..60_u64 {
        let before = std::fs::metadata(&file).unwrap().modified().unwrap();
        let mut writer = Command::new(env::current_exe().unwrap())
            .args([
                "--exact",
                "store_survives_kills::a_kill_while_they_are_written_loses_nothing",
            ])
            .env(WRITES, &file)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while std::fs::metadata(&file).unwrap().modified().unwrap() == before {
            thread::yield_now();
        }
        // At a different moment each time.
        thread::sleep(Duration::from_micros(round * 137 % 2000));
        writer.kill().unwrap();
        writer.wait().unwrap();
        let found = load_recent(&file).expect("the file is whole");
        assert_eq!(found.len(), 12);
    }
}
