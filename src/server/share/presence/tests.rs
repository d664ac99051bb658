use std::{fs, os::unix::fs::symlink, path::Path};

use super::*;
use crate::server::{folder::Found, path::RequestPath, share::Resource};

fn of_folder(path: &Path) -> Presence {
    Presence::open(&Content::Folder(path.to_owned()), false).unwrap()
}

fn of_files(paths: &[&Path]) -> Presence {
    let paths = paths.iter().map(|path| (*path).to_owned()).collect();
    Presence::open(&Content::Files(paths), false).unwrap()
}

/// A folder to play in, without links in its path.
fn scratch() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().canonicalize().unwrap();
    (dir, path)
}

/// The names that a visitor sees now.
async fn names(presence: &Presence) -> Vec<String> {
    let share = presence.share().await.expect("something exists");
    let mut names = match &share.content {
        SharedContent::Folder(folder) | SharedContent::Inbox(folder) => {
            let Found::Folder { dir, .. } = folder.find(&RequestPath::default()).unwrap() else {
                panic!("a folder")
            };
            dir.entries()
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect::<Vec<_>>()
        }
        SharedContent::Chosen(chosen) => chosen
            .iter()
            .map(|chosen| chosen.name.clone().into_string().unwrap())
            .collect(),
    };
    names.sort();
    names
}

/// What a visitor reads in a chosen file.
async fn text(presence: &Presence, name: &str) -> String {
    let share = presence.share().await.expect("something exists");
    let path = RequestPath::from_names([name.as_ref()]).unwrap();
    let Ok(Resource::File(file)) = share.find(&path).await else {
        panic!("{name} is a file");
    };
    let (file, _) = file.open().await.unwrap();
    io::read_to_string(file).unwrap()
}

/// Moves a link, as deployments do.
fn relink(target: &str, link: &Path) {
    let new = link.with_extension("new");
    symlink(target, &new).unwrap();
    fs::rename(new, link).unwrap();
}

/// A folder with one file, whose name and content are the folder's name.
fn release(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let name = folder.file_name().unwrap();
    fs::write(folder.join(name), name.as_encoded_bytes()).unwrap();
}

/// The files and folders below `dir` that this process has open.
fn open_below(dir: &Path) -> usize {
    fs::read_dir("/dev/fd")
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|open| open.starts_with(dir))
        .count()
}

/// Waits until nothing below `dir` is open.
#[cfg(target_os = "linux")]
async fn closed(dir: &Path) {
    let closed = async {
        while open_below(dir) > 0 {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(60), closed)
        .await
        .expect("nothing stays open");
}

#[tokio::test]
async fn a_deleted_folder_is_closed_and_the_next_one_in_its_place_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("dist");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("old"), "").unwrap();
    let presence = of_folder(&folder);
    assert_eq!(presence.look().await, Look::Present);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(presence.look().await, Look::Absent);
    assert!(presence.share().await.is_none());
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("new"), "").unwrap();
    assert_eq!(presence.look().await, Look::Present);
    assert_eq!(names(&presence).await, ["new"]);
    let title = &presence.share().await.unwrap().title;
    assert_eq!(title, "dist");
}

#[tokio::test]
async fn a_folder_that_is_replaced_between_two_looks_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("dist");
    fs::create_dir(&folder).unwrap();
    let presence = of_folder(&folder);
    let before = presence.share().await.unwrap();
    assert_eq!(presence.look().await, Look::Present);
    assert!(Arc::ptr_eq(&before, &presence.share().await.unwrap()));
    fs::rename(&folder, dir.path().join("moved")).unwrap();
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("new"), "").unwrap();
    assert_eq!(presence.look().await, Look::Present);
    assert_eq!(names(&presence).await, ["new"]);
}

#[tokio::test]
async fn a_link_in_its_place_or_on_the_way_is_not_followed() {
    let dir = tempfile::tempdir().unwrap();
    let private = dir.path().join("private/keys");
    fs::create_dir_all(&private).unwrap();
    let folder = dir.path().join("a/keys");
    fs::create_dir_all(&folder).unwrap();
    let presence = of_folder(&folder);
    fs::remove_dir(&folder).unwrap();
    symlink(&private, &folder).unwrap();
    assert_eq!(presence.look().await, Look::Absent, "a link in its place");
    fs::remove_file(&folder).unwrap();
    fs::remove_dir(dir.path().join("a")).unwrap();
    symlink(dir.path().join("private"), dir.path().join("a")).unwrap();
    assert_eq!(presence.look().await, Look::Absent, "a link is on the way");
}

#[tokio::test]
async fn a_deleted_file_is_served_again_when_it_is_saved_again() {
    let dir = tempfile::tempdir().unwrap();
    let (plan, offer) = (dir.path().join("plan.pdf"), dir.path().join("offer.pdf"));
    fs::write(&plan, "").unwrap();
    fs::write(&offer, "").unwrap();
    let presence = of_files(&[&plan, &offer]);
    fs::remove_file(&plan).unwrap();
    let partial = Look::Partial { is_failing: false };
    assert_eq!(presence.look().await, partial, "the other exists");
    assert_eq!(names(&presence).await, ["offer.pdf"]);
    assert_eq!(presence.missing(), ["plan.pdf"]);
    fs::remove_file(&offer).unwrap();
    assert_eq!(presence.look().await, Look::Absent);
    fs::write(&plan, "").unwrap();
    assert_eq!(presence.look().await, partial);
    assert_eq!(names(&presence).await, ["plan.pdf"]);
    assert_eq!(presence.missing(), ["offer.pdf"]);
}

#[test]
fn an_item_is_missing_or_its_drive_fails_but_too_many_open_files_say_nothing() {
    use rustix::io::Errno;

    for was_there in [true, false] {
        let meaning = |errno: Errno| meaning(&errno.into(), was_there);
        assert_eq!(meaning(Errno::NOENT), (false, false));
        assert_eq!(meaning(Errno::ACCESS), (false, false));
        assert_eq!(meaning(Errno::NOTCONN), (false, true));
        assert_eq!(meaning(Errno::IO), (false, true));
        assert_eq!(meaning(Errno::MFILE), (was_there, false));
        assert_eq!(meaning(Errno::NFILE), (was_there, false));
    }
    let error = StartError::opening(Path::new("/x"), Errno::MFILE.into()).to_string();
    assert!(error.contains("Close programs"), "{error}");
    assert!(!error.contains("disk"), "{error}");
}

#[tokio::test]
async fn a_chosen_link_is_followed_wherever_it_leads() {
    let (_dir, root) = scratch();
    release(&root.join("r1"));
    release(&root.join("r2"));
    let current = root.join("current");
    symlink("r1", &current).unwrap();
    let presence = of_folder(&current);
    assert_eq!(names(&presence).await, ["r1"]);
    assert_eq!(presence.share().await.unwrap().title, "current");
    for step in ["current", "r1"] {
        let step = root.join(step);
        assert!(presence.steps().contains(&step), "{step:?} is watched");
    }
    relink("r2", &current);
    fs::remove_dir_all(root.join("r1")).unwrap();
    assert_eq!(presence.look().await, Look::Present);
    assert_eq!(names(&presence).await, ["r2"]);
    assert!(presence.steps().contains(&root.join("r2")));
    // While it leads nowhere, there is nothing.
    relink("r3", &current);
    assert_eq!(presence.look().await, Look::Absent);
    release(&root.join("r3"));
    assert_eq!(presence.look().await, Look::Present);
    assert_eq!(names(&presence).await, ["r3"]);
    // A folder may take the place of the link.
    fs::remove_file(&current).unwrap();
    release(&current);
    assert_eq!(presence.look().await, Look::Present);
    assert_eq!(names(&presence).await, ["current"]);
}

#[tokio::test]
async fn a_link_above_the_chosen_folder_and_links_behind_links_are_followed() {
    let (_dir, root) = scratch();
    release(&root.join("releases/1/public"));
    release(&root.join("releases/2/public"));
    fs::write(root.join("releases/2/public/new"), "").unwrap();
    symlink("1", root.join("releases/latest")).unwrap();
    let latest = root.join("releases/latest");
    symlink(&latest, root.join("current")).unwrap();
    let presence = of_folder(&root.join("current/public"));
    assert_eq!(names(&presence).await, ["public"]);
    assert!(presence.steps().contains(&latest));
    relink("2", &latest);
    assert_eq!(presence.look().await, Look::Present);
    assert_eq!(names(&presence).await, ["new", "public"]);
    // Links that go round lead nowhere.
    relink("../current", &latest);
    assert_eq!(presence.look().await, Look::Absent);
}

#[tokio::test]
async fn chosen_files_are_followed_through_links_and_replacements() {
    let (_dir, root) = scratch();
    release(&root.join("v1"));
    release(&root.join("v2"));
    fs::write(root.join("v2/v3"), "v3").unwrap();
    let (link, plain) = (root.join("plan.txt"), root.join("notes.txt"));
    symlink("v1/v1", &link).unwrap();
    fs::write(&plain, "one").unwrap();
    let presence = of_files(&[&link, &plain, &root.join("v2")]);
    assert_eq!(names(&presence).await, ["notes.txt", "plan.txt", "v2"]);
    assert_eq!(text(&presence, "plan.txt").await, "v1");
    // The second is in the same folder as the first.
    for target in ["v2", "v3"] {
        relink(&format!("v2/{target}"), &link);
        assert_eq!(presence.look().await, Look::Present);
        assert_eq!(text(&presence, "plan.txt").await, target);
    }
    // Editors save a file by replacing it, some of them also where it is a link.
    for saved in [&plain, &link] {
        fs::write(root.join("saved"), "two").unwrap();
        fs::rename(root.join("saved"), saved).unwrap();
        assert_eq!(presence.look().await, Look::Present);
        let name = saved.file_name().unwrap().to_str().unwrap();
        assert_eq!(text(&presence, name).await, "two");
    }
    // Nobody chose a link for this one.
    fs::remove_file(&plain).unwrap();
    symlink("v1/v1", &plain).unwrap();
    assert!(presence.look().await.is_present());
    assert_eq!(names(&presence).await, ["plan.txt", "v2"]);
    fs::remove_file(&plain).unwrap();
    symlink("saved", &plain).unwrap();
    fs::write(root.join("saved"), "secret").unwrap();
    presence.look().await;
    assert_eq!(names(&presence).await, ["plan.txt", "v2"]);
}

#[tokio::test]
async fn a_link_of_somebody_else_is_not_followed() {
    use std::os::unix::fs::lchown;

    let (_dir, root) = scratch();
    release(&root.join("r1"));
    release(&root.join("r2"));
    let current = root.join("current");
    symlink("r1", &current).unwrap();
    let presence = of_folder(&current);
    symlink("r2", root.join("new")).unwrap();
    // Only the administrator can make one.
    if lchown(root.join("new"), Some(12345), None).is_err() {
        return;
    }
    fs::rename(root.join("new"), &current).unwrap();
    assert_eq!(presence.look().await, Look::Absent);
    relink("r2", &current);
    assert_eq!(presence.look().await, Look::Present);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn handles_are_open_only_while_there_are_visitors() {
    let (_dir, root) = scratch();
    release(&root.join("r1"));
    fs::write(root.join("plan.txt"), "").unwrap();
    let presence = of_folder(&root.join("r1"));
    let others = of_files(&[&root.join("plan.txt"), &root.join("r1")]);
    assert_eq!(open_below(&root), 0);
    for _ in 0..2 {
        assert_eq!(presence.look().await, Look::Present);
        assert_eq!(open_below(&root), 0);
        let share = presence.share().await.unwrap();
        assert!(Arc::ptr_eq(&share, &presence.share().await.unwrap()));
        others.share().await.unwrap();
        assert!(open_below(&root) > 0);
        // A visitor who is still there keeps it open.
        while others.0.now().open.is_some() {
            sleep(Duration::from_millis(10)).await;
        }
        assert!(Arc::ptr_eq(&share, &presence.share().await.unwrap()));
        drop(share);
        closed(&root).await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_visitor_who_leaves_while_it_is_opened_keeps_nothing_open() {
    let (_dir, root) = scratch();
    release(&root.join("r1"));
    let presence = of_folder(&root.join("r1"));
    tokio::select! {
        biased;
        _ = presence.share() => panic!("it has to wait for the disk"),
        () = std::future::ready(()) => {}
    }
    while presence.0.now().open.is_none() {
        sleep(Duration::from_millis(1)).await;
    }
    closed(&root).await;
}
