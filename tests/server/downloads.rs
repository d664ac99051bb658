//! What counts as a complete download.

use std::{
    io::Read,
    sync::mpsc::{Receiver, channel},
};

use spot_serve::server::{Access, Content, Download, DownloadKind, DownloadReport, Settings};

use crate::fixture::dated::rest;
use crate::fixture::http::PATIENCE;
use crate::fixture::tree::Tree;
use crate::fixture::{Client, Share};

/// Too large for the buffers of a connection.
const LARGE: usize = 24 << 20;

/// A share whose downloads are watched.
struct Watched {
    tree: Tree,
    share: Share,
    access: Access,
    reports: Receiver<Download>,
}

impl Watched {
    fn new(website: bool) -> Self {
        let tree = Tree::empty();
        tree.write("photo.jpg", &[2; 1000]);
        tree.write("small.bin", &[1; 100]);
        tree.write("text.txt", "Some text. ".repeat(4000).as_bytes());
        tree.write("empty.bin", b"");
        tree.write("large.bin", &vec![7; LARGE]);
        if website {
            tree.write("index.html", b"<p>A website</p>");
        }
        rest();
        Self::of(tree)
    }

    fn of(tree: Tree) -> Self {
        let access = Access::default();
        let (sender, reports) = channel();
        access.downloads().on_report(move |report| {
            if let DownloadReport::Complete(download) = report {
                let _ = sender.send(download);
            }
        });
        let settings = Settings {
            access: access.clone(),
            ..Settings::default()
        };
        let share = Share::start(&Content::Folder(tree.root.clone()), &settings).unwrap();
        Self {
            tree,
            share,
            access,
            reports,
        }
    }

    /// The next complete download: its name.
    fn next(&self) -> String {
        let download = self.reports.recv_timeout(PATIENCE);
        download.expect("a complete download").name
    }

    /// Makes sure that nothing was counted until now: what comes next is what is asked for here.
    fn none(&self) {
        // A connection reports before its request is over.
        self.idle();
        let more: Vec<_> = self.reports.try_iter().collect();
        assert_eq!(more, []);
    }

    fn idle(&self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(self.access.traffic().idle());
    }

    fn range(&self, target: &str, range: &str, agent: &str) {
        let headers = [("Range", range), ("User-Agent", agent)];
        let response = self.share.get_with(target, &headers);
        assert_eq!(response.status, 206, "{target} {range}");
        assert!(response.is_complete);
    }
}

fn take(client: &mut Client, bytes: usize) {
    let mut read = client.take_rest().len();
    let mut buffer = vec![0; 64 << 10];
    while read < bytes {
        let more = client.stream().read(&mut buffer).unwrap();
        assert!(more > 0, "cut off after {read} bytes");
        read += more;
    }
}

#[test]
fn a_file_or_zip_that_was_sent_completely_counts_once() {
    let watched = Watched::new(false);
    let gzip = [("Accept-Encoding", "gzip")];
    for (target, headers, name, kind) in [
        ("/small.bin", &[][..], "small.bin", DownloadKind::File),
        ("/large.bin", &[], "large.bin", DownloadKind::File),
        ("/empty.bin", &[], "empty.bin", DownloadKind::File),
        ("/text.txt", &[], "text.txt", DownloadKind::File),
        ("/text.txt", &gzip, "text.txt", DownloadKind::File),
        ("/photo.jpg?download", &[], "photo.jpg", DownloadKind::File),
    ] {
        let response = watched.share.get_with(target, headers);
        assert_eq!(response.status, 200);
        assert_eq!(
            response.header("content-encoding").is_some(),
            headers == gzip
        );
        let download = watched.reports.recv_timeout(PATIENCE).unwrap();
        assert_eq!((download.name.as_str(), download.kind), (name, kind));
        let size = std::fs::metadata(watched.tree.root.join(name))
            .unwrap()
            .len();
        assert_eq!(download.size, size);
    }
    let zip = watched.share.get("/?archive=zip");
    let download = watched.reports.recv_timeout(PATIENCE).unwrap();
    assert_eq!(download.kind, DownloadKind::Archive);
    assert_eq!(download.size, zip.body.len() as u64);
    assert!(download.name.ends_with(".zip"), "{}", download.name);
    assert_eq!(download.count, 7);
    watched.none();
    assert_eq!(watched.access.downloads().count(), 7);
}

#[test]
fn a_file_counts_when_the_last_byte_of_its_parts_was_sent() {
    let watched = Watched::new(false);
    for target in ["/small.bin", "/large.bin", "/?archive=zip"] {
        let last = watched.share.head_with(target, &[]);
        let last: u64 = last.header("content-length").unwrap().parse().unwrap();
        let (half, last) = (last / 2, last - 1);
        // In any order, overlapping, and twice.
        watched.range(target, &format!("bytes={half}-"), "curl");
        watched.range(target, &format!("bytes={half}-"), "curl");
        watched.range(target, "bytes=0-9", "curl");
        watched.none();
        // Somebody else has the rest.
        watched.range(target, &format!("bytes=10-{half}"), "wget");
        watched.none();
        watched.range(target, &format!("bytes=10-{half}"), "curl");
        watched.next();
        watched.range(target, &format!("bytes={last}-{last}"), "curl");
        watched.none();
    }
    // Several parts in one response.
    watched.range("/small.bin", "bytes=0-49,60-99", "aria2");
    watched.none();
    watched.range("/small.bin", "bytes=0-1,45-64", "aria2");
    assert_eq!(watched.next(), "small.bin");
}

#[test]
fn a_download_that_was_cut_off_counts_when_the_rest_was_sent() {
    let watched = Watched::new(false);
    for target in ["/large.bin", "/?archive=zip"] {
        let mut client = watched.share.client();
        client.ask("GET", target, &[]);
        let head = client.read_head().unwrap();
        let size: usize = head.header("content-length").unwrap().parse().unwrap();
        let etag = head.header("etag").unwrap().to_owned();
        take(&mut client, 1 << 20);
        drop(client);
        watched.none();
        let rest = format!("bytes={}-", 1 << 20);
        let headers = [("Range", rest.as_str()), ("If-Range", &etag)];
        let response = watched.share.get_with(target, &headers);
        assert_eq!(response.status, 206);
        assert_eq!(response.body.len(), size - (1 << 20));
        watched.next();
        watched.none();
    }
}

#[test]
fn a_file_that_has_changed_starts_anew() {
    let watched = Watched::new(false);
    watched.range("/small.bin", "bytes=0-49", "curl");
    watched.tree.write("small.bin", &[2; 100]);
    watched.range("/small.bin", "bytes=50-99", "curl");
    watched.none();
    watched.range("/small.bin", "bytes=0-49", "curl");
    watched.next();
}

#[test]
fn looks_and_previews_never_count() {
    let watched = Watched::new(false);
    for target in [
        "/",
        "/?json",
        "/?rows",
        "/?total",
        "/?cover",
        "/photo.jpg?thumbnail",
        "/photo.jpg?thumbnail=sharp",
        "/photo.jpg?card",
        "/photo.jpg?preview",
        "/missing",
    ] {
        watched.share.get(target);
    }
    let etag = watched.share.head_with("/small.bin", &[]);
    let etag = etag.header("etag").unwrap().to_owned();
    watched.share.head_with("/?archive=zip", &[]);
    for headers in [
        [("If-None-Match", etag.as_str())],
        [("Sec-Purpose", "prefetch")],
        [("Sec-Fetch-Dest", "image")],
        [("User-Agent", "WhatsApp/2.23.20.0 A")],
        [("Range", "bytes=100-")],
    ] {
        watched.share.get_with("/small.bin", &headers);
    }
    watched.none();
    watched.share.get("/small.bin");
    assert_eq!(watched.next(), "small.bin");
}

#[test]
fn a_file_that_is_sent_whole_counts_whatever_the_query_says() {
    let watched = Watched::new(false);
    for query in ["preview=1", "thumbnail=x", "rendered", "download&rendered"] {
        let whole = watched.share.get(&format!("/small.bin?{query}"));
        assert_eq!((whole.status, whole.body.len()), (200, 100), "{query}");
        assert_eq!(watched.next(), "small.bin", "{query}");
    }
    watched.none();
}

#[test]
fn a_visitor_of_a_website_looks_at_its_files_and_takes_what_browsers_save() {
    let watched = Watched::new(true);
    for target in ["/", "/index.html", "/photo.jpg", "/text.txt", "/missing"] {
        watched.share.get(target);
    }
    watched.none();
    watched.share.get("/small.bin");
    assert_eq!(watched.next(), "small.bin");
    watched.share.get("/photo.jpg?download");
    assert_eq!(watched.next(), "photo.jpg");
    watched.share.get("/?archive=zip");
    assert!(watched.next().ends_with(".zip"));
    watched.none();
}

#[test]
fn the_last_download_ends_the_share_before_another_begins() {
    let watched = Watched::new(false);
    watched.access.downloads().set_limit(Some(2));
    let mut running = watched.share.client();
    running.ask("GET", "/large.bin", &[("User-Agent", "slow")]);
    assert_eq!(running.read_head().unwrap().status, 200);
    assert_eq!(watched.share.get("/small.bin").status, 200);
    watched.next();
    let mut last = watched.share.client();
    assert_eq!(last.get("/text.txt", &[]).status, 200);
    // Once it is reported, and even before, nothing else begins.
    assert!(watched.reports.recv_timeout(PATIENCE).unwrap().is_last);
    assert_eq!(watched.share.get("/small.bin").status, 410);
    // What was under way may finish.
    take(&mut running, LARGE);
    let download = watched.reports.recv_timeout(PATIENCE).unwrap();
    assert_eq!((download.count, download.is_last), (3, true));
    assert_eq!(running.get("/", &[]).status, 410);
    watched.idle();
}

#[test]
fn many_visitors_at_once_are_each_counted_once() {
    let watched = Watched::new(false);
    std::thread::scope(|scope| {
        for number in 0..20 {
            let share = &watched.share;
            scope.spawn(move || {
                let agent = format!("program {}", number % 10);
                let mut client = Client::connect(share.port);
                for range in ["bytes=0-39", "bytes=30-99"] {
                    let headers = [("User-Agent", agent.as_str()), ("Range", range)];
                    assert_eq!(client.get("/small.bin", &headers).status, 206);
                }
                assert_eq!(client.get("/text.txt", &[]).status, 200);
            });
        }
    });
    watched.idle();
    let taken: Vec<_> = watched.reports.try_iter().map(|it| it.name).collect();
    let texts = taken.iter().filter(|name| *name == "text.txt").count();
    let parts = taken.len() - texts;
    // Two runs of the same program may help each other to one download.
    assert!(texts == 20 && (10..=20).contains(&parts), "{taken:?}");
}

#[test]
fn a_text_counts_when_its_page_or_the_text_itself_was_sent() {
    let tree = Tree::empty();
    tree.write("clipboard.txt", b"the number of the account");
    let settings = Settings {
        is_text: true,
        ..Settings::default()
    };
    let content = Content::Files(vec![tree.root.join("clipboard.txt")]);
    let (share, reports) = Share::reporting(&content, &settings);
    let document = ("Sec-Fetch-Dest", "document");
    let script = ("Sec-Fetch-Dest", "empty");
    for bot in ["WhatsApp/2.23", "Slackbot-LinkExpanding 1.0"] {
        share.get_with("/", &[("User-Agent", bot)]);
    }
    share.head_with("/", &[document]);
    for (target, header) in [
        ("/", document),
        ("/?raw", document),
        ("/?raw&download", script),
    ] {
        assert_eq!(share.get_with(target, &[header]).status, 200);
        assert_eq!(reports.recv_timeout(PATIENCE).unwrap(), "clipboard.txt");
    }
    assert_eq!(settings.access.downloads().count(), 3);
}
