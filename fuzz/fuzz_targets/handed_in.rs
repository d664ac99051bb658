//! Whatever is sent on a connection, only what a request hands in becomes a file, and as it was sent.
//! What is there already, and what is outside, stays as it is.
#![no_main]

use std::{
    collections::BTreeMap,
    fs,
    io::{BufReader, Read, Write},
    net::Shutdown,
    path::Path,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use libfuzzer_sys::fuzz_target;
use spot_serve_fuzz::{
    requests::{self, Request, Rest},
    response::{self, ReadError},
    share::{SECRET, Share},
    text::expand,
};

const FRAGMENTS: &[&str] = &[
    "PUT /a HTTP/1.1\r\nHost: x\r\n",
    "\r\n",
    "PUT /b.txt HTTP/1.1\r\nHost: x\r\n",
    "PUT /kept HTTP/1.1\r\nHost: x\r\n",
    "PUT /folder/a HTTP/1.1\r\nHost: x\r\n",
    "PUT /../outside/a HTTP/1.1\r\nHost: x\r\n",
    "PUT /leads-out-too/a HTTP/1.1\r\nHost: x\r\n",
    "PUT /.hidden HTTP/1.1\r\nHost: x\r\n",
    "PUT /a HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=y\r\n",
    "POST /?upload HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Length: 5\r\n",
    "Content-Type: application/offset+octet-stream\r\n",
    "Upload-Metadata: filename YQ==\r\n",
    "PATCH /?upload=0123456789abcdef0123456789abcdef HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\n",
    "DELETE /kept HTTP/1.1\r\nHost: x\r\n",
    "GET /kept HTTP/1.1\r\nHost: x\r\n",
    "HEAD / HTTP/1.1\r\nHost: x\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 5\r\n\r\nhello",
    "Content-Length: 36\r\n\r\n",
    "Content-Length: 100\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Expect: 100-continue\r\n",
    "5\r\nhello\r\n",
    "5;a=b\r\nhello\r\n",
    "0\r\n\r\n",
    "0\r\nX: y\r\n\r\n",
    "FFFFFFFFFFFFFFFF\r\n",
    "hello",
    "Connection: close\r\n",
    "X-HTTP-Method-Override: PATCH\r\n",
    "Content-Range: bytes 0-4/5\r\n",
    "--y\r\nContent-Disposition: form-data; name=f; filename=../../a\r\n\r\n",
    "\r\n--y--",
    "\n",
    " ",
];

/// The most that is sent. It fits into the buffers of a socket.
const MAX_BYTES: usize = 24 * 1024;

const KEPT: &[u8] = b"a file that was there before";

static SHARE: LazyLock<Share> = LazyLock::new(|| {
    Share::taking_files(|root| {
        fs::write(root.join("kept"), KEPT).expect("a file");
        fs::create_dir(root.join("folder")).expect("a folder");
    })
});

fuzz_target!(|input: &[u8]| {
    let stream = expand(input, FRAGMENTS, MAX_BYTES);
    let (asked, rest) = requests::read(&stream);
    let mut connection = SHARE.connect();
    // The share may have ended the connection.
    if connection.write_all(&stream).is_ok() {
        let _ = connection.shutdown(Shutdown::Write);
    }
    let mut received = check(BufReader::new(connection), &asked, rest);
    let late_is_possible = IS_LATE_POSSIBLE.swap(rest != Rest::Nothing, Ordering::Relaxed);
    for (name, content) in found_all(received.named.len() + received.unnamed.len()) {
        let is_unnamed = |known: &mut Received| {
            let at = known.unnamed.iter().position(|body| *body == content);
            at.map(|at| known.unnamed.swap_remove(at)).is_some()
        };
        match received.named.remove(&name) {
            Some(expected) => assert_eq!(content, expected, "{name}"),
            None if is_unnamed(&mut received) => {}
            // Whoever sent it may have left before the answer.
            None => assert!(
                rest != Rest::Nothing || late_is_possible,
                "nobody has sent {name}"
            ),
        }
        if name != "kept" {
            fs::remove_file(SHARE.root.join(&name)).expect("a file that can be removed");
        }
    }
    assert!(
        received.named.is_empty() && received.unnamed.is_empty(),
        "{received:?} are missing"
    );
    let outside = fs::read_dir(&SHARE.outside).expect("a folder").count();
    assert_eq!(outside, 1, "something was written outside");
});

/// The files that there should be.
#[derive(Debug)]
struct Received {
    named: BTreeMap<String, Vec<u8>>,
    /// Uploads that are complete, whose names the answer doesn't tell.
    unnamed: Vec<Vec<u8>>,
}

/// Whether a file of the last input may come after its answers.
static IS_LATE_POSSIBLE: AtomicBool = AtomicBool::new(false);

/// Far more than it takes until a file is in its place.
const PATIENCE: Duration = Duration::from_secs(20);

/// All files, as soon as there are so many: a file is put in its place soon after it was acknowledged.
fn found_all(count: usize) -> Vec<(String, Vec<u8>)> {
    let until = Instant::now() + PATIENCE;
    loop {
        let files = found(&SHARE.root);
        if files.len() >= count || Instant::now() > until {
            return files;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Reads the answers, and returns which files there should be.
fn check(mut connection: BufReader<impl Read>, asked: &[Request], rest: Rest) -> Received {
    let mut received = Received {
        named: BTreeMap::from([("kept".to_owned(), KEPT.to_vec())]),
        unnamed: Vec::new(),
    };
    for request in asked {
        let response = match response::read(&mut connection, request.is_head()) {
            Ok(response) => response,
            // The share ends a connection that its sender has ended.
            Err(ReadError::End | ReadError::Cut) => return received,
            Err(error) => panic!("{error:?} instead of an answer to {request:?}"),
        };
        let text = String::from_utf8_lossy(&response.content()).into_owned();
        assert!(!text.contains(str::from_utf8(SECRET).expect("text")));
        if response.status == 201 && request.method == "PUT" {
            let name = text.strip_prefix("Received: ").expect("a name").trim_end();
            let before = received.named.insert(name.to_owned(), request.body.clone());
            assert_eq!(before, None, "{name} was replaced");
        } else if response.status == 201 && text.starts_with("Received: ") {
            // A form; its content is for another target.
            let names = text
                .lines()
                .filter_map(|line| line.strip_prefix("Received: "));
            for name in names {
                let content = content_of(name);
                assert!(
                    request
                        .body
                        .windows(content.len().max(1))
                        .any(|it| it == content)
                        || content.is_empty()
                );
                assert_eq!(received.named.insert(name.to_owned(), content), None);
            }
        } else if response.status == 201 && response.header("upload-offset") == Some("5") {
            received.unnamed.push(request.body.clone());
        }
        if response.closes {
            let mut left = Vec::new();
            let _ = connection.read_to_end(&mut left);
            assert!(left.is_empty(), "behind the last answer to {request:?}");
            return received;
        }
    }
    let mut left = Vec::new();
    let _ = connection.read_to_end(&mut left);
    if rest == Rest::Refused {
        let text = String::from_utf8_lossy(&left);
        assert!(text.matches("HTTP/1.1 ").count() <= 1, "{text}");
    }
    received
}

/// The content of a file that was acknowledged.
fn content_of(name: &str) -> Vec<u8> {
    let until = Instant::now() + PATIENCE;
    loop {
        match fs::read(SHARE.root.join(name)) {
            Ok(content) => return content,
            Err(error) => assert!(Instant::now() < until, "{name}: {error}"),
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Every file, other than hidden ones and links.
fn found(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().expect("a kind");
            if name.starts_with('.') || kind.is_symlink() {
                continue;
            }
            if kind.is_dir() {
                folders.push((entry.path(), format!("{prefix}{name}/")));
            } else {
                let content = fs::read(entry.path()).expect("a file");
                files.push((format!("{prefix}{name}"), content));
            }
        }
    }
    files
}
