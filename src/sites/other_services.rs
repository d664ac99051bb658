//! Programs that wait for connections but serve no web pages, so that nobody would share them.

/// Ports of services that are not for browsers: remote login, mail, names, files, databases, queues,
/// printing.
const PORTS: [u16; 40] = [
    21, 22, 23, 25, 53, 88, 110, 111, 135, 139, 143, 389, 445, 465, 587, 631, 636, 873, 993, 995,
    1433, 1521, 1883, 2049, 2181, 3306, 3389, 4369, 5353, 5432, 5672, 5900, 5901, 6000, 6379, 8883,
    9092, 11211, 27017, 33060,
];

/// Programs that do the same on any port.
const PROGRAMS: [&str; 32] = [
    "avahi-daemon",
    "chronyd",
    "controlcenter",
    "cupsd",
    "dnsmasq",
    "exim4",
    "lsass",
    "mariadbd",
    "master",
    "memcached",
    "mongod",
    "mysqld",
    "named",
    "pipewire",
    "postgres",
    "pulseaudio",
    "rapportd",
    "redis-server",
    "rpc.mountd",
    "rpc.statd",
    "rpcbind",
    "services",
    "smbd",
    "spoolsv",
    "ssh",
    "sshd",
    "svchost",
    "systemd-resolve",
    "systemd-resolved",
    "wininit",
    "xrdp",
    "xvnc",
];

/// Whether `program`, which listens on `port`, is known to serve no web pages.
pub fn serves_no_pages(port: u16, program: &str) -> bool {
    let program = program.to_ascii_lowercase();
    let program = program.strip_suffix(".exe").unwrap_or(&program);
    PORTS.binary_search(&port).is_ok() || PROGRAMS.binary_search(&program).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_are_not_for_browsers_are_left_out() {
        for (port, program) in [(5432, "postgres"), (2222, "sshd"), (49664, "lsass.exe")] {
            assert!(serves_no_pages(port, program), "{program}");
        }
        for (port, program) in [(5173, "node"), (8000, "python3"), (80, "nginx"), (3000, "")] {
            assert!(!serves_no_pages(port, program), "{program}");
        }
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(PORTS.is_sorted() && PROGRAMS.is_sorted());
    }
}
