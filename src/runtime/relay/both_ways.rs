//! Bytes in both directions, until there is nobody left who could use them.

use std::{io, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::watch,
    time::sleep,
};

use super::{
    incoming::{Incoming, VisitorReads},
    outgoing::Outgoing,
    standstill::Standstill,
};

/// A site that says nothing for so long after the end of its visitor is left.
pub const PATIENCE: Duration = Duration::from_secs(30);
const PIECE: usize = 16 * 1024;

/// Passes bytes on until both have ended, one of them fails, the site takes nothing, or the visitor
/// has ended and the site says nothing for `patience`. `begun` came from the site already.
///
/// # Errors
/// One of them fails, or the site is silent.
pub async fn pass_both_ways(
    (incoming, outgoing): (
        &mut Incoming<impl VisitorReads>,
        &mut Outgoing<impl AsyncWrite + Unpin>,
    ),
    (mut begun, (mut site_reads, mut site_writes)): (
        BytesMut,
        (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    ),
    patience: Duration,
) -> io::Result<()> {
    let (ends, ended) = watch::channel(false);
    let up = async {
        while !incoming.ahead.is_empty() || incoming.read().await? > 0 {
            let piece = incoming.ahead.split();
            let send = async {
                site_writes.write_all(&piece).await?;
                site_writes.flush().await
            };
            tokio::select! {
                biased;
                sent = send => sent?,
                () = Standstill::default().comes(incoming) => return Err(io::ErrorKind::TimedOut.into()),
            }
        }
        let shut = site_writes.shutdown().await;
        ends.send_replace(true);
        shut
    };
    let down = async {
        loop {
            if !begun.is_empty() {
                outgoing.send(&begun).await?;
                begun.clear();
            }
            begun.reserve(PIECE);
            let read = tokio::select! {
                biased;
                read = site_reads.read_buf(&mut begun) => read?,
                () = passes_after(ended.clone(), patience) => return Err(io::ErrorKind::TimedOut.into()),
            };
            if read == 0 {
                return outgoing.shutdown().await;
            }
        }
    };
    tokio::try_join!(up, down).map(|_| ())
}

/// Completes when it has `ended`, and this time after that has passed.
pub async fn passes_after(mut ended: watch::Receiver<bool>, time: Duration) {
    // Fails only when nobody waits any more.
    let _ = ended.wait_for(|ended| *ended).await;
    sleep(time).await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::{
        io::{duplex, empty, sink, split},
        time::timeout,
    };

    use super::super::seats::Seat;
    use super::*;
    use crate::server::Activity;

    /// Only bounds a test that fails.
    const LIMIT: Duration = Duration::from_secs(20);

    fn outgoing<W: AsyncWrite + Unpin>(writes: W) -> Outgoing<W> {
        Outgoing::new(writes, Arc::new(Seat::new()), Activity::default())
    }

    #[tokio::test]
    async fn a_site_that_falls_silent_is_left_when_its_visitor_has_gone() {
        let (site, mut far) = duplex(1024);
        let mut incoming = Incoming::new(empty(), Activity::default());
        let mut outgoing = outgoing(sink());
        far.write_all(b"some of the answer").await.unwrap();
        let site = (BytesMut::new(), split(site));
        let passing = pass_both_ways(
            (&mut incoming, &mut outgoing),
            site,
            Duration::from_millis(10),
        );
        let passed = timeout(LIMIT, passing).await.expect("it ends");
        assert_eq!(passed.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn both_directions_arrive_whole() {
        let (site, mut far) = duplex(1024);
        let mut received = Vec::new();
        let request = [b'q'; 100_000];
        let mut incoming = Incoming::new(&request[..], Activity::default());
        let mut outgoing = outgoing(&mut received);
        let site = (BytesMut::from(&b"first"[..]), split(site));
        let passing = pass_both_ways((&mut incoming, &mut outgoing), site, LIMIT);
        let answer = async {
            let mut asked = Vec::new();
            far.read_to_end(&mut asked).await.unwrap();
            far.write_all(&[b'a'; 100_000]).await.unwrap();
            drop(far);
            asked
        };
        let (passed, asked) = tokio::join!(passing, answer);
        passed.unwrap();
        assert_eq!(asked, request);
        assert_eq!(received, [&b"first"[..], &[b'a'; 100_000]].concat());
    }
}
