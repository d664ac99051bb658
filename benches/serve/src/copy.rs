//! Copying a folder of many small files with rclone.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::data::SMALL_FILES;
use crate::peers::Peer;
use crate::process::cpu;
use crate::table::{median, ratio, rounds_of};

/// Our server and nginx, whose list is the one that rclone was made for. The files go below `folder`.
pub fn copy(peers: &[Peer], folder: &Path, rounds: usize) {
    if Command::new("rclone").arg("version").output().is_err() {
        eprintln!("rclone is not installed, so nothing is copied with it");
        return;
    }
    println!("| copied with rclone (CPU s) | spot-serve | nginx | vs nginx | goal |");
    println!("|---|---|---|---|---|");
    let to = folder.join("copied");
    let mut costs = vec![Vec::new(); 2];
    let speeds = rounds_of(&peers[..2], rounds, |index, peer| {
        remove(&to);
        let before = cpu(peer.pid());
        let begun = Instant::now();
        let status = Command::new("rclone")
            .arg("copy")
            .args(["--http-url", &format!("http://{}/", peer.target().host)])
            .arg(":http:small")
            .arg(&to)
            .env("RCLONE_CONFIG", "/dev/null")
            .stderr(Stdio::null())
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{}", peer.name);
        let speed = SMALL_FILES as f64 / begun.elapsed().as_secs_f64();
        costs[index].push((cpu(peer.pid()) - before).as_secs_f64());
        let copied = fs::read_dir(&to).expect("a folder").count();
        assert_eq!(copied, SMALL_FILES, "{}", peer.name);
        speed
    });
    remove(&to);
    println!(
        "| {SMALL_FILES} small files, files/s | {:.0} ({:.2}) | {:.0} ({:.2}) | {:.2} | 1.0 |\n",
        median(&speeds[0]),
        median(&costs[0]),
        median(&speeds[1]),
        median(&costs[1]),
        ratio(&speeds[0], &speeds[1]),
    );
}

fn remove(folder: &Path) {
    if folder.exists() {
        fs::remove_dir_all(folder).expect("a folder of our own");
    }
}
