//! A share as a drive: the built program with a real cloudflared at the test edge.

use std::{fs, process::Stdio};

use crate::{
    access::{PASSWORD, Visitor, edge, share_with_password},
    home::{Home, LIMIT},
    running::{run, start},
};
use loopback_edge::{namespace, needs};
use tokio::{process::Command, time::timeout};

#[test]
fn the_methods_of_a_drive_come_through_the_tunnel() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let shared = share_with_password(&home, &["--uploads"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        let user = format!("anyone:{PASSWORD}");
        let ask =
            async |arguments: &[&str]| curl(&visitor, &[&["-u", &user], arguments].concat()).await;

        let closed = curl(&visitor, &["-X", "PROPFIND", "-H", "Depth: 1"]).await;
        assert!(closed.starts_with("HTTP/1.1 401"), "{closed}");
        assert!(
            closed.to_lowercase().contains("www-authenticate: basic"),
            "{closed}"
        );
        let options = ask(&["-X", "OPTIONS"]).await;
        assert!(options.starts_with("HTTP/1.1 200"), "{options}");
        for header in ["dav: 1", "ms-author-via: dav"] {
            assert!(options.to_lowercase().contains(header), "{options}");
        }
        let body = "<propfind xmlns=\"DAV:\"><prop><getcontentlength/></prop></propfind>";
        let listed = ask(&["-X", "PROPFIND", "-H", "Depth: 1", "--data-binary", body]).await;
        assert!(listed.starts_with("HTTP/1.1 207"), "{listed}");
        let file = "<D:href>/a.txt</D:href><D:propstat><D:prop><D:getcontentlength>5<";
        assert!(listed.contains(file), "{listed}");
        let made = ask(&["-X", "MKCOL", "--request-target", "/new"]).await;
        assert!(made.starts_with("HTTP/1.1 201"), "{made}");
        assert!(fs::metadata(home.path("Photos/new")).unwrap().is_dir());
        let again = ask(&["-X", "MKCOL", "--request-target", "/new"]).await;
        assert!(again.starts_with("HTTP/1.1 405"), "{again}");
        let locked = ask(&["-X", "LOCK", "--request-target", "/a.txt"]).await;
        assert!(locked.starts_with("HTTP/1.1 405"), "{locked}");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

/// What a visitor gets with curl, head and body.
async fn curl(visitor: &Visitor, arguments: &[&str]) -> String {
    let mut command = Command::new("curl");
    command
        .args(["-s", "-i", "--max-time", "30", "-H"])
        .arg(format!("Host: {}", visitor.name))
        .args(arguments)
        .arg(format!("http://{}/", visitor.address))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(LIMIT, command.output()).await.expect("it ends");
    String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
}
