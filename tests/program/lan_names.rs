//! Shares on the local network have names there (mDNS), which the system's own service on another host
//! lists and resolves.

use std::{fs, path::Path, process::Stdio};

use loopback_edge::namespace;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{
    home::{Home, LIMIT, Program},
    lan::{Desk, home, ip, network_link},
    running::{listed, run, start},
};

const AVAHI: &str = "/usr/sbin/avahi-daemon";

const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=SOCKET</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true"/><allow receive_type="signal"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/></policy>
</busconfig>"#;

/// avahi on the visitor's host.
struct Avahi<'a> {
    desk: &'a Desk,
    socket: String,
    _bus: Child,
    _daemon: Child,
}

impl<'a> Avahi<'a> {
    /// It is called `name` there.
    async fn on(desk: &'a Desk, home: &Home, name: &str) -> Self {
        for needed in [AVAHI, "/usr/bin/avahi-browse", "/usr/bin/dbus-daemon"] {
            if !Path::new(needed).exists() {
                namespace::skip("avahi", &format!("{needed} is not installed"));
            }
        }
        // Its socket and its process ID go there. This namespace has a place of its own.
        fs::create_dir_all("/run/avahi-daemon").unwrap();
        let own = ["-t", "tmpfs", "none", "/run/avahi-daemon"];
        let mounted = Command::new("mount").args(own).status().await;
        if !mounted.unwrap().success() {
            namespace::skip("avahi", "nothing can be mounted on /run/avahi-daemon");
        }
        let socket = home.path("bus").to_str().unwrap().to_owned();
        let (bus, settings) = (home.path("bus.xml"), home.path("avahi.conf"));
        fs::write(&bus, BUS.replace("SOCKET", &socket)).unwrap();
        let server = format!("[server]\nhost-name={name}\nallow-interfaces=far\n");
        fs::write(&settings, server + "[publish]\npublish-workstation=no\n").unwrap();
        let spawn = |command: &str| {
            desk.command(command)
                .env("DBUS_SYSTEM_BUS_ADDRESS", format!("unix:path={socket}"))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let bus = format!("dbus-daemon --nofork --config-file={}", bus.display());
        let bus = spawn(&bus);
        while !Path::new(&socket).exists() {
            tokio::task::yield_now().await;
        }
        let daemon = format!(
            "{AVAHI} --no-drop-root --no-rlimits --no-chroot -f {}",
            settings.display()
        );
        let daemon = spawn(&daemon);
        Self {
            desk,
            socket,
            _bus: bus,
            _daemon: daemon,
        }
    }

    fn command(&self, command: &str) -> Command {
        let mut command = self.desk.command(command);
        let address = format!("unix:path={}", self.socket);
        command.env("DBUS_SYSTEM_BUS_ADDRESS", address);
        command
    }

    /// Lists web services as they come and go.
    fn browse(&self, home: &Home) -> Program {
        home.start(&mut self.command("avahi-browse --resolve --parsable _http._tcp"))
    }

    /// Waits until the service answers.
    async fn is_running(&self) {
        let running = timeout(LIMIT, async {
            loop {
                let mut asks = self.command("avahi-browse --terminate _none._tcp");
                let asked = asks.stderr(Stdio::null()).output().await.unwrap();
                if asked.status.success() {
                    return;
                }
            }
        });
        running.await.expect("avahi runs");
    }
}

#[test]
fn shares_are_listed_on_other_hosts_until_they_end() {
    namespace::run_as_administrator(async {
        let desk = Desk::with(&["192.168.77.2/24"]);
        ip("addr add 192.168.77.1/24 dev cable");
        let home = home();
        fs::create_dir_all(home.path("other/Photos")).unwrap();
        // Another host has the name already.
        let avahi = Avahi::on(&desk, &home, "photos").await;
        avahi.is_running().await;
        let mut list = avahi.browse(&home);
        let mut program = start(&home).await;
        run(&home, &["share", "Photos", "--lan"]).await;
        let link = network_link(&home).await;
        let (_, port) = link.rsplit_once(':').unwrap();
        let found = list.out.line("=;far;IPv4;Photos;").await;
        let ends = format!(";photos-2.local;192.168.77.1;{port};\"path=/\"");
        assert!(found.ends_with(&ends), "{found}");
        let links = listed(&home).await[0]["network_links"].to_string();
        let by_name = format!("http://photos-2.local:{port}");
        assert!(links.contains(&by_name), "{links}");
        // As a browser there would.
        let resolve = format!("--resolve photos-2.local:{port}:192.168.77.1 ");
        let got = desk.get(&format!("{by_name}/a.txt"), &resolve).await;
        assert_eq!(got.as_deref(), Some("hello"));

        // Another share of the same name.
        run(&home, &["share", "other/Photos", "--lan"]).await;
        list.out.line(r"=;far;IPv4;Photos\032\0402\041;").await;
        // Both say goodbye.
        run(&home, &["stop", "other/Photos"]).await;
        list.out.line(r"-;far;IPv4;Photos\032\0402\041;").await;
        run(&home, &["quit"]).await;
        program.wait().await.unwrap();
        list.out.line("-;far;IPv4;Photos;").await;
    });
}
