//! A header's value with parameters, such as `form-data; name="file"; filename="a.txt"`.

use percent_encoding::percent_decode;

/// A value in the form for other alphabets (RFC 8187), such as `UTF-8''a%20b`.
pub fn decoded(value: &[u8]) -> Option<Vec<u8>> {
    let mut parts = value.splitn(3, |byte| *byte == b'\'');
    let (charset, _, text) = (parts.next()?, parts.next()?, parts.next()?);
    let is_utf8 = charset.eq_ignore_ascii_case(b"utf-8");
    is_utf8.then(|| percent_decode(text).collect())
}

/// A header's value with parameters.
pub struct Parameters {
    /// What comes before the parameters.
    pub first: Vec<u8>,
    /// Names and values.
    others: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Parameters {
    /// Reads them; `None` if a quoted value doesn't end.
    pub fn of(value: &[u8]) -> Option<Self> {
        let end = memchr::memchr(b';', value).unwrap_or(value.len());
        let first = value[..end].trim_ascii().to_vec();
        let mut rest = &value[end..];
        let mut others = Vec::new();
        while let Some(behind) = rest.strip_prefix(b";") {
            let end = behind
                .iter()
                .position(|byte| matches!(byte, b'=' | b';'))
                .unwrap_or(behind.len());
            let name = behind[..end].trim_ascii();
            rest = &behind[end..];
            let Some(value) = rest.strip_prefix(b"=") else {
                continue;
            };
            let value = value.trim_ascii_start();
            let (value, behind) = match value.strip_prefix(b"\"") {
                Some(quoted) => unquoted(quoted)?,
                None => {
                    let end = memchr::memchr(b';', value).unwrap_or(value.len());
                    (value[..end].trim_ascii().to_vec(), &value[end..])
                }
            };
            others.push((name.to_ascii_lowercase(), value));
            // Whatever stands behind a quoted value means nothing.
            let next = memchr::memchr(b';', behind).unwrap_or(behind.len());
            rest = &behind[next..];
        }
        Some(Self { first, others })
    }

    /// The value of the first parameter with this name, which is in lower case.
    pub fn take(&mut self, name: &[u8]) -> Option<Vec<u8>> {
        let at = self.others.iter().position(|(other, _)| other == name)?;
        Some(self.others.swap_remove(at).1)
    }
}

/// A quoted value and what follows it.
///
/// Browsers write a quote as `%22` and a line end as `%0D` and `%0A`, curl and others as `\"`. None of
/// them changes a backslash or a percent sign, so nothing else is decoded.
fn unquoted(quoted: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut value = Vec::new();
    let mut rest = quoted;
    loop {
        rest = match rest {
            [b'"', behind @ ..] => return Some((value, behind)),
            [b'\\', b'"', behind @ ..] | [b'%', b'2', b'2', behind @ ..] => {
                value.push(b'"');
                behind
            }
            [b'%', b'0', b'D' | b'd', behind @ ..] => {
                value.push(b'\r');
                behind
            }
            [b'%', b'0', b'A' | b'a', behind @ ..] => {
                value.push(b'\n');
                behind
            }
            [byte, behind @ ..] => {
                value.push(*byte);
                behind
            }
            [] => return None,
        };
    }
}
