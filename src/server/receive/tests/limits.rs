//! Quotas, free space and time.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use super::rig::{Rig, make_old, new, sized};
use crate::server::{
    receive::{NewUpload, ReceiveError},
    uploads::UploadRules,
};

fn from(visitor: u8, path: &str, length: u64) -> NewUpload {
    NewUpload {
        visitor: Some([192, 0, 2, visitor].into()),
        ..sized(path, length)
    }
}

#[tokio::test]
async fn a_share_takes_so_many_bytes_and_no_more() {
    let rig = Rig::with(UploadRules {
        max_bytes: Some(10),
        ..UploadRules::default()
    });
    assert!(matches!(
        rig.create(sized("a", 11)).await,
        Err(ReceiveError::TooLarge(10))
    ));
    rig.put("a", b"12345").await.unwrap();
    assert_eq!(rig.inbox.left(None), Some(5));
    assert!(matches!(
        rig.create(sized("b", 6)).await,
        Err(ReceiveError::Quota)
    ));
    // What is announced counts.
    let open = rig.create(sized("b", 5)).await.unwrap();
    assert!(matches!(
        rig.create(sized("c", 1)).await,
        Err(ReceiveError::Quota)
    ));
    rig.inbox.remove(open).await.unwrap();
    // So does what comes without a length.
    let refused = rig.put("c", b"123456").await;
    assert!(matches!(refused, Err(ReceiveError::Quota)), "{refused:?}");
    rig.put("c", b"12345").await.unwrap();
    assert_eq!(rig.inbox.left(None), Some(0));
    assert_eq!(rig.names(), ["a", "c"]);
}

#[tokio::test]
async fn a_share_takes_so_many_files_and_no_more() {
    let rig = Rig::with(UploadRules {
        max_files: Some(2),
        ..UploadRules::default()
    });
    rig.put("a", b"1").await.unwrap();
    let id = rig.create(sized("b", 1)).await.unwrap();
    assert!(matches!(rig.put("c", b"1").await, Err(ReceiveError::Quota)));
    rig.patch(id, 0, b"1").await.unwrap();
    rig.inbox.placed().await;
    assert!(matches!(rig.put("c", b"1").await, Err(ReceiveError::Quota)));
    assert_eq!(rig.names(), ["a", "b"]);
}

#[tokio::test]
async fn one_visitor_does_not_use_up_what_another_may_hand_in() {
    let rig = Rig::with(UploadRules {
        max_visitor_bytes: Some(5),
        ..UploadRules::default()
    });
    rig.put_new(from(1, "a", 5), b"12345").await.unwrap();
    let refused = rig.create(from(1, "b", 1)).await;
    assert!(matches!(refused, Err(ReceiveError::Quota)));
    rig.put_new(from(2, "b", 5), b"12345").await.unwrap();
    assert_eq!(rig.inbox.left(Some([192, 0, 2, 1].into())), Some(0));
    assert_eq!(rig.inbox.left(Some([192, 0, 2, 3].into())), Some(5));
}

#[tokio::test]
async fn a_limit_that_is_lowered_holds_for_open_uploads() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 10)).await.unwrap();
    rig.patch(id, 0, b"12345").await.unwrap();
    rig.uploads.set_rules(Some(UploadRules {
        max_bytes: Some(7),
        ..UploadRules::default()
    }));
    let refused = rig.patch(id, 5, b"67890").await;
    assert!(
        matches!(refused, Err(ReceiveError::TooLarge(7))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn some_of_the_disk_stays_free() {
    let rig = Rig::with(UploadRules {
        min_free: u64::MAX,
        ..UploadRules::default()
    });
    assert!(matches!(
        rig.create(sized("a", 1)).await,
        Err(ReceiveError::DiskFull)
    ));
    assert!(matches!(
        rig.put("a", b"1").await,
        Err(ReceiveError::DiskFull)
    ));
    assert!(rig.names().is_empty() && rig.part_names().is_empty());
    // While it comes in.
    rig.uploads.set_rules(Some(UploadRules::default()));
    let id = rig.create(sized("a", 4)).await.unwrap();
    rig.patch(id, 0, b"ab").await.unwrap();
    rig.uploads.set_rules(Some(UploadRules {
        min_free: u64::MAX,
        ..UploadRules::default()
    }));
    assert!(matches!(
        rig.patch(id, 2, b"cd").await,
        Err(ReceiveError::DiskFull)
    ));
    rig.uploads.set_rules(Some(UploadRules::default()));
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 2);
    rig.patch(id, 2, b"cd").await.unwrap();
}

#[tokio::test]
async fn what_others_have_announced_is_not_free() {
    let rig = Rig::new();
    let refused = rig.create(sized("a", u64::MAX / 2)).await;
    assert!(
        matches!(refused, Err(ReceiveError::DiskFull)),
        "{refused:?}"
    );
    let free = {
        let stat = fs4_free(&rig);
        stat / 5 * 3
    };
    rig.create(sized("a", free)).await.unwrap();
    let refused = rig.create(sized("b", free)).await;
    assert!(
        matches!(refused, Err(ReceiveError::DiskFull)),
        "{refused:?}"
    );
    rig.put("c", b"a little").await.unwrap();
}

fn fs4_free(rig: &Rig) -> u64 {
    let folder = crate::server::folder::Folder::open_ambient(&rig.folder(), false).unwrap();
    crate::server::receive::space_system::free_bytes(&folder).unwrap()
}

#[tokio::test]
async fn an_upload_that_nobody_continues_is_removed_after_a_week() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let rig = Rig::new();
    let old = rig.create(sized("old", 4)).await.unwrap();
    let young = rig.create(sized("young", 4)).await.unwrap();
    for id in [old, young] {
        rig.patch(id, 0, b"ab").await.unwrap();
    }
    for (id, days) in [(old, 8), (young, 6)] {
        make_old(&rig.parts().join(format!("{id}.part")), days * DAY);
        let record = rig.parts().join(format!("{id}.json"));
        let text = fs::read_to_string(&record).unwrap();
        let (start, _) = text.split_once("\"when\":").unwrap();
        fs::write(&record, format!("{start}\"when\":1}}")).unwrap();
    }
    let rig = rig.restarted();
    assert!(matches!(
        rig.inbox.status(old).await,
        Err(ReceiveError::Unknown)
    ));
    let status = rig.inbox.status(young).await.unwrap();
    let left = status.expires.duration_since(SystemTime::now()).unwrap();
    assert!(left <= DAY && left > DAY / 2, "{left:?}");
    assert!(
        !rig.part_names()
            .iter()
            .any(|name| name.starts_with(&old.to_string()))
    );
}

#[tokio::test]
async fn what_is_left_of_a_form_that_the_program_did_not_survive_is_removed() {
    let rig = Rig::new();
    rig.put("a", b"1").await.unwrap();
    let left = rig.parts().join("00112233445566778899aabbccddeeff.part");
    fs::write(&left, "half").unwrap();
    let rig = rig.restarted();
    rig.inbox.placed().await;
    assert!(left.exists(), "somebody may be writing it");
    make_old(&left, Duration::from_secs(3600));
    let rig = rig.restarted();
    rig.inbox.placed().await;
    assert!(!left.exists());
}

#[tokio::test]
async fn files_of_an_earlier_day_are_forgotten_and_so_is_the_hidden_folder() {
    let rig = Rig::new();
    rig.put("a", b"1").await.unwrap();
    let names = rig.part_names();
    let [done] = names.as_slice() else {
        panic!("{names:?}");
    };
    let hour: u64 = done.strip_suffix(".done").unwrap().parse().unwrap();
    let old = rig.parts().join(format!("{}.done", hour - 26));
    fs::rename(rig.parts().join(done), old).unwrap();
    let rig = rig.restarted();
    rig.inbox.placed().await;
    assert!(!rig.parts().exists());
    assert_eq!(rig.names(), ["a"]);
}

#[tokio::test]
async fn an_upload_before_a_restart_takes_no_room_from_another_share() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 8)).await.unwrap();
    rig.patch(id, 0, b"1234").await.unwrap();
    let rig = rig.restarted();
    rig.uploads.set_rules(Some(UploadRules {
        max_bytes: Some(10),
        max_files: Some(2),
        ..UploadRules::default()
    }));
    rig.put("b", b"12").await.unwrap();
    assert_eq!(rig.inbox.left(None), Some(8));
    rig.patch(id, 4, b"5678").await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.inbox.left(None), Some(0));
    assert!(matches!(
        rig.put_new(new("c"), b"1").await,
        Err(ReceiveError::Quota)
    ));
}
