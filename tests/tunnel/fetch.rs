//! Downloads cloudflared from a server that misbehaves: there is a clear error, and never a file
//! that could be run by mistake.

use std::{
    fs,
    io::Write,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use loopback_edge::namespace;
use sha2::{Digest, Sha256};
use spot_serve::{
    http::Client,
    tunnel::{
        fetch::{FetchError, fetch},
        pins::Pin,
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

const NAME: &str = "cloudflared-test";

/// What a server does wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Good,
    /// Every response ends in the middle of the remaining part.
    Cut,
    /// The same, without support for ranges.
    CutNoRange,
    /// Always sends the whole file.
    NoRange,
    Missing,
    /// Redirects to another place.
    Moved,
    /// Sends more than the size in the pin.
    TooLong,
    /// Waits in the middle until told to continue.
    Waits,
}

struct Server {
    url: String,
    requests: Arc<AtomicUsize>,
    go_on: Arc<Notify>,
}

async fn serve(content: &[u8], how: How) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server {
        url: format!("http://{address}/cloudflared"),
        requests: Arc::default(),
        go_on: Arc::default(),
    };
    let (requests, go_on) = (server.requests.clone(), server.go_on.clone());
    let content = content.to_vec();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            requests.fetch_add(1, Ordering::Relaxed);
            let (content, go_on) = (content.clone(), go_on.clone());
            tokio::spawn(async move { answer(stream, &content, how, &go_on).await });
        }
    });
    server
}

async fn answer(mut stream: TcpStream, content: &[u8], how: How, go_on: &Notify) -> Option<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    let request = String::from_utf8(request).unwrap().to_ascii_lowercase();
    if how == How::Missing {
        return stream
            .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            .await
            .ok();
    }
    if how == How::Moved && request.starts_with("get /cloudflared ") {
        let moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
        return stream.write_all(moved).await.ok();
    }
    let first = match request.split_once("range: bytes=") {
        Some((_, rest)) if !matches!(how, How::NoRange | How::CutNoRange) => {
            rest.split('-').next().unwrap().parse().unwrap()
        }
        _ => 0,
    };
    let part: Vec<u8> = content[first..].to_vec();
    let status = if first > 0 {
        format!(
            "206 Partial Content\r\nContent-Range: bytes {first}-{}/{}",
            content.len() - 1,
            content.len()
        )
    } else {
        "200 OK".to_owned()
    };
    let extra = if how == How::TooLong { 1000 } else { 0 };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n",
        part.len() + extra
    );
    stream.write_all(head.as_bytes()).await.ok()?;
    let half = part.len() / 2;
    stream.write_all(&part[..half]).await.ok()?;
    match how {
        How::Cut | How::CutNoRange => return None,
        How::Waits => {
            stream.flush().await.ok()?;
            go_on.notified().await;
        }
        _ => {}
    }
    stream.write_all(&part[half..]).await.ok()?;
    stream.write_all(&vec![b'x'; extra]).await.ok()
}

fn sha256(data: &[u8]) -> String {
    Sha256::digest(data)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn pin(server: &Server, content: &[u8]) -> Pin {
    Pin {
        version: "1.2.3".into(),
        file_name: NAME.into(),
        sha256: sha256(content),
        url: server.url.clone(),
        size: content.len() as u64,
        archive_sha256: None,
    }
}

/// Half a megabyte of data that is the same in every run.
fn program() -> Vec<u8> {
    (0..500_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

async fn get(pin: &Pin, into: &Path) -> Result<(), FetchError> {
    let mut last = 0;
    let place = fetch(&Client::default(), pin, into, |got, size| {
        assert_eq!(size, pin.size);
        last = got;
    })
    .await?;
    assert_eq!(last, pin.size, "the progress ends at the end");
    assert_eq!(place, into.join(NAME));
    Ok(())
}

fn is_installed(into: &Path, content: &[u8]) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let place = into.join(NAME);
    let Ok(found) = fs::read(&place) else {
        return false;
    };
    let mode = fs::metadata(&place).unwrap().permissions().mode();
    found == content && mode & 0o777 == 0o755
}

/// Whether there is neither a program nor a partial file.
fn nothing_is_left(into: &Path) -> bool {
    fs::read_dir(into)
        .unwrap()
        .all(|entry| entry.unwrap().file_name() == "cloudflared.lock")
}

#[test]
fn a_good_download_is_installed_and_not_repeated() {
    namespace::run(async {
        let (dir, content) = (tempfile::tempdir().unwrap(), program());
        for how in [How::Good, How::Moved] {
            let into = dir.path().join(format!("new{}", how as u8));
            let server = serve(&content, how).await;
            get(&pin(&server, &content), &into).await.unwrap();
            assert!(is_installed(&into, &content));
            let before = server.requests.load(Ordering::Relaxed);
            fetch(
                &Client::default(),
                &pin(&server, &content),
                &into,
                |_, _| (),
            )
            .await
            .unwrap();
            assert_eq!(server.requests.load(Ordering::Relaxed), before);
        }
    });
}

#[test]
fn a_file_with_another_hash_is_removed() {
    namespace::run(async {
        let (dir, content) = (tempfile::tempdir().unwrap(), program());
        let server = serve(&content, How::Good).await;
        let mut pin = pin(&server, &content);
        pin.sha256 = sha256(b"another");
        let error = get(&pin, dir.path()).await.unwrap_err();
        assert!(matches!(error, FetchError::NotThePinned(_)), "{error}");
        assert!(nothing_is_left(dir.path()));
    });
}

#[test]
fn a_file_that_is_too_long_is_removed() {
    namespace::run(async {
        let (dir, content) = (tempfile::tempdir().unwrap(), program());
        let server = serve(&content, How::TooLong).await;
        let error = get(&pin(&server, &content), dir.path()).await.unwrap_err();
        assert!(matches!(error, FetchError::NotThePinned(_)), "{error}");
        assert!(nothing_is_left(dir.path()));
    });
}

#[test]
fn a_download_that_breaks_off_is_resumed() {
    namespace::run(async {
        let (dir, content) = (tempfile::tempdir().unwrap(), program());
        let bad = serve(&content, How::Cut).await;
        let error = get(&pin(&bad, &content), dir.path()).await.unwrap_err();
        let FetchError::BrokeOff { got, .. } = error else {
            panic!("{error}")
        };
        // Three times half of what was left.
        assert_eq!(got, 437_500);
        assert!(!dir.path().join(NAME).exists());
        let good = serve(&content, How::Good).await;
        get(&pin(&good, &content), dir.path()).await.unwrap();
        assert!(is_installed(dir.path(), &content));
    });
}

#[test]
fn a_server_without_ranges_sends_the_whole_file_again() {
    namespace::run(async {
        let (dir, content) = (tempfile::tempdir().unwrap(), program());
        let bad = serve(&content, How::CutNoRange).await;
        let error = get(&pin(&bad, &content), dir.path()).await.unwrap_err();
        assert!(
            matches!(error, FetchError::BrokeOff { got: 250_000, .. }),
            "{error}"
        );
        let good = serve(&content, How::NoRange).await;
        get(&pin(&good, &content), dir.path()).await.unwrap();
        assert!(is_installed(dir.path(), &content));
    });
}

#[test]
fn a_missing_release_and_a_missing_server_are_distinguished() {
    namespace::run(async {
        let (dir, content) = (tempfile::tempdir().unwrap(), program());
        let server = serve(&content, How::Missing).await;
        let mut pin = pin(&server, &content);
        let error = get(&pin, dir.path()).await.unwrap_err();
        assert!(error.to_string().contains("404"), "{error}");
        pin.url = "http://127.0.0.1:9/".into();
        let error = get(&pin, dir.path()).await.unwrap_err();
        assert!(error.to_string().contains("Check your network"), "{error}");
        assert!(!dir.path().join(NAME).exists());
    });
}

#[test]
fn two_starts_at_once_run_one_program_and_say_so() {
    namespace::run(async {
        let (dir, content) = (tempfile::tempdir().unwrap(), program());
        let server = serve(&content, How::Waits).await;
        let pin = pin(&server, &content);
        let second = async {
            while server.requests.load(Ordering::Relaxed) == 0 {
                tokio::task::yield_now().await;
            }
            let error = fetch(&Client::default(), &pin, dir.path(), |_, _| ())
                .await
                .unwrap_err();
            assert!(matches!(error, FetchError::Busy), "{error}");
            server.go_on.notify_one();
        };
        let (first, ()) = tokio::join!(get(&pin, dir.path()), second);
        first.unwrap();
        assert!(is_installed(dir.path(), &content));
    });
}

#[test]
fn a_full_disk_is_reported_and_nothing_is_left_on_it() {
    namespace::run(async {
        let (dir, content) = (tempfile::tempdir().unwrap(), program());
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=300k", "none"])
            .arg(dir.path())
            .status();
        assert!(mounted.unwrap().success());
        let server = serve(&content, How::Good).await;
        let error = get(&pin(&server, &content), dir.path()).await.unwrap_err();
        assert!(matches!(error, FetchError::Write { .. }), "{error}");
        assert!(error.to_string().contains("Free 100 MB"), "{error}");
        assert!(nothing_is_left(dir.path()));
    });
}

#[test]
fn a_program_in_an_archive_is_unpacked_and_checked() {
    namespace::run(async {
        let content = program();
        let archive = archive(&content);
        let server = serve(&archive, How::Good).await;
        let mut pin = Pin {
            sha256: sha256(&content),
            archive_sha256: Some(sha256(&archive)),
            ..pin(&server, &archive)
        };
        let dir = tempfile::tempdir().unwrap();
        get(&pin, dir.path()).await.unwrap();
        assert!(is_installed(dir.path(), &content));
        pin.sha256 = sha256(b"another");
        let dir = tempfile::tempdir().unwrap();
        let error = get(&pin, dir.path()).await.unwrap_err();
        assert!(matches!(error, FetchError::NotThePinned(_)), "{error}");
        assert!(nothing_is_left(dir.path()));
    });
}

/// A .tgz with a file before the program.
fn archive(content: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, content) in [("README", &b"read me"[..]), ("cloudflared", content)] {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        let size = format!("{:011o}\0", content.len());
        header[124..136].copy_from_slice(size.as_bytes());
        header[156] = b'0';
        tar.extend_from_slice(&header);
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(&tar).unwrap();
    gz.finish().unwrap()
}
