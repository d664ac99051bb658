//! A shared folder that is deleted or unmounted: the link stays, visitors see a notice, and what
//! replaces the folder is served. Runs the built program with a real cloudflared and the test edge.

use std::{fs, path::Path, process::Command};

use crate::home::{Answer, Home, get};
use loopback_edge::{Edge, Options, namespace};

async fn edge() -> Edge {
    Edge::start(Options::default()).await.unwrap()
}

async fn visit(edge: &Edge, name: &str, path: &str) -> Answer {
    get(&edge.public_addr().to_string(), name, path).await
}

async fn is_away(edge: &Edge, name: &str) {
    let answer = visit(edge, name, "/a.txt").await;
    assert_eq!(answer.status(), 503);
    assert!(answer.head.to_ascii_lowercase().contains("retry-after: 5"));
    let page = String::from_utf8(answer.body).unwrap();
    assert!(page.contains("Try again"), "{page}");
}

#[test]
fn a_folder_that_is_deleted_and_recreated_is_served_again_under_the_same_link() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let mut program = home.share("Photos");
        let name = program.public_name().await;
        assert_eq!(visit(&edge, &name, "/a.txt").await.body, b"hello");

        fs::remove_dir_all(home.path("Photos")).unwrap();
        program.err.line("Photos: the folder is missing").await;
        is_away(&edge, &name).await;
        program.err.line("Put it back to continue sharing").await;

        fs::create_dir(home.path("Photos")).unwrap();
        fs::write(home.path("Photos/b.txt"), "another").unwrap();
        program.err.last_line("Photos: online").await;
        assert_eq!(visit(&edge, &name, "/b.txt").await.body, b"another");
        assert_eq!(visit(&edge, &name, "/a.txt").await.status(), 404);
        assert_eq!(edge.stats().api_requests, 1);
    });
}

#[test]
fn a_link_that_takes_the_place_of_the_folder_gives_nothing_away() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        fs::create_dir(home.path("private")).unwrap();
        fs::write(home.path("private/a.txt"), "secret").unwrap();
        let mut program = home.share("Photos");
        let name = program.public_name().await;
        fs::remove_dir_all(home.path("Photos")).unwrap();
        std::os::unix::fs::symlink(home.path("private"), home.path("Photos")).unwrap();
        program.err.line("Photos: the folder is missing").await;
        is_away(&edge, &name).await;
    });
}

fn run(program: &str, arguments: &[&str], place: &Path) {
    let done = Command::new(program).args(arguments).arg(place).status();
    assert!(done.unwrap().success(), "{program} {arguments:?}");
}

#[test]
fn a_disk_that_is_taken_out_and_put_in_again_is_served_again() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let disk = home.path("Photos");
        let mount = ["-t", "tmpfs", "none"];
        run("mount", &mount, &disk);
        fs::write(disk.join("a.txt"), "on the disk").unwrap();
        let mut program = home.share("Photos");
        let name = program.public_name().await;
        assert_eq!(visit(&edge, &name, "/a.txt").await.body, b"on the disk");

        // As if the disk was pulled out: open files don't prevent it. The folder underneath, which
        // nobody chose, has another a.txt.
        run("umount", &["--lazy"], &disk);
        program.err.line("Photos: the folder is missing").await;
        is_away(&edge, &name).await;

        run("mount", &mount, &disk);
        fs::write(disk.join("a.txt"), "on the disk again").unwrap();
        program.err.last_line("Photos: online").await;
        assert_eq!(
            visit(&edge, &name, "/a.txt").await.body,
            b"on the disk again"
        );
        run("umount", &["--lazy"], &disk);
    });
}
