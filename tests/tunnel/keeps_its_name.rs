//! Once a share has its public name, it keeps it: after killed cloudflareds and cut links.

use std::time::{Duration, Instant};

use loopback_edge::{Edge, EventKind, Fault, Options, Protocol, faults::Which, namespace};
use rustix::process::Signal;
use spot_serve::{app::TunnelReport, config};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

use crate::rig::{LIMIT, Rig, cloudflareds, script, signal, until_cloudflareds, within};

#[test]
fn ten_kills_in_a_row_cost_neither_the_name_nor_a_request_to_the_service() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (at, link) = rig.online().await;
        within(
            Duration::from_secs(5),
            rig.started,
            at,
            "online after the click",
        );
        rig.served(&link).await;
        for kill in 0..10 {
            let begin = Instant::now();
            let how = if kill % 2 == 0 {
                Signal::KILL
            } else {
                Signal::TERM
            };
            for pid in cloudflareds() {
                signal(pid, how);
            }
            rig.reconnecting().await;
            let (_, again) = rig.online().await;
            assert_eq!(again, link);
            within(
                Duration::from_secs(2),
                begin,
                rig.served(&link).await,
                "served after a kill",
            );
        }
        assert_eq!(rig.api_requests(), 1);
        let asked = rig
            .edge
            .events()
            .into_iter()
            .find_map(|event| match event.kind {
                EventKind::ApiAsked { user_agent, .. } => Some(user_agent),
                _ => None,
            });
        // The request has cloudflared's own headers.
        assert!(asked.is_some_and(|agent| agent.starts_with("cloudflared/")));
        let begin = Instant::now();
        rig.stop().await;
        within(Duration::from_secs(3), begin, Instant::now(), "stopped");
    });
}

#[test]
fn changed_settings_leave_a_link_alone_until_the_user_retries() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        for argument in ["--url=http://127.0.0.1:9", "--no-such-flag"] {
            let mut changed = rig.settings();
            changed.args.push(argument.into());
            rig.setup.change(changed);
            for pid in cloudflareds() {
                signal(pid, Signal::KILL);
            }
            rig.reconnecting().await;
            let (_, again) = rig.online().await;
            assert_eq!(again, link);
            rig.served(&link).await;
        }
        rig.stop().await;
    });
}

#[test]
fn twenty_cuts_are_shown_and_repaired_and_leave_one_process_over_quic() {
    namespace::run(async { twenty_cuts(config::Protocol::Quic).await });
}

#[test]
fn twenty_cuts_are_shown_and_repaired_and_leave_one_process_over_http2() {
    namespace::run(async { twenty_cuts(config::Protocol::Http2).await });
}

async fn twenty_cuts(protocol: config::Protocol) {
    let mut rig = Rig::start_with(&[], |settings| settings.protocol = protocol).await;
    let (_, link) = rig.online().await;
    for _ in 0..20 {
        let begin = Instant::now();
        rig.fault(Fault::Cut(Which::All)).await;
        within(
            Duration::from_secs(2),
            begin,
            rig.reconnecting().await,
            "shown",
        );
        let (at, again) = rig.online().await;
        assert_eq!(again, link);
        within(Duration::from_secs(5), begin, at, "cured");
        rig.served(&link).await;
    }
    until_cloudflareds(1).await;
    assert_eq!(rig.api_requests(), 1);
    let told = rig
        .seen
        .iter()
        .filter(|r| matches!(r, TunnelReport::StillReconnecting(_)))
        .count();
    assert_eq!(told, 0, "nothing is told of a short loss");
    rig.stop().await;
}

#[test]
fn quic_that_dies_after_it_was_up_is_replaced_by_http2_under_the_same_link() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        assert_eq!(rig.registered(Protocol::Quic), 1);
        let begin = Instant::now();
        rig.fault(Fault::Udp(loopback_edge::faults::Port::BlackHole))
            .await;
        rig.reconnecting().await;
        let (_, again) = rig.online().await;
        assert_eq!(again, link);
        within(
            Duration::from_secs(15),
            begin,
            rig.served(&link).await,
            "served after UDP died",
        );
        assert_eq!(rig.registered(Protocol::Http2), 1);
        assert_eq!(rig.api_requests(), 1);
        until_cloudflareds(1).await;
        rig.stop().await;
    });
}

#[test]
fn a_name_that_the_edge_forgot_is_replaced_by_a_new_one() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        let host = link.trim_start_matches("https://").to_owned();
        rig.fault(Fault::Forget(host)).await;
        let (_, new) = rig.online().await;
        assert_ne!(new, link);
        rig.served(&new).await;
        assert_eq!(rig.api_requests(), 2);
        rig.stop().await;
    });
}

#[test]
fn a_name_that_comes_after_the_stop_is_not_kept() {
    namespace::run(async {
        // A service that responds when told to, and a cloudflared that refuses to end.
        let service = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", service.local_addr().unwrap());
        let dir = tempfile::tempdir().unwrap();
        let deaf = script(dir.path(), "trap '' TERM\nwhile :; do sleep 0.1; done");
        let edge = Edge::start(Options::default()).await.unwrap();
        let mut rig = Rig::start_at(edge, |settings| settings.cloudflared = deaf.clone()).await;
        rig.stop().await;
        let file = dir.path().join("resume.json");
        rig.keep_names_in(&file);
        rig.setup.change(config::TunnelConfig {
            cloudflared: deaf,
            service: url,
            ..config::TunnelConfig::default()
        });
        rig.start_again();
        let [pid] = until_cloudflareds(1).await[..] else {
            panic!("one");
        };
        let keeper = keeper_of(pid).await;
        let asking = tokio::spawn(async move { post(&format!("{keeper}/tunnel")).await });
        let (mut asked, _) = service.accept().await.unwrap();
        rig.tunnel.as_ref().unwrap().stop();
        let grant = r#"{"success":true,"result":{"id":"0a1b2c3d-0000-4000-8000-000000000000","hostname":"a.trycloudflare.com","secret":"c2VjcmV0"}}"#;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{grant}",
            grant.len()
        );
        asked.write_all(answer.as_bytes()).await.unwrap();
        assert!(asking.await.unwrap().contains("c2VjcmV0"));
        rig.report(|report| matches!(report, TunnelReport::Ended))
            .await;
        rig.setup.finish();
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(!kept.contains("c2VjcmV0"), "{kept}");
        assert_eq!(
            spot_serve::tunnel::ResumeStore::load(&file, true).shares(),
            Vec::<String>::new()
        );
    });
}

/// The address that a cloudflared got for requesting its tunnel.
async fn keeper_of(pid: i32) -> String {
    let found = timeout(LIMIT, async {
        loop {
            let line = std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let mut words = line.split('\0');
            if words.any(|word| word == "--quick-service") {
                return words.next().unwrap().to_owned();
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    found.await.expect("it is told")
}

async fn post(url: &str) -> String {
    let (address, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("POST /{path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[test]
fn a_program_that_was_killed_and_starts_again_has_the_same_link() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let file = rig.dir.path().join("resume.json");
        rig.online().await;
        rig.keep_names_in(&file);
        rig.stop().await;
        rig.start_again();
        let (_, link) = rig.online().await;
        // As when the program is killed: the share is not stopped first.
        drop(rig.tunnel.take());
        until_cloudflareds(0).await;
        rig.keep_names_in(&file);
        rig.start_again();
        let (_, again) = rig.online().await;
        assert_eq!(again, link);
        rig.served(&link).await;
        assert_eq!(rig.api_requests(), 2, "one for each name");
        // Stopping gives up the name.
        rig.stop().await;
        rig.keep_names_in(&file);
        rig.start_again();
        assert_ne!(rig.online().await.1, link);
        rig.stop().await;
    });
}
