//! The kind of a file, in everyday terms.

/// Kinds in their sort order. The page's script refers to them by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    Folder,
    Picture,
    Video,
    Audio,
    Pdf,
    Markdown,
    Text,
    Code,
    Document,
    Sheet,
    Slides,
    Archive,
    Font,
    Program,
    File,
}

/// The extensions of files of which small pictures can be made. The page's script gets this list.
pub const WITH_SMALL_PICTURES: [&str; 21] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", // Also shown by every browser.
    "tif", "tiff", "cr2", "cr3", "nef", "arw", "dng", "raf", "orf", "rw2", "psd", "heic", "heif",
    "hif",
];

/// Those of them that every browser shows itself. The page's script gets this list, too.
pub const SHOWN_BY_BROWSERS: &[&str] = WITH_SMALL_PICTURES.split_at(7).0;

/// Whether a small picture can be made of a file with this name.
pub fn has_small_picture(name: &[u8]) -> bool {
    ends_with_one_of(name, &WITH_SMALL_PICTURES)
}

/// Whether it is one that every browser shows itself.
pub fn is_shown_by_browsers(name: &[u8]) -> bool {
    ends_with_one_of(name, SHOWN_BY_BROWSERS)
}

fn ends_with_one_of(name: &[u8], extensions: &[&str]) -> bool {
    let extension = name.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    extensions
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known.as_bytes()))
}

impl FileKind {
    /// All kinds, in order.
    pub const ALL: [Self; 15] = [
        Self::Folder,
        Self::Picture,
        Self::Video,
        Self::Audio,
        Self::Pdf,
        Self::Markdown,
        Self::Text,
        Self::Code,
        Self::Document,
        Self::Sheet,
        Self::Slides,
        Self::Archive,
        Self::Font,
        Self::Program,
        Self::File,
    ];

    /// The kind of a file, according to its name.
    pub fn of_file(name: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let Some((stem, extension)) = name.rsplit_once('.') else {
            return Self::of_plain_name(&name);
        };
        if stem.is_empty() {
            return Self::of_plain_name(extension);
        }
        match extension {
            "jpg" | "jpeg" | "jpe" | "jfif" | "png" | "gif" | "webp" | "avif" | "svg" | "svgz"
            | "bmp" | "ico" | "tif" | "tiff" | "heic" | "heif" | "jxl" | "apng" | "cr2" | "cr3"
            | "nef" | "arw" | "dng" | "raf" | "orf" | "rw2" | "hif" | "psd" => Self::Picture,
            "mp4" | "m4v" | "webm" | "mov" | "mkv" | "avi" | "ogv" | "wmv" | "mpg" | "mpeg"
            | "3gp" | "flv" => Self::Video,
            "mp3" | "m4a" | "aac" | "ogg" | "oga" | "opus" | "flac" | "wav" | "wma" | "aiff"
            | "mid" => Self::Audio,
            "pdf" => Self::Pdf,
            "md" | "markdown" => Self::Markdown,
            "txt" | "text" | "log" | "csv" | "tsv" | "srt" | "vtt" | "nfo" | "rst" | "tex"
            | "adoc" | "asc" | "bib" | "eml" | "ics" | "vcf" | "diff" | "patch" | "sub" | "lrc"
            | "m3u" | "m3u8" | "cue" | "gpx" | "kml" | "po" => Self::Text,
            "rs" | "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "cs" | "go" | "java" | "kt"
            | "kts" | "scala" | "swift" | "m" | "mm" | "py" | "rb" | "php" | "pl" | "pm"
            | "lua" | "r" | "jl" | "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "tsx" | "vue"
            | "svelte" | "html" | "htm" | "xhtml" | "css" | "scss" | "sass" | "less" | "json"
            | "json5" | "jsonc" | "jsonl" | "ndjson" | "geojson" | "xml" | "xsl" | "yml"
            | "yaml" | "toml" | "ini" | "cfg" | "conf" | "properties" | "lock" | "sh" | "bash"
            | "zsh" | "fish" | "ps1" | "bat" | "cmd" | "sql" | "graphql" | "proto" | "dart"
            | "ex" | "exs" | "erl" | "hs" | "ml" | "clj" | "lisp" | "el" | "vim" | "asm" | "s"
            | "f90" | "pas" | "zig" | "nim" | "v" | "vhd" | "cmake" | "gradle" | "tf" | "nix"
            | "mk" | "ipynb" | "webmanifest" | "map" | "env" | "service" | "desktop"
            | "dockerfile" | "gitignore" | "editorconfig" => Self::Code,
            "doc" | "docx" | "odt" | "rtf" | "pages" | "epub" | "mobi" | "azw3" | "djvu" | "ps" => {
                Self::Document
            }
            "xls" | "xlsx" | "xlsm" | "ods" | "numbers" => Self::Sheet,
            "ppt" | "pptx" | "odp" | "key" => Self::Slides,
            "zip" | "7z" | "rar" | "tar" | "gz" | "tgz" | "bz2" | "tbz" | "xz" | "txz" | "zst"
            | "lz4" | "lzma" | "br" | "cab" | "jar" | "war" | "iso" | "img" | "dmg" => {
                Self::Archive
            }
            "ttf" | "otf" | "woff" | "woff2" | "eot" => Self::Font,
            "exe" | "msi" | "deb" | "rpm" | "apk" | "ipa" | "appimage" | "flatpak" | "snap"
            | "pkg" | "dll" | "so" | "dylib" | "wasm" => Self::Program,
            _ => Self::File,
        }
    }

    /// The kind of a well-known name without an extension.
    fn of_plain_name(name: &str) -> Self {
        match name {
            "readme" | "license" | "licence" | "copying" | "authors" | "changelog" | "changes"
            | "contributing" | "notice" | "news" | "todo" | "install" => Self::Text,
            "makefile" | "dockerfile" | "rakefile" | "gemfile" | "justfile" | "vagrantfile"
            | "procfile" | "jenkinsfile" | "containerfile" | "gnumakefile" | "gitignore"
            | "gitattributes" | "editorconfig" | "bashrc" | "profile" | "zshrc" | "vimrc"
            | "npmrc" => Self::Code,
            _ => Self::File,
        }
    }

    /// Its position in [`FileKind::ALL`].
    pub fn number(self) -> usize {
        self as usize
    }

    /// The id of its icon, which is also its class in the style sheet.
    pub fn id(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Picture => "picture",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Pdf => "pdf",
            Self::Markdown | Self::Text | Self::Document => "text",
            Self::Code => "code",
            Self::Sheet => "sheet",
            Self::Slides => "slides",
            Self::Archive => "archive",
            Self::Font => "font",
            Self::Program => "program",
            Self::File => "file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_depends_on_the_name() {
        for (name, kind) in [
            (&b"a.JPG"[..], FileKind::Picture),
            (b"x.tar.gz", FileKind::Archive),
            (b"README", FileKind::Text),
            (b"Makefile", FileKind::Code),
            (b".gitignore", FileKind::Code),
            (b"settings.jsonc", FileKind::Code),
            (b"Meeting.ics", FileKind::Text),
            (b"Mail.eml", FileKind::Text),
            (b"readme.md", FileKind::Markdown),
            (b"<img src=x onerror=alert(1)>.html", FileKind::Code),
            (b"\xff.mp4", FileKind::Video),
            (b"", FileKind::File),
            (b".", FileKind::File),
            (b"a.", FileKind::File),
        ] {
            assert_eq!(FileKind::of_file(name), kind, "{name:?}");
        }
    }

    #[test]
    fn whatever_has_a_small_picture_is_a_picture() {
        for extension in WITH_SMALL_PICTURES {
            let name = format!("a.{extension}");
            assert_eq!(FileKind::of_file(name.as_bytes()), FileKind::Picture);
            assert!(has_small_picture(name.to_uppercase().as_bytes()));
        }
        assert!(is_shown_by_browsers(b"x.y.WebP") && !is_shown_by_browsers(b"a.tif"));
        for name in [&b"a.svg"[..], b"a.avif", b"jpg.txt", b""] {
            assert!(!has_small_picture(name), "{name:?}");
        }
    }

    #[test]
    fn numbers_are_positions_in_the_list() {
        for (place, kind) in FileKind::ALL.iter().enumerate() {
            assert_eq!(kind.number(), place);
        }
    }
}
