//! A response that was made before, and is sent again as it is, with the date of now.

use std::{
    cell::Cell,
    io::IoSlice,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;

/// A response whose head lacks only the date.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Whole lines.
    head: Bytes,
    content: Bytes,
}

/// `date: Sun, 06 Nov 1994 08:49:37 GMT`, and the end of the head.
const DATE_BYTES: usize = 39;

/// A [`Finished`] of which a part was sent.
#[derive(Debug)]
pub struct Sending {
    finished: Finished,
    date: [u8; DATE_BYTES],
    sent: usize,
}

impl Finished {
    /// With a head of whole lines, without its end and without a date.
    pub fn new(head: Bytes, content: Bytes) -> Self {
        Self { head, content }
    }

    /// Its length in bytes, without the date.
    pub fn len(&self) -> usize {
        self.head.len() + self.content.len()
    }
}

impl Sending {
    /// Begins to send it.
    pub fn new(finished: Finished) -> Self {
        Self {
            finished,
            date: date(SystemTime::now()),
            sent: 0,
        }
    }

    /// How much is left.
    pub fn left(&self) -> usize {
        self.finished.len() + DATE_BYTES - self.sent
    }

    /// So many of the next bytes.
    pub fn next(&self, most: usize) -> [&[u8]; 3] {
        let (mut skipped, mut most) = (self.sent, most);
        [&self.finished.head[..], &self.date, &self.finished.content].map(|part| {
            let skip = skipped.min(part.len());
            skipped -= skip;
            let part = &part[skip..];
            let part = &part[..most.min(part.len())];
            most -= part.len();
            part
        })
    }

    /// The same for the system.
    pub fn next_slices(&self, most: usize) -> [IoSlice<'_>; 3] {
        self.next(most).map(IoSlice::new)
    }

    /// So many bytes were sent.
    pub fn advance(&mut self, sent: usize) {
        self.sent += sent;
    }
}

/// The line with the date, and the empty line that ends the head.
fn date(now: SystemTime) -> [u8; DATE_BYTES] {
    thread_local! {
        /// The last one. Most requests come in the same second.
        static LAST: Cell<(u64, [u8; DATE_BYTES])> = const { Cell::new((0, [0; DATE_BYTES])) };
    }
    let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    LAST.with(|last| {
        let (second, line) = last.get();
        if second == seconds {
            return line;
        }
        let whole = UNIX_EPOCH + Duration::from_secs(seconds);
        let line = format!("date: {}\r\n\r\n", httpdate::fmt_http_date(whole));
        // It always has the same length.
        let line = line.as_bytes().try_into().unwrap_or([b' '; DATE_BYTES]);
        last.set((seconds, line));
        line
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sent_in_pieces_of_any_size() {
        let finished = Finished::new("HTTP/1.1 200 OK\r\na: b\r\n".into(), "content".into());
        for most in 1..100 {
            let mut sending = Sending::new(finished.clone());
            let mut sent = Vec::new();
            while sending.left() > 0 {
                let next = sending.next(most).concat();
                assert_eq!(next.len(), most.min(sending.left()));
                sending.advance(next.len());
                sent.extend(next);
            }
            let sent = String::from_utf8(sent).unwrap();
            assert!(
                sent.starts_with("HTTP/1.1 200 OK\r\na: b\r\ndate: "),
                "{sent}"
            );
            assert!(sent.ends_with(" GMT\r\n\r\ncontent"), "{sent}");
        }
    }

    #[test]
    fn the_date_is_that_of_the_second() {
        let at =
            |seconds| String::from_utf8(date(UNIX_EPOCH + Duration::from_secs(seconds)).into());
        let expected = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n";
        assert_eq!(at(784_111_777).unwrap(), expected);
        assert_eq!(at(784_111_777).unwrap(), expected);
        assert_eq!(at(784_111_778).unwrap(), expected.replace(":37", ":38"));
    }
}
