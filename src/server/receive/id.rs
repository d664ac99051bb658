//! The names of uploads and deliveries. Whoever knows one may continue it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Bytes of randomness: enough that nobody guesses one.
const BYTES: usize = 16;

/// Names an upload, in 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId([u8; BYTES]);

/// Names a delivery, in 32 lower-case hexadecimal digits. The visitor chooses it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId([u8; BYTES]);

impl UploadId {
    /// A new one.
    ///
    /// # Errors
    /// The system provides no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The one that is written like this.
    pub fn parse(text: &str) -> Option<Self> {
        parse(text).map(Self)
    }
}

impl DeliveryId {
    /// The one that is written like this.
    pub fn parse(text: &str) -> Option<Self> {
        parse(text).map(Self)
    }

    /// A new one, for what comes without.
    ///
    /// # Errors
    /// The system provides no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        UploadId::random().map(|id| Self(id.0))
    }
}

fn parse(text: &str) -> Option<[u8; BYTES]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * BYTES {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, digits) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = value(digits[0])? << 4 | value(digits[1])?;
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn write(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes
        .iter()
        .try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

impl fmt::Display for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(&self.0, formatter)
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(&self.0, formatter)
    }
}

impl Serialize for UploadId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for DeliveryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UploadId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("no ID"))
    }
}

impl<'de> Deserialize<'de> for DeliveryId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("no ID"))
    }
}

/// Shows only the start, since the whole is a secret.
impl fmt::Debug for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(&self.0[..3], formatter)
    }
}

/// Shows only the start, since the whole is a secret.
impl fmt::Debug for DeliveryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(&self.0[..3], formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id = UploadId::random().unwrap();
        assert_eq!(UploadId::parse(&id.to_string()), Some(id));
        assert_ne!(UploadId::random().unwrap(), id);
    }

    #[test]
    fn nothing_else_is_an_id() {
        let valid = "00112233445566778899aabbccddeeff";
        assert!(DeliveryId::parse(valid).is_some());
        for text in [
            "",
            &valid[1..],
            &valid.to_uppercase(),
            &format!("{valid}0"),
            "../../../../../../../../../../..",
            "0011223344556677889\u{fc}aabbccddeef",
        ] {
            assert_eq!(DeliveryId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_log_does_not_reveal_an_id() {
        let id = UploadId::parse("00112233445566778899aabbccddeeff").unwrap();
        assert_eq!(format!("{id:?}"), "001122");
    }
}
