use std::{
    fs::File,
    io::{Read, Write},
    num::NonZeroU64,
    os::fd::OwnedFd,
    time::Instant,
};

use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use crate::server::{
    access::Access,
    answer::Gate,
    http::host::PublicNames,
    share::{Content, Presence},
    thumbnail::Thumbnails,
    transport::Patience,
    uploads::UploadRules,
};

/// Few, so that tests can fill all places.
const SERVED: usize = 6;
const WAITING: usize = 4;

fn limits() -> Limits {
    Limits {
        served: SERVED,
        waiting: WAITING,
        ..Limits::default()
    }
}

/// An empty folder, and what answers for it.
fn answerer(port: u16) -> (TempDir, Answerer) {
    let dir = tempfile::tempdir().unwrap();
    let presence = Presence::open(&Content::Folder(dir.path().to_owned()), false).unwrap();
    let thumbnails = Thumbnails::new(None);
    let gate = Gate::new(presence, PublicNames::default(), port, Access::default());
    (dir, Answerer::new(gate, thumbnails))
}

/// Looks like a socket but isn't one, so that nothing can be waited for on it.
fn no_socket() -> OwnedFd {
    let file: File = tempfile::tempfile().unwrap();
    rustix::io::ioctl_fionbio(&file, true).unwrap();
    file.into()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_connection_that_can_not_be_taken_over_affects_no_other() {
    let listener = StdListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (_dir, answerer) = answerer(address.port());
    let (_stop, stopped) = watch::channel(false);
    let slots = Arc::new(Semaphore::new(SERVED));
    let worker = Worker {
        answerer,
        stopped,
        slots: Arc::clone(&slots),
        limits: limits(),
        activity: Activity::default(),
    };
    let load = Load::default();
    let (sender, receiver) = mpsc::unbounded_channel();
    let accept = |stream: StdStream| {
        stream.set_nonblocking(true).unwrap();
        let slot = Slot {
            served: Arc::clone(&slots).try_acquire_owned().ok(),
            waiting: None,
            all_served: Arc::clone(&slots),
            eviction: Arc::default(),
            patience: Duration::ZERO,
        };
        let accepted = Accepted {
            stream,
            from: Origin {
                peer: address,
                line: None,
            },
            slot,
            counted: load.add(),
        };
        assert!(sender.send(accepted).is_ok());
    };
    accept(no_socket().into());
    let mut client = StdStream::connect(address).unwrap();
    accept(listener.accept().unwrap().0);
    let serving = thread::spawn(move || worker.run(async |serving| serving.serve(receiver).await));
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    client.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
    drop(sender);
    serving.join().unwrap();
    assert_eq!((load.count(), slots.available_permits()), (0, SERVED));
}

#[test]
fn threads_that_end_on_their_own_are_reported() {
    let (_dir, answerer) = answerer(1);
    let workers =
        Workers::start(no_socket().into(), answerer, limits(), Activity::default()).unwrap();
    runtime().block_on(workers.one_ended());
}

#[test]
fn a_thread_that_panics_has_ended() {
    let (_dir, answerer) = answerer(1);
    let (end, mut ended) = watch::channel(0);
    let ending = Ending(end);
    let (_stop, stopped) = watch::channel(false);
    let worker = Worker {
        answerer,
        stopped,
        slots: Arc::new(Semaphore::new(SERVED)),
        limits: limits(),
        activity: Activity::default(),
    };
    let thread = thread::spawn(move || {
        let _ending = ending;
        worker.run(async |_| panic!("as a test does"));
    });
    assert!(thread.join().is_ok(), "and what it had to do is done");
    assert_eq!(*ended.borrow_and_update(), 1);
}

#[test]
fn only_a_share_with_visitors_is_drained() {
    runtime().block_on(async {
        let slots = Arc::new(Semaphore::new(SERVED));
        let (stop, stopped) = watch::channel(false);
        stop.send_replace(true);
        let _next = Arc::clone(&slots).acquire_owned().await.unwrap();
        tokio::select! {
            biased;
            () = drained(stopped.clone(), Arc::clone(&slots), SERVED) => {}
            () = std::future::ready(()) => panic!("nobody is connected"),
        }
        let _visitor = Arc::clone(&slots).acquire_owned().await.unwrap();
        tokio::select! {
            biased;
            () = drained(stopped, slots, SERVED) => panic!("a visitor is connected"),
            () = std::future::ready(()) => {}
        }
    });
}

/// A share with few places, and little patience.
struct Crowded {
    _dir: TempDir,
    port: u16,
    access: Access,
    workers: Option<Workers>,
}

/// Larger than what the system buffers.
const LARGE: usize = 8 << 20;

impl Crowded {
    fn start(limits: Limits) -> Self {
        let runtime = runtime();
        let _inside = runtime.enter();
        let listener = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let port = listener.local_addr().unwrap().port();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("small"), b"small").unwrap();
        let large = File::create(dir.path().join("large")).unwrap();
        large.set_len(LARGE as u64).unwrap();
        let presence = Presence::open(&Content::Folder(dir.path().to_owned()), false).unwrap();
        let names = PublicNames::default();
        names.set(Some("a.trycloudflare.com".to_owned()));
        let access = Access::default();
        access.uploads().set_rules(Some(UploadRules::default()));
        let gate = Gate::new(presence, names, port, access.clone());
        let answerer = Answerer::new(gate, Thumbnails::new(None));
        Self {
            _dir: dir,
            port,
            access,
            workers: Some(Workers::start(listener, answerer, limits, Activity::default()).unwrap()),
        }
    }

    fn connect(&self) -> StdStream {
        let client = StdStream::connect(("127.0.0.1", self.port)).unwrap();
        client
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        client
    }

    /// Asks for a visitor, as cloudflared does.
    fn ask(&self, visitor: u8, name: &str) -> StdStream {
        let mut client = self.connect();
        let request = format!(
            "GET /{name} HTTP/1.1\r\nHost: a.trycloudflare.com\r\nCF-Connecting-IP: 192.0.2.{visitor}\r\n\r\n"
        );
        client.write_all(request.as_bytes()).unwrap();
        client
    }

    /// Starts an upload, whose body is asked for.
    fn upload(&self, visitor: u8) -> StdStream {
        let mut client = self.connect();
        let request = format!(
            "PUT /{visitor} HTTP/1.1\r\nHost: a.trycloudflare.com\r\n\
             CF-Connecting-IP: 192.0.2.{visitor}\r\nContent-Length: {LARGE}\r\n\
             Expect: 100-continue\r\n\r\n"
        );
        client.write_all(request.as_bytes()).unwrap();
        let mut response = [0; 25];
        client.read_exact(&mut response).unwrap();
        assert!(response.starts_with(b"HTTP/1.1 100 "), "{response:?}");
        client
    }

    /// The status for a visitor who asks now.
    fn status(&self, visitor: u8) -> String {
        let mut response = [0; 12];
        self.ask(visitor, "small")
            .read_exact(&mut response)
            .unwrap();
        String::from_utf8_lossy(&response[9..]).into_owned()
    }

    /// Starts a download, and takes one packet of it.
    fn download(&self, visitor: u8) -> StdStream {
        let mut client = self.ask(visitor, "large");
        let mut response = [0; 12];
        client.read_exact(&mut response).unwrap();
        assert!(response.ends_with(b"200"), "{response:?}");
        client
    }
}

impl Drop for Crowded {
    fn drop(&mut self) {
        if let Some(workers) = self.workers.take() {
            runtime().block_on(workers.stop());
        }
    }
}

/// Whether a download is complete. Reads no further, because the connection may stay open.
fn is_whole(client: &mut StdStream) -> bool {
    let mut left = LARGE;
    let mut buffer = vec![0; 64 * 1024];
    while left > 0 {
        match client.read(&mut buffer) {
            Ok(0) | Err(_) => return false,
            Ok(read) => left = left.saturating_sub(read),
        }
    }
    true
}

#[test]
fn stalled_downloads_make_room_for_waiting_visitors() {
    let share = Crowded::start(Limits {
        patience: Patience {
            stall: Duration::from_millis(500),
            ..Patience::default()
        },
        ..limits()
    });
    let mut downloads: Vec<_> = (0..SERVED as u8).map(|it| share.download(it)).collect();
    thread::sleep(Duration::from_millis(1000));
    // Those whose places were not needed get everything, although they took nothing for as long.
    let others: Vec<_> = (0..2).map(|it| share.download(100 + it)).collect();
    let cut_off = downloads.iter_mut().map(is_whole).filter(|it| !it).count();
    assert_eq!(cut_off, others.len());
}

/// Whether an upload was cut off. Sends a byte now and then until it is, or a while has passed.
fn is_cut_off(mut client: StdStream, until: Instant) -> bool {
    let pause = Duration::from_millis(50);
    client.set_read_timeout(Some(pause)).unwrap();
    while Instant::now() < until {
        match client.read(&mut [0]) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            _ => return true,
        }
        if client.write_all(b".").is_err() {
            return true;
        }
    }
    false
}

#[test]
fn uploads_that_stand_still_make_room_for_waiting_visitors() {
    let share = Crowded::start(Limits {
        patience: Patience {
            stall: Duration::from_millis(500),
            ..Patience::default()
        },
        ..limits()
    });
    let uploads: Vec<_> = (0..SERVED as u8).map(|it| share.upload(it)).collect();
    let until = Instant::now() + Duration::from_secs(4);
    let uploads: Vec<_> = (uploads.into_iter())
        .map(|client| thread::spawn(move || is_cut_off(client, until)))
        .collect();
    thread::sleep(Duration::from_millis(1000));
    // Those whose places are not needed keep them, although a byte now and then is no progress.
    let others: Vec<_> = (0..2).map(|it| share.download(100 + it)).collect();
    let cut_off = uploads.into_iter().map(|upload| upload.join().unwrap());
    assert_eq!(cut_off.filter(|it| *it).count(), others.len());
}

#[test]
fn a_slow_visitor_who_keeps_receiving_is_never_cut_off() {
    let share = Crowded::start(Limits {
        wait: Duration::from_millis(300),
        patience: Patience {
            stall: Duration::from_secs(3),
            ..Patience::default()
        },
        ..limits()
    });
    let downloads: Vec<_> = (0..SERVED as u8).map(|it| share.download(it)).collect();
    let until = Instant::now() + Duration::from_secs(7);
    let slow = downloads.into_iter().map(|mut client| {
        thread::spawn(move || {
            // Some 300 kB a second.
            while Instant::now() < until {
                client.read_exact(&mut [0; 30_000]).unwrap();
                thread::sleep(Duration::from_millis(100));
            }
            drop(client);
        })
    });
    let slow: Vec<_> = slow.collect();
    while Instant::now() + Duration::from_secs(1) < until {
        assert_eq!(share.status(100), "503");
    }
    for slow in slow {
        slow.join().unwrap();
    }
}

#[test]
fn a_visitor_who_waits_because_of_the_limit_has_not_stalled() {
    let share = Crowded::start(Limits {
        wait: Duration::from_millis(300),
        patience: Patience {
            stall: Duration::from_millis(200),
            ..Patience::default()
        },
        ..limits()
    });
    // The next ones get more only after half a minute.
    share.access.pace().set(NonZeroU64::new(1000));
    let mut downloads: Vec<_> = (0..SERVED as u8).map(|it| share.download(it)).collect();
    thread::sleep(Duration::from_millis(500));
    assert_eq!(share.status(100), "503");
    share.access.pace().set(None);
    assert!(downloads.iter_mut().all(is_whole));
}

#[test]
fn one_address_with_many_downloads_does_not_keep_others_out() {
    let share = Crowded::start(limits());
    let mut downloads: Vec<_> = (0..SERVED).map(|_| share.download(1)).collect();
    assert_eq!(share.status(1), "503", "its own downloads are not cut off");
    let mut others: Vec<_> = (2..6).map(|it| share.download(it)).collect();
    assert_eq!(share.status(1), "503");
    let kept = downloads.iter_mut().map(is_whole).filter(|it| *it);
    assert_eq!(kept.count(), SERVED - others.len());
    assert!(others.iter_mut().all(is_whole));
}

#[test]
fn silent_connections_make_room_for_every_visitor_who_comes_at_once() {
    let share = Crowded::start(limits());
    let silent: Vec<_> = (0..10 * SERVED).map(|_| share.connect()).collect();
    let visitors: Vec<_> = (0..WAITING as u8 + 2)
        .map(|it| share.ask(it, "small"))
        .collect();
    for mut visitor in visitors {
        let mut response = [0; 12];
        visitor.read_exact(&mut response).unwrap();
        assert!(response.ends_with(b"200"), "{response:?}");
    }
    drop(silent);
}
