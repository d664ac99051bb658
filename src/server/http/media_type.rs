//! The type of a file: the Content-Type header.
//!
//! The type comes from the extension. If that is unknown, the first bytes show whether the file is
//! text.

use std::borrow::Cow;

use super::{charset::TextStart, extension::Extension};

pub use super::charset::SNIFF_BYTES;

/// A media type. It may lack what only the content can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaType {
    essence: Option<&'static str>,
    charset: Option<&'static str>,
    gzip: Packing,
}

/// Whether a file is compressed with gzip, and is to be decompressed by the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Plain,
    /// So its name says.
    Expected,
    Gzip,
}

impl MediaType {
    /// The type that a name's extension stands for.
    pub fn of_name(name: &[u8]) -> Self {
        let (essence, gzip) = match Extension::of(name) {
            Extension::Type(essence) => (Some(essence), Packing::Plain),
            Extension::Svgz => (Some("image/svg+xml"), Packing::Expected),
            Extension::Unclear => (None, Packing::Plain),
        };
        Self {
            essence,
            charset: None,
            gzip,
        }
    }

    /// Whether the name alone determines the type, except for the encoding of text.
    pub fn is_known(&self) -> bool {
        self.essence.is_some() && self.gzip != Packing::Expected
    }

    /// Whether [`MediaType::with_content`] can add something.
    pub fn needs_content(&self) -> bool {
        match self.essence {
            None => true,
            // XML says itself how it is encoded.
            Some("text/xml") => false,
            Some(essence) => essence.starts_with("text/") || self.gzip == Packing::Expected,
        }
    }

    /// Adds what the first bytes of the content show, or all of it. At most [`SNIFF_BYTES`] are
    /// needed.
    #[must_use]
    pub fn with_content(self, start: &[u8], is_whole: bool) -> Self {
        if !self.needs_content() {
            return self;
        }
        if self.gzip == Packing::Expected {
            let gzip = if start.starts_with(&[0x1f, 0x8b]) {
                Packing::Gzip
            } else {
                Packing::Plain
            };
            return Self { gzip, ..self };
        }
        let text = TextStart::of(start, is_whole);
        let essence = match self.essence {
            Some(essence) => essence,
            None if is_mpeg_stream(start) => "video/mp2t",
            // Empty files don't count as text: browsers would display them instead of saving them.
            None if text.is_text() && !start.is_empty() => "text/plain",
            None => return self,
        };
        Self {
            essence: Some(essence),
            charset: essence
                .starts_with("text/")
                .then(|| text.charset(essence, start, is_whole))
                .flatten(),
            ..self
        }
    }

    /// The type of the file as it is saved: what is compressed stays so.
    #[must_use]
    pub fn into_saved(self) -> Self {
        if self.gzip == Packing::Plain {
            return self;
        }
        Self {
            essence: None,
            gzip: Packing::Plain,
            ..self
        }
    }

    /// The value of the Content-Encoding header, if the file is compressed.
    pub fn encoding(&self) -> Option<&'static str> {
        (self.gzip == Packing::Gzip).then_some("gzip")
    }

    /// The value of the Content-Type header.
    pub fn header(&self) -> Cow<'static, str> {
        let essence = self.essence.unwrap_or("application/octet-stream");
        match self.charset {
            Some(charset) => format!("{essence}; charset={charset}").into(),
            None => essence.into(),
        }
    }

    /// Whether it is text.
    pub fn is_text(&self) -> bool {
        self.gzip == Packing::Plain
            && self.essence.is_some_and(|essence| {
                essence.starts_with("text/")
                    || essence.ends_with("+json")
                    || essence.ends_with("+xml")
                    || matches!(essence, "application/json" | "application/xml")
            })
    }

    /// Whether it gets much smaller when it is compressed: text, and what isn't compressed by itself.
    pub fn is_compressible(&self) -> bool {
        self.is_text()
            || self.gzip == Packing::Plain
                && matches!(
                    self.essence,
                    Some(
                        "application/javascript"
                            | "application/wasm"
                            | "application/vnd.ms-fontobject"
                            | "font/otf"
                            | "font/ttf"
                            | "image/bmp"
                            | "image/vnd.microsoft.icon"
                            | "image/x-icon"
                    )
                )
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

    /// Whether Chrome, Firefox or Safari displays it. All of them save everything else.
    pub fn is_shown_by_browsers(&self) -> bool {
        let Some((kind, name)) = self.essence.and_then(|essence| essence.split_once('/')) else {
            return false;
        };
        match kind {
            // These are for address books and calendars.
            "text" => !matches!(name, "vcard" | "calendar"),
            "image" => matches!(
                name,
                "jpeg"
                    | "png"
                    | "apng"
                    | "gif"
                    | "webp"
                    | "avif"
                    | "jxl"
                    | "heic"
                    | "heif"
                    | "svg+xml"
                    | "bmp"
                    | "vnd.microsoft.icon"
                    | "tiff"
            ),
            "audio" => matches!(
                name,
                "mpeg" | "mp4" | "aac" | "ogg" | "flac" | "wav" | "webm" | "aiff" | "x-caf"
            ),
            "video" => matches!(
                name,
                "mp4"
                    | "webm"
                    | "ogg"
                    | "quicktime"
                    | "x-matroska"
                    | "3gpp"
                    | "3gpp2"
                    | "mp2t"
                    | "mpeg"
            ),
            "application" => {
                matches!(
                    name,
                    "pdf" | "json" | "xml" | "xhtml+xml" | "vnd.apple.mpegurl"
                ) || name.ends_with("+json")
            }
            _ => false,
        }
    }
}

/// Whether it begins like an MPEG transport stream: packets of 188 bytes, or on a camera's disk with
/// four more in front of each.
fn is_mpeg_stream(start: &[u8]) -> bool {
    let has_packets = |first: usize, length: usize| {
        [first, first + length]
            .iter()
            .all(|&place| start.get(place) == Some(&0x47))
    };
    has_packets(0, 188) || has_packets(4, 192)
}
#[cfg(test)]
#[path = "media_type_tests.rs"]
mod tests;
