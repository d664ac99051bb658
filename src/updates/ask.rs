//! Asks the release feed for newer versions.

use std::{path::Path, time::Duration};

use chrono::{DateTime, Utc};
use tokio::time::timeout;

use super::{error::UpdateError, feed::Feed, memory, signature::signed_text, source::Source};
use crate::http::{Client, HttpError, body, get};

/// A feed is a few kilobytes. More is not read.
const SIZE_MAX: usize = 256 * 1024;
/// How long the answer may take, from the first look-up to the last byte.
const LIMIT: Duration = Duration::from_secs(30);

/// Asks for the feed, and returns it if it can be believed. `memory` is the file that remembers the newest
/// one.
///
/// # Errors
/// See [`UpdateError`].
pub async fn ask(client: &Client, source: &Source, memory: &Path) -> Result<Feed, UpdateError> {
    let file = timeout(LIMIT, download(client, source))
        .await
        .map_err(|_| UpdateError::TooSlow)??;
    believed(&file, source, memory, Utc::now())
}

async fn download(client: &Client, source: &Source) -> Result<bytes::Bytes, UpdateError> {
    let answer = get::get(client, &source.feed, 0)
        .await
        .map_err(|error| match error {
            get::GetError::Http(error) => UpdateError::Network(error),
            get::GetError::Status(status) => UpdateError::Status {
                status,
                url: source.feed.clone(),
            },
        })?;
    body(answer, SIZE_MAX).await.map_err(|error| match error {
        HttpError::TooLarge(limit) => UpdateError::TooLarge(limit / 1024),
        error => UpdateError::Network(error),
    })
}

/// The feed in this file, if it is signed, valid `now`, and not older than one that was seen before.
fn believed(
    file: &[u8],
    source: &Source,
    memory: &Path,
    now: DateTime<Utc>,
) -> Result<Feed, UpdateError> {
    let text = signed_text(file, &source.public_key).ok_or(UpdateError::NotSigned)?;
    let feed = Feed::read(text, &source.releases)
        .map_err(|why| UpdateError::Unusable(why, source.releases.clone()))?;
    let seen = memory::newest(memory);
    if let Some(seen) = seen.filter(|seen| feed.signed < *seen) {
        return Err(UpdateError::Older {
            got: day(feed.signed),
            seen: day(seen),
        });
    }
    if feed.expires < now {
        return Err(UpdateError::Expired(day(feed.expires)));
    }
    if seen != Some(feed.signed) {
        memory::remember(memory, feed.signed);
    }
    Ok(feed)
}

fn day(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Signed by minisign on 2026-12-01 and 2026-12-02; both are valid until 2099.
    const SIGNED: &[u8] = include_bytes!("tests/signed.feed");
    const LATER: &[u8] = include_bytes!("tests/later.feed");

    fn source(feed: &str) -> Source {
        Source {
            feed: feed.into(),
            releases: "https://github.com/someone/spot-serve/releases/".into(),
            public_key: include_str!("tests/key.pub").trim().into(),
        }
    }

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn memory() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("feed.json");
        (dir, file)
    }

    #[test]
    fn an_older_feed_is_refused_once_a_newer_one_was_seen() {
        let (_dir, memory) = memory();
        let now = at("2026-12-03T00:00:00Z");
        let ask = |file| believed(file, &source(""), &memory, now);
        assert!(ask(SIGNED).is_ok());
        assert!(ask(LATER).is_ok());
        assert!(ask(LATER).is_ok(), "the same one may come again");
        let said = ask(SIGNED).unwrap_err().to_string();
        assert!(
            said.contains("from 2026-12-01") && said.contains("from 2026-12-02"),
            "{said}"
        );
    }

    #[test]
    fn a_feed_that_has_expired_is_refused_and_not_remembered() {
        let (_dir, memory) = memory();
        let later = at("2099-12-01T10:00:01Z");
        let said = believed(SIGNED, &source(""), &memory, later).unwrap_err();
        assert!(
            said.to_string().contains("valid until 2099-12-01"),
            "{said}"
        );
        assert!(!memory.exists());
        assert!(believed(SIGNED, &source(""), &memory, at("2099-12-01T10:00:00Z")).is_ok());
    }

    #[test]
    fn what_is_not_signed_is_not_even_read() {
        let (_dir, memory) = memory();
        let text = &SIGNED[SIGNED.iter().position(|byte| *byte == b'{').unwrap()..];
        let said = believed(text, &source(""), &memory, at("2026-12-03T00:00:00Z"));
        assert!(matches!(said, Err(UpdateError::NotSigned)), "{said:?}");
    }

    #[test]
    fn a_broken_memory_is_no_obstacle() {
        let (_dir, memory) = memory();
        fs::write(&memory, "{\"signed\":\"yesterday\"}").unwrap();
        assert!(believed(SIGNED, &source(""), &memory, at("2026-12-03T00:00:00Z")).is_ok());
        assert_eq!(memory::newest(&memory), Some(at("2026-12-01T10:00:00Z")));
    }

    /// Asks a server that answers with `head` and then `body`, over and over if `endless`.
    async fn asked(
        head: &'static str,
        body: &'static [u8],
        endless: bool,
    ) -> Result<Feed, UpdateError> {
        let (_dir, memory) = memory();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            stream.write_all(head.as_bytes()).await.unwrap();
            while stream.write_all(body).await.is_ok() && endless {}
        });
        let source = source(&format!("http://{address}/spot-serve.feed"));
        ask(&Client::default(), &source, &memory).await
    }

    #[tokio::test]
    async fn the_feed_comes_over_http() {
        let feed = asked(
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
            SIGNED,
            false,
        )
        .await;
        assert_eq!(feed.unwrap().releases.len(), 2);
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_read_to_its_end() {
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
        let said = asked(head, &[b'a'; 4096], true).await.unwrap_err();
        assert!(said.to_string().contains("larger than 256 kB"), "{said}");
    }

    #[tokio::test]
    async fn a_missing_feed_is_said_with_its_address() {
        let said = asked(
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            b"",
            false,
        );
        let said = said.await.unwrap_err().to_string();
        assert!(said.contains("answered 404 for http://"), "{said}");
    }
}
