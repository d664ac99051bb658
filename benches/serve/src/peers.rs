//! The servers to compare.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::data::Data;
use crate::far::Far;
use crate::load::Target;

/// A running server. Dropping it stops the server.
pub struct Peer {
    pub name: &'static str,
    pub port: u16,
    ip: IpAddr,
    child: Child,
}

impl Peer {
    /// Starts all servers: ours first, nginx second.
    pub fn start_all(tools: &Path, data: &Data) -> Vec<Peer> {
        let conf = tools.join("conf");
        fs::create_dir_all(&conf).expect("a folder");
        let root = data.root.display();
        let caddy = conf.join("Caddyfile");
        fs::write(
            &caddy,
            format!(
                "{{\n\tadmin off\n\tauto_https off\n}}\nhttp://127.0.0.1:18082 {{\n\troot * {root}\n\tfile_server\n}}\n"
            ),
        )
        .expect("a file");
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
            Peer::start(
                "nginx",
                nginx(&conf, &data.root, "127.0.0.1:18081", ""),
                18081,
            ),
            Peer::start("caddy", caddy_command, 18082),
            Peer::start("miniserve", miniserve, 18083),
            Peer::start("dufs", dufs, 18084),
            Peer::start(
                "nginx with open_file_cache",
                nginx(&conf, &data.root, "127.0.0.1:18079", OPEN_FILE_CACHE),
                18079,
            ),
        ]
    }

    /// Starts ours and nginx on another host. Ours listens there as it does in a local network.
    pub fn start_far(tools: &Path, data: &Data, far: &Far) -> Vec<Peer> {
        let conf = tools.join("conf");
        fs::create_dir_all(&conf).expect("a folder");
        let (port, loopback_port) = (18087, 18088);
        let mut ours = Command::new(std::env::current_exe().expect("this program"));
        ours.arg("serve")
            .arg(&data.root)
            .arg(loopback_port.to_string());
        ours.arg(SocketAddr::from((far.ip(), port)).to_string());
        let theirs = nginx(&conf, &data.root, &format!("{}:18081", far.ip()), "");
        [("spot-serve", ours, port), ("nginx", theirs, 18081)]
            .map(|(name, command, port)| {
                Peer::start_at(name, far.command(&command), (far.ip(), port).into())
            })
            .into()
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

    /// Where visitors connect.
    pub fn target(&self) -> Target {
        Target::at((self.ip, self.port).into())
    }

    /// Starts a server on this computer, and waits until it listens.
    pub fn start(name: &'static str, command: Command, port: u16) -> Peer {
        Peer::start_at(name, command, (Ipv4Addr::LOCALHOST, port).into())
    }

    fn start_at(name: &'static str, mut command: Command, address: SocketAddr) -> Peer {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let begun = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{name} does not listen"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        Peer {
            name,
            port: address.port(),
            ip: address.ip(),
            child,
        }
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

/// Keeps all small files open, and looks at them every half a minute.
const OPEN_FILE_CACHE: &str = "open_file_cache max=20000 inactive=60s; open_file_cache_valid 30s; open_file_cache_min_uses 1;";

/// nginx with sendfile and lists of folders, serving `root` at an address.
fn nginx(conf: &Path, root: &Path, address: &str, more: &str) -> Command {
    let name = if more.is_empty() {
        "nginx"
    } else {
        "nginx-cache"
    };
    let file = conf.join(format!("{name}.conf"));
    fs::write(
        &file,
        format!(
            "daemon off; worker_processes 2; pid {0}/{name}.pid; error_log {0}/{name}.log;\n\
             worker_rlimit_nofile 65536; user root; events {{ worker_connections 1024; }}\n\
             http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;\n\
             types {{ }} default_type application/octet-stream;\n\
             {more} server {{ listen {address}; root {1}; autoindex on; }} }}\n",
            conf.display(),
            root.display()
        ),
    )
    .expect("a file");
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&file).arg("-p").arg(conf);
    command
}
