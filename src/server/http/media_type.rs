//! The type of a file: the Content-Type header.
//!
//! The type comes from the extension, and the encoding of text from the first few thousand bytes.
//! If the extension is unknown, these bytes also show whether the file is text.

use std::borrow::Cow;

/// How much of a file is examined.
pub const SNIFF_BYTES: usize = 4096;

/// A media type. It may lack what only the content can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    essence: Option<&'static str>,
    charset: Option<&'static str>,
}

impl MediaType {
    /// The type that a name's extension stands for.
    pub fn of_name(name: &[u8]) -> Self {
        // The rest of the name may be in any encoding.
        let extension = name
            .iter()
            .rposition(|&byte| byte == b'.')
            .and_then(|dot| std::str::from_utf8(&name[dot + 1..]).ok())
            .unwrap_or_default();
        let essence = match extension.to_ascii_lowercase().as_str() {
            "" => None,
            // Either video or TypeScript.
            "ts" | "mts" => None,
            "js" | "mjs" => Some("text/javascript"),
            "avif" => Some("image/avif"),
            "jxl" => Some("image/jxl"),
            "heic" => Some("image/heic"),
            "webmanifest" => Some("application/manifest+json"),
            "log" | "toml" | "yml" | "yaml" | "ini" | "conf" | "lock" => Some("text/plain"),
            extension => mime_guess::from_ext(extension).first_raw(),
        };
        Self {
            essence,
            charset: None,
        }
    }

    /// Whether the name alone determines the type, except for the encoding of text.
    pub fn is_known(&self) -> bool {
        self.essence.is_some()
    }

    /// Whether [`MediaType::with_content`] can add something.
    pub fn needs_content(&self) -> bool {
        self.essence
            .is_none_or(|essence| essence.starts_with("text/"))
    }

    /// Adds what the first bytes of the content show. At most [`SNIFF_BYTES`] are needed.
    #[must_use]
    pub fn with_content(self, start: &[u8]) -> Self {
        if !self.needs_content() {
            return self;
        }
        let charset = charset(start);
        match self.essence {
            Some(_) => Self { charset, ..self },
            None if is_mpeg_stream(start) => Self {
                essence: Some("video/mp2t"),
                charset: None,
            },
            // Empty files don't count as text: browsers would display them instead of saving them.
            None if charset.is_some() && !start.is_empty() => Self {
                essence: Some("text/plain"),
                charset,
            },
            None => self,
        }
    }

    /// The value of the Content-Type header.
    pub fn header(&self) -> Cow<'static, str> {
        let essence = self.essence.unwrap_or("application/octet-stream");
        match self.charset {
            Some(charset) => format!("{essence}; charset={charset}").into(),
            None => essence.into(),
        }
    }

    /// Whether it is text, and so worth compressing.
    pub fn is_text(&self) -> bool {
        self.essence.is_some_and(|essence| {
            essence.starts_with("text/")
                || essence.ends_with("+json")
                || essence.ends_with("+xml")
                || matches!(
                    essence,
                    "application/json" | "application/javascript" | "application/xml"
                )
        })
    }

    /// Whether it can contain scripts that run when a browser opens it: HTML, and any XML, because an
    /// XSL style sheet can turn it into HTML.
    pub fn can_run_scripts(&self) -> bool {
        self.essence.is_some_and(|essence| {
            essence.ends_with("+xml")
                || matches!(
                    essence,
                    "text/html" | "text/xml" | "application/xml" | "text/xsl"
                )
        })
    }

    /// Whether browsers display it rather than save it.
    pub fn is_shown_by_browsers(&self) -> bool {
        self.essence.is_some_and(|essence| {
            ["text/", "image/", "audio/", "video/"]
                .iter()
                .any(|kind| essence.starts_with(kind))
                || matches!(
                    essence,
                    "application/pdf"
                        | "application/json"
                        | "application/xml"
                        | "application/xhtml+xml"
                        | "application/javascript"
                )
        })
    }
}

/// The encoding of a text. `None` if it is unknown or the content is not text.
fn charset(start: &[u8]) -> Option<&'static str> {
    if start.starts_with(&[0xff, 0xfe]) {
        return Some("utf-16le");
    }
    if start.starts_with(&[0xfe, 0xff]) {
        return Some("utf-16be");
    }
    // Control characters that don't occur in text, such as NUL.
    let is_binary =
        |&byte: &u8| byte == 0x7f || byte < b' ' && !matches!(byte, b'\t'..=b'\r' | 0x1b);
    if start.iter().any(is_binary) {
        return None;
    }
    match std::str::from_utf8(start) {
        Ok(_) => Some("utf-8"),
        // Still UTF-8, cut in the middle of a character.
        Err(error) if error.error_len().is_none() && start.len() == SNIFF_BYTES => Some("utf-8"),
        Err(_) => None,
    }
}

fn is_mpeg_stream(start: &[u8]) -> bool {
    start.first() == Some(&0x47) && start.get(188) == Some(&0x47)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_depend_on_the_name_and_the_content() {
        let mut cut = vec![b'a'; SNIFF_BYTES - 1];
        cut.extend_from_slice(&"é".as_bytes()[..1]);
        let mut video = vec![0; 400];
        video[0] = 0x47;
        video[188] = 0x47;
        for (name, content, expected) in [
            (&b"a.html"[..], &b"<p>"[..], "text/html; charset=utf-8"),
            (b"A.TXT", "é".as_bytes(), "text/plain; charset=utf-8"),
            (b"latin.txt", b"caf\xe9", "text/plain"),
            (b"utf16.txt", b"\xff\xfea\0", "text/plain; charset=utf-16le"),
            (b"cut.txt", &cut, "text/plain; charset=utf-8"),
            (b"a.jpg", b"\xff\xd8", "image/jpeg"),
            (b"a.json", b"{}", "application/json"),
            (b"a.js", b"1", "text/javascript; charset=utf-8"),
            (b"a.svg", b"<svg/>", "image/svg+xml"),
            (b"a.ts", b"let a: number", "text/plain; charset=utf-8"),
            (b"a.ts", &video, "video/mp2t"),
            (b"README", b"read me", "text/plain; charset=utf-8"),
            (b"README", b"\0\x01", "application/octet-stream"),
            (b"README", b"", "application/octet-stream"),
            (
                b"a.unknown-extension",
                b"words",
                "text/plain; charset=utf-8",
            ),
            (b"\xff", b"words", "text/plain; charset=utf-8"),
            (b"a.zip", b"PK", "application/zip"),
            (b"program", b"\x7fELF", "application/octet-stream"),
        ] {
            assert_eq!(
                MediaType::of_name(name).with_content(content).header(),
                expected,
                "{name:?}"
            );
        }
    }
}
