//! Commands that can't do what they are for, because the tray app is not running, does not start or
//! quits, or has no desktop.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use loopback_edge::{Edge, Options, namespace};
use rustix::process::Signal;
use spot_serve::control::{ControlReply, server};

use crate::{
    home::Home,
    running::{run, start},
};

/// A home in which cloudflared is missing. It needs no edge.
fn without_link() -> Home {
    Home::with_tunnel(Path::new(""), "http://127.0.0.1:1", &[], "")
}

#[test]
fn commands_say_that_they_do_not_see_what_a_terminal_shares() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let mut program = home.share("Photos");
        program.public_name().await;
        for (command, code) in [
            (&["list"][..], 0),
            (&["stop"], 0),
            (&["stop", "--all"], 0),
            (&["stop", "Photos"], 1),
            (&["set"], 1),
            (&["qr"], 1),
            (&["quit"], 0),
        ] {
            let done = run(&home, command).await;
            assert_eq!(
                (done.code, done.out.as_str(), done.err.as_str()),
                (
                    code,
                    "",
                    "The tray app is not running, and this command is for what it shares. A share that runs in a terminal can't be changed: press Ctrl-C there to stop it.\n"
                ),
                "{command:?}"
            );
        }
        let json = run(&home, &["list", "--json"]).await;
        assert_eq!((json.code, json.out.trim_end()), (0, "[]"), "{json:?}");
        program.signal(Signal::INT);
        assert_eq!(program.ended().await.code(), Some(0));
    });
}

#[test]
fn a_tray_app_that_does_not_start_is_reported_with_what_to_do() {
    namespace::run(async {
        let home = without_link();
        // It can't take the lock, so it ends at once.
        fs::create_dir_all(home.path("state/spot-serve/run/lock")).unwrap();
        let shared = run(&home, &["share", "--desktop", "Photos"]).await;
        assert_eq!(
            (shared.code, shared.err.as_str()),
            (
                1,
                "Spot Serve didn't start in time. Run `spot-serve doctor`, or share from this terminal with --foreground.\n"
            )
        );
    });
}

#[test]
fn a_folder_dialog_that_can_not_be_shown_is_an_error_of_the_command() {
    namespace::run(async {
        let mut home = without_link();
        let _program = start(&home).await;
        let words =
            "Can't show a folder dialog: there is no desktop. Run `spot-serve share FOLDER`.\n";
        let picked = run(&home, &["pick"]).await;
        assert_eq!((picked.code, picked.err.as_str()), (1, words));
        assert_eq!(run(&home, &["quit"]).await.code, 0);

        // The same without a tray app.
        let picked = run(&home, &["pick"]).await;
        assert_eq!((picked.code, picked.err.as_str()), (1, words));

        // A desktop with neither a portal nor zenity.
        home.variables = vec![("DISPLAY".into(), ":99".into())];
        let _program = start(&home).await;
        let picked = run(&home, &["pick"]).await;
        assert_eq!(picked.code, 1, "{picked:?}");
        assert!(picked.err.contains("has no folder dialog"), "{picked:?}");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn pick_waits_until_the_dialog_is_closed() {
    namespace::run(async {
        let mut home = without_link();
        home.variables = vec![("DISPLAY".into(), ":99".into())];
        // Closed by hand: by creating a file.
        fs::create_dir(home.path("bin")).unwrap();
        let zenity = home.path("bin/zenity");
        let closes = home.path("closes");
        let script = format!(
            "#!/bin/sh\nuntil [ -e {closes} ]; do /bin/sleep 0.02; done\necho {}\n",
            home.path("Photos").display(),
            closes = closes.display(),
        );
        fs::write(&zenity, script).unwrap();
        fs::set_permissions(&zenity, fs::Permissions::from_mode(0o755)).unwrap();
        let _program = start(&home).await;
        let mut pick = home.start(&mut home.command(&["pick"]));
        // Other commands are answered meanwhile, and this one still waits.
        for _ in 0..10 {
            assert_eq!(run(&home, &["list"]).await.code, 0);
        }
        assert!(pick.child.try_wait().unwrap().is_none(), "it waits");
        fs::write(closes, "").unwrap();
        assert_eq!(pick.ended().await.code(), Some(0));
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

/// A tray app that gives this reply to every request, or none.
fn replies(home: &Home, reply: Option<ControlReply>) -> PathBuf {
    let socket = home.path("state/spot-serve/run/socket");
    fs::create_dir_all(socket.parent().unwrap()).unwrap();
    server::listen(&socket, move |_, replies| {
        if let Some(reply) = reply.clone() {
            let _ = replies.send(reply);
        }
    })
    .unwrap();
    socket
}

#[test]
fn a_share_that_ends_before_a_change_is_told_from_a_tray_app_that_quits() {
    namespace::run(async {
        let home = without_link();
        replies(&home, Some(ControlReply::Gone(None)));
        let set = run(&home, &["set", "--for=2h"]).await;
        assert_eq!(
            (set.code, set.err.as_str()),
            (
                1,
                "The share ended before the change took effect. Share it again with these options.\n"
            )
        );
        replies(&home, None);
        for command in [&["set", "--for=2h"][..], &["qr"], &["list"]] {
            let done = run(&home, command).await;
            assert_eq!(
                (done.code, done.err.as_str()),
                (
                    1,
                    "Spot Serve quit before it replied. Start it again; the log may say why.\n"
                ),
                "{command:?}"
            );
        }
    });
}
