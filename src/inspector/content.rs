//! A body as it can be shown.

use std::io::Read;

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};

use super::{
    kept::{Kept, MAX_BODY},
    view::BodyView,
};

/// A body with this coding, as it can be shown.
pub fn view(body: &Kept, coding: Option<&[u8]>) -> BodyView {
    let (bytes, is_cut) = unpacked(&body.bytes, coding);
    let is_cut = is_cut || body.is_cut();
    let text = text(&bytes, is_cut);
    BodyView {
        size: body.size,
        is_binary: text.is_none() && !bytes.is_empty(),
        text: text.filter(|text| !text.is_empty()),
        is_cut,
    }
}

/// What a body with this coding says, if it is text.
pub fn text_of(body: &Kept, coding: Option<&[u8]>) -> Option<String> {
    let (bytes, is_cut) = unpacked(&body.bytes, coding);
    text(&bytes, is_cut || body.is_cut())
}

/// What a compressed body says, and whether it says more. What can't be unpacked stays as it is.
fn unpacked(bytes: &[u8], coding: Option<&[u8]>) -> (Vec<u8>, bool) {
    let mut unpacked = Vec::new();
    let limit = MAX_BODY as u64;
    let is_coding = |name: &str| {
        coding.is_some_and(|coding| coding.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
    };
    // An error means that the rest was not recorded, or that it is something else.
    let _ = if is_coding("gzip") {
        MultiGzDecoder::new(bytes)
            .take(limit)
            .read_to_end(&mut unpacked)
    } else if is_coding("deflate") {
        ZlibDecoder::new(bytes)
            .take(limit)
            .read_to_end(&mut unpacked)
    } else {
        return (bytes.to_vec(), false);
    };
    if unpacked.is_empty() {
        return (bytes.to_vec(), false);
    }
    let is_cut = unpacked.len() >= MAX_BODY;
    (unpacked, is_cut)
}

/// The bytes as text, if they are that. A character at a cut may be incomplete.
fn text(bytes: &[u8], is_cut: bool) -> Option<String> {
    let whole = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if is_cut && error.error_len().is_none() => {
            str::from_utf8(&bytes[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_binary =
        |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}' | '\u{1b}');
    (!whole.contains(is_binary)).then(|| whole.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn kept(bytes: &[u8]) -> Kept {
        let mut kept = Kept::new(false);
        kept.add(bytes);
        kept
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn text_is_shown_as_such_and_everything_else_is_said_to_be_none() {
        let body = view(&kept("grün\n".as_bytes()), None);
        assert_eq!(
            (body.text.as_deref(), body.is_binary),
            (Some("grün\n"), false)
        );
        let body = view(&kept(b"\0\xff"), None);
        assert_eq!((body.text, body.is_binary), (None, true));
        assert_eq!(view(&kept(b""), None), BodyView::default());
    }

    #[test]
    fn a_compressed_body_is_unpacked_within_bounds() {
        let body = view(&kept(&gzip(b"hello")), Some(b"GZIP"));
        assert_eq!(body.text.as_deref(), Some("hello"));
        let bomb = gzip(&vec![b'x'; 50_000_000]);
        let body = view(&kept(&bomb), Some(b"gzip"));
        assert!(body.is_cut && body.text.unwrap().len() == MAX_BODY);
        let body = view(&kept(b"not compressed"), Some(b"gzip"));
        assert_eq!(body.text.as_deref(), Some("not compressed"));
    }

    #[test]
    fn a_character_at_the_cut_is_left_out() {
        let mut long = vec![b'x'; MAX_BODY - 1];
        long.extend_from_slice("ü".as_bytes());
        let body = view(&kept(&long), None);
        assert_eq!(body.text.unwrap().len(), MAX_BODY - 1);
    }
}
