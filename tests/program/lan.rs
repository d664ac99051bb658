//! Shares that are also on the local network: the built program on one host, a visitor on another one at
//! the far end of a cable.

use std::{
    path::Path,
    process::{Command as StdCommand, Stdio},
    time::{Duration, Instant},
};

use loopback_edge::namespace;
use serde_json::Value;
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};

use crate::{
    home::{Home, LIMIT, Program},
    running::{listed, run, start},
};

/// How soon a share follows its network.
const FOLLOWS: Duration = Duration::from_secs(5);

/// The visitor's host.
pub struct Desk {
    host: Child,
}

/// `ip ARGUMENTS`.
pub fn ip(arguments: &str) {
    let done = StdCommand::new("ip").args(arguments.split(' ')).status();
    assert!(done.unwrap().success(), "ip {arguments}");
}

impl Desk {
    /// A host with these addresses, at the other end of the interface `cable`.
    pub fn with(addresses: &[&str]) -> Self {
        let host = Command::new("unshare")
            .args(["--net", "sleep", "1000"])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let desk = Self { host };
        let own = std::fs::read_link("/proc/self/ns/net").unwrap();
        let its = format!("/proc/{}/ns/net", desk.pid());
        while std::fs::read_link(&its).unwrap() == own {
            std::thread::yield_now();
        }
        ip(&format!(
            "link add cable type veth peer name far netns {}",
            desk.pid()
        ));
        for command in ["ip link set lo up", "ip link set far up"] {
            desk.does(command);
        }
        for address in addresses {
            desk.does(&format!(
                "ip addr add {address} dev far{}",
                no_check(address)
            ));
        }
        ip("link set cable up");
        desk
    }

    fn pid(&self) -> u32 {
        self.host.id().unwrap()
    }

    /// The command line of something that runs there.
    pub fn command(&self, command: &str) -> Command {
        let mut inside = Command::new("nsenter");
        let pid = self.pid().to_string();
        inside.args(["--target", &pid, "--net"]);
        inside.args(command.split(' ')).kill_on_drop(true);
        inside
    }

    fn does(&self, command: &str) {
        let pid = self.pid().to_string();
        let done = StdCommand::new("nsenter")
            .args(["--target", &pid, "--net"])
            .args(command.split(' '))
            .status();
        assert!(done.unwrap().success(), "{command}");
    }

    /// What a visitor there gets; `None` if nobody answers.
    pub async fn get(&self, url: &str, more: &str) -> Option<String> {
        let curl = format!("curl --silent --globoff --max-time 2 {more}{url}");
        let answer = self.command(&curl).output().await.unwrap();
        let text = String::from_utf8(answer.stdout).unwrap();
        answer.status.success().then_some(text)
    }

    async fn status(&self, url: &str, more: &str) -> Option<String> {
        let more = format!("{more} --output /dev/null --write-out %{{http_code}} ");
        self.get(url, more.trim_start()).await
    }

    /// Waits until the share can be reached there.
    pub async fn reaches(&self, url: &str) {
        let begun = Instant::now();
        while self.get(&format!("{url}/a.txt"), "").await.as_deref() != Some("hello") {
            assert!(begun.elapsed() < FOLLOWS, "{url} is not reached");
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until nobody answers there any more.
    pub async fn no_longer_reaches(&self, url: &str) {
        let begun = Instant::now();
        while self.status(url, "").await.is_some() {
            assert!(begun.elapsed() < FOLLOWS, "{url} is still reached");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Without it, the system takes a second or two to find out that nobody else has an IPv6 address.
fn no_check(address: &str) -> &'static str {
    if address.contains(':') { " nodad" } else { "" }
}

fn add(address: &str) {
    ip(&format!(
        "addr add {address} dev cable{}",
        no_check(address)
    ));
}

fn remove(address: &str) {
    ip(&format!("addr del {address} dev cable"));
}

/// A home without any tunnel.
pub fn home() -> Home {
    Home::with_tunnel(
        Path::new("/nonexistent/cloudflared"),
        "http://127.0.0.1:1",
        &[],
        "",
    )
}

fn share(home: &Home, more: &[&str]) -> Program {
    let arguments = [&["share", "--foreground", "--lan"], more, &["Photos"]].concat();
    home.start(&mut home.command(&arguments))
}

#[test]
fn a_share_follows_its_network_and_is_never_on_a_public_one() {
    namespace::run(async {
        let desk = Desk::with(&[
            "192.168.77.2/24",
            "192.168.78.2/24",
            "203.0.113.2/24",
            "fd77::2/64",
        ]);
        add("192.168.77.1/24");
        add("203.0.113.1/24");
        let home = home();
        let mut share = share(&home, &[]);
        // There is no public link, so this is the one.
        let link = share.out.line("http://192.168.77.1:").await;
        let (_, port) = link.trim_end_matches('/').rsplit_once(':').unwrap();
        share.err.line("is on your network only").await;
        let at = |address: &str| format!("http://{address}:{port}");
        desk.reaches(&at("192.168.77.1")).await;
        assert_eq!(desk.status(&at("203.0.113.1"), "").await, None, "public");
        let from_public = "--interface 203.0.113.2";
        let reached = desk.status(&at("192.168.77.1"), from_public).await;
        assert_eq!(reached, None, "from a public address");

        // A website whose name leads to this address (DNS rebinding).
        for (host, status) in [
            ("evil.example", "421"),
            (&format!("evil.example:{port}")[..], "421"),
            (&format!("localhost:{port}"), "421"),
            (&format!("192.168.77.1:{port}"), "200"),
        ] {
            let host = format!("--header Host:{host}");
            let got = desk.status(&at("192.168.77.1"), &host).await;
            assert_eq!(got.as_deref(), Some(status), "{host}");
        }

        // Another Wi-Fi: the same port at another address.
        add("192.168.78.1/24");
        desk.reaches(&at("192.168.78.1")).await;
        remove("192.168.77.1/24");
        share.err.line(&at("192.168.78.1")).await;
        desk.no_longer_reaches(&at("192.168.77.1")).await;

        // IPv6 only.
        remove("192.168.78.1/24");
        add("fd77::1/64");
        desk.reaches(&at("[fd77::1]")).await;

        // Only the public address is left.
        remove("fd77::1/64");
        share.err.line("has only public addresses now").await;
        desk.no_longer_reaches(&at("203.0.113.1")).await;
        // The cable is pulled.
        ip("link set cable down");
        share.err.line("is in no local network now").await;
        ip("link set cable up");
        add("192.168.77.1/24");
        desk.reaches(&at("192.168.77.1")).await;
    });
}

async fn only(home: &Home) -> Value {
    listed(home).await.remove(0)
}

/// The link of the only share, once it is open.
pub async fn network_link(home: &Home) -> String {
    let link = timeout(LIMIT, async {
        loop {
            if let Some(link) = only(home).await["network_links"][0].as_str() {
                break link.trim_end_matches('/').to_owned();
            }
        }
    });
    link.await.expect("it is open")
}

#[test]
fn a_share_is_opened_and_closed_while_it_runs_and_resumed_at_its_port() {
    namespace::run(async {
        let desk = Desk::with(&["192.168.77.2/24"]);
        add("192.168.77.1/24");
        let home = home();
        home.add_settings("[app]\nresume = true\n");
        std::fs::write(home.path("Photos/large.bin"), vec![0; 64 << 20]).unwrap();
        let mut program = start(&home).await;
        run(&home, &["share", "Photos"]).await;
        assert_eq!(only(&home).await["lan"], false);
        let set = run(&home, &["set", "--lan"]).await;
        assert!(set.out.contains("  network     "), "{set:?}");
        let link = network_link(&home).await;
        desk.reaches(&link).await;
        // Two shares, two ports.
        run(&home, &["receive", "Inbox", "--lan"]).await;
        let other = timeout(LIMIT, async {
            loop {
                let shares = listed(&home).await;
                if let Some(link) = shares[1]["network_links"][0].as_str() {
                    break link.trim_end_matches('/').to_owned();
                }
            }
        });
        let other = other.await.unwrap();
        assert_ne!(link, other);
        run(&home, &["stop", "Inbox"]).await;
        desk.no_longer_reaches(&other).await;

        // A password is in effect here as well, and the owner hears what that is worth.
        let set = run(&home, &["set", "--password=a password"]).await;
        assert!(set.out.contains("aren't encrypted"), "{set:?}");
        assert_eq!(desk.status(&link, "").await.as_deref(), Some("401"));
        run(&home, &["set", "--no-password"]).await;

        // What is under way ends with it.
        let slow = format!("curl --silent --limit-rate 1M --output /dev/null {link}/large.bin");
        let mut slow = desk.command(&slow).spawn().unwrap();
        timeout(LIMIT, async {
            while only(&home).await["under_way"]["count"] != 1 {}
        })
        .await
        .expect("the download begins");
        run(&home, &["set", "--no-lan"]).await;
        assert_eq!(only(&home).await["network_links"], Value::Array(Vec::new()));
        desk.no_longer_reaches(&link).await;
        let cut = timeout(LIMIT, slow.wait()).await.expect("it ends").unwrap();
        assert!(!cut.success(), "{cut:?}");

        // The same port after a restart.
        run(&home, &["set", "--lan"]).await;
        assert_eq!(network_link(&home).await, link);
        program.kill().await.unwrap();
        desk.no_longer_reaches(&link).await;
        let mut program = start(&home).await;
        timeout(LIMIT, async { while listed(&home).await.is_empty() {} })
            .await
            .expect("it is resumed");
        assert_eq!(network_link(&home).await, link);
        desk.reaches(&link).await;
        run(&home, &["quit"]).await;
        program.wait().await.unwrap();
        desk.no_longer_reaches(&link).await;
    });
}
