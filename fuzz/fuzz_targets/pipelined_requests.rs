//! Whatever is sent on a connection, each answer belongs to its request, is complete, and shows
//! nothing that is hidden.
#![no_main]

use std::{
    io::{BufReader, Read, Write},
    net::Shutdown,
    sync::LazyLock,
    thread,
    time::Duration,
};

use libfuzzer_sys::fuzz_target;
use spot_serve_fuzz::{
    requests::{self, Request, Rest},
    response::{self, ReadError, Response},
    share::{SECRET, Share},
    text::expand,
};

/// Files whose content contains their name.
const FILES: [&str; 3] = ["alpha.txt", "beta.bin", "gamma.dat"];

/// More than fits into one turn of anything.
const LARGE_BYTES: usize = 150_000;

const FRAGMENTS: &[&str] = &[
    "GET /alpha.txt HTTP/1.1\r\nHost: x\r\n",
    "\r\n",
    "HEAD /alpha.txt HTTP/1.1\r\nHost: x\r\n",
    "GET /beta.bin HTTP/1.1\r\nHost: x\r\n",
    "GET /gamma.dat HTTP/1.1\r\nHost: x\r\n",
    "HEAD /gamma.dat HTTP/1.1\r\nHost: x\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n",
    "HEAD / HTTP/1.1\r\nHost: x\r\n",
    "GET /?json HTTP/1.1\r\nHost: x\r\n",
    "HEAD /?json HTTP/1.1\r\nHost: x\r\n",
    "GET /?total HTTP/1.1\r\nHost: x\r\n",
    "HEAD /?total HTTP/1.1\r\nHost: x\r\n",
    "GET /?archive=zip HTTP/1.1\r\nHost: x\r\n",
    "GET /alpha.txt?sha256 HTTP/1.1\r\nHost: x\r\n",
    "HEAD //?all HTTP/1.1\r\nHost: x\r\n",
    "GET /missing HTTP/1.1\r\nHost: x\r\n",
    "GET /.hidden HTTP/1.1\r\nHost: x\r\n",
    "GET /folder HTTP/1.1\r\nHost: x\r\n",
    "GET /alpha.txt HTTP/1.0\r\nHost: x\r\n",
    "GET /?json HTTP/1.0\r\nHost: x\r\n",
    "HEAD /gamma.dat HTTP/1.0\r\nHost: x\r\n",
    "OPTIONS /beta.bin HTTP/1.1\r\nHost: x\r\n",
    "POST /alpha.txt HTTP/1.1\r\nHost: x\r\n",
    "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n",
    "GET http://x/beta.bin HTTP/1.1\r\nHost: x\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "Connection: upgrade\r\nUpgrade: websocket\r\n",
    "Expect: 100-continue\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 40\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: identity\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "5\r\nhello\r\n",
    "0\r\n\r\n",
    "hello",
    "Range: bytes=1-3\r\n",
    "Range: bytes=0-0,2-3\r\n",
    "Range: bytes=100000-\r\n",
    "If-None-Match: *\r\n",
    "If-Match: \"a\"\r\n",
    "Accept-Encoding: gzip\r\n",
    "Host: other\r\n",
    "X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
    " HTTP/1.1\r\n",
    " HTTP/1.0\r\n",
    "GET /",
    "HEAD /",
    "Host: x\r\n",
    "%2e%2e/",
    "?thumbnail",
    "?rendered",
];

/// The most that is sent. It fits into the buffers of a socket, so sending it never waits for an
/// answer to be read.
const MAX_BYTES: usize = 24 * 1024;

static SHARE: LazyLock<Share> = LazyLock::new(|| {
    Share::start(|root| {
        for name in FILES {
            let mut content = content_of(name);
            if name == "gamma.dat" {
                content.resize(LARGE_BYTES, b'-');
            }
            std::fs::write(root.join(name), content).expect("a file");
        }
        std::fs::create_dir(root.join("folder")).expect("a folder");
        std::fs::write(root.join("folder/note.md"), "# note").expect("a file");
        for number in 0..50 {
            let name = format!("folder/file number {number}");
            std::fs::write(root.join(name), "").expect("a file");
        }
    })
});

fuzz_target!(|input: &[u8]| {
    let Some((&cuts, rest)) = input.split_first() else {
        return;
    };
    let (cuts, rest) = rest.split_at(usize::from(cuts % 5).min(rest.len()));
    let mut stream = expand(rest, FRAGMENTS, MAX_BYTES);
    let (mut asked, rest) = requests::read(&stream);
    // If all requests are clear, the share ends the connection after the last answer.
    let is_clear = rest == Rest::Nothing;
    if is_clear {
        stream.extend_from_slice(b"GET /beta.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        asked = requests::read(&stream).0;
    }
    let mut connection = SHARE.connect();
    let is_sent = send(&mut connection, &stream, cuts);
    if !is_clear && is_sent {
        let _ = connection.shutdown(Shutdown::Write);
    }
    check(BufReader::new(connection), &asked, rest, is_clear);
});

/// Sends a stream in pieces. Returns whether everything was accepted: the share may have ended the
/// connection.
fn send(connection: &mut impl Write, stream: &[u8], cuts: &[u8]) -> bool {
    let mut cuts: Vec<usize> = cuts
        .iter()
        .map(|&cut| stream.len() * usize::from(cut) / 256)
        .collect();
    cuts.sort_unstable();
    cuts.push(stream.len());
    let mut start = 0;
    for (index, end) in cuts.into_iter().enumerate() {
        if index > 0 {
            // Makes the share read what was sent before there is more.
            thread::sleep(Duration::from_micros(200));
        }
        if connection.write_all(&stream[start..end]).is_err() {
            return false;
        }
        start = end;
    }
    true
}

fn check(mut connection: BufReader<impl Read>, asked: &[Request], rest: Rest, is_clear: bool) {
    let most = match rest {
        Rest::Nothing => asked.len(),
        Rest::Refused => asked.len() + 1,
        Rest::Unclear(most) => asked.len() + most,
    };
    let mut answered = 0;
    loop {
        let request = asked.get(answered);
        let is_head = request.is_some_and(Request::is_head);
        let response = if request.is_none() && !is_clear {
            // The content of the answer is unknown, and so is its end.
            let mut left = Vec::new();
            let _ = connection.read_to_end(&mut left);
            assert_no_secret(&left);
            let starts = left
                .windows(9)
                .filter(|nine| *nine == b"HTTP/1.1 " || *nine == b"HTTP/1.0 ");
            // A response to Expect is an extra one.
            let more = starts.count();
            assert!(
                answered + more <= most * 2,
                "{more} answers more than {answered}"
            );
            if rest == Rest::Refused {
                assert!(
                    more <= 1,
                    "{more} answers to a request that has to be refused"
                );
            }
            return;
        } else {
            response::read(&mut connection, is_head)
        };
        let response = match response {
            Ok(response) => response,
            Err(ReadError::End) => break,
            // The share ends a connection that its sender has ended.
            Err(ReadError::Cut) if !is_clear => return,
            Err(error) => panic!("{error:?} instead of answer {answered} to {asked:#?}"),
        };
        answered += 1;
        assert!(answered <= most, "more answers than requests: {response:?}");
        assert_no_secret(&response.content());
        if let Some(request) = request {
            assert_belongs(request, &response);
        }
        if response.closes || request.is_some_and(|request| request.closes) {
            let mut left = Vec::new();
            let _ = connection.read_to_end(&mut left);
            assert!(
                left.is_empty() || response.is_endless,
                "behind the last answer: {:?}",
                String::from_utf8_lossy(&left)
            );
            let may_be_last = request.is_some_and(|request| request.closes || request.has_body);
            assert!(
                may_be_last || response.is_endless || response.status >= 400 || !is_clear,
                "the share ended the connection: {response:?} to {request:?}"
            );
            return;
        }
    }
    assert!(!is_clear, "answer {answered} to {asked:#?} is missing");
}

/// Asserts that a response for one file doesn't come from another.
fn assert_belongs(request: &Request, response: &Response) {
    let is_get = request.method == "GET";
    let path = request.path();
    if request.is_http10 {
        assert!(
            response.header("transfer-encoding").is_none(),
            "{request:?}: {response:?}"
        );
    }
    for name in FILES {
        let is_asked = path == format!("/{name}").as_bytes();
        let content = response.content();
        let is_found = response.status == 200 && content.starts_with(&content_of(name));
        assert!(
            !is_found || (is_asked && is_get),
            "{name} is the answer to {request:?}"
        );
        if is_asked && response.status == 200 && !request.target.contains('?') {
            assert!(
                is_found || !is_get,
                "{response:?} is the answer to {request:?}"
            );
        }
    }
}

fn assert_no_secret(bytes: &[u8]) {
    let mut places = bytes.windows(SECRET.len());
    assert!(!places.any(|place| place == SECRET), "a secret was sent");
}

fn content_of(name: &str) -> Vec<u8> {
    format!("this is {name}").into_bytes()
}
