//! The media type that a file name's extension stands for.
//!
//! The names are IANA's where there is one, and otherwise those that most programs use.

use std::cell::Cell;

use crate::server::kind::FileKind;

/// What an extension says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    Type(&'static str),
    /// An SVG drawing that is compressed with gzip.
    Svgz,
    /// Nothing, or too many things.
    Unclear,
}

use Extension::{Svgz, Type, Unclear};

const TEXT: &str = "text/plain";

/// Types of text that mean something to a browser or another program. Browsers don't know most
/// others, or save them, so source code of any kind is plain text.
const TEXT_TYPES: [&str; 10] = [
    "text/html",
    "text/css",
    "text/javascript",
    "text/xml",
    "text/markdown",
    "text/csv",
    "text/tab-separated-values",
    "text/calendar",
    "text/vcard",
    "text/vtt",
];

/// So many extensions are remembered: a visitor asks for few kinds of files, one after the other.
const REMEMBERED: usize = 16;

thread_local! {
    /// Extensions that were looked up, each in the place that follows from its letters.
    static LOOKED_UP: [Cell<(u64, Extension)>; REMEMBERED] =
        const { [const { Cell::new((0, Unclear)) }; REMEMBERED] };
}

impl Extension {
    /// What the extension of a name says.
    pub fn of(name: &[u8]) -> Self {
        let dot = name.iter().rposition(|&byte| byte == b'.');
        // Names that begin with their only dot are names as a whole.
        let key = dot
            .filter(|dot| *dot > 0)
            .and_then(|dot| key(&name[dot + 1..]));
        let Some(key) = key else {
            return Self::look_up(name, dot);
        };
        LOOKED_UP.with(|looked_up| {
            let place = &looked_up[place(key)];
            let (last, extension) = place.get();
            if last == key {
                return extension;
            }
            let extension = Self::look_up(name, dot);
            place.set((key, extension));
            extension
        })
    }

    fn look_up(name: &[u8], dot: Option<usize>) -> Self {
        // The rest of the name may be in any encoding.
        let extension = dot.and_then(|dot| std::str::from_utf8(&name[dot + 1..]).ok());
        let Some(extension) = extension.filter(|extension| !extension.is_empty()) else {
            return Unclear;
        };
        let extension = extension.to_ascii_lowercase();
        if let Some(corrected) = corrected(&extension) {
            return corrected;
        }
        let is_source = matches!(FileKind::of_file(name), FileKind::Text | FileKind::Code);
        match mime_guess::from_ext(&extension).first_raw() {
            Some(known) if is_for_programs(known) => Type(known),
            Some(known) if is_source || known.starts_with("text/") => Type(TEXT),
            None if is_source => Type(TEXT),
            Some(known) => Type(known),
            None => Unclear,
        }
    }
}

/// Up to seven letters and their number. None is zero.
fn key(extension: &[u8]) -> Option<u64> {
    let mut bytes = [0; 8];
    bytes
        .get_mut(1..=extension.len())
        .filter(|room| !room.is_empty())?
        .copy_from_slice(extension);
    bytes[0] = u8::try_from(extension.len()).ok()?;
    Some(u64::from_le_bytes(bytes))
}

fn place(key: u64) -> usize {
    // The upper bits of this product depend on all letters (Knuth's multiplicative hash).
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 60) as usize % REMEMBERED
}

/// Whether a type is worth more than that of plain text.
fn is_for_programs(known: &str) -> bool {
    TEXT_TYPES.contains(&known)
        || known == "application/json"
        || known == "application/xml"
        || known.ends_with("+json")
        || known.ends_with("+xml")
}

/// Where `mime_guess` is wrong or knows nothing, for files that people share.
fn corrected(extension: &str) -> Option<Extension> {
    Some(match extension {
        "svgz" => Svgz,

        // Several formats have the same extension, and one of them is text: video and TypeScript,
        // camcorders and go.mod, Publisher and SSH keys, subtitles as text and as pictures,
        // PowerPoint and translations, disks and VHDL, molecules and Palm. A `pem` may be any
        // certificate or key.
        "ts" | "mts" | "mod" | "pub" | "asc" | "pem" | "sub" | "pot" | "vhd" | "pdb" | "smi"
        | "inf" | "man" | "hdr" => Unclear,
        // The table has programs in mind that few people have. Others use these extensions: Maya,
        // After Effects, SketchUp, Cinema 4D, Figma, Photoshop, Veeam, cameras and disk images,
        // Vagrant, Flash, matrices.
        "ma" | "mb" | "aep" | "skp" | "c4d" | "fig" | "psb" | "vbk" | "raw" | "box" | "dmp"
        | "mtx" | "pnz" | "sol" | "srf" => Unclear,

        // Source code and notes that the table takes for something else, from Autoconf and CUDA
        // to Scheme, Smalltalk and Org.
        "ac" | "asa" | "asax" | "ascx" | "ashx" | "asmx" | "aspx" | "cmp" | "csh" | "cu"
        | "hjson" | "latex" | "me" | "ms" | "org" | "ris" | "roff" | "sc" | "scm" | "slk"
        | "st" | "t" | "tcl" | "texi" | "texinfo" | "tk" | "tpl" | "tr" => Type(TEXT),
        // Browsers run nothing else as a script.
        "mjs" | "cjs" => Type("text/javascript"),
        "dtd" => Type("application/xml-dtd"),
        "vcf" => Type("text/vcard"),
        "vcs" => Type("text/calendar"),
        "mht" | "mhtml" => Type("multipart/related"),

        // Packages were taken for RealAudio, screen savers for text.
        "rpm" => Type("application/x-rpm"),
        "deb" | "udeb" => Type("application/vnd.debian.binary-package"),
        "appimage" => Type("application/vnd.appimage"),
        "flatpak" => Type("application/vnd.flatpak"),
        "snap" => Type("application/vnd.snap"),
        "dmg" => Type("application/x-apple-diskimage"),
        "msi" => Type("application/x-msi"),
        "exe" | "dll" | "scr" => Type("application/vnd.microsoft.portable-executable"),
        "class" => Type("application/java-vm"),

        "rar" => Type("application/vnd.rar"),
        "tgz" => Type("application/gzip"),
        "zst" | "tzst" => Type("application/zstd"),
        "txz" => Type("application/x-xz"),
        "tbz" | "tbz2" => Type("application/x-bzip2"),
        "lz4" => Type("application/x-lz4"),
        "lzma" => Type("application/x-lzma"),
        "lha" | "lzh" => Type("application/x-lha"),
        "ace" => Type("application/x-ace"),
        "cab" => Type("application/vnd.ms-cab-compressed"),

        "pages" => Type("application/vnd.apple.pages"),
        "numbers" => Type("application/vnd.apple.numbers"),
        "azw3" => Type("application/vnd.amazon.mobi8-ebook"),
        // Comic books are not all RAR archives.
        "cbr" => Type("application/vnd.comicbook-rar"),
        "cbz" => Type("application/vnd.comicbook+zip"),
        "cb7" => Type("application/x-cb7"),
        "cbt" => Type("application/x-cbt"),
        "sqlite" | "sqlite3" => Type("application/vnd.sqlite3"),

        "ico" => Type("image/vnd.microsoft.icon"),
        "hif" => Type("image/heif"),
        "psd" => Type("image/vnd.adobe.photoshop"),
        "ai" => Type("application/illustrator"),
        "dwg" => Type("image/vnd.dwg"),
        "dxf" => Type("image/vnd.dxf"),
        "emf" => Type("image/emf"),
        "wmf" => Type("image/wmf"),
        "pcx" => Type("image/vnd.zbrush.pcx"),
        "xcf" => Type("image/x-xcf"),

        // STL models were taken for certificates.
        "stl" => Type("model/stl"),
        "obj" => Type("model/obj"),
        "step" | "stp" => Type("model/step"),
        "3mf" => Type("model/3mf"),
        "usdz" => Type("model/vnd.usdz+zip"),

        // No browser plays `audio/m4a` or `video/vnd.dlna.mpeg-tts`.
        "m4a" | "m4b" | "m4p" | "m4r" => Type("audio/mp4"),
        "m4v" | "f4v" => Type("video/mp4"),
        "m2t" | "m2ts" | "tts" => Type("video/mp2t"),
        "vob" => Type("video/mpeg"),
        "dv" => Type("video/dv"),
        "mpa" => Type("audio/mpeg"),
        "mid" | "midi" | "rmi" => Type("audio/midi"),
        "amr" => Type("audio/amr"),
        "ape" => Type("audio/x-ape"),
        "wv" => Type("audio/x-wavpack"),
        "mpc" => Type("audio/x-musepack"),
        // Playlists. Safari plays the first.
        "m3u8" => Type("application/vnd.apple.mpegurl"),
        // Texts that other programs open.
        "m3u" => Type("audio/x-mpegurl"),
        "eml" => Type("message/rfc822"),
        "asx" | "wax" => Type("audio/x-ms-asx"),

        "otf" => Type("font/otf"),
        "woff" => Type("font/woff"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_was_looked_up() {
        let extensions = [
            "html",
            "css",
            "js",
            "png",
            "JPG",
            "jpg",
            "svgz",
            "ts",
            "tar.gz",
            "gz",
            "m4a",
            "go",
            "rs",
            "woff2",
            "geojson",
            "markdown",
            "webmanifest",
            "h",
            "x",
            "7z",
            "bashrc",
            "",
            "\u{e4}",
            "Html",
        ];
        let names = extensions.iter().flat_map(|extension| {
            [
                format!("a.{extension}"),
                format!(".{extension}"),
                format!("b.c.{extension}"),
            ]
        });
        let names: Vec<_> = names.collect();
        for name in names.iter().chain(names.iter().rev()).chain(&names) {
            let name = name.as_bytes();
            let dot = name.iter().rposition(|&byte| byte == b'.');
            assert_eq!(
                Extension::of(name),
                Extension::look_up(name, dot),
                "{name:?}"
            );
        }
    }
}
