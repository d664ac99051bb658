//! What strangers may cost, and how a share begins and ends.

mod fixture;

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use fixture::http::PATIENCE;
use fixture::tree::Tree;
use fixture::{Client, Share};
use spot_serve::server::{Content, Settings};

fn start_error(content: Content, port: u16) -> String {
    let settings = Settings {
        thumbnails: None,
        hidden: false,
        port,
    };
    match Share::start(&content, &settings) {
        Ok(_) => panic!("{content:?} can't be shared"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_can_not_be_shared_is_told_in_a_sentence() {
    let tree = Tree::hostile();
    let missing = tree.root.join("no such thing");
    let sentence = format!(
        "{} does not exist. It may have been moved, renamed or deleted.",
        missing.display()
    );
    assert_eq!(start_error(Content::Folder(missing.clone()), 0), sentence);
    assert_eq!(start_error(Content::Files(vec![missing]), 0), sentence);
    let file = tree.root.join("plain.txt");
    assert_eq!(
        start_error(Content::Folder(file.clone()), 0),
        format!("{} is a file, not a folder.", file.display())
    );
    assert_eq!(
        start_error(Content::Files(vec![]), 0),
        "Nothing was chosen to share."
    );
    #[cfg(unix)]
    {
        let fifo = tree.root.join("fifo");
        assert_eq!(
            start_error(Content::Files(vec![fifo.clone()]), 0),
            format!(
                "{} is neither a file nor a folder, so there is nothing to share.",
                fifo.display()
            )
        );
    }
}

#[test]
fn a_port_that_is_taken_is_told_in_a_sentence() {
    let tree = Tree::empty();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    assert_eq!(
        start_error(Content::Folder(tree.root.clone()), port),
        format!(
            "Port {port} is taken by another program. Choose another port in the settings, or 0 for \
             any free one."
        )
    );
}

#[test]
fn a_port_can_be_chosen_and_used_again_at_once() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let mut first = Share::folder(&tree.root);
    let port = first.port;
    assert_eq!(first.get("/a").body, b"a");
    first.stop();
    let settings = Settings {
        thumbnails: None,
        hidden: false,
        port,
    };
    let second = Share::start(&Content::Folder(tree.root.clone()), &settings).unwrap();
    assert_eq!((second.port, second.get("/a").body), (port, b"a".to_vec()));
}

#[test]
fn stopping_ends_downloads_under_way_and_frees_the_port() {
    let tree = Tree::empty();
    tree.write("large.bin", &vec![1; 64 << 20]);
    tree.mkdir("many");
    let mut share = Share::folder(&tree.root);
    let mut downloads: Vec<Client> = ["/large.bin", "/?archive=zip", "/large.bin"]
        .iter()
        .map(|path| {
            let mut client = share.client();
            client.ask("GET", path, &[]);
            assert_eq!(client.read_head().unwrap().status, 200);
            client
        })
        .collect();
    let mut idle = share.client();
    assert_eq!(idle.get("/", &[]).status, 200);
    share.stop();
    for client in &mut downloads {
        let mut rest = Vec::new();
        let _ = client.stream().read_to_end(&mut rest);
        assert!(rest.len() < 64 << 20);
    }
    assert!(idle.is_closed());
    assert!(TcpStream::connect(("127.0.0.1", share.port)).is_err());
}

#[test]
fn a_request_that_is_too_long_is_refused() {
    let tree = Tree::empty();
    let share = Share::folder(&tree.root);
    let long = "x".repeat(20_000);
    assert_eq!(share.get_with("/", &[("X-One", &long)]).status, 200);
    assert_eq!(
        share
            .get_with("/", &[("X-One", &long), ("X-Two", &long)])
            .status,
        431
    );
    assert_eq!(share.get(&format!("/{}", "x".repeat(40_000))).status, 431);
    let mut client = share.client();
    client.send(b"GET / HTTP/1.1\r\n");
    // The other side stops to listen before all of it is sent.
    let line = format!("X-Long: {}\r\n", "x".repeat(8_000));
    for _ in 0..200 {
        if std::io::Write::write_all(client.stream(), line.as_bytes()).is_err() {
            return;
        }
    }
    assert!(client.is_closed());
}

#[test]
fn a_request_that_never_ends_is_given_up_also_on_a_connection_that_was_used() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let share = Share::folder(&tree.root);
    let mut fresh = share.client();
    fresh.send(b"GET /a HTTP/1.1\r\nHost:");
    let mut used = share.client();
    assert_eq!(used.get("/a", &[]).body, b"a");
    used.send(b"GET /a HTTP/1.1\r\nHost:");
    let idle_since = Instant::now();
    let mut idle = share.client();
    assert_eq!(idle.get("/a", &[]).body, b"a");
    // The first gets a 408, as actix-web sends it.
    assert_eq!(fresh.read_head().unwrap().status, 408);
    assert!(fresh.is_closed());
    assert!(used.is_closed());
    assert!(idle.is_closed());
    assert!(idle_since.elapsed() < PATIENCE);
}

/// So many connections are served at a time.
#[cfg(unix)]
const SERVED: usize = 480;

/// So many connections there are at a time.
#[cfg(unix)]
const CONNECTIONS: usize = 512;

/// Takes all places of a share.
#[cfg(unix)]
fn crowd(share: &Share) -> Vec<Client> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    let clients = (0..SERVED).map(|_| {
        let mut client = share.client();
        assert_eq!(client.get("/a", &[]).status, 200);
        client
    });
    clients.collect()
}

#[cfg(unix)]
#[test]
fn visitors_beyond_480_wait_a_moment_and_are_told_that_there_are_too_many() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let share = Share::folder(&tree.root);
    let crowd = crowd(&share);
    let mut late: Vec<_> = (SERVED..CONNECTIONS + 8).map(|_| share.client()).collect();
    for client in &mut late {
        client.ask("GET", "/a", &[("Accept-Language", "de")]);
    }
    // Those that had not been let in are, when others have been told.
    for client in &mut late {
        let response = client.response(false);
        assert_eq!(response.status, 429);
        assert_eq!(response.header("retry-after"), Some("60"));
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert!(response.text().contains("<h1>Ausgelastet</h1>"));
        assert!(client.is_closed());
    }
    drop(crowd);
    assert_eq!(share.get("/a").status, 200);
}

#[cfg(unix)]
#[test]
fn a_visitor_who_waits_is_served_when_another_leaves() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let share = Share::folder(&tree.root);
    let mut crowd = crowd(&share);
    let begun = Instant::now();
    // The place may be free too late on a machine that is busy with other things.
    loop {
        let mut late = share.client();
        late.ask("GET", "/a", &[]);
        crowd.pop();
        match late.response(false).status {
            200 => break,
            status => assert_eq!(status, 429),
        }
        assert!(begun.elapsed() < PATIENCE);
    }
}

#[test]
fn whoever_asks_while_a_share_ends_is_told_that_it_has_ended() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let begun = Instant::now();
    // It takes a moment only, so it may be missed on a machine that is busy with other things.
    loop {
        let mut share = Share::folder(&tree.root);
        let mut clients: Vec<_> = (0..4).map(|_| share.client()).collect();
        for client in &mut clients {
            assert_eq!(client.get("/a", &[]).status, 200);
        }
        let asking = std::thread::spawn(move || {
            let last = clients.iter_mut().map(|client| {
                let mut responses = std::iter::repeat_with(|| client.try_get("/a"));
                responses.find(|response| response.as_ref().is_none_or(|it| it.status != 200))
            });
            last.flatten().flatten().collect::<Vec<_>>()
        });
        share.stop();
        let told = asking.join().unwrap();
        for response in &told {
            assert_eq!(response.status, 410);
            assert_eq!(response.header("connection"), Some("close"));
            assert!(response.text().contains("<h1>No longer shared</h1>"));
        }
        if !told.is_empty() {
            return;
        }
        assert!(begun.elapsed() < PATIENCE);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_wakes_up_while_nobody_is_connected() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let share = Share::folder(&tree.root);
    assert_eq!(share.get("/a").status, 200);
    let begun = Instant::now();
    loop {
        let before = wake_ups(share.port);
        std::thread::sleep(Duration::from_secs(3));
        let after = wake_ups(share.port);
        assert_eq!(after.len(), 2, "{after:?}");
        if before == after {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{before:?} {after:?}");
    }
}

/// How often each thread of a share has begun to run.
#[cfg(target_os = "linux")]
fn wake_ups(port: u16) -> Vec<(PathBuf, String)> {
    let name = format!("share {port}/");
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    tasks
        .map(|task| task.unwrap().path())
        .filter(|task| {
            let comm = std::fs::read_to_string(task.join("comm"));
            comm.is_ok_and(|comm| comm.starts_with(&name))
        })
        .map(|task| {
            let status = std::fs::read_to_string(task.join("status")).unwrap();
            let switches = status
                .lines()
                .find(|line| line.starts_with("voluntary_ctxt"));
            (task, switches.unwrap().to_owned())
        })
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_is_not_in_memory_arrives_whole() {
    let tree = Tree::empty();
    let content: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let path = tree.write("cold.bin", &content);
    let share = Share::folder(&tree.root);
    let file = std::fs::File::open(&path).unwrap();
    file.sync_all().unwrap();
    let mut client = share.client();
    for _ in 0..3 {
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
        assert!(client.get("/cold.bin", &[]).body == content);
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
        let range = [("Range", "bytes=10000000-10000099")];
        assert!(client.get("/cold.bin", &range).body == content[10_000_000..10_000_100]);
    }
}

#[test]
fn a_folder_of_many_entries_is_listed_whole_and_in_order() {
    let tree = Tree::empty();
    for number in 0..20_000 {
        std::fs::write(tree.root.join(format!("file {number}")), b"").unwrap();
    }
    let share = Share::folder(&tree.root);
    // A visitor without a script turns pages.
    let pages = (1..=40).map(|page| share.get(&format!("/?page={page}")).text());
    let page: String = pages.collect();
    let mut last = 0;
    for number in 0..20_000 {
        let place = page[last..]
            .find(&format!("\"./file%20{number}\""))
            .expect("in order");
        last += place;
    }
    let listing: serde_json::Value = serde_json::from_slice(&share.get("/?json").body).unwrap();
    let entries = listing["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 20_000);
    for (number, entry) in entries.iter().enumerate() {
        assert_eq!(entry["name"], format!("file {number}"));
    }
}
