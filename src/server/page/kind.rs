//! What kind of thing a name stands for, as a person would say it.

use super::words::KindWords;

/// Kinds in the order in which they sort. A script knows them by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
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

impl Kind {
    /// All of them, in order.
    pub const ALL: [Kind; 15] = [
        Kind::Folder,
        Kind::Picture,
        Kind::Video,
        Kind::Audio,
        Kind::Pdf,
        Kind::Markdown,
        Kind::Text,
        Kind::Code,
        Kind::Document,
        Kind::Sheet,
        Kind::Slides,
        Kind::Archive,
        Kind::Font,
        Kind::Program,
        Kind::File,
    ];

    /// The kind of a file, told by its name alone.
    pub fn of_file(name: &[u8]) -> Kind {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let Some((stem, extension)) = name.rsplit_once('.') else {
            return Kind::of_plain_name(&name);
        };
        if stem.is_empty() {
            return Kind::of_plain_name(extension);
        }
        match extension {
            "jpg" | "jpeg" | "jpe" | "jfif" | "png" | "gif" | "webp" | "avif" | "svg" | "bmp"
            | "ico" | "tif" | "tiff" | "heic" | "heif" | "jxl" | "apng" | "cr2" | "cr3" | "nef"
            | "arw" | "dng" | "raf" | "psd" => Kind::Picture,
            "mp4" | "m4v" | "webm" | "mov" | "mkv" | "avi" | "ogv" | "wmv" | "mpg" | "mpeg"
            | "3gp" | "flv" => Kind::Video,
            "mp3" | "m4a" | "aac" | "ogg" | "oga" | "opus" | "flac" | "wav" | "wma" | "aiff"
            | "mid" => Kind::Audio,
            "pdf" => Kind::Pdf,
            "md" | "markdown" => Kind::Markdown,
            "txt" | "log" | "csv" | "tsv" | "srt" | "vtt" | "nfo" | "rst" | "tex" | "adoc"
            | "diff" | "patch" => Kind::Text,
            "rs" | "c" | "h" | "cc" | "cpp" | "cxx" | "hpp" | "cs" | "go" | "java" | "kt"
            | "kts" | "scala" | "swift" | "m" | "mm" | "py" | "rb" | "php" | "pl" | "pm"
            | "lua" | "r" | "jl" | "js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "tsx" | "vue"
            | "svelte" | "html" | "htm" | "xhtml" | "css" | "scss" | "sass" | "less" | "json"
            | "json5" | "jsonl" | "ndjson" | "geojson" | "xml" | "xsl" | "yml" | "yaml"
            | "toml" | "ini" | "cfg" | "conf" | "properties" | "lock" | "sh" | "bash" | "zsh"
            | "fish" | "ps1" | "bat" | "cmd" | "sql" | "graphql" | "proto" | "dart" | "ex"
            | "exs" | "erl" | "hs" | "ml" | "clj" | "lisp" | "el" | "vim" | "asm" | "s" | "f90"
            | "pas" | "zig" | "nim" | "v" | "vhd" | "cmake" | "gradle" | "tf" | "nix" | "mk"
            | "ipynb" | "webmanifest" | "map" => Kind::Code,
            "doc" | "docx" | "odt" | "rtf" | "pages" | "epub" | "mobi" | "azw3" | "djvu" | "ps" => {
                Kind::Document
            }
            "xls" | "xlsx" | "xlsm" | "ods" | "numbers" => Kind::Sheet,
            "ppt" | "pptx" | "odp" | "key" => Kind::Slides,
            "zip" | "7z" | "rar" | "tar" | "gz" | "tgz" | "bz2" | "tbz" | "xz" | "txz" | "zst"
            | "lz4" | "lzma" | "br" | "cab" | "jar" | "war" | "iso" | "img" | "dmg" => {
                Kind::Archive
            }
            "ttf" | "otf" | "woff" | "woff2" | "eot" => Kind::Font,
            "exe" | "msi" | "deb" | "rpm" | "apk" | "ipa" | "appimage" | "flatpak" | "snap"
            | "pkg" | "dll" | "so" | "dylib" | "wasm" => Kind::Program,
            _ => Kind::File,
        }
    }

    /// Names without an extension that are known for what they hold.
    fn of_plain_name(name: &str) -> Kind {
        match name {
            "readme" | "license" | "licence" | "copying" | "authors" | "changelog" | "changes"
            | "contributing" | "notice" | "news" | "todo" | "install" => Kind::Text,
            "makefile" | "dockerfile" | "rakefile" | "gemfile" | "justfile" | "vagrantfile"
            | "procfile" | "jenkinsfile" | "gitignore" | "gitattributes" | "editorconfig"
            | "bashrc" | "profile" | "zshrc" | "vimrc" | "npmrc" => Kind::Code,
            _ => Kind::File,
        }
    }

    /// Its place in [`Kind::ALL`].
    pub fn number(self) -> usize {
        self as usize
    }

    /// The id of its icon, which is also its class in the style sheet.
    pub fn id(self) -> &'static str {
        match self {
            Kind::Folder => "folder",
            Kind::Picture => "picture",
            Kind::Video => "video",
            Kind::Audio => "audio",
            Kind::Pdf => "pdf",
            Kind::Markdown | Kind::Text | Kind::Document => "text",
            Kind::Code => "code",
            Kind::Sheet => "sheet",
            Kind::Slides => "slides",
            Kind::Archive => "archive",
            Kind::Font => "font",
            Kind::Program => "program",
            Kind::File => "file",
        }
    }

    /// What it is called.
    pub fn word(self, words: &KindWords) -> &str {
        match self {
            Kind::Folder => &words.folder,
            Kind::Picture => &words.picture,
            Kind::Video => &words.video,
            Kind::Audio => &words.audio,
            Kind::Pdf => &words.pdf,
            Kind::Markdown => &words.markdown,
            Kind::Text => &words.text,
            Kind::Code => &words.code,
            Kind::Document => &words.document,
            Kind::Sheet => &words.sheet,
            Kind::Slides => &words.slides,
            Kind::Archive => &words.archive,
            Kind::Font => &words.font,
            Kind::Program => &words.program,
            Kind::File => &words.file,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_kind() {
        for (name, kind) in [
            (&b"a.JPG"[..], Kind::Picture),
            (b"x.tar.gz", Kind::Archive),
            (b"README", Kind::Text),
            (b"Makefile", Kind::Code),
            (b".gitignore", Kind::Code),
            (b"readme.md", Kind::Markdown),
            (b"<img src=x onerror=alert(1)>.html", Kind::Code),
            (b"\xff.mp4", Kind::Video),
            (b"", Kind::File),
            (b".", Kind::File),
            (b"a.", Kind::File),
        ] {
            assert_eq!(Kind::of_file(name), kind, "{name:?}");
        }
    }

    #[test]
    fn numbers_are_places_in_the_list() {
        for (place, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(kind.number(), place);
        }
    }
}
