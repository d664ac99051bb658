//! The signature of the release feed. The feed is one file: the four lines of a minisign signature, then
//! the text that they sign. So both are always of the same release.

use minisign_verify::{PublicKey, Signature};

/// How many lines a signature has.
const LINES: usize = 4;

/// The signed text; `None` if the signature isn't that of the owner of `public_key`.
pub fn signed_text<'a>(file: &'a [u8], public_key: &str) -> Option<&'a str> {
    let file = str::from_utf8(file).ok()?;
    let (end, _) = file.match_indices('\n').nth(LINES - 1)?;
    let (signature, text) = file.split_at(end + 1);
    let signature = Signature::decode(signature).ok()?;
    let key = PublicKey::from_base64(public_key).ok()?;
    // Only signatures of a hash, which minisign makes by default.
    key.verify(text.as_bytes(), &signature, false).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = include_str!("tests/key.pub");
    const SIGNED: &[u8] = include_bytes!("tests/signed.feed");

    #[test]
    fn what_minisign_has_signed_is_believed() {
        let text = signed_text(SIGNED, KEY.trim()).unwrap();
        assert!(text.starts_with('{'), "{text}");
    }

    #[test]
    fn a_change_of_any_byte_that_counts_is_noticed() {
        let first_line = SIGNED.iter().position(|byte| *byte == b'\n').unwrap();
        // The first line is a comment that nobody signs.
        for place in first_line + 1..SIGNED.len() {
            let mut changed = SIGNED.to_vec();
            changed[place] ^= 1;
            assert_eq!(signed_text(&changed, KEY.trim()), None, "byte {place}");
        }
    }

    #[test]
    fn text_without_a_whole_signature_is_refused() {
        for file in [
            &b""[..],
            b"{}",
            b"\n\n\n\n",
            b"a\nb\nc\nd\n{}",
            b"untrusted comment: a\n\xff\n",
            &SIGNED[..SIGNED.len() - 1],
        ] {
            assert_eq!(signed_text(file, KEY.trim()), None);
        }
    }

    #[test]
    fn another_key_is_not_trusted() {
        let other = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        assert_eq!(signed_text(SIGNED, other), None);
        assert_eq!(signed_text(SIGNED, ""), None);
    }
}
