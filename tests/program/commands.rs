//! Commands and the running program without a desktop: the built program receives them all the
//! same.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    home::{Home, LIMIT, get, gone},
    running::{listed, run, start},
};
use loopback_edge::{Edge, Fault, Options, faults::Port, namespace};
use rustix::process::Signal;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};

#[test]
fn a_question_on_the_desktop_is_not_withdrawn_by_a_command() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        fs::write(home.path("Photos/id_rsa"), "secret").unwrap();
        let mut program = start(&home).await;
        let mut desktop = home
            .command(&["share", "--desktop", "Photos"])
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        timeout(LIMIT, async {
            loop {
                let shares = listed(&home).await;
                if shares
                    .first()
                    .is_some_and(|share| share["state"] == "asking")
                {
                    break;
                }
            }
        })
        .await
        .expect("it asks");
        let asked = run(&home, &["share", "Photos"]).await;
        assert_eq!(asked.code, 1, "{asked:?}");
        assert_eq!(listed(&home).await[0]["state"], "asking");
        assert_eq!(run(&home, &["stop", "Photos"]).await.code, 0);
        desktop.wait().await.unwrap();
        let pid = program.id().unwrap();
        assert_eq!(run(&home, &["quit"]).await.code, 0);
        program.wait().await.unwrap();
        gone(pid).await;
    });
}

#[test]
fn the_program_that_share_starts_keeps_nothing_open_that_belongs_to_the_command() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let mut home = Home::with_edge(&edge);
        let held = home.path("held");
        fs::write(&held, "").unwrap();
        let open = format!("exec 7<{}; exec \"$@\"", held.display());
        home.before = ["/bin/sh", "-c", &open, "sh"].map(String::from).to_vec();
        let shared = run(&home, &["share", "--desktop", "Photos"]).await;
        assert_eq!(shared.code, 0, "{shared:?}");
        home.before.clear();
        let lock = fs::read_to_string(home.path("state/spot-serve/run/lock")).unwrap();
        let process = PathBuf::from("/proc").join(&lock);
        assert_eq!(fs::read_link(process.join("cwd")).unwrap(), Path::new("/"));
        for descriptor in fs::read_dir(process.join("fd")).unwrap() {
            let leads_to = fs::read_link(descriptor.unwrap().path());
            assert_ne!(leads_to.ok(), Some(held.clone()));
        }
        assert_eq!(run(&home, &["quit"]).await.code, 0);
        gone(lock.parse().unwrap()).await;
    });
}

#[test]
fn stop_takes_every_form_in_which_a_share_is_named() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        fs::write(home.path("one.txt"), "1").unwrap();
        let _program = start(&home).await;
        let shared = async |what: &[&str]| {
            let done = run(&home, &[&["share"], what].concat()).await;
            assert_eq!(done.code, 0, "{done:?}");
            done
        };
        let stops = async |named: &str| {
            let done = run(&home, &["stop", named]).await;
            assert_eq!(done.code, 0, "{named}: {done:?}");
        };

        let link = shared(&["Photos"]).await.out;
        stops(&format!("{}/", link.trim())).await;
        let log = fs::read_to_string(home.path("state/spot-serve/spot-serve.log")).unwrap();
        assert!(!log.contains(link.trim()), "the log has the link: {log}");
        let local = shared(&["Photos"]).await.err;
        let local = local.lines().find_map(|line| line.strip_prefix("local: "));
        stops(local.unwrap()).await;

        // Shared alone, and as the first of several.
        let several = shared(&["Photos", "one.txt"]).await.out;
        shared(&["Photos"]).await;
        stops("./Photos").await;
        let left = listed(&home).await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0]["name"], "Photos and 1 more");

        // Where the path is ambiguous, links are not.
        fs::write(home.path("two.txt"), "2").unwrap();
        let others = shared(&["Photos", "two.txt"]).await.out;
        let done = run(&home, &["stop", "./Photos"]).await;
        assert_eq!(done.code, 1, "{done:?}");
        for link in [&several, &others] {
            assert!(done.err.contains(link.trim()), "{done:?}");
        }
        assert_eq!(run(&home, &["stop", "--all"]).await.code, 0);

        // A link is a share of its own, also when it is moved or leads nowhere.
        shared(&["Photos"]).await;
        std::os::unix::fs::symlink("Photos", home.path("current")).unwrap();
        shared(&["current"]).await;
        let names = async || {
            let all = listed(&home).await;
            all.iter()
                .map(|share| share["name"].clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names().await, ["Photos", "current"]);
        fs::remove_file(home.path("current")).unwrap();
        std::os::unix::fs::symlink("nowhere", home.path("current")).unwrap();
        stops("./current").await;
        assert_eq!(names().await, ["Photos"]);
        stops("./Photos").await;

        // A folder that no longer exists and is still shared.
        shared(&["Photos"]).await;
        fs::rename(home.path("Photos"), home.path("Elsewhere")).unwrap();
        stops("./Photos").await;
        assert_eq!(listed(&home).await, [Value::Null; 0]);
        let done = run(&home, &["stop", "Photos"]).await;
        assert!(done.err.starts_with("Photos is not shared"), "{done:?}");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn shares_of_the_same_name_are_told_apart() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        for folder in ["shop/dist", "blog/dist"] {
            fs::create_dir_all(home.path(folder)).unwrap();
            let shared = run(&home, &["share", folder]).await;
            assert_eq!(shared.code, 0, "{shared:?}");
        }
        let names = async || -> Vec<String> {
            let shares = listed(&home).await;
            let name = |share: &Value| share["name"].as_str().unwrap().to_owned();
            shares.iter().map(name).collect()
        };
        assert_eq!(names().await, ["dist – ~/shop", "dist – ~/blog"]);
        let list = run(&home, &["list"]).await;
        assert!(list.out.contains("dist – ~/shop  https://"), "{list:?}");

        let both = run(&home, &["stop", "dist"]).await;
        assert_eq!(both.code, 1, "{both:?}");
        for folder in ["shop/dist", "blog/dist"] {
            let path = home.path(folder);
            assert!(both.err.contains(path.to_str().unwrap()), "{both:?}");
        }
        let one = run(&home, &["stop", "dist – ~/shop"]).await;
        assert_eq!((one.code, one.out.as_str()), (0, ""), "{one:?}");
        assert_eq!(one.err, "Stopped sharing dist – ~/shop.\n");
        assert_eq!(names().await, ["dist"]);
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn commands_that_stop_something_say_what() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        fs::create_dir(home.path("Music")).unwrap();
        let _program = start(&home).await;
        let says = async |command: &[&str], words: &str| {
            let done = run(&home, command).await;
            assert_eq!(
                (done.code, done.out.as_str(), done.err.as_str()),
                (0, "", words)
            );
        };
        let share = async |folder: &str| assert_eq!(run(&home, &["share", folder]).await.code, 0);
        says(&["stop"], "Nothing is shared.\n").await;
        says(&["stop", "--all"], "Nothing is shared.\n").await;
        share("Photos").await;
        says(&["stop"], "Stopped sharing Photos.\n").await;
        share("Photos").await;
        share("Music").await;
        says(
            &["stop", "--all"],
            "Stopped sharing Photos.\nStopped sharing Music.\n",
        )
        .await;
        says(&["quit"], "Spot Serve has quit.\n").await;
        says(
            &["quit"],
            "The tray app is not running, and this command is for what it shares. A share that runs in a terminal can't be changed: press Ctrl-C there to stop it.\n",
        )
        .await;
    });
}

#[test]
fn the_help_describes_every_field_of_the_json() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        assert_eq!(run(&home, &["share", "Photos"]).await.code, 0);
        let list: Value = listed(&home).await[0].clone();
        let doctor = run(&home, &["doctor", "--json"]).await;
        let doctor: Value = serde_json::from_str(&doctor.out).unwrap();
        let checks = doctor["checks"].as_array().unwrap().iter();
        for (command, objects) in [
            ("list", vec![&list]),
            ("doctor", checks.chain([&doctor]).collect()),
        ] {
            let help = run(&home, &[command, "--help"]).await.out;
            for key in objects
                .iter()
                .flat_map(|one| one.as_object().unwrap().keys())
            {
                let is_described = help.lines().any(|line| {
                    let line = line.trim_start();
                    line.starts_with(&format!("{key} "))
                });
                assert!(is_described, "{key} in {help}");
            }
        }
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn errors_in_the_terminal_mention_no_menu() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let mut home = Home::with_edge(&edge);
        let few = "ulimit -n FILES; exec \"$@\"";
        home.before = ["/bin/sh", "-c", few, "sh"].map(String::from).to_vec();
        // From too few for the runtime to enough for a link.
        for files in (6..96).step_by(6) {
            home.before[2] = few.replace("FILES", &files.to_string());
            let mut program = home.share("Photos");
            let is_decided = async {
                while program.child.try_wait().unwrap().is_none()
                    && !program.err.so_far().contains("Couldn't")
                    && !program.out.so_far().contains("https://")
                {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            timeout(LIMIT, is_decided).await.expect("it is decided");
            let said = program.err.so_far();
            println!("{files} files: {said}");
            for word in ["menu", "Help >", "tray", "Retry Now"] {
                assert!(!said.contains(word), "with {files} files: {said}");
            }
            if program.child.try_wait().unwrap().is_none() {
                program.signal(Signal::TERM);
                program.ended().await;
            }
        }
    });
}

#[test]
fn a_program_whose_socket_is_gone_still_counts_as_running() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let program = start(&home).await;
        fs::remove_file(home.path("state/spot-serve/run/socket")).unwrap();
        let pid = program.id().unwrap();
        let quit = run(&home, &["quit"]).await;
        assert_eq!(quit.code, 1, "{quit:?}");
        assert!(quit.err.contains(&format!("process {pid}")), "{quit:?}");
        assert!(!quit.err.contains("not running"), "{quit:?}");
    });
}

#[test]
fn a_share_that_ends_before_it_has_a_link_exits_with_3() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        edge.fault(Fault::Tcp(Port::BlackHole)).await.unwrap();
        edge.fault(Fault::Udp(Port::BlackHole)).await.unwrap();
        for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
            let mut home = Home::with_edge(&edge);
            home.variables
                .push(("SPOT_SERVE_LOG".into(), "debug".into()));
            let mut program = home.share("Photos");
            program.err.line("connecting").await;
            program.signal(signal);
            let said = program.ended().await;
            assert_eq!(said.code(), Some(3), "{signal:?}");
            let log = fs::read_to_string(home.path("state/spot-serve/spot-serve.log")).unwrap();
            assert!(log.contains("DEBUG spot_serve"), "{log}");
        }
    });
}

#[test]
fn arguments_in_a_usage_error_do_not_control_the_terminal() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        for arguments in [&["--wrong\u{1b}[2J"][..], &["shar\u{1b}e"]] {
            let done = run(&home, arguments).await;
            assert_eq!(done.code, 2, "{done:?}");
            assert!(done.err.contains("Usage"), "{done:?}");
            assert!(!done.err.contains('\u{1b}'), "{done:?}");
        }
        let help = run(&home, &["--help"]).await;
        assert_eq!(help.code, 0, "{help:?}");
        assert!(help.out.contains("SPOT_SERVE_LOG"), "{help:?}");
    });
}

#[test]
fn a_port_that_is_no_website_is_an_error_in_words() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let mut program = start(&home).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await;
                let _ = stream.read(&mut [0; 4096]).await;
            }
        });
        let shared = run(&home, &["share", &port.to_string()]).await;
        assert_eq!((shared.code, &*shared.out), (1, ""), "{shared:?}");
        let words = format!("The program on port {port} doesn't speak HTTP");
        assert!(shared.err.contains(&words), "{shared:?}");
        let listed = listed(&home).await;
        assert_eq!(listed[0]["reachable"], false);
        let name = listed[0]["link"].as_str().unwrap();
        let name = name.trim_start_matches("https://");
        let page = get(&edge.public_addr().to_string(), name, "/").await;
        assert_eq!(page.status(), 503);
        let page = String::from_utf8(page.body).unwrap();
        assert!(page.contains("lead to a website"), "{page}");
        // By the address that its program prints.
        let address = format!("http://127.0.0.1:{port}/");
        assert_eq!(run(&home, &["stop", &address]).await.code, 0);
        server.abort();
        assert_eq!(run(&home, &["quit"]).await.code, 0);
        program.wait().await.unwrap();
    });
}
