//! Shares that receive files: the built program with a real cloudflared at the test edge.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::{
    access::{Visitor, edge},
    home::Home,
    running::{listed, run, start},
};
use loopback_edge::namespace;
use serde_json::{Value, json};

#[test]
fn the_usual_folder_exists_while_it_is_needed() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let inbox = home.path("Downloads/Received Files");
        let shared = run(&home, &["receive"]).await;
        assert_eq!(shared.code, 0, "{shared:?}");
        assert!(inbox.is_dir());
        let mode = fs::metadata(&inbox).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "nobody else looks into it");
        let again = run(&home, &["receive"]).await;
        assert_eq!(again.out, shared.out, "it has one link");
        let share = listed(&home).await[0].clone();
        assert_eq!(share["name"], json!("Received Files"));
        assert_eq!(share["inbox"], json!(true));
        assert_eq!(share["uploads"], json!(true));
        assert_eq!(run(&home, &["stop"]).await.code, 0);
        assert!(!inbox.exists(), "it stayed empty");

        home.add_settings("[receive]\nfolder = \"~/Homework\"\n");
        assert_eq!(run(&home, &["receive"]).await.code, 0);
        assert!(home.path("Homework").is_dir());
        fs::write(home.path("Homework/a.txt"), "").unwrap();
        assert_eq!(run(&home, &["quit"]).await.code, 0);
        assert!(home.path("Homework/a.txt").exists());
    });
}

#[test]
fn visitors_see_nothing_of_what_was_handed_in() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let shared = run(&home, &["receive", "Photos"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        for path in ["/", "/?json", "/?archive=zip", "/a.txt"] {
            let answer = visitor.get(path).await;
            let all = String::from_utf8_lossy(&answer.body).into_owned();
            assert!(!all.contains("a.txt") && !all.contains("hello"), "{all}");
        }
        assert_eq!(visitor.get("/a.txt").await.status(), 404);
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn files_are_not_received_where_they_could_do_harm_without_agreement() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        fs::create_dir_all(home.path(".config/autostart")).unwrap();
        for (folder, what) in [
            (".", "your home folder"),
            (".config/autostart", "a hidden folder (.config)"),
            (".ssh", "a folder with SSH keys (.ssh)"),
        ] {
            for more in [&[][..], &["--foreground"]] {
                let arguments = [&["receive", folder], more].concat();
                let asked = run(&home, &arguments).await;
                assert_eq!(asked.code, 1, "{asked:?}");
                let sentence = format!("put files into {what}, where programs may use them.");
                assert!(asked.err.contains(&sentence), "{asked:?}");
                assert!(asked.err.contains("add --yes"), "{asked:?}");
            }
        }
        assert!(!home.path(".ssh").exists(), "it was not made");
        assert_eq!(listed(&home).await, [Value::Null; 0], "nothing waits");
        let shared = run(&home, &["share", ".config/autostart"]).await;
        assert_eq!(shared.code, 0, "looking is harmless: {shared:?}");
        let refused = run(&home, &["set", "--uploads"]).await;
        assert_eq!(refused.code, 1, "{refused:?}");
        assert!(
            refused.err.contains("a hidden folder (.config)"),
            "{refused:?}"
        );
        assert_eq!(listed(&home).await[0]["uploads"], json!(false));
        let agreed = run(&home, &["share", "--uploads", "--yes", ".config/autostart"]).await;
        assert_eq!(agreed.out, shared.out, "{agreed:?}");
        assert_eq!(listed(&home).await[0]["uploads"], json!(true));
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn settings_that_make_no_sense_are_refused_with_what_to_do() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        for (arguments, code, words) in [
            (
                &["share", "Photos/a.txt", "--uploads"][..],
                1,
                "Share a folder",
            ),
            (&["share", "5173", "--uploads"], 1, "Share a folder"),
            (&["receive", "Photos/a.txt"], 1, "it isn't a folder"),
            (&["receive", "no/where"], 1, "Make that first"),
            (
                &["receive", "--password", "secret"],
                1,
                "--password=PASSWORD",
            ),
            (&["receive", "--max=20"], 2, "such as 20GB"),
            (&["receive", "--downloads=1"], 2, "--downloads"),
            (&["receive", "--deliveries=0"], 2, "1 or more"),
        ] {
            let done = run(&home, arguments).await;
            assert_eq!(done.code, code, "{arguments:?} {done:?}");
            assert!(done.err.contains(words), "{arguments:?} {done:?}");
        }
        assert_eq!(run(&home, &["receive", "Photos"]).await.code, 0);
        for (arguments, words) in [
            (["set", "--no-uploads"], "Stop sharing it"),
            (["set", "--downloads=1"], "Use --deliveries"),
        ] {
            let done = run(&home, &arguments).await;
            assert_eq!(done.code, 1, "{done:?}");
            assert!(done.err.contains(words), "{done:?}");
        }
        // The same folder is shared, too.
        let shared = run(&home, &["share", "Photos"]).await;
        let several = run(&home, &["stop", "Photos"]).await;
        assert_eq!(several.code, 1, "{several:?}");
        let link = shared.out.trim_end();
        assert!(several.err.contains(link), "{several:?}");
        assert_eq!(run(&home, &["stop", link]).await.code, 0);
        assert_eq!(run(&home, &["stop", "Photos"]).await.code, 0);
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn what_visitors_may_hand_in_is_shown_and_changed() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        home.add_settings("[share]\nuploads = true\n[receive]\nmax_size = \"5 GB\"\n");
        let _program = start(&home).await;
        assert_eq!(run(&home, &["share", "Photos"]).await.code, 0);
        let share = listed(&home).await[0].clone();
        assert_eq!(share["uploads"], json!(true), "{share}");
        assert_eq!(share["max_size"], json!(5_000_000_000_u64));
        let set = ["set", "--max=1.5GiB", "--message", "Until Friday, please."];
        let shown = run(&home, &set).await;
        for line in [
            "  uploads     yes",
            "  max         1.6 GB",
            "  received    nothing yet",
            "  message     Until Friday, please.",
        ] {
            assert!(shown.out.contains(line), "{shown:?}");
        }
        let list = run(&home, &["list"]).await;
        assert!(list.out.contains("visitors may add files"), "{list:?}");
        let off = run(&home, &["set", "--no-uploads"]).await;
        assert!(off.out.contains("  uploads     no"), "{off:?}");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}
