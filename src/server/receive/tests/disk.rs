//! A disk that refuses what was written, a folder that takes nothing, and the end of a share.

use std::{fs, time::Duration};

use super::rig::{Rig, delivery, make_old, new, sized};
use crate::server::{
    folder::{Folder, Found},
    path::{RequestPath, Rules},
    receive::{DeliveryId, NewUpload, OpenUploads, ReceiveError},
    share::FolderResource,
    uploads::{UploadReport, UploadRules},
};

fn of(delivery: DeliveryId, path: &str, length: u64) -> NewUpload {
    NewUpload {
        delivery: Some(delivery),
        ..sized(path, length)
    }
}

#[tokio::test]
async fn bytes_that_the_disk_has_refused_come_again() {
    let rig = Rig::new();
    let delivery = delivery();
    let id = rig.create(of(delivery, "a", 4)).await.unwrap();
    rig.inbox.fail_syncs(1);
    let refused = rig.patch(id, 0, b"abcd").await;
    assert!(matches!(refused, Err(ReceiveError::Lost)), "{refused:?}");
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 0);
    assert!(rig.names().is_empty());
    rig.patch(id, 0, b"efgh").await.unwrap();
    let delivered = rig.inbox.delivered(delivery).await.unwrap();
    assert_eq!(delivered.files.len(), 1);
    assert_eq!(rig.files()["a"], b"efgh");
}

#[tokio::test]
async fn a_file_that_the_disk_has_refused_is_not_there_after_a_restart() {
    let rig = Rig::new();
    let id = rig.create(sized("kept", 4)).await.unwrap();
    rig.inbox.fail_syncs(2);
    assert!(rig.put("gone", b"abcd").await.is_err());
    assert!(rig.patch(id, 0, b"abcd").await.is_err());
    let rig = rig.restarted();
    rig.inbox.placed().await;
    assert!(rig.names().is_empty(), "{:?}", rig.names());
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 0);
    rig.patch(id, 0, b"abcd").await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.names(), ["kept"]);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_is_thanked_for_a_file_that_can_not_be_put_in_its_place() {
    use std::os::unix::fs::PermissionsExt;

    let rig = Rig::new();
    let folder = rig.folder().join("read-only");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(folder.join("probe"), "").is_ok() {
        // Root may write everywhere. A name that leads nowhere does the same.
        fs::remove_dir_all(&folder).unwrap();
        return;
    }
    let refused = rig.put("read-only/a", b"abcd").await;
    assert!(matches!(refused, Err(ReceiveError::Away(_))), "{refused:?}");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
}

#[tokio::test]
async fn the_owner_is_told_of_a_delivery_once_whatever_ends() {
    let mut rig = Rig::new();
    let delivery = delivery();
    for name in ["a", "b"] {
        rig.put_new(of(delivery, name, 4), b"abcd").await.unwrap();
    }
    rig.inbox.delivered(delivery).await.unwrap();
    while !matches!(rig.report().await, UploadReport::Delivered { files: 2, .. }) {}
    let mut rig = rig.restarted();
    rig.put_new(of(delivery, "c", 4), b"abcd").await.unwrap();
    let status = rig.inbox.delivered(delivery).await.unwrap();
    assert_eq!(status.files.len(), 3);
    let told = loop {
        if let UploadReport::Delivered { files, .. } = rig.report().await {
            break files;
        }
    };
    assert_eq!(told, 1);
}

#[tokio::test]
async fn nothing_is_added_to_a_hidden_folder_even_if_visitors_see_it() {
    let rig = Rig::new();
    fs::create_dir_all(rig.folder().join(".ssh/keys")).unwrap();
    let folder = Folder::open_ambient(&rig.folder(), true).unwrap();
    for path in ["/.ssh/", "/.ssh/keys/"] {
        let request = RequestPath::parse(path.as_bytes(), Rules::HERE).unwrap();
        let Found::Folder { path: found, dir } = folder.find(&request).unwrap() else {
            panic!("{path} is there");
        };
        let into = FolderResource {
            folder: folder.clone(),
            path: found,
            dir,
        };
        let refused = rig.inbox.create(&into, new("authorized_keys")).await;
        assert!(matches!(refused, Err(ReceiveError::Off)), "{path}");
    }
}

#[tokio::test]
async fn whoever_is_refused_reserves_no_folder() {
    let rig = Rig::with(UploadRules {
        max_bytes: Some(4),
        ..UploadRules::default()
    });
    for _ in 0..3 {
        assert!(rig.create(of(delivery(), "album/a", 5)).await.is_err());
    }
    rig.put_new(of(delivery(), "album/a", 4), b"abcd")
        .await
        .unwrap();
    assert!(rig.names().contains(&"album/a".into()), "{:?}", rig.names());
}

#[tokio::test]
async fn nothing_is_left_behind_when_a_share_ends() {
    let rig = Rig::new();
    rig.put("whole", b"abcd").await.unwrap();
    let id = rig.create(sized("half", 4)).await.unwrap();
    rig.patch(id, 0, b"ab").await.unwrap();
    rig.inbox.close(OpenUploads::Keep).await;
    assert!(rig.parts().exists());
    // The program did not survive these.
    let orphan = rig.create(sized("orphan", 4)).await.unwrap();
    rig.patch(orphan, 0, b"ab").await.unwrap();
    let part = rig.parts().join("00112233445566778899aabbccddeeff.part");
    fs::write(&part, "of a form").unwrap();
    let rig = rig.restarted();
    rig.patch(id, 2, b"c").await.unwrap();
    rig.inbox.close(OpenUploads::Discard).await;
    // They may belong to another share of the folder.
    let orphan = rig.parts().join(format!("{orphan}.part"));
    assert!(part.exists() && orphan.exists());
    let rig = rig.restarted();
    rig.inbox.placed().await;
    make_old(&part, Duration::from_secs(3600));
    make_old(&orphan, Duration::from_secs(3600));
    rig.inbox.close(OpenUploads::Discard).await;
    assert!(!rig.parts().exists(), "{:?}", rig.part_names());
    assert_eq!(rig.names(), ["whole"]);
}

#[tokio::test]
async fn what_is_complete_is_in_its_place_when_a_share_has_ended() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 4)).await.unwrap();
    rig.patch(id, 0, b"abcd").await.unwrap();
    rig.inbox.close(OpenUploads::Discard).await;
    assert_eq!(rig.names(), ["a"]);
}
