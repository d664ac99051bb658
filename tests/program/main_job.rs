//! The program's main job without a desktop: the built program with a real cloudflared and the test
//! edge.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use crate::home::{Home, get, gone, open, send};
use loopback_edge::{
    Edge, EventKind, Fault, Options,
    faults::{Api, Registration},
    namespace,
};
use rustix::process::Signal;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

async fn edge() -> Edge {
    Edge::start(Options::default()).await.unwrap()
}

fn is_registration_attempt(kind: &EventKind) -> bool {
    matches!(kind, EventKind::RegistrationAttempt { .. })
}

#[test]
fn the_link_is_printed_only_once_a_connection_is_registered() {
    namespace::run(async {
        let edge = edge().await;
        let delay = Registration::DelayMs(3000);
        edge.fault(Fault::Registration(delay)).await.unwrap();
        let home = Home::with_edge(&edge);
        let mut program = home.share("Photos");
        edge.wait_for(is_registration_attempt).await.unwrap();
        program.err.line("Photos: connecting").await;
        assert_eq!(
            program.out.so_far(),
            "",
            "the name is known, and does not work yet"
        );
        let name = program.public_name().await;
        assert_eq!(name, "quiet-river-lake-sand.trycloudflare.com");
        let public = edge.public_addr().to_string();
        assert_eq!(get(&public, &name, "/a.txt").await.body, b"hello");
    });
}

async fn downloads_over(protocol: &str) {
    let edge = edge().await;
    let more = format!("protocol = {protocol:?}");
    let home = Home::with_tunnel(
        &namespace::cloudflared(),
        &edge.api_url(),
        &edge.edge_args(),
        &more,
    );
    let content: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(home.path("Photos/big.bin"), &content).unwrap();
    let mut program = home.share("Photos");
    let name = program.public_name().await;
    let answer = get(&edge.public_addr().to_string(), &name, "/big.bin").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(Sha256::digest(&answer.body), Sha256::digest(&content));
    let log = fs::read_to_string(home.path("state/spot-serve/spot-serve.log")).unwrap();
    assert!(log.contains(&format!("protocol={protocol}")), "{log}");
    assert!(!log.contains(&name), "the log has the link: {log}");
    assert!(
        !log.contains("big.bin"),
        "the log has a visitor's path: {log}"
    );
}

#[test]
fn a_visitor_gets_the_whole_file_over_quic() {
    namespace::run(async { downloads_over("quic").await });
}

#[test]
fn a_visitor_gets_the_whole_file_over_http2() {
    namespace::run(async { downloads_over("http2").await });
}

#[test]
fn one_file_is_shared_alone() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        fs::write(home.path("Photos/private.txt"), "not shared").unwrap();
        let mut program = home.share("Photos/a.txt");
        let name = program.public_name().await;
        let public = edge.public_addr().to_string();
        assert_eq!(get(&public, &name, "/a.txt").await.body, b"hello");
        assert_eq!(get(&public, &name, "/private.txt").await.status(), 404);
    });
}

/// Asserts that there is no link, that standard error contains these words, and that the folder is
/// still served on this computer.
async fn is_local_only(home: &Home, words: &str) {
    let mut program = home.share("Photos");
    let said = program.err.line("Couldn't get a public link").await;
    assert!(said.contains(words), "{said}");
    let local = program.local().await;
    assert_eq!(get(&local, &local, "/a.txt").await.body, b"hello");
    assert_eq!(program.out.so_far(), "", "no link is printed");
    program.signal(Signal::INT);
    assert_eq!(program.ended().await.code(), Some(3));
    assert_eq!(program.out.so_far(), "");
}

#[test]
fn without_a_network_the_service_address_in_the_error_is_not_taken_for_a_link() {
    namespace::run(async {
        // The real service's name, in a namespace without network: cloudflared's own error then
        // contains https://api.trycloudflare.com/tunnel.
        let home = Home::with_tunnel(
            &namespace::cloudflared(),
            "https://api.trycloudflare.com",
            &[],
            "",
        );
        is_local_only(&home, "can't be").await;
        let log = fs::read_to_string(home.path("state/spot-serve/spot-serve.log")).unwrap();
        assert!(log.contains("api.trycloudflare.com"), "{log}");
    });
}

#[test]
fn too_many_requests_are_reported_with_the_time_of_the_next_attempt() {
    namespace::run(async {
        let edge = edge().await;
        edge.fault(Fault::Api(Api::RateLimited)).await.unwrap();
        let home = Home::with_edge(&edge);
        is_local_only(&home, "429").await;
        assert_eq!(
            edge.stats().api_requests,
            1,
            "the service is not asked again at once"
        );
    });
}

#[test]
fn ending_it_during_another_attempt_exits_with_the_code_for_no_link() {
    namespace::run(async {
        let edge = edge().await;
        edge.fault(Fault::Api(Api::ErrorJson)).await.unwrap();
        let home = Home::with_edge(&edge);
        let mut program = home.share("Photos");
        program.err.line("Couldn't get a public link").await;
        edge.fault(Fault::Api(Api::Hang)).await.unwrap();
        edge.wait_for(|kind| matches!(kind, EventKind::ApiAsked { status: None, .. }))
            .await
            .unwrap();
        program.signal(Signal::INT);
        assert_eq!(program.ended().await.code(), Some(3));
    });
}

#[test]
fn a_missing_sidecar_is_reported_with_what_to_do() {
    namespace::run(async {
        let home = Home::with_tunnel(Path::new(""), "http://127.0.0.1:1", &[], "");
        is_local_only(&home, "spot-serve sidecar fetch").await;
    });
}

#[test]
fn settings_that_name_no_program_are_reported() {
    namespace::run(async {
        let home = Home::with_tunnel(
            Path::new("/nowhere/cloudflared"),
            "http://127.0.0.1:1",
            &[],
            "",
        );
        is_local_only(&home, "/nowhere/cloudflared").await;
    });
}

#[test]
fn a_cloudflared_that_dies_is_replaced_and_visitors_are_served_again() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let mut program = home.share("Photos");
        program.public_name().await;
        let mut events = edge.follow();
        let sidecar = program.only_sidecar().await;
        send(sidecar, Signal::KILL);
        events
            .wait_for(|kind| matches!(kind, EventKind::Registered { .. }))
            .await
            .unwrap();
        let newest = edge.stats().tunnels.last().unwrap().hostname.clone();
        program.err.line("online").await;
        assert_eq!(
            get(&edge.public_addr().to_string(), &newest, "/a.txt")
                .await
                .body,
            b"hello"
        );
    });
}

#[test]
fn the_users_own_cloudflared_settings_have_no_effect() {
    namespace::run(async {
        let edge = edge().await;
        let mut home = Home::with_edge(&edge);
        fs::create_dir_all(home.path(".cloudflared")).unwrap();
        fs::write(
            home.path(".cloudflared/config.yml"),
            "ingress:\n  - service: http_status:404\n",
        )
        .unwrap();
        home.variables = vec![
            ("TUNNEL_EDGE".into(), "127.0.0.1:1".into()),
            ("TUNNEL_GRACE_PERIOD".into(), "10".into()),
        ];
        let mut program = home.share("Photos");
        let name = program.public_name().await;
        assert_eq!(
            get(&edge.public_addr().to_string(), &name, "/a.txt")
                .await
                .body,
            b"hello"
        );
    });
}

#[test]
fn every_signal_that_asks_the_program_to_end_ends_everything_during_a_download() {
    namespace::run(async {
        for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
            let edge = edge().await;
            let mut home = Home::with_edge(&edge);
            // The environment of the tests may ignore it.
            home.before = vec!["/usr/bin/env".into(), "--default-signal=HUP".into()];
            let big = fs::File::create(home.path("Photos/big.bin")).unwrap();
            big.set_len(1 << 32).unwrap();
            let mut program = home.share("Photos");
            let name = program.public_name().await;
            let mut download = open(&edge.public_addr().to_string(), &name, "/big.bin").await;
            let mut some = [0; 4096];
            download.read_exact(&mut some).await.unwrap();
            let sidecar = program.only_sidecar().await;
            program.signal(signal);
            // 0 means that everything ended on its own; if the limit is reached, the code is 1.
            assert_eq!(
                program.ended().await.code(),
                Some(0),
                "{signal:?}\n{}",
                program.err.so_far()
            );
            gone(sidecar).await;
        }
    });
}

#[test]
fn a_program_started_with_nohup_outlives_its_terminal() {
    namespace::run(async {
        let edge = edge().await;
        let mut home = Home::with_edge(&edge);
        // env makes the program ignore the signal, as nohup does.
        home.before = vec!["/usr/bin/env".into(), "--ignore-signal=HUP".into()];
        let mut program = home.share("Photos");
        let name = program.public_name().await;
        let sidecar = program.only_sidecar().await;
        for pid in [program.pid(), sidecar] {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
            let mask = status.lines().find(|line| line.starts_with("SigIgn:"));
            let mask = mask.unwrap().trim_start_matches("SigIgn:").trim();
            let hangup = u64::from_str_radix(mask, 16).unwrap() & 1;
            assert_eq!(hangup, 1, "process {pid} ignores it: {status}");
            send(pid, Signal::HUP);
        }
        let public = edge.public_addr().to_string();
        assert_eq!(get(&public, &name, "/a.txt").await.body, b"hello");
        program.signal(Signal::TERM);
        assert_eq!(program.ended().await.code(), Some(0));
    });
}

#[test]
fn a_killed_program_takes_cloudflared_with_it() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let mut program = home.share("Photos");
        program.public_name().await;
        let sidecar = program.only_sidecar().await;
        let begin = Instant::now();
        program.signal(Signal::KILL);
        program.ended().await;
        gone(sidecar).await;
        // The promise is one second; the machine may also do other things, or pause.
        let took = begin.elapsed();
        assert!(took <= Duration::from_secs(15), "{took:?}");
    });
}

#[test]
fn a_program_killed_while_it_connects_takes_cloudflared_with_it() {
    namespace::run(async {
        let edge = edge().await;
        edge.fault(Fault::Api(Api::Hang)).await.unwrap();
        let home = Home::with_edge(&edge);
        let mut program = home.share("Photos");
        edge.wait_for(|kind| matches!(kind, EventKind::ApiAsked { .. }))
            .await
            .unwrap();
        let sidecars = program.sidecars();
        program.signal(Signal::KILL);
        program.ended().await;
        for sidecar in sidecars {
            gone(sidecar).await;
        }
    });
}

#[test]
fn what_can_not_be_shared_is_reported_in_one_sentence() {
    namespace::run(async {
        let home = Home::with_tunnel(Path::new(""), "http://127.0.0.1:1", &[], "");
        for (path, words) in [("nowhere", "nowhere"), ("Pho\u{1b}[31mtos", "Can't share")] {
            let mut program = home.share(path);
            assert_eq!(program.ended().await.code(), Some(1));
            let said = program.err.line("Can't share").await;
            assert!(said.contains(words), "{said}");
            assert!(
                !said.contains('\u{1b}'),
                "no control character reaches the terminal: {said:?}"
            );
        }
        let usage = home.command(&["share"]).output().await.unwrap();
        assert_eq!(usage.status.code(), Some(2));
    });
}

#[test]
fn a_reader_that_goes_away_is_not_an_error() {
    namespace::run(async {
        let cloudflared = namespace::cloudflared();
        let home = Home::with_tunnel(&cloudflared, "http://127.0.0.1:1", &[], "");
        for arguments in [&["sidecar", "path"][..], &["list"], &["config"]] {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut command = home.command(arguments);
            command.stdout(writer.try_clone().unwrap()).stderr(writer);
            assert_eq!(command.status().await.unwrap().code(), Some(0));
        }
    });
}

#[test]
fn a_port_that_is_taken_is_reported() {
    namespace::run(async {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let home = Home::with_tunnel(
            Path::new(""),
            "http://127.0.0.1:1",
            &[],
            &format!("[server]\nport = {port}"),
        );
        let mut program = home.share("Photos");
        assert_eq!(program.ended().await.code(), Some(1));
        let said = program.err.line(&port.to_string()).await;
        assert!(said.contains("taken") || said.contains("in use"), "{said}");
    });
}

#[test]
fn what_a_terminal_shares_leaves_the_recent_folders_alone() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let list = home.path("state/spot-serve/recent.json");
        fs::create_dir_all(list.parent().unwrap()).unwrap();
        fs::write(&list, r#"["/home/somebody/Music"]"#).unwrap();
        let mut program = home.share("Photos");
        program.public_name().await;
        program.signal(Signal::INT);
        program.ended().await;
        assert_eq!(
            fs::read_to_string(&list).unwrap(),
            r#"["/home/somebody/Music"]"#
        );
    });
}

#[test]
fn a_name_in_any_script_is_shared() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        fs::create_dir(home.path("写真 & Фото\n<b>")).unwrap();
        fs::write(home.path("写真 & Фото\n<b>/a.txt"), "hello").unwrap();
        let mut program = home.share("写真 & Фото\n<b>");
        let name = program.public_name().await;
        assert_eq!(
            get(&edge.public_addr().to_string(), &name, "/a.txt")
                .await
                .body,
            b"hello"
        );
        // It arrives after the link, on another channel.
        program.err.line("写真 & Фото\u{fffd}<b>: online").await;
    });
}

#[test]
fn broken_settings_are_reported_with_their_line_and_the_program_continues() {
    namespace::run(async {
        let home = Home::with_tunnel(Path::new(""), "http://127.0.0.1:1", &[], "nonsense = 1");
        let mut program = home.share("Photos");
        let said = program.err.line("line 5").await;
        assert!(said.contains("line 5"), "{said}");
        program.local().await;
        tokio::time::timeout(Duration::from_secs(60), program.err.line("public link"))
            .await
            .unwrap();
    });
}
