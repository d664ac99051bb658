//! Ready means ready, and a link that no longer works is noticed and replaced. The program has its
//! default settings: the namespace has a name for the service, and its certificate.

use std::{
    net::{SocketAddr, UdpSocket},
    process::Command,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use loopback_edge::{Edge, EventKind, Fault, Options, faults::Which, namespace};
use spot_serve::{app::TunnelReport, config};
use tokio::net::lookup_host;

use crate::rig::{LIMIT, Rig, cloudflareds, until_cloudflareds, within};

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).status().unwrap();
    assert!(done.success(), "{program} {arguments:?}");
}

/// Puts a file over one of the system's, in this namespace only.
fn replace(file: &str, text: &str, dir: &tempfile::TempDir) {
    let own = dir
        .path()
        .join(file.trim_start_matches('/').replace('/', "-"));
    std::fs::write(&own, text).unwrap();
    run("mount", &["--bind", own.to_str().unwrap(), file]);
}

/// A name server that knows no names and remembers what it was asked.
#[derive(Clone)]
struct NameServer(Arc<Mutex<Vec<u8>>>);

impl NameServer {
    /// Starts one for everything in this namespace.
    fn start(dir: &tempfile::TempDir) -> Self {
        replace("/etc/resolv.conf", "nameserver 127.0.0.1\n", dir);
        let socket = UdpSocket::bind("127.0.0.1:53").unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((read, from)) = socket.recv_from(&mut packet) {
                let packet = &mut packet[..read];
                all.lock().unwrap().extend_from_slice(packet);
                // The response: there is no such name (RFC 1035, 4.1.1).
                packet[2] |= 0x80;
                packet[3] = 3;
                let _ = socket.send_to(packet, from);
            }
        });
        Self(asked)
    }

    /// Whether a name that begins with this label was asked for.
    fn was_asked_for(&self, label: &str) -> bool {
        let asked = self.0.lock().unwrap().to_ascii_lowercase();
        asked
            .windows(label.len())
            .any(|part| part == label.as_bytes())
    }
}

/// A rig in which the real service's name resolves to the edge, over TLS that the program trusts.
async fn rig(faults: &[Fault], protocol: config::Protocol) -> (Rig, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    replace(
        "/etc/hosts",
        "127.0.0.1 localhost api.trycloudflare.com\n",
        &dir,
    );
    let options = Options {
        public_tls: Some(SocketAddr::from(([127, 0, 0, 1], 443))),
        ..Options::default()
    };
    let edge = Edge::start(options).await.unwrap();
    for fault in faults {
        edge.fault(fault.clone()).await.unwrap();
    }
    // SAFETY: this process runs only this test, and no other thread reads variables now.
    unsafe { std::env::set_var("SSL_CERT_FILE", edge.ca_file()) };
    let rig = Rig::start_at(edge, |settings| {
        settings.service = config::TunnelConfig::default().service;
        settings.protocol = protocol;
    })
    .await;
    (rig, dir)
}

fn probes(rig: &Rig) -> usize {
    let is =
        |kind: &EventKind| matches!(kind, EventKind::Visited { method, .. } if method == "HEAD");
    rig.edge
        .events()
        .iter()
        .filter(|event| is(&event.kind))
        .count()
}

fn is_checked(rig: &Rig) -> bool {
    let online = |report: &TunnelReport| {
        matches!(
            report,
            TunnelReport::Online {
                is_checked: true,
                ..
            }
        )
    };
    rig.seen.iter().any(online)
}

#[test]
fn a_link_is_online_when_the_edge_routes_it_and_not_before() {
    namespace::run(async {
        let place = tempfile::tempdir().unwrap();
        let names = NameServer::start(&place);
        let (mut rig, _dir) = rig(&[Fault::PublishAfterMs(1000)], config::Protocol::Auto).await;
        let (at, link) = rig.online().await;
        // The answer would be that there is no such name, which is remembered for minutes.
        let label = link
            .trim_start_matches("https://")
            .split('.')
            .next()
            .unwrap();
        assert!(!names.was_asked_for(label));
        assert!(lookup_host("somebody-else.example:1").await.is_err());
        assert!(names.was_asked_for("somebody-else"), "it does hear");
        assert_eq!(
            rig.visit(&link).await.unwrap().0,
            200,
            "it works when it is said to"
        );
        assert!(at - rig.started >= Duration::from_secs(1));
        within(
            Duration::from_secs(5),
            rig.started,
            at,
            "online after the click",
        );
        assert!(is_checked(&rig));
        rig.stop().await;
    });
}

#[test]
fn a_link_that_takes_longer_is_reported_as_not_checked() {
    namespace::run(async {
        let (mut rig, _dir) = rig(&[Fault::PublishAfterMs(60_000)], config::Protocol::Auto).await;
        let (at, _) = rig.online().await;
        assert!(at - rig.started >= Duration::from_secs(8));
        within(
            Duration::from_secs(11),
            rig.started,
            at,
            "told after the click",
        );
        assert!(!is_checked(&rig));
        rig.stop().await;
    });
}

#[test]
fn an_edge_that_freezes_silently_is_noticed_and_replaced() {
    namespace::run(async {
        let (mut rig, _dir) = rig(&[], config::Protocol::Http2).await;
        let (_, link) = rig.online().await;
        let after_start = probes(&rig);
        // Visitors show that the link works: no probe is needed.
        let busy_until = Instant::now() + Duration::from_secs(65);
        while Instant::now() < busy_until {
            assert_eq!(rig.visit(&link).await.unwrap().0, 200);
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        assert_eq!(probes(&rig), after_start, "none while visitors come");

        let begin = Instant::now();
        rig.fault(Fault::Swallow(Which::Http2)).await;
        rig.reconnecting().await;
        let (_, again) = rig.online().await;
        assert_eq!(again, link);
        within(
            Duration::from_secs(90),
            begin,
            rig.served(&link).await,
            "cured after the freeze",
        );
        assert!(probes(&rig) <= after_start + 2, "at most one a minute");
        assert_eq!(rig.api_requests(), 1);
        rig.stop().await;
    });
}

#[test]
fn a_silent_name_server_is_waited_for_and_reported() {
    namespace::run(async {
        let dir = tempfile::tempdir().unwrap();
        replace("/etc/resolv.conf", "nameserver 127.0.0.1\n", &dir);
        let _silent = UdpSocket::bind("127.0.0.1:53").unwrap();
        let mut rig =
            Rig::start_with(&[], |settings| settings.protocol = config::Protocol::Quic).await;
        let words = TunnelReport::Connecting("waiting for DNS…".into());
        let (at, _) = rig.report(|report| *report == words).await;
        within(Duration::from_secs(7), rig.started, at, "said");
        let patient = cloudflareds();
        let (at, link) = rig.online().await;
        println!("online after {} ms", (at - rig.started).as_millis());
        assert_eq!(cloudflareds(), patient, "it was not killed for that");
        rig.served(&link).await;
        rig.stop().await;
    });
}

#[test]
fn in_another_network_a_second_cloudflared_takes_over_without_a_gap() {
    namespace::run(async {
        // The other network has a name server that answers.
        let dir = tempfile::tempdir().unwrap();
        let _names = NameServer::start(&dir);
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        let first = until_cloudflareds(1).await;
        run("ip", &["addr", "add", "10.9.9.1/24", "dev", "lo"]);
        run(
            "ip",
            &["route", "add", "default", "dev", "lo", "src", "10.9.9.1"],
        );
        let begin = Instant::now();
        loop {
            // No answer in time is not a wrong answer.
            if let Some((status, _)) = rig.visit(&link).await {
                assert_eq!(status, 200, "served all the time");
            }
            let now = until_cloudflareds(1).await;
            if now != first {
                break;
            }
            assert!(begin.elapsed() < LIMIT, "it never takes over");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        within(Duration::from_secs(10), begin, Instant::now(), "taken over");
        rig.served(&link).await;
        assert_eq!(rig.drain(), [], "nothing is to be told");
        rig.stop().await;
    });
}

#[test]
fn a_named_tunnel_has_its_own_name_on_every_start_and_its_token_is_in_no_process_list() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let own = edge.create_named_tunnel("share.example.org");
        let token = own.token.clone();
        let mut rig = Rig::start_at(edge, |settings| {
            settings.token = own.token.as_str().into();
            settings.hostname = own.hostname.clone();
        })
        .await;
        for _ in 0..2 {
            let (_, link) = rig.online().await;
            assert_eq!(link, "https://share.example.org");
            rig.served(&link).await;
            for pid in cloudflareds() {
                let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
                assert!(!String::from_utf8_lossy(&line).contains(&token));
            }
            rig.stop().await;
            rig.start_again();
        }
        assert_eq!(rig.api_requests(), 0);
        rig.online().await;
        rig.stop().await;
    });
}

#[test]
fn a_named_tunnel_with_credentials_has_several_connections_and_any_number_of_computers() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let own = edge.create_named_tunnel("share.example.org");
        let token = STANDARD.decode(&own.token).unwrap();
        let token: serde_json::Value = serde_json::from_slice(&token).unwrap();
        // As `cloudflared tunnel create` writes it.
        let credentials = serde_json::json!({
            "AccountTag": token["a"], "TunnelSecret": token["s"], "TunnelID": token["t"],
        });
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("credentials.json");
        std::fs::write(&file, credentials.to_string()).unwrap();
        let own_tunnel = |settings: &mut config::TunnelConfig| {
            settings.credentials = file.clone();
            settings.hostname = own.hostname.clone();
        };
        let mut rig = Rig::start_at(edge, own_tunnel).await;
        let (_, link) = rig.online().await;
        assert_eq!(link, "https://share.example.org");
        rig.served(&link).await;
        let connections = |rig: &Rig| {
            let is = |kind: &EventKind| matches!(kind, EventKind::Registered { .. });
            let events = rig.edge.events();
            events.iter().filter(|event| is(&event.kind)).count()
        };
        until(|| connections(&rig) >= 2).await;

        // Another computer serves the same name on its own.
        let (first, before) = (cloudflareds(), connections(&rig));
        let mut other = rig.beside(own_tunnel).await;
        other.online().await;
        until(|| connections(&rig) > before).await;
        rig.tunnel.as_ref().unwrap().stop();
        rig.report(|report| matches!(report, TunnelReport::Ended))
            .await;
        rig.served(&link).await;
        let left = cloudflareds();
        assert!(!left.is_empty() && left.iter().all(|pid| !first.contains(pid)));
        assert_eq!(rig.api_requests(), 0);
    });
}

async fn until(is: impl Fn() -> bool) {
    let waited = tokio::time::timeout(LIMIT, async {
        while !is() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited.await.expect("it comes true");
}

#[test]
fn a_named_tunnel_with_a_wrong_token_says_so() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let own = edge.create_named_tunnel("share.example.org");
        let mut rig = Rig::start_at(edge, |settings| {
            settings.token = "not-a-token".into();
            settings.hostname = own.hostname.clone();
        })
        .await;
        let (_, problem) = rig.down().await;
        assert!(
            problem.sentence.contains("your permanent link online"),
            "{problem:?}"
        );
        assert!(
            problem.sentence.contains("token, copy it again"),
            "{problem:?}"
        );
        assert!(!problem.sentence.contains("not-a-token"), "{problem:?}");
        rig.stop().await;
    });
}
