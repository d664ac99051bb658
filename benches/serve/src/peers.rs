//! The servers to compare.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::data::Data;

/// A running server. Dropping it stops the server.
pub struct Peer {
    pub name: &'static str,
    pub port: u16,
    child: Child,
}

impl Peer {
    /// Starts all servers: ours first, nginx second.
    pub fn start_all(tools: &Path, data: &Data) -> Vec<Peer> {
        let conf = tools.join("conf");
        fs::create_dir_all(&conf).expect("a folder");
        let root = data.root.display();
        let nginx = conf.join("nginx.conf");
        fs::write(
            &nginx,
            format!(
                "daemon off; worker_processes 2; pid {0}/nginx.pid; error_log {0}/nginx.log;\n\
                 user root; events {{ worker_connections 1024; }}\n\
                 http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;\n\
                 types {{ }} default_type application/octet-stream;\n\
                 server {{ listen 127.0.0.1:18081; root {root}; autoindex on; }} }}\n",
                conf.display()
            ),
        )
        .expect("a file");
        let caddy = conf.join("Caddyfile");
        fs::write(
            &caddy,
            format!(
                "{{\n\tadmin off\n\tauto_https off\n}}\nhttp://127.0.0.1:18082 {{\n\troot * {root}\n\tfile_server\n}}\n"
            ),
        )
        .expect("a file");
        let mut nginx_command = Command::new("nginx");
        nginx_command.arg("-c").arg(&nginx).arg("-p").arg(&conf);
        let mut caddy_command = Command::new("caddy");
        caddy_command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(&caddy);
        caddy_command.env("HOME", &conf);
        let mut miniserve = Command::new(tools.join("bin/miniserve"));
        miniserve
            .args(["-i", "127.0.0.1", "-p", "18083"])
            .arg(&data.root);
        let mut dufs = Command::new(tools.join("bin/dufs"));
        dufs.args(["-b", "127.0.0.1", "-p", "18084", "--log-format", ""])
            .arg(&data.root);
        vec![
            Peer::ours(&data.root, 18080),
            Peer::start("nginx", nginx_command, 18081),
            Peer::start("caddy", caddy_command, 18082),
            Peer::start("miniserve", miniserve, 18083),
            Peer::start("dufs", dufs, 18084),
        ]
    }

    /// Our server on a folder.
    pub fn ours(folder: &Path, port: u16) -> Peer {
        let program = std::env::current_exe().expect("this program");
        Peer::serving("spot-serve", &program, folder, port)
    }

    /// Some build of this program, serving a folder.
    pub fn serving(name: &'static str, program: &Path, folder: &Path, port: u16) -> Peer {
        let mut command = Command::new(program);
        command.arg("serve").arg(folder).arg(port.to_string());
        Peer::start(name, command, port)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Starts a server, and waits until it listens.
    pub fn start(name: &'static str, mut command: Command, port: u16) -> Peer {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{name} does not listen"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        Peer { name, port, child }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // nginx's children end with their master.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}
