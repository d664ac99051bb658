//! The program may end at any moment. Each state that is on the disk at some moment is opened again.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use bytes::Bytes;

use super::rig::{Rig, delivery, new, sized};
use crate::server::receive::{Checksum, NewUpload, UploadId};

/// What a visitor was told before the program ended.
#[derive(Clone, Debug, Default)]
struct Told {
    id: Option<UploadId>,
    offset: u64,
    is_complete: bool,
}

/// The folder as it was after one step.
struct Moment {
    step: &'static str,
    told: Told,
    folder: tempfile::TempDir,
}

struct Recorder {
    told: Arc<Mutex<Told>>,
    moments: Arc<Mutex<Vec<Moment>>>,
}

impl Recorder {
    fn of(rig: &Rig) -> Self {
        let told = Arc::new(Mutex::new(Told::default()));
        let moments = Arc::new(Mutex::new(Vec::new()));
        let recorder = Self {
            told: Arc::clone(&told),
            moments: Arc::clone(&moments),
        };
        let folder = rig.folder();
        rig.inbox.on_step(move |step| {
            let mut told = told.lock().unwrap();
            // From now on a visitor may be told so.
            if step == "noted" {
                told.is_complete = true;
            }
            let copy = tempfile::tempdir().unwrap();
            copy_all(&folder, &copy.path().join("shared"));
            moments.lock().unwrap().push(Moment {
                step,
                told: told.clone(),
                folder: copy,
            });
        });
        recorder
    }

    fn tell(&self, id: UploadId, offset: u64) {
        let mut told = self.told.lock().unwrap();
        told.id = Some(id);
        told.offset = offset;
    }

    fn moments(self) -> Vec<Moment> {
        std::mem::take(&mut *self.moments.lock().unwrap())
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

const CONTENT: &[u8] = b"all of the content";

/// Whatever was on the disk: nothing that a visitor was told is lost, files are whole, and none comes
/// twice.
async fn assert_nothing_is_lost(moment: Moment, name: &str, others: &[&str]) {
    let Moment { step, told, folder } = moment;
    let rig = Rig::of(folder);
    rig.uploads.set_rules(Some(Default::default()));
    rig.inbox.placed().await;
    let whole = |rig: &Rig| {
        let files = rig.files();
        let mut names: Vec<_> = files
            .keys()
            .filter(|name| !name.ends_with('/'))
            .cloned()
            .collect();
        names.retain(|name| !others.contains(&name.as_str()));
        for name in &names {
            assert_eq!(files[name], CONTENT, "{name} is whole, after {step:?}");
        }
        names
    };
    let names = whole(&rig);
    assert!(names.len() <= 1, "{names:?} after {step:?}");
    if told.is_complete {
        assert_eq!(names, [name], "after {step:?} {told:?}");
    }
    if let Some(id) = told.id {
        let status = rig.inbox.status(id).await;
        let status = status.unwrap_or_else(|error| panic!("{error} after {step:?}"));
        assert!(status.offset >= told.offset, "{status:?} after {step:?}");
        if status.offset < CONTENT.len() as u64 {
            let from = usize::try_from(status.offset).unwrap();
            rig.patch(id, status.offset, &CONTENT[from..])
                .await
                .unwrap();
        }
        rig.inbox.placed().await;
        assert_eq!(whole(&rig), [name], "after {step:?}");
        assert_eq!(
            rig.inbox.status(id).await.unwrap().offset,
            CONTENT.len() as u64
        );
    }
    assert_eq!(others_of(&rig.folder()), others, "after {step:?}");
}

/// What was there before.
fn others_of(folder: &Path) -> Vec<String> {
    let owners = folder.join("owner's.txt");
    if owners.exists() {
        assert_eq!(fs::read(owners).unwrap(), b"the owner's");
        vec!["owner's.txt".into()]
    } else {
        Vec::new()
    }
}

#[tokio::test]
async fn an_upload_in_several_requests_survives_the_end_of_the_program() {
    let rig = Rig::new();
    let recorder = Recorder::of(&rig);
    let new = NewUpload {
        delivery: Some(delivery()),
        ..sized("folder/below/a.txt", CONTENT.len() as u64)
    };
    let id = rig.create(new).await.unwrap();
    recorder.tell(id, 0);
    for (from, to) in [(0, 5), (5, 11), (11, CONTENT.len())] {
        let written = rig
            .patch(id, from as u64, &CONTENT[from..to])
            .await
            .unwrap();
        recorder.tell(id, written.offset);
    }
    rig.inbox.placed().await;
    let moments = recorder.moments();
    assert!(moments.len() > 8, "{}", moments.len());
    for moment in moments {
        assert_nothing_is_lost(moment, "folder/below/a.txt", &[]).await;
    }
}

#[tokio::test]
async fn a_file_in_one_request_survives_the_end_of_the_program() {
    let rig = Rig::new();
    fs::write(rig.folder().join("owner's.txt"), "the owner's").unwrap();
    let recorder = Recorder::of(&rig);
    rig.put("owner's.txt", CONTENT).await.unwrap();
    let moments = recorder.moments();
    assert!(moments.len() > 3, "{}", moments.len());
    for moment in moments {
        assert_nothing_is_lost(moment, "owner's (2).txt", &["owner's.txt"]).await;
    }
}

#[tokio::test]
async fn unchecked_bytes_do_not_survive_the_end_of_the_program() {
    let rig = Rig::new();
    let id = rig.create(sized("a", CONTENT.len() as u64)).await.unwrap();
    rig.patch(id, 0, &CONTENT[..4]).await.unwrap();
    let recorder = Recorder::of(&rig);
    recorder.tell(id, 4);
    let wrong = Some(Checksum::Sha256([7; 32]));
    let mut writer = rig.inbox.begin_write(id, 4, wrong).await.unwrap();
    writer.write(Bytes::from_static(b"wrong")).await.unwrap();
    writer.finish().await.unwrap_err();
    let moments = recorder.moments();
    assert!(moments.iter().any(|moment| moment.step == "bytes written"));
    for moment in moments {
        assert_nothing_is_lost(moment, "a", &[]).await;
    }
}

#[tokio::test]
async fn a_length_that_was_told_survives_the_end_of_the_program() {
    let rig = Rig::new();
    let id = rig.create(new("a")).await.unwrap();
    rig.patch(id, 0, &CONTENT[..4]).await.unwrap();
    let recorder = Recorder::of(&rig);
    recorder.tell(id, 4);
    rig.inbox
        .set_length(id, CONTENT.len() as u64)
        .await
        .unwrap();
    let moments = recorder.moments();
    for Moment { step, folder, .. } in moments {
        let rig = Rig::of(folder);
        rig.uploads.set_rules(Some(Default::default()));
        let status = rig.inbox.status(id).await.unwrap();
        assert_eq!(status.offset, 4, "after {step:?}");
        if step == "record replaced" {
            assert_eq!(status.length, Some(CONTENT.len() as u64));
        }
    }
}

#[tokio::test]
async fn what_has_come_goes_on_after_a_restart() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 4)).await.unwrap();
    rig.patch(id, 0, b"ab").await.unwrap();
    let rig = rig.restarted();
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 2);
    rig.patch(id, 2, b"cd").await.unwrap();
    rig.inbox.placed().await;
    let rig = rig.restarted();
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 4);
    assert_eq!(rig.files()["a"], b"abcd");
}

#[tokio::test]
async fn folders_of_a_delivery_stay_together_after_a_restart() {
    let id = delivery();
    let with = |path| NewUpload {
        delivery: Some(id),
        ..new(path)
    };
    let rig = Rig::new();
    fs::create_dir(rig.folder().join("photos")).unwrap();
    rig.put_new(with("photos/a"), b"1").await.unwrap();
    let rig = rig.restarted();
    rig.put_new(with("photos/b"), b"1").await.unwrap();
    assert_eq!(
        rig.names(),
        ["photos (2)/", "photos (2)/a", "photos (2)/b", "photos/"]
    );
    let status = rig.inbox.delivered(id).await.unwrap();
    assert_eq!(status.files.len(), 2);
}

#[tokio::test]
async fn a_complete_file_that_its_owner_has_moved_is_still_known() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 1)).await.unwrap();
    rig.patch(id, 0, b"1").await.unwrap();
    rig.inbox.placed().await;
    fs::remove_file(rig.folder().join("a")).unwrap();
    let rig = rig.restarted();
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 1);
    assert!(rig.names().is_empty());
}

/// A part as it is after a second name was made and before the first is gone, and one whose place is held
/// by an empty file.
#[cfg(unix)]
#[tokio::test]
async fn a_move_that_was_interrupted_is_finished() {
    for is_held in [false, true] {
        let rig = Rig::new();
        let recorder = Recorder::of(&rig);
        rig.put("a", CONTENT).await.unwrap();
        let mut moments = recorder.moments();
        let at = moments
            .iter()
            .position(|moment| moment.step == "noted")
            .unwrap();
        let folder = moments.swap_remove(at).folder;
        let shared = folder.path().join("shared");
        let parts = shared.join(".spot-serve-parts");
        let find = |end: &str| -> PathBuf {
            let entries = fs::read_dir(&parts)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            let mut found = entries.filter(|path| path.to_string_lossy().ends_with(end));
            found.next().unwrap()
        };
        if is_held {
            fs::write(shared.join("a"), "").unwrap();
            let done = find(".done");
            let text = fs::read_to_string(&done).unwrap();
            fs::write(done, text.replace('}', ",\"is_held\":true}")).unwrap();
        } else {
            fs::hard_link(find(".part"), shared.join("a")).unwrap();
        }
        let rig = Rig::of(folder);
        rig.inbox.placed().await;
        assert_eq!(rig.files()["a"], CONTENT);
        assert_eq!(rig.names(), ["a"]);
        assert_eq!(rig.part_names().len(), 1);
    }
}
