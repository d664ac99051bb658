//! A share that is open to the local network, over plain HTTP. The network is loopback here: what counts
//! is the listener that a connection comes through.

use std::{
    io::{
        Error,
        ErrorKind::{TimedOut, WouldBlock},
        Read,
    },
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use spot_serve::server::{
    Access, Content, NetworkListener, OpenUploads, PasswordHash, Server, Settings, UploadRules,
};
use tokio::runtime::{Builder, Handle};

use crate::fixture::{Client, Response, http::PATIENCE, tree::Tree};

const NAME: &str = "quiet-river.trycloudflare.com";
const PASSWORD: &str = "quiet-river-lake-sand";

/// Too large for the buffers of a connection.
const LARGE: usize = 24 << 20;

/// A runtime that runs until the test program ends. Listeners accept connections in it.
fn runtime() -> Handle {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        sender.send(runtime.handle().clone()).unwrap();
        runtime.block_on(std::future::pending::<()>());
    });
    receiver.recv().unwrap()
}

struct Rig {
    _tree: Tree,
    access: Access,
    server: Option<Server>,
    listener: Option<NetworkListener>,
    port: u16,
    runtime: Handle,
}

impl Rig {
    fn new() -> Self {
        let tree = Tree::empty();
        tree.write("a.txt", b"hello");
        tree.write("large.bin", &vec![b'z'; LARGE]);
        let access = Access::default();
        let settings = Settings {
            access: access.clone(),
            ..Settings::default()
        };
        let runtime = runtime();
        let _inside = runtime.enter();
        let server = Server::start(&Content::Folder(tree.root.clone()), &settings).unwrap();
        server.names().set(Some(NAME.to_owned()));
        server
            .names()
            .set_network_names(vec!["photos.local".into()]);
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = server.network_opener().open(any).unwrap();
        drop(_inside);
        Self {
            _tree: tree,
            access,
            port: listener.address().port(),
            server: Some(server),
            listener: Some(listener),
            runtime,
        }
    }

    fn client(&self) -> Client {
        Client::connect(self.port)
    }

    fn get(&self, target: &str, headers: &[(&str, &str)]) -> Response {
        self.client().get(target, headers)
    }

    fn lock(&self) {
        let hash = PasswordHash::of(PASSWORD).unwrap();
        self.access.lock().set_password(Some(hash));
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop(OpenUploads::Discard));
        }
    }
}

#[test]
fn only_the_address_and_the_name_in_the_network_are_answered() {
    let rig = Rig::new();
    let port = rig.port;
    let own_port = rig.server.as_ref().unwrap().address().port();
    for host in [format!("127.0.0.1:{port}"), format!("Photos.local:{port}")] {
        let answer = rig.get("/a.txt", &[("Host", &host)]);
        assert_eq!((answer.status, &answer.body[..]), (200, &b"hello"[..]));
    }
    for host in [
        NAME.to_owned(),
        format!("{NAME}:{port}"),
        format!("localhost:{port}"),
        format!("127.0.0.1:{own_port}"),
        format!("evil.example:{port}"),
        "photos.local".to_owned(),
    ] {
        let answer = rig.get("/a.txt", &[("Host", &host)]);
        assert_eq!(answer.status, 421, "{host}");
        assert!(!answer.body.windows(5).any(|part| part == b"hello"));
    }
    // Nor do the names of the network count elsewhere.
    for host in [
        format!("photos.local:{own_port}"),
        format!("127.0.0.1:{port}"),
    ] {
        let answer = Client::connect(own_port).get("/a.txt", &[("Host", &host)]);
        assert_eq!(answer.status, 421, "{host}");
    }
}

#[test]
fn what_a_visitor_says_about_its_address_is_not_believed() {
    let rig = Rig::new();
    rig.lock();
    // All guesses come from one visitor, who has to wait after ten.
    let statuses = (0..12).map(|number| {
        let address = format!("192.0.2.{number}");
        let password = format!("Basic {}", base64(&format!("x:wrong{number}")));
        let headers = [
            ("CF-Connecting-IP", &address[..]),
            ("Authorization", &password),
        ];
        rig.get("/a.txt", &headers).status
    });
    let statuses: Vec<u16> = statuses.collect();
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn a_session_works_without_https_under_another_name() {
    let rig = Rig::new();
    rig.lock();
    let page = rig.get("/", &[("Accept", "text/html")]);
    assert_eq!(page.status, 401);
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    assert_eq!(page.header("strict-transport-security"), None);
    let own = format!("http://127.0.0.1:{}", rig.port);
    let form = format!("password={PASSWORD}");
    let enter = |origin: &str| {
        let length = form.len().to_string();
        let headers = [
            ("Accept", "text/html"),
            ("Origin", origin),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", &length),
        ];
        let mut client = rig.client();
        client.ask("POST", "/?unlock", &headers);
        client.send(form.as_bytes());
        client.response(false)
    };
    // Over plain HTTP, browsers send no Sec-Fetch-Site: a hidden origin may be another website.
    for origin in ["null", "http://evil.example"] {
        assert_eq!(enter(origin).header("set-cookie"), None, "{origin}");
    }
    let answer = enter(&own);
    let cookie = answer.header("set-cookie").expect("a cookie").to_owned();
    assert!(
        !cookie.contains("__Host-") && !cookie.contains("Secure"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    let answer = rig.get("/a.txt", &[("Cookie", cookie)]);
    assert_eq!(&answer.body[..], b"hello");
}

#[test]
fn another_website_hands_nothing_in() {
    let rig = Rig::new();
    rig.access.uploads().set_rules(Some(UploadRules::default()));
    let put = |origin: &str, name: &str| {
        let mut client = rig.client();
        let headers = [("Origin", origin), ("Content-Length", "2")];
        client.ask("PUT", name, &headers);
        client.send(b"ok");
        client.response(false).status
    };
    assert_eq!(put("null", "/b.txt"), 403);
    assert_eq!(put("http://evil.example", "/b.txt"), 403);
    let own = format!("http://127.0.0.1:{}", rig.port);
    assert_eq!(put(&own, "/b.txt"), 201);
}

#[test]
fn links_in_a_page_are_those_of_the_network() {
    let rig = Rig::new();
    let page = rig.get("/", &[("Accept", "text/html")]);
    let page = String::from_utf8(page.body).unwrap();
    assert!(
        page.contains(&format!("http://127.0.0.1:{}/", rig.port)),
        "{page}"
    );
    assert!(!page.contains("https://127"), "{page}");
    let name = format!("photos.local:{}", rig.port);
    let page = rig.get("/", &[("Accept", "text/html"), ("Host", &name)]);
    let page = String::from_utf8(page.body).unwrap();
    assert!(!page.contains("https://photos.local"), "{page}");
}

#[test]
fn connections_end_with_their_listener_and_no_others() {
    let mut rig = Rig::new();
    let own_port = rig.server.as_ref().unwrap().address().port();
    let mut near = rig.client();
    near.ask("GET", "/large.bin", &[]);
    let head = near.read_head().unwrap();
    assert_eq!(head.status, 200);
    let mut idle = rig.client();
    assert_eq!(idle.get("/a.txt", &[]).status, 200);
    let mut other = Client::connect(own_port);
    other.ask("GET", "/large.bin", &[]);
    // It has begun.
    other.stream().peek(&mut [0; 1]).unwrap();
    let port = rig.port;
    rig.listener = None;
    let mut rest = Vec::new();
    // An error is an end, too.
    let _ = near.stream().read_to_end(&mut rest);
    assert!(rest.len() < LARGE, "{} bytes", rest.len());
    // Long before it would end for having nothing to do.
    let soon = Some(Duration::from_secs(20));
    idle.stream().set_read_timeout(soon).unwrap();
    let ended = idle.stream().read(&mut [0; 1]);
    let is_late = |error: &Error| matches!(error.kind(), WouldBlock | TimedOut);
    assert!(ended.as_ref().is_ok_and(|read| *read == 0) || ended.is_err_and(|it| !is_late(&it)));
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    let answer = other.response(false);
    assert!(answer.is_complete && answer.body.len() == LARGE);
    // The port is free at once.
    let _inside = rig.runtime.enter();
    let again = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let opener = rig.server.as_ref().unwrap().network_opener();
    rig.listener = Some(opener.open(again).unwrap());
    drop(_inside);
    assert_eq!(rig.get("/a.txt", &[]).status, 200);
}

#[test]
fn a_share_that_ends_listens_nowhere() {
    let mut rig = Rig::new();
    let server = rig.server.take().unwrap();
    rig.runtime.block_on(server.stop(OpenUploads::Discard));
    // Its listener may take a moment to notice.
    let address = ("127.0.0.1", rig.port);
    while let Ok(mut stream) = std::net::TcpStream::connect(address) {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0, "nobody answers");
    }
}
