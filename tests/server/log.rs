//! What a stranger sends is escaped before it gets into the log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use crate::fixture::tree::Tree;
use crate::fixture::{Share, alone};

/// What was logged so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn take(&self) -> String {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(bytes).expect("text")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

// One test alone, because a log is heard in the whole process.
#[test]
fn visitors_are_logged_by_the_address_from_the_tunnel_and_everything_is_escaped() {
    alone(|| {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        let tree = Tree::empty();
        tree.write("a", b"a");
        let share = Share::folder(&tree.root);
        share
            .names
            .set(Some("quiet-river.trycloudflare.com".to_owned()));
        let public = ("Host", "quiet-river.trycloudflare.com");
        // A line is written before the response is sent.
        let logged = |path: &str, headers: &[(&str, &str)]| {
            log.take();
            share.get_with(path, headers);
            let lines = log.take();
            let ours: Vec<_> = lines
                .lines()
                .filter_map(|line| line.split_once("spot_serve::server::answer::log: "))
                .map(|(_, line)| line.to_owned())
                .collect();
            assert_eq!(ours.len(), 1, "{lines}");
            ours[0].clone()
        };

        let address = |address| [public, ("CF-Connecting-IP", address)];
        assert_eq!(
            logged("/a", &address("203.0.113.7")),
            "203.0.113.7: GET /a 200"
        );
        assert_eq!(
            logged("/a", &address("2001:DB8::1")),
            "2001:db8::1: GET /a 200"
        );
        for forged in ["evil", "203.0.113.7, 10.0.0.1", "127.0.0.1 x"] {
            assert_eq!(logged("/a", &address(forged)), "unknown: GET /a 200");
        }
        assert_eq!(logged("/a", &[public]), "unknown: GET /a 200");
        // A request to a loopback name did not come through the tunnel.
        assert_eq!(
            logged("/a", &[("CF-Connecting-IP", "203.0.113.7")]),
            "this computer: GET /a 200"
        );
        assert_eq!(
            logged(
                "/a",
                &[
                    ("Host", "evil.example"),
                    ("CF-Connecting-IP", "203.0.113.7")
                ]
            ),
            "another name: GET /a 421"
        );
        // Of the characters allowed in a target, only these could break the line into words.
        assert_eq!(
            logged("/%0aforged%1b[31m\"'{x}", &[public]),
            "unknown: GET /%0aforged%1b[31m\\\"\\'{x} 404"
        );
        // A query may contain secrets.
        assert_eq!(logged("/a?secret", &[public]), "unknown: GET /a 200");
    });
}
