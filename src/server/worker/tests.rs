use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
};

use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use crate::server::{
    http::host::PublicNames,
    share::{Content, Presence},
    thumbnail::Thumbnails,
};

/// An empty folder with what answers for it.
fn answerer(port: u16) -> (TempDir, Answerer) {
    let dir = tempfile::tempdir().unwrap();
    let presence = Presence::open(&Content::Folder(dir.path().to_owned()), false).unwrap();
    let thumbnails = Thumbnails::new(None);
    let answerer = Answerer::new(presence, thumbnails, PublicNames::default(), port);
    (dir, answerer)
}

/// What looks like a socket and is none, so that nothing can be waited for on it.
fn no_socket() -> OwnedFd {
    let file: File = tempfile::tempfile().unwrap();
    rustix::io::ioctl_fionbio(&file, true).unwrap();
    file.into()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_connection_that_can_not_be_taken_over_costs_itself_alone() {
    let listener = StdListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (_dir, answerer) = answerer(address.port());
    let (_stop, stopped) = watch::channel(false);
    let slots = Arc::new(Semaphore::new(MAX_SERVED));
    let worker = Worker {
        answerer,
        stopped,
        slots: Arc::clone(&slots),
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
        };
        let accepted = Accepted {
            stream,
            peer: address,
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
    assert_eq!((load.count(), slots.available_permits()), (0, MAX_SERVED));
}

#[test]
fn threads_that_end_by_themselves_are_told() {
    let (_dir, answerer) = answerer(1);
    let workers = Workers::start(no_socket().into(), answerer).unwrap();
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
        slots: Arc::new(Semaphore::new(MAX_SERVED)),
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
        let slots = Arc::new(Semaphore::new(MAX_SERVED));
        let (stop, stopped) = watch::channel(false);
        stop.send_replace(true);
        let _next = Arc::clone(&slots).acquire_owned().await.unwrap();
        tokio::select! {
            biased;
            () = drained(stopped.clone(), Arc::clone(&slots)) => {}
            () = std::future::ready(()) => panic!("nobody is connected"),
        }
        let _visitor = Arc::clone(&slots).acquire_owned().await.unwrap();
        tokio::select! {
            biased;
            () = drained(stopped, slots) => panic!("a visitor is connected"),
            () = std::future::ready(()) => {}
        }
    });
}
