//! A disk that fills up while visitors hand in files: the built program with a real cloudflared at the
//! test edge.

use std::{fs, path::Path, process::Command};

use loopback_edge::{namespace, needs};

use crate::{
    access::{Visitor, edge},
    home::Home,
    receive::{arrived, field, hand_in, patch, request},
    running::{run, start},
};

/// The size of the disk, in MiB.
const DISK: usize = 4;

/// Mounts a small disk, and takes it away again.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn at(place: &'a Path) -> Self {
        fs::create_dir(place).unwrap();
        let size = format!("size={DISK}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "none"])
            .arg(place)
            .status();
        assert!(mounted.unwrap().success());
        Self(place)
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_costs_nobody_what_was_there() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        home.add_settings("[receive]\nmin_free = \"\"\n");
        let folder = home.path("Homework");
        let _disk = SmallDisk::at(&folder);
        fs::write(folder.join("old.txt"), "old").unwrap();
        let _program = start(&home).await;
        let shared = run(&home, &["receive", "Homework"]).await;
        assert_eq!(shared.code, 0, "{shared:?}");
        let visitor = Visitor::of(&edge, &shared.out);

        // Larger than the disk, which is known from the start, or shows while it comes in.
        let large = "x".repeat((DISK + 1) << 20);
        let refused = hand_in(&visitor, "large.txt", &large).await;
        assert!(refused.out.ends_with("507"), "{}", refused.out);
        assert!(refused.out.contains("disk is full"), "{}", refused.out);
        let length = format!("Upload-Length: {}", large.len());
        let announced = request(&visitor, "/?upload", &["-X", "POST", "-H", &length]).await;
        assert!(announced.contains(" 507 "), "{announced}");

        // There is room again, also for the rest of what has begun.
        let length = format!("Upload-Length: {}", 3 << 20);
        let created = request(&visitor, "/?upload", &["-X", "POST", "-H", &length]).await;
        let location = field(&created, "location").unwrap_or_else(|| panic!("{created}"));
        let half = home.path("half");
        let bytes = format!("@{}", half.display());
        fs::write(&half, &large[..(3 << 20) / 2]).unwrap();
        let first = patch(&visitor, location, 0, &bytes).await;
        assert!(first.contains(" 204 "), "{first}");
        let filler = folder.join("filler");
        let filled = fs::write(&filler, &large[..2 << 20]);
        assert!(filled.is_ok(), "{filled:?}");
        let second = patch(&visitor, location, (3 << 20) / 2, &bytes).await;
        assert!(second.contains(" 507 "), "{second}");
        fs::remove_file(&filler).unwrap();
        let head = request(&visitor, location, &["-I"]).await;
        let offset: usize = field(&head, "upload-offset")
            .and_then(|offset| offset.parse().ok())
            .unwrap_or_else(|| panic!("{head}"));
        assert!(offset >= (3 << 20) / 2, "{head}");
        fs::write(&half, &large[..(3 << 20) - offset]).unwrap();
        let rest = patch(&visitor, location, offset, &bytes).await;
        assert!(rest.contains(" 204 "), "{rest}");
        let small = hand_in(&visitor, "small.txt", "small").await;
        assert!(small.out.ends_with("201"), "{}", small.out);
        assert_eq!(arrived(&home, "Homework/small.txt").await, "small");
        assert_eq!(fs::read(folder.join("old.txt")).unwrap(), b"old");
        assert_eq!(run(&home, &["stop"]).await.code, 0);
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| {
                (
                    entry.as_ref().unwrap().file_name(),
                    entry.unwrap().metadata().unwrap().len(),
                )
            })
            .map(|(name, bytes)| (name.into_string().unwrap(), bytes))
            .collect();
        names.sort();
        let [(_, large), (_, 3), (_, 5)] = names.as_slice() else {
            panic!("{names:?}");
        };
        assert_eq!(*large, 3 << 20, "{names:?}");
    });
}
