//! Bytes in both directions, until there is nobody left who could use them.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy},
    sync::watch,
    time::sleep,
};

/// A site that says nothing for so long after the end of its visitor is left.
pub const PATIENCE: Duration = Duration::from_secs(30);
const CHUNK: usize = 16 * 1024;

/// Passes bytes on until both have ended, one of them fails, or the visitor has ended and the site
/// says nothing for `patience`.
///
/// # Errors
/// One of them fails, or the site is silent.
pub async fn pass_both_ways(
    (mut visitor_reads, mut visitor_writes): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    (mut site_reads, mut site_writes): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    patience: Duration,
) -> io::Result<()> {
    let (ends, ended) = watch::channel(false);
    let up = async {
        copy(&mut visitor_reads, &mut site_writes).await?;
        let shut = site_writes.shutdown().await;
        ends.send_replace(true);
        shut
    };
    let down = async {
        let mut piece = vec![0; CHUNK];
        loop {
            let read = tokio::select! {
                biased;
                read = site_reads.read(&mut piece) => read?,
                () = passes_after(ended.clone(), patience) => return Err(io::ErrorKind::TimedOut.into()),
            };
            if read == 0 {
                return visitor_writes.shutdown().await;
            }
            visitor_writes.write_all(&piece[..read]).await?;
        }
    };
    tokio::try_join!(up, down).map(|_| ())
}

/// Completes when it has `ended`, and this time after that has passed.
async fn passes_after(mut ended: watch::Receiver<bool>, time: Duration) {
    // Fails only when nobody waits any more.
    let _ = ended.wait_for(|ended| *ended).await;
    sleep(time).await;
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{duplex, empty, sink, split},
        time::timeout,
    };

    use super::*;

    /// Only bounds a test that fails.
    const LIMIT: Duration = Duration::from_secs(20);

    #[tokio::test]
    async fn a_site_that_falls_silent_is_left_when_its_visitor_has_gone() {
        let (site, mut far) = duplex(1024);
        let visitor = (empty(), sink());
        far.write_all(b"some of the answer").await.unwrap();
        let passing = pass_both_ways(visitor, split(site), Duration::from_millis(10));
        let passed = timeout(LIMIT, passing).await.expect("it ends");
        assert_eq!(passed.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn both_directions_arrive_whole() {
        let (site, mut far) = duplex(1024);
        let mut received = Vec::new();
        let request = [b'q'; 100_000];
        let passing = pass_both_ways((&request[..], &mut received), split(site), LIMIT);
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
        assert_eq!(received, [b'a'; 100_000]);
    }
}
