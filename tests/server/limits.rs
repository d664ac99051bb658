//! Limits for what visitors may cost, and how a share starts and stops.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::fixture::http::PATIENCE;
use crate::fixture::tree::Tree;
use crate::fixture::{Client, Share};
use spot_serve::server::{Content, Settings};

fn start_error(content: Content, port: u16) -> String {
    let settings = Settings {
        thumbnails: None,
        hidden: false.into(),
        port,
        ..Settings::default()
    };
    match Share::start(&content, &settings) {
        Ok(_) => panic!("{content:?} can't be shared"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_can_not_be_shared_is_explained_in_a_sentence() {
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
        format!(
            "{} is a file, not a folder. Choose the folder it is in, or share the file itself.",
            file.display()
        )
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
fn a_port_in_use_is_explained_in_a_sentence() {
    let tree = Tree::empty();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = other.local_addr().unwrap().port();
    assert_eq!(
        start_error(Content::Folder(tree.root.clone()), port),
        format!(
            "Port {port} is in use by another program or share. Choose another port in the settings, \
             or 0 for any free port."
        )
    );
}

#[test]
fn a_chosen_port_can_be_reused_immediately() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let mut first = Share::folder(&tree.root);
    let port = first.port;
    assert_eq!(first.get("/a").body, b"a");
    first.stop();
    let settings = Settings {
        thumbnails: None,
        hidden: false.into(),
        port,
        ..Settings::default()
    };
    // The system keeps the first one's connections for a minute.
    let begun = Instant::now();
    let second = loop {
        match Share::start(&Content::Folder(tree.root.clone()), &settings) {
            Ok(second) => break second,
            Err(error) => assert!(begun.elapsed() < Duration::from_secs(20), "{error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!((second.port, second.get("/a").body), (port, b"a".to_vec()));
}

#[test]
fn stopping_ends_downloads_in_progress_and_frees_the_port() {
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
    // As the server counts: the target, and for each header its name, its value and four more bytes.
    let host = format!("127.0.0.1:{}", share.port);
    let others = "/".len() + "Host".len() + host.len() + 4 + "X".len() + 4;
    let longest = "x".repeat(32 * 1024 - others);
    assert_eq!(share.get_with("/", &[("X", &longest)]).status, 200);
    let too_long = longest + "x";
    let refused = share.get_with("/", &[("X", &too_long)]);
    assert_eq!(refused.status, 431);
    assert_eq!(refused.header("x-robots-tag"), Some("noindex"));
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
    // The other side stops reading before everything is sent.
    let line = format!("X-Long: {}\r\n", "x".repeat(8_000));
    for _ in 0..200 {
        if std::io::Write::write_all(client.stream(), line.as_bytes()).is_err() {
            return;
        }
    }
    assert!(client.is_closed());
}

#[test]
fn a_request_that_never_ends_times_out_even_on_a_reused_connection() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let share = Share::folder(&tree.root);
    let mut fresh = share.client();
    fresh.send(b"GET /a HTTP/1.1\r\nHost:");
    let mut used = share.client();
    assert_eq!(used.get("/a", &[]).body, b"a");
    used.send(b"GET /a HTTP/1.1\r\nHost:");
    // An empty line looks like the end of a request.
    let mut blank = share.client();
    assert_eq!(blank.get("/a", &[]).body, b"a");
    blank.send(b"\r\n\r\n");
    let idle_since = Instant::now();
    let mut idle = share.client();
    assert_eq!(idle.get("/a", &[]).body, b"a");
    let refusal = fresh.read_head().unwrap();
    assert_eq!(refusal.status, 408);
    assert_eq!(refusal.header("x-content-type-options"), Some("nosniff"));
    assert!(fresh.is_closed());
    assert!(used.is_closed());
    assert!(blank.is_closed());
    assert!(idle_since.elapsed() >= Duration::from_secs(9));
    assert!(idle.is_closed());
    assert!(idle_since.elapsed() >= Duration::from_secs(29));
    assert!(idle_since.elapsed() < PATIENCE);
}

#[test]
fn a_request_while_a_share_ends_is_answered_that_it_has_ended() {
    let tree = Tree::empty();
    tree.write("a", b"a");
    let begun = Instant::now();
    // This state lasts only a moment, so a busy machine may miss it.
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
            // Data that the next share under this name should not find.
            assert!(response.header("clear-site-data").is_some());
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

/// How often each thread of a share was scheduled.
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
fn a_file_outside_the_page_cache_arrives_whole() {
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
    // An archive made from the page cache, and one that has to wait for the disk.
    let warm = client.get("/?archive=zip", &[]).body;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    assert!(client.get("/?archive=zip", &[]).body == warm);
}

#[test]
fn a_hundred_thousand_entries_are_listed_completely_and_in_order() {
    const ENTRIES: usize = 100_000;
    let tree = Tree::empty();
    for number in 0..ENTRIES {
        std::fs::write(tree.root.join(format!("file {number}")), b"").unwrap();
    }
    let share = Share::folder(&tree.root);
    let listing: serde_json::Value = serde_json::from_slice(&share.get("/?json").body).unwrap();
    assert_eq!(listing["total"], ENTRIES);
    let entries = listing["entries"].as_array().unwrap();
    assert_eq!(entries.len(), ENTRIES);
    for (number, entry) in entries.iter().enumerate() {
        assert_eq!(entry["name"], format!("file {number}"));
    }
    // Without JavaScript the listing has pages of 500 entries.
    for page in [1, 2, 100, 200] {
        let text = share.get(&format!("/?page={page}")).text();
        let mut last = 0;
        for number in (page - 1) * 500..page * 500 {
            let place = text[last..].find(&format!("\"./file%20{number}\""));
            last += place.expect("in order");
        }
    }
    for name in ["file 0", "file 50000", "file 99999"] {
        assert_eq!(
            share
                .get(&format!("/{}", crate::fixture::tree::url(name.as_bytes())))
                .status,
            200
        );
    }
}

#[test]
fn a_readme_made_to_be_slow_is_still_shown() {
    const HALF: usize = 256 * 1024;
    let lines = "a\n".repeat(HALF / 2);
    for (readme, shown) in [
        (format!("<div\n{}", "<".repeat(2 * HALF)), "&lt;&lt;&lt;"),
        (format!("<div\n{}", "<'".repeat(HALF)), "&lt;&#39;&lt;&#39;"),
        (
            format!("{}a\n{lines}", ">".repeat(HALF)),
            "<pre tabindex=\"0\"><code>&gt;&gt;&gt;",
        ),
        (
            format!("{}a\n{lines}", "- ".repeat(HALF / 2)),
            "<pre tabindex=\"0\"><code>- - -",
        ),
    ] {
        let tree = Tree::empty();
        tree.write("README.md", readme.as_bytes());
        let share = Share::folder(&tree.root);
        assert!(share.get("/").text().contains(shown), "{shown}");
    }
}
