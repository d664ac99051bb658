//! Requests that are sent again, because the owner wants to see what the site answers now.

use std::{sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::timeout};

use super::{message::RequestHead, share::SiteShare, site::LocalSite, visitor};
use crate::inspector::Replay;

/// An answer that takes longer is left: it may be endless.
const LIMIT: Duration = Duration::from_secs(60);

/// Sends again what the owner asks for.
pub async fn send_again(site: Arc<LocalSite>, share: SiteShare) {
    // Dropping the set ends all of them.
    let mut running = JoinSet::new();
    loop {
        tokio::select! {
            replay = share.inspector.next_replay() => {
                let (site, share) = (Arc::clone(&site), share.clone());
                running.spawn(async move {
                    let Some(head) = head(&replay) else {
                        return;
                    };
                    // What was recorded until then stays.
                    let _ = timeout(LIMIT, visitor::send_again(&head, replay, &site, &share)).await;
                });
            }
            Some(_) = running.join_next(), if !running.is_empty() => {}
        }
    }
}

/// The head of the request, for a body that comes as it is and not in chunks.
fn head(replay: &Replay) -> Option<RequestHead> {
    let mut lines = replay.head.split_inclusive(|byte| *byte == b'\n');
    let mut head = lines.next()?.to_vec();
    let is_about_body = |line: &[u8]| {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        [
            "transfer-encoding",
            "content-length",
            "expect",
            "connection",
            "trailer",
        ]
        .iter()
        .any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
    };
    let had_body = lines.clone().any(|line| {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        ["transfer-encoding", "content-length"]
            .iter()
            .any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
    });
    for line in lines.filter(|line| *line != b"\r\n" && !is_about_body(line)) {
        head.extend_from_slice(line);
    }
    if had_body {
        head.extend_from_slice(format!("Content-Length: {}\r\n", replay.body.len()).as_bytes());
    }
    head.extend_from_slice(b"Connection: close\r\n\r\n");
    // It was one before.
    RequestHead::parse(&head).ok()
}

#[cfg(test)]
mod tests {
    use super::super::message::Framing;
    use super::*;
    use crate::inspector::{Asked, Inspector};

    #[tokio::test]
    async fn a_body_in_chunks_is_sent_again_as_it_is() {
        let inspector = Inspector::default();
        let _guard = inspector.open();
        let recording = inspector.record(|| Asked {
            method: "PUT".into(),
            head: b"PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
                .to_vec(),
            has_chunks: true,
            ..Asked::default()
        });
        let recording = recording.unwrap();
        recording.sent(b"5\r\nhello\r\n0\r\n\r\n");
        inspector.replay(recording.id()).unwrap();
        let replay = inspector.next_replay().await;
        assert_eq!(replay.body, b"hello");
        let head = head(&replay).unwrap();
        assert_eq!(head.framing(), Framing::Length(5));
        assert_eq!(head.values("x").next(), Some(&b"y"[..]));
        assert!(head.values("transfer-encoding").next().is_none());
    }
}
