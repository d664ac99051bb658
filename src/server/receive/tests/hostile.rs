//! Visitors who mean no good, and owners who change things meanwhile.

use std::fs;

use bytes::Bytes;

use super::rig::{Rig, delivery, new, sized};
use crate::server::{
    receive::{Begun, NewUpload, ReceiveError, UploadId},
    uploads::UploadRules,
};

#[tokio::test]
async fn no_name_leads_out_of_the_folder_or_hides_in_it() {
    let rig = Rig::new();
    let outside = rig.temp.path().join("outside");
    fs::write(&outside, "private").unwrap();
    for path in [
        "../../.bashrc",
        "../outside",
        "/etc/passwd",
        "/../outside",
        "..\\outside",
        "C:\\x",
        "C:/x",
        "CON",
        "con/aux.txt",
        "a/./b",
        "a//b/..",
        "nul\0byte",
        ".git/hooks/post-commit",
        "GIT~1/config",
        ".spot-serve-parts/00112233445566778899aabbccddeeff.part",
        "desktop.ini",
        "x\u{202e}gpj.exe",
        "a. . .",
        "..",
        ".",
        "",
        &"n".repeat(300),
        &"語".repeat(300),
        "e\u{301}",
        "\u{e9}",
    ] {
        let written = rig.put(path, path.as_bytes()).await.unwrap();
        let name = written.file.unwrap().name;
        let content = rig.files().remove(&name);
        assert_eq!(
            content.as_deref(),
            Some(path.as_bytes()),
            "{path:?} {name:?}"
        );
    }
    for name in rig.names() {
        let names = name.trim_end_matches('/').split('/');
        for name in names {
            assert!(!name.starts_with('.') && name.len() <= 255, "{name:?}");
            assert!(!name.chars().any(char::is_control), "{name:?}");
        }
    }
    assert_eq!(fs::read(outside).unwrap(), b"private");
    let names = rig.names();
    for expected in [
        "_bashrc",
        "outside",
        "C__x",
        "_CON",
        "_con/_aux.txt",
        "a/b",
        "etc/passwd",
    ] {
        assert!(
            names.iter().any(|name| name == expected),
            "{expected} in {names:?}"
        );
    }
    // They look the same, so one has a number.
    assert!(names.contains(&"\u{e9}".into()) && names.contains(&"\u{e9} (2)".into()));
}

#[tokio::test]
async fn nested_folders_have_an_end() {
    let rig = Rig::new();
    let deep = vec!["d"; 33].join("/");
    rig.put(&deep, b"1").await.unwrap();
    let deeper = vec!["d"; 34].join("/");
    assert!(matches!(
        rig.put(&deeper, b"1").await,
        Err(ReceiveError::Name(_))
    ));
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_that_takes_the_place_of_a_folder_is_not_followed() {
    let rig = Rig::new();
    let outside = rig.temp.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::create_dir(rig.folder().join("sub")).unwrap();
    let into = rig.subfolder("/sub/");
    let Begun::New(mut writer) = rig.inbox.begin(&into, new("x/a.txt")).await.unwrap() else {
        panic!("it is new");
    };
    writer.write(Bytes::from_static(b"hello")).await.unwrap();
    fs::remove_dir(rig.folder().join("sub")).unwrap();
    std::os::unix::fs::symlink(&outside, rig.folder().join("sub")).unwrap();
    writer.finish_file().await.unwrap();
    rig.inbox.placed().await;
    assert!(fs::read_dir(&outside).unwrap().next().is_none());
    assert_eq!(rig.files()["sub (2)/x/a.txt"], b"hello");
    // The same for the hidden folder.
    let rig = Rig::new();
    std::os::unix::fs::symlink(&outside, rig.parts()).unwrap();
    assert!(rig.put("a", b"1").await.is_err());
    assert!(fs::read_dir(&outside).unwrap().next().is_none());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_the_place_of_a_part_is_not_followed() {
    let rig = Rig::new();
    let outside = rig.temp.path().join("outside");
    fs::write(&outside, "private").unwrap();
    let id = rig.create(sized("a", 9)).await.unwrap();
    rig.patch(id, 0, b"abc").await.unwrap();
    let part = rig.parts().join(format!("{id}.part"));
    fs::remove_file(&part).unwrap();
    std::os::unix::fs::symlink(&outside, &part).unwrap();
    assert!(rig.patch(id, 3, b"def").await.is_err());
    assert_eq!(fs::read(&outside).unwrap(), b"private");
}

#[tokio::test]
async fn a_part_that_the_owner_has_removed_begins_anew() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 6)).await.unwrap();
    rig.patch(id, 0, b"abc").await.unwrap();
    fs::remove_dir_all(rig.parts()).unwrap();
    let refused = rig.patch(id, 3, b"def").await;
    assert!(
        matches!(refused, Err(ReceiveError::Offset(0))),
        "{refused:?}"
    );
    rig.patch(id, 0, b"abc").await.unwrap();
    let rig = rig.restarted();
    rig.patch(id, 3, b"def").await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a"], b"abcdef");
}

#[tokio::test]
async fn a_folder_that_is_gone_takes_nothing_and_goes_on_when_it_is_back() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 6)).await.unwrap();
    rig.patch(id, 0, b"abc").await.unwrap();
    let away = rig.temp.path().join("away");
    let mut writer = rig.inbox.begin_write(id, 3, None).await.unwrap();
    fs::rename(rig.folder(), &away).unwrap();
    // The handle still leads to it.
    writer.write(Bytes::from_static(b"d")).await.unwrap();
    writer.finish().await.unwrap();
    fs::rename(&away, rig.folder()).unwrap();
    rig.patch(id, 4, b"ef").await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a"], b"abcdef");
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_can_no_longer_be_written_to_keeps_what_was_acknowledged() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        // Root may write everywhere: a file in the way does the same.
        return;
    }
    let rig = Rig::new();
    let id = rig.create(sized("a", 2)).await.unwrap();
    let mode = |mode| fs::set_permissions(rig.folder(), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    let written = rig.patch(id, 0, b"ab").await.unwrap();
    assert!(written.file.is_some());
    rig.inbox.placed().await;
    assert!(rig.names().is_empty());
    mode(0o700);
    let rig = rig.restarted();
    rig.inbox.placed().await;
    assert_eq!(rig.files()["a"], b"ab");
}

#[tokio::test]
async fn of_racing_requests_one_writes_and_the_file_is_whole() {
    for _ in 0..20 {
        let rig = std::sync::Arc::new(Rig::new());
        let id = rig.create(sized("a", 4)).await.unwrap();
        let requests: Vec<_> = (0..4_u8)
            .map(|number| {
                let rig = std::sync::Arc::clone(&rig);
                tokio::spawn(async move { rig.patch(id, 0, &[number; 4]).await })
            })
            .collect();
        let mut complete = 0;
        for request in requests {
            match request.await.unwrap() {
                Ok(written) => complete += u32::from(written.file.is_some()),
                Err(ReceiveError::Offset(4) | ReceiveError::Busy) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        rig.inbox.placed().await;
        assert_eq!(complete, 1);
        let content = rig.files()["a"].clone();
        assert!(content.len() == 4 && content.iter().all(|byte| *byte == content[0]));
    }
}

#[tokio::test]
async fn one_visitor_who_opens_many_uploads_leaves_room_for_others() {
    let rig = Rig::new();
    let from = |visitor: [u8; 4]| NewUpload {
        visitor: Some(visitor.into()),
        ..sized("a", 1)
    };
    let mut refused = 0;
    for _ in 0..10_000 {
        match rig.create(from([192, 0, 2, 1])).await {
            Ok(_) => {}
            Err(ReceiveError::TooMany) => refused += 1,
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(refused, 9800);
    let id = rig.create(from([192, 0, 2, 2])).await.unwrap();
    rig.patch(id, 0, b"1").await.unwrap();
    for visitor in 3..=12 {
        for _ in 0..200 {
            let _ = rig.create(from([192, 0, 2, visitor])).await;
        }
    }
    let count = rig
        .part_names()
        .iter()
        .filter(|name| name.ends_with(".json"))
        .count();
    assert_eq!(count, 1000);
    // Nobody has so many that there is no room for somebody who has none.
    rig.create(from([198, 51, 100, 1])).await.unwrap();
}

#[tokio::test]
async fn an_id_that_nobody_gave_is_unknown() {
    let rig = Rig::new();
    let id = UploadId::random().unwrap();
    assert!(matches!(
        rig.inbox.status(id).await,
        Err(ReceiveError::Unknown)
    ));
    assert!(matches!(
        rig.inbox.remove(id).await,
        Err(ReceiveError::Unknown)
    ));
    assert!(matches!(
        rig.patch(id, 0, b"1").await,
        Err(ReceiveError::Unknown)
    ));
    assert!(!rig.inbox.delivery(delivery()).await.is_complete);
}

#[tokio::test]
async fn what_somebody_else_put_into_the_hidden_folder_does_no_harm() {
    let rig = Rig::new();
    let id = rig.create(sized("a", 6)).await.unwrap();
    rig.patch(id, 0, b"abc").await.unwrap();
    let other = UploadId::random().unwrap();
    let line = format!(r#"{{"id":"{other}","into":"/","path":["..","x"],"when":1}}"#);
    fs::write(rig.parts().join(format!("{other}.json")), &line).unwrap();
    fs::write(rig.parts().join("5.done"), format!("{line}\n{{\n\u{0}\n")).unwrap();
    fs::write(rig.parts().join(format!("{other}.part")), "x").unwrap();
    fs::write(rig.parts().join("note.txt"), "the owner's").unwrap();
    fs::create_dir(
        rig.parts()
            .join(format!("{}.part", UploadId::random().unwrap())),
    )
    .unwrap();
    let rig = rig.restarted();
    rig.patch(id, 3, b"def").await.unwrap();
    rig.inbox.placed().await;
    assert_eq!(rig.names(), ["a"]);
    assert_eq!(
        fs::read(rig.parts().join("note.txt")).unwrap(),
        b"the owner's"
    );
}

#[tokio::test]
async fn two_shares_of_one_folder_do_not_disturb_each_other() {
    let first = Rig::new();
    let mut writer = first.begin(new("a")).await.unwrap();
    let much = Bytes::from(vec![1; 1 << 20]);
    writer.write(much.clone()).await.unwrap();
    let temp = tempfile::tempdir().unwrap();
    let second = Rig::at(temp, &first.folder());
    second.uploads.set_rules(Some(UploadRules::default()));
    second.put("b", b"1").await.unwrap();
    writer.write(much).await.unwrap();
    writer.finish_file().await.unwrap();
    first.inbox.placed().await;
    assert_eq!(first.names(), ["a", "b"]);
    assert_eq!(first.files()["a"].len(), 2 << 20);
}
