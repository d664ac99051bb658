//! Another host at the far end of a cable: a network namespace, and a pair of virtual Ethernet devices.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The other host. It ends when this is dropped.
pub struct Far {
    /// Keeps the namespace.
    child: Child,
}

impl Far {
    /// Plugs in the cable. Only in a network namespace of our own, see `tests/in-netns.sh`.
    pub fn connect() -> Far {
        let child = Command::new("unshare")
            .args(["--net", "sleep", "infinity"])
            .stdin(Stdio::null())
            .spawn()
            .expect("unshare");
        let far = Far { child };
        let own = fs::read_link("/proc/self/ns/net").expect("a namespace");
        let its = format!("/proc/{}/ns/net", far.child.id());
        while fs::read_link(&its).is_ok_and(|its| its == own) {
            thread::sleep(Duration::from_millis(1));
        }
        let pid = far.child.id();
        run(ip(&format!(
            "link add near type veth peer name far netns {pid}"
        )));
        run(ip("addr add 10.74.0.1/24 dev near"));
        run(ip("link set near up"));
        for arguments in [
            "link set lo up",
            "addr add 10.74.0.2/24 dev far",
            "link set far up",
        ] {
            run(far.command(&ip(arguments)));
        }
        far
    }

    /// Its address.
    pub fn ip(&self) -> IpAddr {
        Ipv4Addr::new(10, 74, 0, 2).into()
    }

    /// The same command, run there.
    pub fn command(&self, command: &Command) -> Command {
        let mut there = Command::new("nsenter");
        there.args(["--net", "--target", &self.child.id().to_string(), "--"]);
        there.arg(command.get_program()).args(command.get_args());
        there
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder in memory, which only this namespace has: what a disk does would hide differences.
pub fn memory(tools: &Path) -> PathBuf {
    let folder = tools.join("memory");
    fs::create_dir_all(&folder).expect("a folder");
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "tmpfs"]).arg(&folder);
    run(mount);
    folder
}

fn ip(arguments: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(arguments.split(' '));
    command
}

fn run(mut command: Command) {
    let status = command.status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?}");
}
