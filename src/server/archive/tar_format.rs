//! The records of a tar archive: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange
//! Format".
//!
//! An entry is a plain ustar header and the data of its file. Only what doesn't fit into the header
//! gets a pax header in front: a long or foreign name, a size from 8 GiB on, or a time before 1970
//! or after 2242.
//!
//! This is not left to a crate: `tar` and its forks write only forward, and don't say where an entry
//! will begin.

use super::format::Record;

/// Everything is in blocks of this size.
const BLOCK: u64 = 512;

/// Sizes and times from this value on don't fit into eleven octal digits.
const MAX_OCTAL: u64 = 1 << 33;

const NAME: usize = 100;
const PREFIX: usize = 155;

/// The length of the end of an archive: two empty blocks.
pub const END_LENGTH: u64 = 2 * BLOCK;

impl Record<'_> {
    /// Length of the headers before the data.
    pub fn tar_headers_length(&self) -> u64 {
        match self.pax().len() as u64 {
            0 => BLOCK,
            pax => BLOCK + padded(pax) + BLOCK,
        }
    }

    /// Length of everything up to the next entry: headers, data, and what fills its last block.
    pub fn tar_length(&self) -> u64 {
        self.tar_headers_length() + padded(self.size)
    }

    /// The headers before the data.
    pub fn tar_headers(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(3 * BLOCK as usize);
        let pax = self.pax();
        if !pax.is_empty() {
            put_header(&mut out, (b"", b"pax"), 0o644, pax.len() as u64, 0, b'x');
            out.extend_from_slice(&pax);
            // At most as long as a name, and rounded up.
            out.resize((BLOCK + padded(pax.len() as u64)) as usize, 0);
        }
        let (mode, kind) = if self.is_folder {
            (0o755, b'5')
        } else {
            (0o644, b'0')
        };
        let name = self.tar_name().unwrap_or((b"", b"long-name"));
        put_header(&mut out, name, mode, self.size, self.modified_s, kind);
        out
    }

    /// What fills the last block of the data.
    pub fn tar_padding(&self) -> Vec<u8> {
        // Less than a block.
        vec![0; (padded(self.size) - self.size) as usize]
    }

    /// What doesn't fit into the plain header, as the content of a pax header.
    fn pax(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if self.tar_name().is_none() {
            put_pax(&mut out, "path", self.name);
        }
        if self.size >= MAX_OCTAL {
            put_pax(&mut out, "size", self.size.to_string().as_bytes());
        }
        if fitting(self.modified_s).is_none() {
            put_pax(&mut out, "mtime", self.modified_s.to_string().as_bytes());
        }
        out
    }

    /// The start and the end of the name for the plain header, if it fits there: only ASCII means the
    /// same to all programs.
    fn tar_name(&self) -> Option<(&[u8], &[u8])> {
        let name = self.name;
        if !name.is_ascii() {
            return None;
        }
        if name.len() <= NAME {
            return Some((b"", name));
        }
        // As much as possible goes into the second part, which must not be empty.
        let from = name.len() - NAME - 1;
        let slash = from + name[from..].iter().position(|&byte| byte == b'/')?;
        let (start, end) = (&name[..slash], &name[slash + 1..]);
        (start.len() <= PREFIX && !start.is_empty() && !end.is_empty()).then_some((start, end))
    }
}

/// The length of whole blocks for so many bytes.
pub fn padded(bytes: u64) -> u64 {
    bytes.next_multiple_of(BLOCK)
}

/// A time for the plain header, if it fits there.
fn fitting(modified_s: i64) -> Option<u64> {
    let seconds = u64::try_from(modified_s).ok()?;
    (seconds < MAX_OCTAL).then_some(seconds)
}

/// Appends a header. What doesn't fit is 0, as a pax header in front of it has the value.
fn put_header(
    out: &mut Vec<u8>,
    (start, end): (&[u8], &[u8]),
    mode: u64,
    size: u64,
    modified_s: i64,
    kind: u8,
) {
    let begin = out.len();
    put_text(out, end, NAME);
    put_octal(out, mode, 8);
    put_octal(out, 0, 8); // owner
    put_octal(out, 0, 8); // group
    put_octal(out, if size < MAX_OCTAL { size } else { 0 }, 12);
    put_octal(out, fitting(modified_s).unwrap_or(0), 12);
    let sum_at = out.len();
    put_text(out, b"        ", 8);
    out.push(kind);
    put_text(out, b"", 100); // target of a link
    put_text(out, b"ustar\x0000", 8);
    put_text(out, b"", 32 + 32); // names of owner and group
    put_text(out, b"", 8 + 8); // device
    put_text(out, start, PREFIX);
    put_text(out, b"", 12);
    let sum: u64 = out[begin..].iter().map(|&byte| u64::from(byte)).sum();
    let sum = format!("{sum:06o}\0 ");
    out[sum_at..sum_at + 8].copy_from_slice(sum.as_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &[u8], width: usize) {
    let end = out.len() + width;
    out.extend_from_slice(text);
    out.resize(end, 0);
}

fn put_octal(out: &mut Vec<u8>, value: u64, width: usize) {
    let digits = width - 1;
    put_text(out, format!("{value:0digits$o}").as_bytes(), width);
}

/// Appends `LENGTH KEY=VALUE`, whose length includes that of its own digits.
fn put_pax(out: &mut Vec<u8>, key: &str, value: &[u8]) {
    let rest = 1 + key.len() + 1 + value.len() + 1;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    out.extend_from_slice(format!("{length} {key}=").as_bytes());
    out.extend_from_slice(value);
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::server::archive::dos_time::DosTime;

    fn record(name: &[u8], size: u64, modified_s: i64) -> Record<'_> {
        Record {
            name,
            is_folder: name.ends_with(b"/"),
            size,
            modified_s,
            dos_time: DosTime::default(),
        }
    }

    #[test]
    fn only_what_does_not_fit_has_a_pax_header() {
        let short = [b'n'; 100];
        let folders = ["d".repeat(100), "e".repeat(54), "n".repeat(100)].join("/");
        let one_more = ["d".repeat(101), "e".repeat(54), "n".repeat(100)].join("/");
        for (name, size, modified_s, expected) in [
            (&b"a"[..], 0, 0, ""),
            (&short, MAX_OCTAL - 1, (1 << 33) - 1, ""),
            (folders.as_bytes(), 0, 0, ""),
            (one_more.as_bytes(), 0, 0, "267 path="),
            (&[b'n'; 101], 0, 0, "111 path="),
            ("ä".as_bytes(), 0, 0, "11 path=ä\n"),
            (b"a", MAX_OCTAL, 0, "19 size=8589934592\n"),
            (b"a", 0, -1, "12 mtime=-1\n"),
            (b"a", 0, 1 << 33, "20 mtime=8589934592\n"),
        ] {
            let pax = String::from_utf8(record(name, size, modified_s).pax()).unwrap();
            assert!(pax.starts_with(expected), "{pax:?} {expected:?}");
            assert_eq!(pax.is_empty(), expected.is_empty(), "{pax:?}");
            if let Some((length, _)) = pax.split_once(' ') {
                assert_eq!(length.parse(), Ok(pax.len()), "{pax:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn headers_are_as_long_as_was_planned(
            name in "[a-zä/]{1,300}",
            size in prop_oneof![0..1500_u64, MAX_OCTAL - 2..MAX_OCTAL + 2, 0..u64::MAX / 2],
            modified_s: i64,
        ) {
            let record = record(name.as_bytes(), size, modified_s);
            let headers = record.tar_headers();
            prop_assert_eq!(headers.len() as u64, record.tar_headers_length());
            let end = record.tar_headers_length() + size + record.tar_padding().len() as u64;
            prop_assert_eq!(end, record.tar_length());
            prop_assert_eq!(end % BLOCK, 0);
            if let Some((start, end)) = record.tar_name() {
                let joined = if start.is_empty() { end.to_vec() } else { [start, end].join(&b'/') };
                prop_assert_eq!(joined, name.as_bytes());
            }
        }
    }
}
