//! Shares that receive files: the built program with a real cloudflared at the test edge.

use std::{fs, os::unix::fs::PermissionsExt, process::Stdio, time::Duration};

use crate::{
    access::{Visitor, edge},
    home::{Home, LIMIT},
    limits::saved,
    running::{Done, listed, resumed, run, start},
};
use loopback_edge::{namespace, needs};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    process::Command,
    time::{sleep, timeout},
};

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
                2,
                "Share a folder",
            ),
            (&["share", "5173", "--uploads"], 2, "Share a folder"),
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

/// What `curl` says after handing in this text through the edge.
pub async fn hand_in(visitor: &Visitor, name: &str, text: &str) -> Done {
    let url = format!("http://{}/{name}", visitor.address);
    let host = format!("Host: {}", visitor.name);
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-w", "%{http_code}", "-T", "-", "-H", &host, &url])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut curl = curl.spawn().unwrap();
    let mut input = curl.stdin.take().unwrap();
    input.write_all(text.as_bytes()).await.unwrap();
    drop(input);
    let output = timeout(LIMIT, curl.wait_with_output()).await;
    let output = output.expect("it ends").unwrap();
    Done {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The content of a file that was handed in, once it is in its folder: soon after it was acknowledged.
pub async fn arrived(home: &Home, path: &str) -> String {
    let file = home.path(path);
    timeout(LIMIT, async {
        loop {
            match fs::read_to_string(&file) {
                Ok(text) => return text,
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await
    .expect("it arrives")
}

#[test]
fn a_terminal_says_what_comes_in_and_ends_after_the_last_delivery() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let arguments = ["receive", "--foreground", "--deliveries=2", "Homework"];
        let mut share = home.start(&mut home.command(&arguments));
        let visitor = Visitor {
            address: edge.public_addr().to_string(),
            name: share.public_name().await,
        };
        let first = hand_in(&visitor, "plan.txt", "a plan").await;
        assert!(first.out.ends_with("201"), "{first:?}");
        assert_eq!(arrived(&home, "Homework/plan.txt").await, "a plan");
        share.err.line("1 file (6 bytes) received").await;
        let last = hand_in(&visitor, "plan.txt", "another one").await;
        assert!(last.out.ends_with("201"), "{last:?}");
        assert_eq!(share.ended().await.code(), Some(0));
        share
            .err
            .line("2 files (17 bytes) received. The limit of 2 deliveries was reached.")
            .await;
        assert_eq!(arrived(&home, "Homework/plan (2).txt").await, "another one");
    });
}

#[test]
fn what_came_in_counts_after_a_restart() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        home.add_settings("[app]\nresume = true\n");
        let mut program = start(&home).await;
        let arguments = [
            "receive",
            "Homework",
            "--max=1kB",
            "--deliveries=5",
            "--message=Until Friday.",
        ];
        let shared = run(&home, &arguments).await;
        let visitor = Visitor::of(&edge, &shared.out);
        let large = "x".repeat(600);
        let first = hand_in(&visitor, "a.txt", &large).await;
        assert!(first.out.ends_with("201"), "{first:?}");
        let is_saved = |saved: &Value| saved.to_string().contains(r#""bytes":600"#);
        saved(&home, is_saved).await;
        program.kill().await.unwrap();

        let _program = start(&home).await;
        let again = resumed(&home).await;
        assert_eq!(again["link"], json!(shared.out.trim_end()));
        assert_eq!(again["inbox"], json!(true));
        assert_eq!(again["deliveries_left"], json!(4));
        assert_eq!(again["message"], json!("Until Friday."));
        assert_eq!(again["received"], json!({"files": 1, "bytes": 600}));
        let too_much = hand_in(&visitor, "b.txt", &large).await;
        assert!(too_much.out.ends_with("413"), "{too_much:?}");
        let rest = hand_in(&visitor, "c.txt", "the rest").await;
        assert!(rest.out.ends_with("201"), "{rest:?}");
        assert_eq!(run(&home, &["set", "--max=1300B"]).await.code, 0);
        let more = hand_in(&visitor, "b.txt", &large).await;
        assert!(more.out.ends_with("201"), "{more:?}");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn visitors_may_add_files_while_the_owner_lets_them() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        let status = async |name: &str| {
            let done = hand_in(&visitor, name, "new").await;
            done.out[done.out.len() - 3..].to_owned()
        };
        assert_eq!(status("b.txt").await, "405");
        assert_eq!(run(&home, &["set", "--uploads"]).await.code, 0);
        assert_eq!(status("b.txt").await, "201");
        assert_eq!(arrived(&home, "Photos/b.txt").await, "new");
        assert_eq!(visitor.get("/b.txt").await.body, b"new");
        assert_eq!(status("a.txt").await, "201");
        assert_eq!(arrived(&home, "Photos/a (2).txt").await, "new");
        assert_eq!(visitor.get("/a.txt").await.body, b"hello");
        assert_eq!(run(&home, &["set", "--no-uploads"]).await.code, 0);
        assert_eq!(status("c.txt").await, "405");
        assert!(!home.path("Photos/c.txt").exists());
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn limits_in_the_settings_hold_at_once() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let shared = run(&home, &["receive", "Homework"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        let first = hand_in(&visitor, "a.txt", "a").await;
        assert!(first.out.ends_with("201"), "{first:?}");
        home.add_settings("[receive]\nmax_files = 1\n");
        timeout(LIMIT, async {
            while !hand_in(&visitor, "b.txt", "b").await.out.ends_with("413") {}
        })
        .await
        .expect("no more files are taken");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

/// What `curl` prints for a request: the head and the body.
pub async fn request(visitor: &Visitor, path: &str, more: &[&str]) -> String {
    let url = format!("http://{}{path}", visitor.address);
    let host = format!("Host: {}", visitor.name);
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-i", "-H", "Tus-Resumable: 1.0.0", "-H", &host])
        .args(more)
        .arg(&url)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(LIMIT, curl.output()).await.expect("it ends");
    String::from_utf8(output.unwrap().stdout).unwrap()
}

/// A field in the head of an answer.
pub fn field<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer.lines().find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Adds bytes to an upload, or those in a file that is named as `@FILE`.
pub async fn patch(visitor: &Visitor, location: &str, offset: usize, bytes: &str) -> String {
    let kind = "Content-Type: application/offset+octet-stream";
    let offset = format!("Upload-Offset: {offset}");
    let head = ["-X", "PATCH", "-H", kind, "-H", &offset];
    let arguments = [&head[..], &["--data-binary", bytes]].concat();
    request(visitor, location, &arguments).await
}

#[test]
fn an_upload_that_is_under_way_at_the_end_may_finish() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let arguments = ["receive", "--foreground", "--deliveries=1", "Homework"];
        let mut share = home.start(&mut home.command(&arguments));
        let visitor = Visitor {
            address: edge.public_addr().to_string(),
            name: share.public_name().await,
        };
        let create = ["-X", "POST", "-H", "Upload-Length: 10"];
        let name = ["-H", "Upload-Metadata: filename c2xvdy50eHQ="];
        let created = request(&visitor, "/?upload", &[&create[..], &name].concat()).await;
        let location = field(&created, "location").unwrap_or_else(|| panic!("{created}"));
        let first = patch(&visitor, location, 0, "01234").await;
        assert!(first.contains(" 204 "), "{first}");
        let last = hand_in(&visitor, "fast.txt", "fast").await;
        assert!(last.out.ends_with("201"), "{last:?}");
        share.err.line("ending; running uploads may finish").await;
        let late = request(&visitor, "/?upload", &[&create[..], &name].concat()).await;
        assert!(late.contains(" 410 "), "nothing new begins: {late}");
        let rest = patch(&visitor, location, 5, "56789").await;
        assert!(rest.contains(" 204 "), "{rest}");
        assert_eq!(share.ended().await.code(), Some(0));
        assert_eq!(arrived(&home, "Homework/slow.txt").await, "0123456789");
        share.err.line("2 files (14 bytes) received.").await;
    });
}
