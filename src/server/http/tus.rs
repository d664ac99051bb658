//! The headers of resumable uploads (tus 1.0.0, <https://tus.io/protocols/resumable-upload>).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

pub const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
pub const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
pub const UPLOAD_CONCAT: HeaderName = HeaderName::from_static("upload-concat");
pub const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// The version of the protocol.
pub const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");

/// The type of a body that is a part of an upload.
pub const PART_TYPE: &[u8] = b"application/offset+octet-stream";

/// Nobody says more about a file.
const MAX_PAIRS: usize = 64;

/// Some programs leave out the padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A header that there is at most once, without the white space around it.
///
/// # Errors
/// If there are several.
pub fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, Several> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(|value| value.as_bytes().trim_ascii())),
        (_, Some(_)) => Err(Several),
    }
}

/// A header came more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Several;

/// A number of bytes: nothing but digits.
pub fn number(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Anything that large is too large.
    Some(str::from_utf8(value).ok()?.parse().unwrap_or(u64::MAX))
}

/// The name of an algorithm, and the hash that `Upload-Checksum` gives.
pub fn checksum(value: &[u8]) -> Option<(&str, Vec<u8>)> {
    let (algorithm, hash) = str::from_utf8(value).ok()?.split_once(' ')?;
    let hash = BASE64.decode(hash).ok()?;
    (!algorithm.is_empty() && !hash.is_empty()).then_some((algorithm, hash))
}

/// What `Upload-Metadata` says about an upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata(Vec<(String, Vec<u8>)>);

impl Metadata {
    /// Reads pairs of a key and a value in Base64. `None` if that is not what they are, a key is
    /// there twice, or there are very many.
    pub fn parse(header: &[u8]) -> Option<Self> {
        let mut pairs: Vec<(String, Vec<u8>)> = Vec::new();
        if header.trim_ascii().is_empty() {
            return Some(Self::default());
        }
        for pair in header.split(|byte| *byte == b',') {
            let pair = str::from_utf8(pair.trim_ascii()).ok()?;
            let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
            let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
            if !is_key || pairs.len() == MAX_PAIRS || pairs.iter().any(|(other, _)| other == key) {
                return None;
            }
            pairs.push((key.to_owned(), BASE64.decode(value).ok()?));
        }
        Some(Self(pairs))
    }

    /// The value of a key; `None` if it is missing or empty.
    pub fn get(&self, key: &str) -> Option<&[u8]> {
        let pair = self.0.iter().find(|(other, _)| other == key);
        let value = pair.map(|(_, value)| value.as_slice());
        value.filter(|value| !value.is_empty())
    }

    /// The same as text, if it is.
    pub fn text(&self, key: &str) -> Option<&str> {
        str::from_utf8(self.get(key)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_pairs_of_a_key_and_base64() {
        let metadata = Metadata::parse(b"filename d29ybGQ=, sender w6Q,is_confidential,x ");
        let metadata = metadata.unwrap();
        assert_eq!(metadata.get("filename"), Some(&b"world"[..]));
        assert_eq!(metadata.text("sender"), Some("ä"));
        assert_eq!(metadata.get("is_confidential"), None);
        assert_eq!(metadata.get("other"), None);
        assert_eq!(Metadata::parse(b" "), Some(Metadata::default()));
        assert_eq!(Metadata::parse(b"a /w==").unwrap().text("a"), None);
        let many: Vec<_> = (0..=MAX_PAIRS).map(|key| key.to_string()).collect();
        assert_eq!(Metadata::parse(many.join(",").as_bytes()), None);
        for header in [
            &b","[..],
            b"a,",
            b"a YQ==,a YQ==",
            b"a YQ==  b",
            b"a YQ== b",
            b"a Y",
            b"a ../..",
            b"\xc3\xa4 YQ==",
            b"a\tYQ==",
        ] {
            assert_eq!(Metadata::parse(header), None, "{}", header.escape_ascii());
        }
    }

    #[test]
    fn numbers_are_digits_only() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"007"), Some(7));
        assert_eq!(number(b"99999999999999999999"), Some(u64::MAX));
        for value in [&b""[..], b"-1", b"+1", b"1.5", b"0x1", b"1 ", b"\xc2\xb2"] {
            assert_eq!(number(value), None);
        }
    }

    #[test]
    fn a_checksum_names_its_algorithm() {
        assert_eq!(checksum(b"sha1 YQ=="), Some(("sha1", b"a".to_vec())));
        for value in [
            &b""[..],
            b"sha1",
            b" YQ==",
            b"sha1 ",
            b"sha1 ??",
            b"\xff YQ==",
        ] {
            assert_eq!(checksum(value), None);
        }
    }

    #[test]
    fn a_header_that_came_twice_means_nothing() {
        let mut headers = HeaderMap::new();
        assert_eq!(only(&headers, &UPLOAD_OFFSET), Ok(None));
        headers.append(UPLOAD_OFFSET, HeaderValue::from_static(" 5 "));
        assert_eq!(only(&headers, &UPLOAD_OFFSET), Ok(Some(&b"5"[..])));
        headers.append(UPLOAD_OFFSET, HeaderValue::from_static("5"));
        assert_eq!(only(&headers, &UPLOAD_OFFSET), Err(Several));
    }
}
