//! Links, drives and network folders that are shared: what was chosen is a path, and nothing is held
//! while nobody visits. The built program with a real cloudflared at the test edge.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use crate::home::{Answer, Home, LIMIT, Program, get, send};
use loopback_edge::{Edge, Options, namespace, needs};
use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Child,
    time::{sleep, timeout},
};

async fn edge() -> Edge {
    Edge::start(Options::default()).await.unwrap()
}

/// Visits until the answer is as wanted, which must happen without anybody's help.
async fn visit_until(local: &str, path: &str, is_wanted: impl Fn(&Answer) -> bool) {
    let answered = async {
        while !is_wanted(&get(local, local, path).await) {
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LIMIT, answered)
        .await
        .unwrap_or_else(|_| panic!("{path} is never answered as it should be"));
}

/// Points a link elsewhere, as deployments do.
fn relink(target: &str, link: &Path) {
    let new = link.with_extension("new");
    symlink(target, &new).unwrap();
    fs::rename(new, link).unwrap();
}

#[test]
fn a_shared_link_is_served_wherever_it_leads() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        for release in ["r1", "r2", "r3"] {
            fs::create_dir(home.path(release)).unwrap();
            fs::write(home.path(release).join("a.txt"), release).unwrap();
        }
        let current = home.path("current");
        symlink("r1", &current).unwrap();
        let mut program = home.share("current");
        program.public_name().await;
        let local = program.local().await;
        assert_eq!(get(&local, &local, "/a.txt").await.body, b"r1");
        let page = get(&local, &local, "/").await.body;
        let page = String::from_utf8_lossy(&page);
        assert!(page.contains("current") && !page.contains("r1"), "{page}");

        relink("r2", &current);
        visit_until(&local, "/a.txt", |answer| answer.body == b"r2").await;
        fs::remove_dir_all(home.path("r1")).unwrap();
        assert_eq!(get(&local, &local, "/a.txt").await.body, b"r2");
        fs::rename(home.path("r2"), home.path("away")).unwrap();
        program.err.line("current: the folder is missing").await;
        relink("r3", &current);
        program.err.last_line("current: online").await;
        assert_eq!(get(&local, &local, "/a.txt").await.body, b"r3");
    });
}

/// Runs a program, and returns whether it succeeded, with what it said.
fn run(program: &str, arguments: &[&OsStr]) -> Output {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"))
}

fn run_well(program: &str, arguments: &[&OsStr]) {
    let done = run(program, arguments);
    assert!(done.status.success(), "{program} {arguments:?}: {done:?}");
}

/// Something that can be mounted, again and again.
enum Drive {
    Memory,
    /// A file with a file system in it.
    Image(PathBuf),
    /// Another folder, through a program. It stands for a network folder.
    Network(PathBuf),
}

impl Drive {
    /// Mounts it at `place`. Returns the program that carries it out, if there is one.
    async fn mount(&self, place: &Path) -> Option<Child> {
        match self {
            Self::Memory => run_well(
                "mount",
                &[
                    "-t".as_ref(),
                    "tmpfs".as_ref(),
                    "none".as_ref(),
                    place.as_ref(),
                ],
            ),
            Self::Image(image) => run_well(
                "mount",
                &[
                    "-o".as_ref(),
                    "loop".as_ref(),
                    image.as_ref(),
                    place.as_ref(),
                ],
            ),
            Self::Network(source) => {
                let program = tokio::process::Command::new("bindfs")
                    .arg("-f")
                    .args([source, place])
                    .stdin(Stdio::null())
                    .kill_on_drop(true)
                    .spawn()
                    .unwrap();
                let mounted = async {
                    while !is_mounted(place) {
                        sleep(Duration::from_millis(10)).await;
                    }
                };
                timeout(LIMIT, mounted).await.expect("bindfs mounts it");
                return Some(program);
            }
        }
        None
    }
}

fn is_mounted(place: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let place = place.to_str().unwrap();
    mounts
        .lines()
        .any(|mount| mount.split(' ').nth(1) == Some(place))
}

/// Unmounts a drive as soon as nothing holds it any more. `--lazy` is not used: it would succeed in
/// any case, and the drive would stay in use.
async fn unmount(place: &Path, program: &Program) {
    let unmounted = async {
        while !run("umount", &[place.as_ref()]).status.success() {
            sleep(Duration::from_millis(100)).await;
        }
    };
    if timeout(LIMIT, unmounted).await.is_err() {
        let held = fs::read_dir(format!("/proc/{}/fd", program.pid())).unwrap();
        let held: Vec<_> = held
            .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
            .filter(|open| open.starts_with(place))
            .collect();
        panic!("{} stays busy: {held:?}", place.display());
    }
}

/// A connection that a visitor keeps after this request.
async fn stay(local: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(local).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {local}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(stream.read(&mut [0; 64 * 1024]).await.unwrap() > 0);
    stream
}

async fn can_be_unmounted_while_nobody_visits(drive: Drive) {
    let edge = edge().await;
    let home = Home::with_edge(&edge);
    let place = home.path("Photos");
    fs::remove_file(place.join("a.txt")).unwrap();
    let carrier = drive.mount(&place).await;
    fs::create_dir_all(place.join("sub")).unwrap();
    fs::write(place.join("a.txt"), "on the drive").unwrap();
    fs::write(place.join("large.txt"), vec![b'x'; 300_000]).unwrap();
    // Started from a terminal that is in the folder, and later leaves it.
    let mut program = home.start(
        home.command(&["share", "--foreground", "."])
            .current_dir(&place),
    );
    program.public_name().await;
    let local = program.local().await;
    let mut visitors = Vec::new();
    for path in [
        "/a.txt",
        "/large.txt",
        "/",
        "/?json",
        "/?total",
        "/sub/?json",
    ] {
        assert_eq!(get(&local, &local, path).await.status(), 200, "{path}");
        visitors.push(stay(&local, path).await);
    }
    assert_eq!(get(&local, &local, "/?archive=zip").await.status(), 200);

    unmount(&place, &program).await;
    if let Some(mut carrier) = carrier {
        timeout(LIMIT, carrier.wait())
            .await
            .expect("bindfs ends")
            .unwrap();
    }
    program.err.line("Photos: the folder is missing").await;
    assert_eq!(get(&local, &local, "/a.txt").await.status(), 503);

    let _carrier = drive.mount(&place).await;
    fs::write(place.join("a.txt"), "on the drive again").unwrap();
    program.err.last_line("Photos: online").await;
    visit_until(&local, "/a.txt", |answer| {
        answer.body == b"on the drive again"
    })
    .await;
    unmount(&place, &program).await;
}

#[test]
fn a_memory_file_system_can_be_unmounted_while_nobody_visits() {
    namespace::run(async { can_be_unmounted_while_nobody_visits(Drive::Memory).await });
}

#[test]
fn a_disk_can_be_unmounted_while_nobody_visits() {
    if !needs::met(&["mkfs.ext4"]) {
        return;
    }
    namespace::run_as_administrator(async {
        let dir = tempfile::tempdir().unwrap();
        let image = dir.path().join("disk");
        let place = dir.path().join("place");
        fs::create_dir(&place).unwrap();
        fs::File::create(&image).unwrap().set_len(16 << 20).unwrap();
        run_well("mkfs.ext4", &["-q".as_ref(), image.as_ref()]);
        let mount = [
            "-o".as_ref(),
            "loop".as_ref(),
            image.as_ref(),
            place.as_ref(),
        ];
        let mounted = run("mount", &mount);
        if !mounted.status.success() {
            let why = String::from_utf8_lossy(&mounted.stderr);
            namespace::skip("loop device", why.trim_end());
        }
        run_well("umount", &[place.as_ref()]);
        can_be_unmounted_while_nobody_visits(Drive::Image(image)).await;
    });
}

/// A folder for a network drive. Skips the test where there can be none.
fn network() -> (tempfile::TempDir, Drive) {
    if let Err(error) = fs::File::open("/dev/fuse") {
        namespace::skip("/dev/fuse", &error.to_string());
    }
    let dir = tempfile::tempdir().unwrap();
    let drive = Drive::Network(dir.path().to_owned());
    (dir, drive)
}

#[test]
fn a_network_folder_can_be_unmounted_while_nobody_visits() {
    if !needs::met(&["bindfs"]) {
        return;
    }
    namespace::run(async {
        let (_dir, drive) = network();
        can_be_unmounted_while_nobody_visits(drive).await;
    });
}

/// Shares a folder of a network drive, and lets the drive die while nobody visits.
async fn is_told_when_it_dies(shared: &str) {
    let (_dir, drive) = network();
    let edge = edge().await;
    let home = Home::with_edge(&edge);
    let place = home.path("drive");
    fs::create_dir(&place).unwrap();
    let carrier = drive.mount(&place).await.unwrap();
    let folder = home.path(shared);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("a.txt"), "far away").unwrap();
    let mut program = home.share(shared);
    program.public_name().await;
    let local = program.local().await;

    send(carrier.id().unwrap(), Signal::KILL);
    program.err.line(": the folder is missing").await;
    program.err.line("network drive was disconnected").await;
    assert_eq!(get(&local, &local, "/a.txt").await.status(), 503);
    unmount(&place, &program).await;
    let carrier = drive.mount(&place).await.unwrap();
    program.err.last_line(": online").await;
    assert_eq!(get(&local, &local, "/a.txt").await.body, b"far away");

    // Again, just after a visit.
    send(carrier.id().unwrap(), Signal::KILL);
    visit_until(&local, "/a.txt", |answer| answer.status() == 503).await;
    program
        .err
        .last_line("network drive was disconnected")
        .await;
    drop(program);
    unmount_by_force(&place);
}

#[test]
fn a_network_folder_that_dies_is_told_and_served_again_when_it_is_back() {
    if !needs::met(&["bindfs"]) {
        return;
    }
    namespace::run(async { is_told_when_it_dies("drive").await });
}

#[test]
fn a_folder_in_a_network_folder_that_dies_is_told_and_served_again_when_it_is_back() {
    if !needs::met(&["bindfs"]) {
        return;
    }
    namespace::run(async { is_told_when_it_dies("drive/Photos").await });
}

fn unmount_by_force(place: &Path) {
    run_well("umount", &["--lazy".as_ref(), place.as_ref()]);
}

#[test]
fn a_network_drive_that_stops_answering_is_told_and_holds_nothing_up() {
    if !needs::met(&["bindfs"]) {
        return;
    }
    namespace::run(async {
        let (_dir, drive) = network();
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let place = home.path("drive");
        fs::create_dir(&place).unwrap();
        let child = drive.mount(&place).await.unwrap();
        let carrier = child.id().unwrap();
        fs::create_dir_all(place.join("2026/Photos")).unwrap();
        fs::write(place.join("2026/Photos/a.txt"), "far away").unwrap();
        let mut program = home.share("drive/2026/Photos");
        program.public_name().await;
        let local = program.local().await;

        send(carrier, Signal::STOP);
        program.err.line(": the folder is missing").await;
        program.err.line("network drive was disconnected").await;
        assert_eq!(get(&local, &local, "/a.txt").await.status(), 503);
        send(carrier, Signal::CONT);
        program.err.last_line(": online").await;
        visit_until(&local, "/a.txt", |answer| answer.body == b"far away").await;

        send(carrier, Signal::STOP);
        program
            .err
            .last_line("network drive was disconnected")
            .await;
        program.signal(Signal::INT);
        program.ended().await;
        send(carrier, Signal::CONT);
        unmount_by_force(&place);
    });
}

#[test]
fn one_of_several_items_that_dies_with_its_drive_is_told_and_the_others_are_served() {
    if !needs::met(&["bindfs"]) {
        return;
    }
    namespace::run(async {
        let (_dir, drive) = network();
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let place = home.path("drive");
        fs::create_dir(&place).unwrap();
        let carrier = drive.mount(&place).await.unwrap();
        fs::write(place.join("plan.txt"), "far away").unwrap();
        let mut program =
            home.start(&mut home.command(&["share", "--foreground", "drive/plan.txt", "Photos"]));
        program.public_name().await;
        let local = program.local().await;
        assert_eq!(get(&local, &local, "/plan.txt").await.body, b"far away");

        send(carrier.id().unwrap(), Signal::KILL);
        program.err.line(": plan.txt is missing").await;
        program.err.line("Visitors still see the rest").await;
        assert_eq!(get(&local, &local, "/plan.txt").await.status(), 404);
        assert_eq!(get(&local, &local, "/Photos/a.txt").await.body, b"hello");

        unmount(&place, &program).await;
        let _carrier = drive.mount(&place).await;
        program.err.last_line(": online").await;
        visit_until(&local, "/plan.txt", |answer| answer.body == b"far away").await;
        drop(program);
        unmount_by_force(&place);
    });
}
