//! Files come in whole, under their names, and are reported.

use std::{fs, time::Duration};

use bytes::Bytes;
use tokio::time::timeout;

use super::rig::{Rig, delivery, new, sized};
use crate::server::{
    receive::{Begun, Checksum, NewUpload, ReceiveError},
    uploads::{UploadReport, UploadRules},
};

#[tokio::test]
async fn a_file_is_in_the_folder_once_it_is_handed_in() {
    let mut rig = Rig::new();
    let written = rig
        .put_new(
            NewUpload {
                sender: Some("Ann".into()),
                visitor: Some([192, 0, 2, 1].into()),
                ..sized("notes.txt", 5)
            },
            b"hello",
        )
        .await
        .unwrap();
    let file = written.file.unwrap();
    assert_eq!((file.name.as_str(), file.bytes), ("notes.txt", 5));
    assert_eq!(rig.files()["notes.txt"], b"hello");
    let received = UploadReport::Received {
        name: "notes.txt".into(),
        bytes: 5,
        sender: Some("Ann".into()),
        visitor: Some([192, 0, 2, 1].into()),
    };
    assert_eq!(rig.report().await, received);
    let delivered = UploadReport::Delivered {
        files: 1,
        bytes: 5,
        sender: Some("Ann".into()),
        visitor: Some([192, 0, 2, 1].into()),
        is_last: false,
    };
    assert_eq!(rig.report().await, delivered);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_can_read_it_and_nobody_can_run_it() {
    use std::os::unix::fs::MetadataExt;
    let rig = Rig::new();
    rig.put("folder/run.sh", b"#!/bin/sh").await.unwrap();
    let mode = |path| fs::metadata(rig.folder().join(path)).unwrap().mode() & 0o7777;
    assert_eq!(mode("folder/run.sh"), 0o600);
    assert_eq!(mode("folder"), 0o700);
    assert_eq!(mode(".spot-serve-parts"), 0o700);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_is_marked_as_one_from_a_stranger() {
    let rig = Rig::new();
    let new = NewUpload {
        origin: Some("https://quiet-river.trycloudflare.com/".into()),
        ..new("a.txt")
    };
    rig.put_new(new, b"a").await.unwrap();
    let mut value = [0_u8; 100];
    let name = "user.xdg.origin.url";
    match rustix::fs::getxattr(rig.folder().join("a.txt"), name, &mut value[..]) {
        Ok(length) => assert_eq!(&value[..length], b"https://quiet-river.trycloudflare.com/"),
        // This file system keeps no marks.
        Err(error) => assert_eq!(error, rustix::io::Errno::NOTSUP),
    }
}

#[tokio::test]
async fn an_upload_goes_on_with_several_requests() {
    let rig = Rig::new();
    let id = rig.create(sized("a.bin", 10)).await.unwrap();
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 0);
    let written = rig.patch(id, 0, b"0123").await.unwrap();
    assert_eq!((written.offset, written.file), (4, None));
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 4);
    assert!(rig.names().is_empty(), "it is not whole");
    for wrong in [0, 3, 5, 10] {
        let refused = rig.patch(id, wrong, b"x").await;
        assert!(
            matches!(refused, Err(ReceiveError::Offset(4))),
            "{refused:?}"
        );
    }
    let written = rig.patch(id, 4, b"456789").await.unwrap();
    assert_eq!(written.file.unwrap().name, "a.bin");
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a.bin"], b"0123456789");
    let status = rig.inbox.status(id).await.unwrap();
    assert_eq!((status.offset, status.length), (10, Some(10)));
    let refused = rig.patch(id, 10, b"x").await;
    assert!(matches!(refused, Err(ReceiveError::Offset(10))));
    assert_eq!(rig.part_names().len(), 1, "only what is remembered stays");
}

#[tokio::test]
async fn large_files_arrive_byte_by_byte() {
    let rig = Rig::new();
    let content: Vec<u8> = (0..3_000_017_u32).map(|n| (n / 7) as u8).collect();
    let mut writer = rig.begin(sized("big", content.len() as u64)).await.unwrap();
    let mut rest = Bytes::from(content.clone());
    for size in (1..).step_by(977) {
        if rest.is_empty() {
            break;
        }
        let piece = rest.split_to(size.min(rest.len()));
        writer.write(piece).await.unwrap();
    }
    let written = writer.finish().await.unwrap();
    assert_eq!(written.offset, content.len() as u64);
    rig.inbox.placed().await;
    assert!(rig.files()["big"] == content);
}

#[tokio::test]
async fn empty_files_are_files() {
    let rig = Rig::new();
    rig.put("one", b"").await.unwrap();
    let id = rig.create(sized("two", 0)).await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.names(), ["one", "two"]);
    assert_eq!(rig.inbox.status(id).await.unwrap().length, Some(0));
}

#[tokio::test]
async fn a_length_may_be_told_later_and_never_changes() {
    let rig = Rig::new();
    let id = rig.create(new("a")).await.unwrap();
    rig.patch(id, 0, b"abc").await.unwrap();
    assert_eq!(rig.inbox.status(id).await.unwrap().length, None);
    assert!(matches!(
        rig.inbox.set_length(id, 2).await,
        Err(ReceiveError::Length)
    ));
    rig.inbox.set_length(id, 4).await.unwrap();
    assert!(matches!(
        rig.inbox.set_length(id, 5).await,
        Err(ReceiveError::Length)
    ));
    rig.patch(id, 3, b"d").await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a"], b"abcd");
}

#[tokio::test]
async fn a_length_that_is_told_when_all_is_here_completes_the_file() {
    let rig = Rig::new();
    let id = rig.create(new("a")).await.unwrap();
    rig.patch(id, 0, b"abc").await.unwrap();
    rig.inbox.set_length(id, 3).await.unwrap();
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 3);
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a"], b"abc");
}

#[tokio::test]
async fn more_than_was_announced_is_not_taken() {
    let rig = Rig::new();
    let mut writer = rig.begin(sized("a", 3)).await.unwrap();
    writer.write(Bytes::from_static(b"ab")).await.unwrap();
    let refused = writer.write(Bytes::from_static(b"cd")).await;
    assert!(matches!(refused, Err(ReceiveError::Length)));
    let short = rig.begin(sized("b", 3)).await.unwrap().finish_file().await;
    assert!(matches!(short, Err(ReceiveError::Length)), "{short:?}");
    drop(writer);
    rig.inbox.placed().await;
    assert!(rig.names().is_empty());
}

#[tokio::test]
async fn a_name_that_is_taken_gets_a_number() {
    let rig = Rig::new();
    fs::write(rig.folder().join("a.tar.gz"), "the owner's").unwrap();
    for expected in ["a (2).tar.gz", "a (3).tar.gz"] {
        let written = rig.put("a.tar.gz", b"new").await.unwrap();
        assert_eq!(written.file.unwrap().name, expected);
    }
    assert_eq!(rig.files()["a.tar.gz"], b"the owner's");
    assert_eq!(rig.names().len(), 3);
}

#[tokio::test]
async fn two_visitors_with_one_name_both_keep_their_files() {
    let rig = Rig::new();
    let mut first = rig.begin(new("a.txt")).await.unwrap();
    let mut second = rig.begin(new("a.txt")).await.unwrap();
    first.write(Bytes::from_static(b"1")).await.unwrap();
    second.write(Bytes::from_static(b"2")).await.unwrap();
    let (first, second) = tokio::join!(first.finish_file(), second.finish_file());
    rig.inbox.placed().await;
    let (first, second) = (first.unwrap().file.unwrap(), second.unwrap().file.unwrap());
    assert_eq!(rig.files()[&first.name], b"1");
    assert_eq!(rig.files()[&second.name], b"2");
}

#[tokio::test]
async fn folders_keep_their_structure_and_those_of_others_are_left_alone() {
    let rig = Rig::new();
    fs::create_dir(rig.folder().join("photos")).unwrap();
    let (ann, ben) = (Some(delivery()), Some(delivery()));
    for (delivery, path) in [
        (ann, "photos/1/a.jpg"),
        (ann, "photos/b.jpg"),
        (ben, "photos/b.jpg"),
        (None, "photos/c.jpg"),
    ] {
        let new = NewUpload {
            delivery,
            ..new(path)
        };
        rig.put_new(new, path.as_bytes()).await.unwrap();
    }
    let names = [
        "photos (2)/",
        "photos (2)/1/",
        "photos (2)/1/a.jpg",
        "photos (2)/b.jpg",
        "photos (3)/",
        "photos (3)/b.jpg",
        "photos/",
        "photos/c.jpg",
    ];
    assert_eq!(rig.names(), names);
}

#[tokio::test]
async fn a_file_may_go_into_a_folder_of_the_share() {
    let rig = Rig::new();
    fs::create_dir(rig.folder().join("sub")).unwrap();
    let into = rig.subfolder("/sub/");
    let Begun::New(mut writer) = rig.inbox.begin(&into, new("x/a")).await.unwrap() else {
        panic!("it is new");
    };
    writer.write(Bytes::from_static(b"a")).await.unwrap();
    let written = writer.finish_file().await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(written.file.unwrap().name, "sub/x/a");
    assert_eq!(rig.files()["sub/x/a"], b"a");
}

#[tokio::test]
async fn nothing_is_made_before_content_comes() {
    let rig = Rig::new();
    let id = rig.create(sized("folder/a", 5)).await.unwrap();
    drop(rig.begin(new("other/b")).await.unwrap());
    assert!(rig.names().is_empty());
    rig.inbox.remove(id).await.unwrap();
    assert!(rig.names().is_empty() && rig.part_names().is_empty());
}

#[tokio::test]
async fn a_request_that_is_cut_off_leaves_what_the_visitor_can_continue() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 6)).await.unwrap();
    let mut writer = rig.inbox.begin_write(id, 0, None).await.unwrap();
    let half = Bytes::from(vec![b'x'; 3]);
    writer.write(half).await.unwrap();
    drop(writer);
    // Few bytes may be lost with the request, and the visitor is told how many are here.
    let here = rig.inbox.begin_write(id, 99, None).await;
    let Err(ReceiveError::Offset(here)) = here else {
        panic!("{here:?}");
    };
    let rest = vec![b'x'; 6 - usize::try_from(here).unwrap()];
    rig.patch(id, here, &rest).await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a"], b"xxxxxx");
}

#[tokio::test]
async fn a_form_that_is_cut_off_leaves_nothing() {
    let rig = Rig::new();
    let mut writer = rig.begin(new("a")).await.unwrap();
    let much = Bytes::from(vec![0; 1 << 20]);
    writer.write(much).await.unwrap();
    let id = writer.id();
    drop(writer);
    rig.gone(id).await;
    assert!(rig.names().is_empty() && rig.part_names().is_empty());
}

#[tokio::test]
async fn an_upload_whose_beginning_was_not_confirmed_is_found_by_its_key() {
    let rig = Rig::new();
    let keyed = || NewUpload {
        delivery: Some(delivery_of_ones()),
        key: Some("0-a".into()),
        ..sized("a", 2 << 20)
    };
    let mut writer = rig.begin(keyed()).await.unwrap();
    let half = Bytes::from(vec![1; 1 << 20]);
    writer.write(half.clone()).await.unwrap();
    let id = writer.id();
    drop(writer);
    let again = rig.inbox.begin(&rig.subfolder("/"), keyed()).await;
    let Begun::Known(known, _) = again.unwrap() else {
        panic!("it is known");
    };
    assert_eq!(known, id);
    assert_eq!(rig.create(keyed()).await.unwrap(), id);
    let refused = rig.inbox.begin_write(id, 99, None).await;
    assert!(matches!(refused, Err(ReceiveError::Offset(offset)) if offset == 1 << 20));
    rig.patch(id, 1 << 20, &half).await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.create(keyed()).await.unwrap(), id, "it is complete");
    assert_eq!(rig.names(), ["a"]);
}

fn delivery_of_ones() -> crate::server::receive::DeliveryId {
    crate::server::receive::DeliveryId::parse(&"1".repeat(32)).unwrap()
}

#[tokio::test]
async fn bytes_that_are_not_what_was_sent_are_not_taken() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 6)).await.unwrap();
    rig.patch(id, 0, b"abc").await.unwrap();
    let sha1 = [
        0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50, 0xc2,
        0x6c, 0x9c, 0xd0, 0xd8, 0x9d,
    ];
    let checksum = Some(Checksum::Sha1(sha1));
    let mut writer = rig.inbox.begin_write(id, 3, checksum).await.unwrap();
    writer.write(Bytes::from_static(b"abd")).await.unwrap();
    assert!(matches!(writer.finish().await, Err(ReceiveError::Checksum)));
    assert_eq!(rig.inbox.status(id).await.unwrap().offset, 3);
    // Half of it is nothing.
    let mut writer = rig.inbox.begin_write(id, 3, checksum).await.unwrap();
    writer.write(Bytes::from_static(b"ab")).await.unwrap();
    drop(writer);
    let mut writer = rig.inbox.begin_write(id, 3, checksum).await.unwrap();
    writer.write(Bytes::from_static(b"abc")).await.unwrap();
    writer.finish().await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a"], b"abcabc");
}

#[tokio::test]
async fn what_is_discarded_was_never_there() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 600_000)).await.unwrap();
    rig.patch(id, 0, b"abc").await.unwrap();
    let mut writer = rig.inbox.begin_write(id, 3, None).await.unwrap();
    writer.write(Bytes::from(vec![0; 500_000])).await.unwrap();
    writer.discard().await;
    let refused = rig.inbox.begin_write(id, 99, None).await;
    assert!(
        matches!(refused, Err(ReceiveError::Offset(3))),
        "{refused:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_stalled_loses_its_place_to_the_next_one() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 6)).await.unwrap();
    let mut stalled = rig.inbox.begin_write(id, 0, None).await.unwrap();
    stalled.write(Bytes::from_static(b"abc")).await.unwrap();
    let taken = timeout(Duration::from_secs(1), stalled.taken_over()).await;
    assert!(taken.is_err(), "nobody else has asked");
    // It waits for the first one to stall, then begins where that has got to.
    let here = rig.inbox.begin_write(id, 0, None).await;
    stalled.taken_over().await;
    let late = stalled.write(Bytes::from_static(b"def")).await;
    assert!(matches!(late, Err(ReceiveError::Busy)), "{late:?}");
    let mut writer = here.unwrap();
    writer.write(Bytes::from_static(b"ABCDEF")).await.unwrap();
    writer.finish().await.unwrap();
    drop(stalled);
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a"], b"ABCDEF");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_alive_keeps_its_place() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 1000)).await.unwrap();
    let mut writer = rig.inbox.begin_write(id, 0, None).await.unwrap();
    let alive = async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            writer.write(Bytes::from_static(b"x")).await.unwrap();
        }
    };
    let refused = tokio::select! {
        refused = rig.inbox.begin_write(id, 0, None) => refused.map(drop),
        () = alive => Ok(()),
    };
    assert!(matches!(refused, Err(ReceiveError::Busy)), "{refused:?}");
}

#[tokio::test]
async fn a_visitor_can_give_up() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 6)).await.unwrap();
    let mut writer = rig.inbox.begin_write(id, 0, None).await.unwrap();
    writer.write(Bytes::from_static(b"abc")).await.unwrap();
    rig.inbox.remove(id).await.unwrap();
    let late = writer.write(Bytes::from_static(b"def")).await;
    assert!(matches!(late, Err(ReceiveError::Removed)));
    drop(writer);
    assert!(matches!(
        rig.inbox.status(id).await,
        Err(ReceiveError::Unknown)
    ));
    assert!(rig.part_names().is_empty());
}

#[tokio::test]
async fn a_delivery_is_reported_when_its_visitor_says_so() {
    let mut rig = Rig::new();
    let id = delivery();
    for name in ["a", "b"] {
        let new = NewUpload {
            delivery: Some(id),
            sender: Some("Ann".into()),
            ..new(name)
        };
        rig.put_new(new, b"1").await.unwrap();
    }
    let status = rig.inbox.delivered(id).await.unwrap();
    assert!(status.is_complete && status.files.len() == 2);
    rig.inbox.delivered(id).await.unwrap();
    let mut reports = Vec::new();
    rig.put("c", b"1").await.unwrap();
    for _ in 0..5 {
        reports.push(rig.report().await);
    }
    let delivered = reports.iter().filter_map(|report| match report {
        UploadReport::Delivered { files, sender, .. } => Some((*files, sender.as_deref())),
        _ => None,
    });
    assert_eq!(delivered.collect::<Vec<_>>(), [(2, Some("Ann")), (1, None)]);
    let unknown = rig.inbox.delivered(delivery()).await;
    assert!(matches!(unknown, Err(ReceiveError::Unknown)));
}

#[tokio::test(start_paused = true)]
async fn a_visitor_who_leaves_without_a_word_has_delivered_after_ten_minutes() {
    let mut rig = Rig::new();
    let new = NewUpload {
        delivery: Some(delivery()),
        ..new("a")
    };
    let start = tokio::time::Instant::now();
    rig.put_new(new, b"1").await.unwrap();
    assert!(matches!(rig.report().await, UploadReport::Received { .. }));
    assert!(matches!(
        rig.report().await,
        UploadReport::Delivered { files: 1, .. }
    ));
    assert!(start.elapsed() >= Duration::from_secs(590));
}

#[tokio::test]
async fn the_first_delivery_may_be_the_last() {
    let rig = Rig::new();
    rig.uploads.set_limit(Some(1));
    let open = rig.create(sized("open", 3)).await.unwrap();
    rig.put("a", b"1").await.unwrap();
    assert!(rig.traffic.has_ended());
    assert!(matches!(rig.put("b", b"1").await, Err(ReceiveError::Ended)));
    // What has begun may finish.
    rig.patch(open, 0, b"abc").await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.names(), ["a", "open"]);
}

#[tokio::test]
async fn with_the_setting_off_not_a_byte_is_stored() {
    let rig = Rig::of(tempfile::tempdir().unwrap());
    assert!(matches!(rig.put("a", b"1").await, Err(ReceiveError::Off)));
    assert!(matches!(
        rig.create(sized("a", 1)).await,
        Err(ReceiveError::Off)
    ));
    assert!(fs::read_dir(rig.folder()).unwrap().next().is_none());
    // It is switched off while something comes in.
    rig.uploads.set_rules(Some(UploadRules::default()));
    let id = rig.create(sized("a", 4)).await.unwrap();
    rig.patch(id, 0, b"ab").await.unwrap();
    let mut writer = rig.inbox.begin_write(id, 2, None).await.unwrap();
    rig.uploads.set_rules(None);
    let written = writer.write(Bytes::from_static(b"cd")).await;
    let refused = match written {
        Ok(()) => writer.finish().await.map(drop),
        refused => refused,
    };
    assert!(matches!(refused, Err(ReceiveError::Off)), "{refused:?}");
    assert!(matches!(
        rig.patch(id, 2, b"cd").await,
        Err(ReceiveError::Off)
    ));
    let part = rig
        .part_names()
        .into_iter()
        .find(|name| name.ends_with(".part"));
    assert_eq!(fs::read(rig.parts().join(part.unwrap())).unwrap(), b"ab");
    // And on again.
    rig.uploads.set_rules(Some(UploadRules::default()));
    rig.patch(id, 2, b"cd").await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a"], b"abcd");
}

#[tokio::test(start_paused = true)]
async fn the_hidden_folder_goes_when_nobody_needs_it() {
    let rig = Rig::new();
    rig.put("a", b"1").await.unwrap();
    assert!(rig.parts().exists());
    // Waits for the task that looks after the time.
    while rig.parts().exists() {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    assert_eq!(rig.names(), ["a"]);
    rig.put("b", b"1").await.unwrap();
    assert_eq!(rig.names(), ["a", "b"]);
}
