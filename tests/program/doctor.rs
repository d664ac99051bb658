//! `spot-serve doctor` and a talkative cloudflared, with the built program.

use std::{fs, path::Path, time::Duration};

use crate::home::Home;
use loopback_edge::{
    Edge, Fault, Options,
    faults::{Api, Port},
    namespace,
};
use rustix::process::Signal;
use serde_json::Value;

async fn doctor(home: &Home) -> (i32, Value) {
    let output = home.command(&["doctor", "--json"]).output().await.unwrap();
    let said = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.code().unwrap(), said)
}

fn level(said: &Value, check: &str) -> String {
    let checks = said["checks"].as_array().unwrap();
    let found = checks.iter().find(|one| one["check"] == check);
    found.unwrap_or_else(|| panic!("no {check} in {said:#}"))["level"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_doctor_exits_with_0_if_a_share_would_work() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let (code, said) = doctor(&home).await;
        assert_eq!(
            (code, &said["sharing_works"]),
            (0, &Value::Bool(true)),
            "{said:#}"
        );
        for check in [
            "received files",
            "cloudflared",
            "proxy",
            "DNS",
            "new links",
            "TCP to Cloudflare",
            "UDP to Cloudflare",
        ] {
            assert_eq!(level(&said, check), "ok", "{said:#}");
        }
        assert_eq!(level(&said, "desktop"), "warning", "{said:#}");
        assert_eq!(
            edge.stats().api_requests,
            0,
            "no tunnel is used up by looking"
        );

        // UDP alone is not required.
        edge.fault(Fault::Udp(Port::BlackHole)).await.unwrap();
        let (code, said) = doctor(&home).await;
        assert_eq!(
            (code, level(&said, "UDP to Cloudflare").as_str()),
            (0, "warning"),
            "{said:#}"
        );
    });
}

#[test]
fn the_doctor_exits_with_1_and_says_what_to_do_if_no_share_would_work() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        edge.fault(Fault::Udp(Port::Closed)).await.unwrap();
        edge.fault(Fault::Tcp(Port::Closed)).await.unwrap();
        let (code, said) = doctor(&home).await;
        assert_eq!(
            (code, level(&said, "TCP to Cloudflare").as_str()),
            (1, "problem"),
            "{said:#}"
        );

        edge.fault(Fault::Tcp(Port::Open)).await.unwrap();
        edge.fault(Fault::Api(Api::Refused)).await.unwrap();
        let (code, said) = doctor(&home).await;
        assert_eq!(
            (code, level(&said, "new links").as_str()),
            (1, "problem"),
            "{said:#}"
        );

        let nowhere = Home::with_tunnel(
            Path::new("/nowhere"),
            &edge.api_url(),
            &edge.edge_args(),
            "",
        );
        let (code, said) = doctor(&nowhere).await;
        assert_eq!(
            (code, level(&said, "cloudflared").as_str()),
            (1, "problem"),
            "{said:#}"
        );
        let text = nowhere.command(&["doctor"]).output().await.unwrap();
        let text = String::from_utf8(text.stdout).unwrap();
        assert!(text.contains("problem  cloudflared  "), "{text}");
        assert!(text.contains("spot-serve sidecar fetch"), "{text}");
    });
}

#[test]
fn settings_with_which_no_share_would_work_are_a_problem() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let with = |args: &[String], more: &str| {
            Home::with_tunnel(&namespace::cloudflared(), &edge.api_url(), args, more)
        };
        let mut args = edge.edge_args();
        args.push("--url=http://127.0.0.1:9".into());
        let (code, said) = doctor(&with(&args, "")).await;
        assert_eq!(
            (code, level(&said, "[tunnel] settings").as_str()),
            (1, "problem"),
            "{said:#}"
        );
        // A name without a token.
        let (code, said) = doctor(&with(&edge.edge_args(), "hostname = \"a.example.org\"")).await;
        assert_eq!(
            (code, level(&said, "[tunnel] settings").as_str()),
            (1, "problem"),
            "{said:#}"
        );
        // Only QUIC is allowed, and it does not get through.
        edge.fault(Fault::Udp(Port::BlackHole)).await.unwrap();
        let (code, said) = doctor(&with(&edge.edge_args(), "protocol = \"quic\"")).await;
        assert_eq!(
            (code, level(&said, "UDP to Cloudflare").as_str()),
            (1, "problem"),
            "{said:#}"
        );
    });
}

#[test]
fn a_program_that_is_not_cloudflared_is_a_problem_of_the_settings() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        for program in ["/bin/true", "/etc/passwd"] {
            let home =
                Home::with_tunnel(Path::new(program), &edge.api_url(), &edge.edge_args(), "");
            let (code, said) = doctor(&home).await;
            assert_eq!(
                (code, level(&said, "cloudflared").as_str()),
                (1, "problem"),
                "{said:#}"
            );
            let advice = said.to_string();
            assert!(advice.contains("remove that line"), "{advice}");
            assert!(!advice.contains("Remove it"), "{advice}");
        }
    });
}

#[test]
fn arguments_that_cloudflared_does_not_know_are_a_problem() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let mut args = edge.edge_args();
        args.push("--nosuchflag".into());
        let home = Home::with_tunnel(&namespace::cloudflared(), &edge.api_url(), &args, "");
        let (code, said) = doctor(&home).await;
        assert_eq!(
            (code, level(&said, "[tunnel] args").as_str()),
            (1, "problem"),
            "{said:#}"
        );
        assert!(said.to_string().contains("-nosuchflag"), "{said:#}");
    });
}

#[test]
fn where_dns_does_not_work_the_doctor_says_so_in_its_own_words() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        fs::remove_file(home.path("config/spot-serve/config.toml")).unwrap();
        let output = home.command(&["doctor"]).output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("so the defaults are used"), "{text}");
        assert!(text.contains("problem  DNS "), "{text}");
        assert!(text.contains("check the DNS server"), "{text}");
        assert!(!text.contains("address information"), "{text}");
        assert_eq!(text.matches("DNS lookup failed").count(), 1, "{text}");
    });
}

#[test]
fn unwritable_files_and_a_taken_port_are_problems() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        // A directory where the share would write a file. Permissions would not stop root.
        let in_the_way = home.path("state/spot-serve/cloudflared-empty.yml");
        fs::create_dir_all(in_the_way.join("full")).unwrap();
        let (code, said) = doctor(&home).await;
        assert_eq!(
            (code, level(&said, "log and state").as_str()),
            (1, "problem"),
            "{said:#}"
        );

        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let home = Home::with_tunnel(
            &namespace::cloudflared(),
            &edge.api_url(),
            &edge.edge_args(),
            &format!("[server]\nport = {port}"),
        );
        let (code, said) = doctor(&home).await;
        assert_eq!(
            (code, level(&said, "[server] port").as_str()),
            (1, "problem"),
            "{said:#}"
        );
        drop(taken);
        let (code, said) = doctor(&home).await;
        assert_eq!(
            (code, level(&said, "[server] port").as_str()),
            (0, "ok"),
            "{said:#}"
        );
    });
}

#[test]
fn a_service_that_has_said_429_is_a_problem_until_it_may_be_asked_again() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        edge.fault(Fault::Api(Api::RateLimited)).await.unwrap();
        let home = Home::with_edge(&edge);
        let mut program = home.share("Photos");
        program.err.line("returned 429").await;
        program.signal(Signal::TERM);
        program.ended().await;
        let (code, said) = doctor(&home).await;
        assert_eq!(
            (code, level(&said, "new links").as_str()),
            (1, "problem"),
            "{said:#}"
        );
    });
}

#[test]
fn a_token_is_in_no_log_and_no_output() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let own = edge.create_named_tunnel("share.example.org");
        let more = format!("token = {:?}\nhostname = {:?}", own.token, own.hostname);
        let home = Home::with_tunnel(
            &namespace::cloudflared(),
            &edge.api_url(),
            &edge.edge_args(),
            &more,
        );
        let mut program = home.share("Photos");
        assert_eq!(program.public_name().await, "share.example.org");
        program.signal(Signal::TERM);
        assert_eq!(program.ended().await.code(), Some(0));
        let log = fs::read_to_string(home.path("state/spot-serve/spot-serve.log")).unwrap();
        assert!(log.contains("Registered tunnel connection"), "{log}");
        for text in [log, program.out.so_far(), program.err.so_far()] {
            assert!(!text.contains(&own.token), "{text}");
        }
    });
}

/// Processor time of a process, in seconds.
fn processor_seconds(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
    let ticks: f64 = fields[11..13]
        .iter()
        .map(|ticks| ticks.parse::<f64>().unwrap())
        .sum();
    ticks / 100.0
}

#[test]
fn a_flood_of_lines_costs_little() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        edge.fault(Fault::Tcp(Port::Closed)).await.unwrap();
        edge.fault(Fault::Udp(Port::Closed)).await.unwrap();
        // With a single address, cloudflared doesn't pause between its attempts.
        let args = edge.edge_args()[2..].to_vec();
        let home = Home::with_tunnel(
            &namespace::cloudflared(),
            &edge.api_url(),
            &args,
            "protocol = \"http2\"",
        );
        let mut program = home.share("Photos");
        program.err.line("connecting").await;
        let before = processor_seconds(program.pid());
        tokio::time::sleep(Duration::from_secs(12)).await;
        let used = processor_seconds(program.pid()) - before;
        let logged: u64 = fs::read_dir(home.path("state/spot-serve"))
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum();
        println!("12 s of flood: {used:.2} processor seconds, {logged} bytes on disk");
        assert!(logged <= 5_000_000, "{logged} bytes on disk");
        // 20 % of a core, and slack for a build without optimization.
        assert!(used <= 0.2 * 12.0 * 2.0, "{used} processor seconds");
        let log = fs::read_to_string(home.path("state/spot-serve/spot-serve.log")).unwrap();
        assert!(log.contains("Unable to establish connection"), "{log}");
        program.signal(Signal::TERM);
        program.ended().await;
    });
}
