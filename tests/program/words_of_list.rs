//! What `list`, `qr` and a terminal say about a share that has no link, or that visitors can't see.

use std::{fs, path::Path};

use loopback_edge::namespace;
use rustix::process::Signal;
use tokio::{net::TcpListener, time::timeout};

use crate::{
    home::{Home, LIMIT},
    running::{listed, run, start},
};

fn without_cloudflared() -> Home {
    Home::with_tunnel(Path::new(""), "http://127.0.0.1:1", &[], "")
}

/// Waits until the only share is in this state.
async fn is(home: &Home, state: &str) {
    timeout(LIMIT, async {
        loop {
            match &listed(home).await[..] {
                [share] if share["state"] == state => break,
                _ => {}
            }
        }
    })
    .await
    .unwrap_or_else(|_| panic!("it is {state}"));
}

#[test]
fn list_says_why_there_is_no_link_and_what_limits_the_share() {
    namespace::run(async {
        let home = without_cloudflared();
        let _program = start(&home).await;
        let arguments = [
            "share",
            "Photos",
            "--password=12345678",
            "--for=2h",
            "--downloads=3",
        ];
        let shared = run(&home, &arguments).await;
        assert_eq!(shared.code, 3, "{shared:?}");
        assert!(
            shared
                .err
                .ends_with("Run `spot-serve list` later to see whether there is a link.\n"),
            "{shared:?}"
        );
        let list = run(&home, &["list"]).await;
        let line = list.out.trim_end();
        assert!(line.starts_with("Photos  http://127.0.0.1:"), "{line}");
        assert!(
            line.ends_with(
                "/ (on this computer only: cloudflared is missing; password, 2 h left, 3 downloads left)"
            ),
            "{line}"
        );
        let qr = run(&home, &["qr"]).await;
        assert_eq!(qr.code, 1, "{qr:?}");
        assert!(
            qr.err.starts_with("Photos: Couldn't get a public link: "),
            "{qr:?}"
        );
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn a_share_that_waits_for_an_answer_is_shown_with_the_commands_that_give_it() {
    namespace::run(async {
        let home = without_cloudflared();
        fs::write(home.path("Photos/id_rsa"), "secret").unwrap();
        let _program = start(&home).await;
        let mut desktop = home.start(&mut home.command(&["share", "--desktop", "Photos"]));
        is(&home, "asking").await;
        let list = run(&home, &["list"]).await;
        assert_eq!(
            list.out,
            "Photos  contains private files. Run `spot-serve share --yes PATH` to share it anyway, or `spot-serve stop PATH` not to.\n"
        );
        let qr = run(&home, &["qr"]).await;
        assert_eq!(
            (qr.code, qr.err.as_str()),
            (
                1,
                "Photos isn't shared yet, because it contains private files. Run `spot-serve share --yes PATH` first.\n"
            )
        );
        assert_eq!(run(&home, &["stop"]).await.code, 0);
        desktop.ended().await;
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn a_site_that_is_not_running_is_not_called_available() {
    namespace::run(async {
        let home = without_cloudflared();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut program = home.share(&port.to_string());
        program.err.line("Couldn't get a public link").await;
        program.signal(Signal::INT);
        assert_eq!(program.ended().await.code(), Some(3));
        let all = program.err.so_far();
        assert!(!all.contains("available on this computer"), "{all}");
        assert!(!all.contains("local: "), "{all}");

        let _program = start(&home).await;
        let shared = run(&home, &["share", &port.to_string()]).await;
        assert_eq!(shared.code, 3, "{shared:?}");
        timeout(LIMIT, async {
            while listed(&home).await[0]["reachable"] == true {}
        })
        .await
        .expect("it is noticed");
        let reason = format!("nothing answers on port {port}");
        let qr = run(&home, &["qr"]).await;
        assert!(
            qr.err
                .ends_with(&format!(" Visitors couldn't see it anyway: {reason}.\n")),
            "{qr:?}"
        );
        let list = run(&home, &["list"]).await;
        assert_eq!(
            list.out,
            format!(
                "localhost:{port}  http://localhost:{port}/ ({reason}; no link: cloudflared is missing)\n"
            )
        );
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}
