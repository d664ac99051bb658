//! Real cloudflareds in front of the servers, connected to the loopback edge: the speed that visitors
//! see.

use std::io::{BufRead, BufReader};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::Value;

use crate::load::Target;

/// A running edge. Dropping it closes its standard input, which stops it.
pub struct Edge {
    child: Child,
    about: Value,
}

impl Edge {
    pub fn start(program: &Path) -> Edge {
        let mut child = Command::new(program)
            .arg("--until-stdin-closes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the edge");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        Edge {
            child,
            about: serde_json::from_str(&line).expect("the addresses of the edge"),
        }
    }

    /// The port for visitors.
    fn public_port(&self) -> u16 {
        let address = self.about["public"].as_str().expect("an address");
        let (_, port) = address.rsplit_once(':').expect("a port");
        port.parse().expect("a port")
    }

    /// The arguments that make a cloudflared use it.
    fn args(&self) -> impl Iterator<Item = &str> {
        let args = self.about["args"].as_array().into_iter().flatten();
        args.filter_map(Value::as_str)
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A running cloudflared. Dropping it stops the process.
pub struct Tunnel {
    child: Child,
    /// Where visitors connect.
    pub target: Target,
}

impl Tunnel {
    /// Starts one for the server on `port`, and waits until it is registered.
    pub fn start(cloudflared: &Path, edge: &Edge, protocol: &str, port: u16) -> Tunnel {
        let mut child = Command::new(cloudflared)
            .args(["tunnel", "--config", "/dev/null", "--no-autoupdate"])
            .args(["--protocol", protocol])
            .args(["--url", &format!("http://127.0.0.1:{port}")])
            .args(["--http-host-header", &format!("127.0.0.1:{port}")])
            .args(edge.args())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("cloudflared");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut host = None;
        for line in lines.by_ref().map_while(Result::ok) {
            if let Some((_, rest)) = line.split_once("https://")
                && let Some((name, _)) = rest.split_once(".trycloudflare.com")
            {
                host = Some(format!("{name}.trycloudflare.com"));
            }
            if line.contains("Registered tunnel connection") {
                break;
            }
        }
        // Keep reading its output, so that it never blocks.
        thread::spawn(move || lines.for_each(drop));
        let target = Target {
            address: (Ipv4Addr::LOCALHOST, edge.public_port()).into(),
            host: host.expect("cloudflared got no tunnel"),
        };
        Tunnel { child, target }
    }
}

impl Drop for Tunnel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
