//! The computer stays awake while a visitor downloads or hands in files. What stands for logind here is a stub on a
//! bus of the test's own: it shows what the program asks for, and not what logind does about it.

use std::{
    fs::File,
    io::{self, PipeReader, Read},
};

use crate::home::{Home, LIMIT, open};
use loopback_edge::{Edge, Options, message_bus, namespace, needs};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Child,
    sync::mpsc,
    task::spawn_blocking,
    time::timeout,
};
use zbus::{Connection, OwnedFd, connection::Builder, fdo, interface};

/// More than cloudflared and the edge hold for a visitor.
const SIZE: usize = 128 << 20;

/// What the program asked for, and the end of the pipe that closes with its lock.
type Lock = ([String; 4], PipeReader);

struct Logind(mpsc::UnboundedSender<Lock>);

#[interface(name = "org.freedesktop.login1.Manager")]
impl Logind {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> fdo::Result<OwnedFd> {
        let pipe = io::pipe().map_err(|error| fdo::Error::Failed(error.to_string()));
        let (reader, writer) = pipe?;
        let asked = [what, who, why, mode].map(str::to_owned);
        self.0.send((asked, reader)).unwrap();
        Ok(OwnedFd::from(std::os::fd::OwnedFd::from(writer)))
    }
}

/// Takes the place of logind on a bus of its own; `home` uses it.
async fn logind(home: &mut Home) -> (Child, Connection, mpsc::UnboundedReceiver<Lock>) {
    let (daemon, address) = message_bus::start().await;
    let (sender, locks) = mpsc::unbounded_channel();
    let connection = Builder::address(&address[..])
        .name("org.freedesktop.login1")
        .serve_at("/org/freedesktop/login1", Logind(sender))
        .build()
        .await
        .unwrap();
    home.variables
        .push(("DBUS_SYSTEM_BUS_ADDRESS".into(), address));
    (daemon, connection, locks)
}

#[test]
fn the_computer_stays_awake_during_a_download_and_no_longer() {
    if !needs::met(&["dbus-daemon"]) {
        return;
    }
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let mut home = Home::with_edge(&edge);
        let (_daemon, _logind, mut locks) = logind(&mut home).await;
        let large = File::create(home.path("Photos/large")).unwrap();
        large.set_len(SIZE as u64).unwrap();
        let mut program = home.share("Photos");
        let name = program.public_name().await;
        assert!(locks.try_recv().is_err(), "nobody has downloaded anything");

        let mut download = open(&edge.public_addr().to_string(), &name, "/large").await;
        let mut part = vec![0; SIZE / 4];
        let reading = timeout(LIMIT, download.read_exact(&mut part));
        reading.await.expect("it downloads").unwrap();
        let (asked, mut held) = timeout(LIMIT, locks.recv()).await.unwrap().unwrap();
        assert_eq!(
            asked,
            [
                "sleep",
                "Spot Serve",
                "Files are being transferred",
                "block"
            ]
        );
        let released = spawn_blocking(move || held.read(&mut [0]).unwrap());
        let reading = timeout(LIMIT, download.read_exact(&mut part));
        reading.await.expect("it downloads").unwrap();
        assert!(!released.is_finished(), "it is held during the download");

        let mut rest = Vec::new();
        let reading = timeout(LIMIT, download.read_to_end(&mut rest));
        reading.await.expect("it ends").unwrap();
        assert!(rest.len() >= SIZE / 2, "the file came whole");
        let released = timeout(LIMIT, released).await;
        assert_eq!(released.expect("it is released").unwrap(), 0);
        assert!(locks.try_recv().is_err(), "one download takes one lock");
    });
}

#[test]
fn the_computer_stays_awake_while_a_file_comes_in() {
    if !needs::met(&["dbus-daemon"]) {
        return;
    }
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let mut home = Home::with_edge(&edge);
        let (_daemon, _logind, mut locks) = logind(&mut home).await;
        let mut program = home.start(&mut home.command(&["receive", "--foreground", "Homework"]));
        let name = program.public_name().await;
        assert!(locks.try_recv().is_err(), "nobody has handed in anything");

        let part = vec![b'x'; 4 << 20];
        let mut upload = TcpStream::connect(edge.public_addr()).await.unwrap();
        let head = format!(
            "PUT /large HTTP/1.1\r\nHost: {name}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            2 * part.len()
        );
        upload.write_all(head.as_bytes()).await.unwrap();
        upload.write_all(&part).await.unwrap();
        let (_, mut held) = timeout(LIMIT, locks.recv()).await.unwrap().unwrap();
        let released = spawn_blocking(move || held.read(&mut [0]).unwrap());
        assert!(!released.is_finished(), "it is held during the upload");
        upload.write_all(&part).await.unwrap();
        let mut answer = String::new();
        let reading = timeout(LIMIT, upload.read_to_string(&mut answer));
        reading.await.expect("it ends").unwrap();
        assert!(answer.contains(" 201 "), "{answer}");
        let released = timeout(LIMIT, released).await;
        assert_eq!(released.expect("it is released").unwrap(), 0);
    });
}
