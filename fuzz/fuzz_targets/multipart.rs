//! However a form arrives, its files are what a simple reader finds who has all of it.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::{Malformed, Multipart, Part, Piece};
use spot_serve_fuzz::text::expand;

const FRAGMENTS: &[&str] = &[
    "--x",
    "\r\n--x\r\n",
    "\r\n--x--\r\n",
    "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n",
    "\r\n--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n",
    "Content-Disposition: form-data",
    "; name=\"sender\"",
    "; filename=\"",
    "; filename*=utf-8''%C3%A4",
    "\"",
    "\\\"",
    "%22%0D%0A",
    "Content-Type: text/plain\r\n",
    "\r\n\r\n",
    "\r\n",
    "\r",
    "-",
    "\r\n-",
    "\r\n--",
    "\r\n--y",
];

const MAX_BYTES: usize = 4 * 1024;

type Files = (Vec<(Part, Vec<u8>)>, End);

#[derive(Debug, PartialEq, Eq)]
enum End {
    Malformed,
    Cut,
    Whole,
}

fuzz_target!(|input: (&[u8], &[u8])| {
    let (cuts, rest) = input;
    let form = expand(rest, FRAGMENTS, MAX_BYTES);
    let mut cuts: Vec<_> = cuts
        .iter()
        .take(8)
        .map(|cut| form.len() * usize::from(*cut) / 256)
        .collect();
    cuts.extend([0, form.len()]);
    cuts.sort_unstable();
    let pieces: Vec<_> = cuts.windows(2).map(|two| &form[two[0]..two[1]]).collect();
    let files = read(&pieces);
    assert_eq!(files, read(&[&form]), "it depends on how the form arrives");
    for (_, content) in &files.0 {
        assert!(!content.windows(5).any(|five| five == b"\r\n--x"));
    }
    if files.1 == End::Whole {
        assert_eq!(files.0, simple(&form));
    }
    // Any type of content is read or not, and never panics.
    let _ = Multipart::of(rest);
});

fn read(pieces: &[&[u8]]) -> Files {
    let mut form = Multipart::of(b"multipart/form-data; boundary=x").expect("a type");
    let mut files: Vec<(Part, Vec<u8>)> = Vec::new();
    for piece in pieces {
        form.add(Bytes::copy_from_slice(piece));
        loop {
            match form.next_piece() {
                Ok(None) => break,
                Ok(Some(Piece::Part(part))) => files.push((part, Vec::new())),
                Ok(Some(Piece::Content(content))) => {
                    let last = files.last_mut().expect("content belongs to a part");
                    last.1.extend_from_slice(&content);
                }
                Ok(Some(Piece::EndOfPart)) => {}
                Ok(Some(Piece::End)) => return (files, End::Whole),
                Err(Malformed) => return (files, End::Malformed),
            }
        }
    }
    (files, End::Cut)
}

/// The contents of a valid form; the names are taken as they were found.
fn simple(form: &[u8]) -> Vec<(Part, Vec<u8>)> {
    let form = [b"\r\n", form].concat();
    let mut parts = split(&form, b"\r\n--x").into_iter().skip(1);
    let mut found = Vec::new();
    for part in &mut parts {
        if part.starts_with(b"--") {
            break;
        }
        let at = part.windows(4).position(|four| four == b"\r\n\r\n");
        // Without content, the empty line may be that of the next delimiter.
        let at = at.unwrap_or(part.len() - b"\r\n".len());
        let (head, content) = (&part[..at], part.get(at + 4..).unwrap_or_default());
        let again = [b"--x", head, b"\r\n\r\n\r\n--x--"].concat();
        let (files, end) = read(&[&again]);
        assert_eq!((files.len(), end), (1, End::Whole));
        found.push((files[0].0.clone(), content.to_vec()));
    }
    found
}

fn split<'a>(mut bytes: &'a [u8], by: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = bytes.windows(by.len()).position(|it| it == by) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + by.len()..];
    }
    parts.push(bytes);
    parts
}
