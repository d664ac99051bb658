//! The types of files that people share, from shared-mime-info and IANA's registry, and whether
//! browsers show them.

use super::*;

/// A type, and the extensions that stand for it, in three groups: what browsers show, what they save,
/// and what only the content can tell.
const SHOWN: &str = "\
image/jpeg jpg jpeg jpe jfif
image/png png
image/apng apng
image/gif gif
image/webp webp
image/avif avif
image/jxl jxl
image/heic heic
image/heif heif hif
image/svg+xml svg svgz
image/bmp bmp dib
image/vnd.microsoft.icon ico
image/tiff tif tiff
audio/mpeg mp3 mpga mp2 mpa
audio/mp4 m4a m4b m4p m4r mp4a
audio/aac aac adts
audio/ogg ogg oga opus spx
audio/flac flac
audio/wav wav wave
audio/webm weba
audio/aiff aif aiff aifc
audio/x-caf caf
video/mp4 mp4 m4v mp4v mpg4 f4v
video/webm webm
video/ogg ogv
video/quicktime mov qt
video/x-matroska mkv
video/3gpp 3gp 3gpp
video/3gpp2 3g2
video/mp2t m2t m2ts tts
video/mpeg mpg mpeg mpe m1v m2v vob
application/vnd.apple.mpegurl m3u8
application/pdf pdf
application/json json
application/geo+json geojson
application/ld+json jsonld
application/manifest+json webmanifest
application/xml rng config resx vcxproj
application/xhtml+xml xhtml xht
text/html html htm shtml
text/css css
text/javascript js mjs cjs jsm jsx es
text/xml xml xsd xsl xslt wsdl
text/markdown md markdown
text/csv csv
text/tab-separated-values tsv
text/vtt vtt
text/plain txt text log nfo srt rst tex latex texi adoc diff patch ini conf cfg toml yml yaml lock \
  properties json5 jsonl ndjson map rs c h cc cpp cxx hpp cs go java kt kts scala swift m mm py rb \
  php pl pm lua r jl tsx vue svelte scss sass less coffee sh bash zsh fish csh ps1 bat cmd vbs sql \
  graphql proto dart ex exs erl hs ml clj lisp el vim asm s f f90 for pas p zig nim v cmake gradle \
  tf nix mk tcl tk scm sc st org me ms ac cu aspx ascx ttl n3 hbs styl csproj sln in inc def dic \
  ipynb reg uu
";
const SAVED: &str = "\
text/calendar ics ifb vcs
text/vcard vcf vcard
image/vnd.adobe.photoshop psd
image/vnd.djvu djvu djv
image/vnd.dwg dwg
image/vnd.dxf dxf
image/emf emf
image/wmf wmf
image/x-tga tga
image/x-xcf xcf
image/x-canon-cr2 cr2
image/x-canon-cr3 cr3
image/x-nikon-nef nef
image/x-sony-arw arw
image/x-adobe-dng dng
image/x-olympus-orf orf
image/x-fuji-raf raf
image/x-panasonic-rw2 rw2
image/jp2 jp2
application/illustrator ai
application/postscript ps eps
audio/midi mid midi kar rmi
audio/amr amr
audio/ac3 ac3
audio/basic au snd
audio/x-matroska mka
audio/x-ms-wma wma
audio/x-ape ape
audio/x-wavpack wv
audio/x-musepack mpc
audio/x-pn-realaudio ra ram
audio/x-mpegurl m3u
audio/x-ms-asx asx wax
video/x-msvideo avi
video/x-ms-wmv wmv
video/x-ms-asf asf
video/x-flv flv
video/dv dv
application/vnd.rn-realmedia rm
application/zip zip
application/gzip gz tgz
application/x-tar tar
application/x-bzip2 bz2 tbz tbz2
application/x-xz xz txz
application/zstd zst tzst
application/x-lz4 lz4
application/x-lzma lzma
application/x-lha lha lzh
application/x-7z-compressed 7z
application/vnd.rar rar
application/vnd.ms-cab-compressed cab
application/java-archive jar war ear
application/java-vm class
application/octet-stream iso img bin
application/x-apple-diskimage dmg
application/vnd.debian.binary-package deb
application/x-rpm rpm
application/vnd.appimage appimage
application/vnd.flatpak flatpak
application/vnd.snap snap
application/x-msi msi
application/vnd.microsoft.portable-executable exe dll scr
application/vnd.android.package-archive apk
application/wasm wasm
application/x-shockwave-flash swf
application/hta hta
application/xml-dtd dtd
application/msword doc dot
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/vnd.openxmlformats-officedocument.wordprocessingml.template dotx
application/vnd.ms-word.document.macroEnabled.12 docm
application/vnd.ms-excel xls
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.ms-excel.sheet.macroEnabled.12 xlsm
application/vnd.ms-powerpoint ppt pps
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.oasis.opendocument.text odt
application/vnd.oasis.opendocument.spreadsheet ods
application/vnd.oasis.opendocument.presentation odp
application/vnd.oasis.opendocument.graphics odg
application/vnd.apple.pages pages
application/vnd.apple.numbers numbers
application/vnd.ms-project mpp
application/vnd.visio vsd
application/vnd.ms-outlook msg pst
application/msaccess accdb
application/onenote one
application/rtf rtf
application/epub+zip epub
application/x-mobipocket-ebook mobi prc
application/vnd.amazon.mobi8-ebook azw3
application/vnd.amazon.ebook azw
application/vnd.comicbook+zip cbz
application/vnd.comicbook-rar cbr
application/x-cb7 cb7
application/x-cbt cbt
application/vnd.ms-xpsdocument xps
application/vnd.ms-htmlhelp chm
message/rfc822 eml
application/mbox mbox
multipart/related mht mhtml
application/x-bittorrent torrent
application/gpx+xml gpx
application/vnd.google-earth.kml+xml kml
application/vnd.google-earth.kmz kmz
application/rss+xml rss
application/atom+xml atom
application/vnd.sqlite3 sqlite sqlite3
application/vnd.apache.parquet parquet
application/pgp-signature sig
application/pgp-encrypted pgp
application/x-pkcs12 p12 pfx
application/x-x509-ca-cert crt cer der
application/vnd.apple.pkpass pkpass
application/dash+xml mpd
model/stl stl
model/obj obj
model/step step stp
model/iges igs iges
model/3mf 3mf
model/gltf-binary glb
model/gltf+json gltf
model/vnd.usdz+zip usdz
font/ttf ttf
font/otf otf
font/collection ttc
font/woff woff
font/woff2 woff2
application/vnd.ms-fontobject eot
";
const UNCLEAR: &str = "ts mts mod pub asc pem key sub pot vhd pdb smi inf ma mb aep skp c4d fig \
    psb vbk raw srf box sketch blend fbx";

fn expected(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    table.lines().flat_map(|line| {
        let mut words = line.split_whitespace();
        let essence = words.next().unwrap_or_default();
        words.map(move |extension| (extension, essence))
    })
}

#[test]
fn every_extension_stands_for_the_type_that_it_has() {
    let mut wrong = Vec::new();
    for (table, shown) in [(SHOWN, true), (SAVED, false)] {
        for (extension, essence) in expected(table) {
            let found = MediaType::of_name(format!("a.{extension}").as_bytes());
            if (&*found.header(), found.is_shown_by_browsers()) != (essence, shown) {
                wrong.push(format!("{extension}: {found:?}"));
            }
        }
    }
    for extension in UNCLEAR.split_whitespace() {
        let found = MediaType::of_name(format!("a.{extension}").as_bytes());
        if found.is_known() {
            wrong.push(format!("{extension}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn types_depend_on_the_name_and_the_content() {
    let video = |first: usize, length: usize| {
        let mut video = vec![0; 400];
        video[first] = 0x47;
        video[first + length] = 0x47;
        video
    };
    for (name, content, expected) in [
        (&b"a.html"[..], &b"<p>"[..], "text/html; charset=utf-8"),
        (b"A.TXT", "é".as_bytes(), "text/plain; charset=utf-8"),
        (b"latin.txt", b"caf\xe9", "text/plain"),
        (b"utf16.txt", b"\xff\xfea\0", "text/plain; charset=utf-16le"),
        (b"a.jpg", b"\xff\xd8", "image/jpeg"),
        (b"a.json", b"{}", "application/json"),
        (b"a.js", b"1", "text/javascript; charset=utf-8"),
        (b"a.svg", b"<svg/>", "image/svg+xml"),
        (b"a.xml", "<a>é</a>".as_bytes(), "text/xml"),
        (b"a.ts", b"let a: number", "text/plain; charset=utf-8"),
        (b"a.ts", &video(0, 188), "video/mp2t"),
        (b"a.mts", &video(4, 192), "video/mp2t"),
        (b"go.mod", b"module a", "text/plain; charset=utf-8"),
        (b"id.pub", b"ssh-ed25519 A", "text/plain; charset=utf-8"),
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
            MediaType::of_name(name)
                .with_content(content, true)
                .header(),
            expected,
            "{name:?}"
        );
    }
}

#[test]
fn a_long_text_that_begins_in_ascii_may_be_in_any_encoding() {
    let start = [b'a'; SNIFF_BYTES];
    for (name, expected) in [
        (&b"a.txt"[..], "text/plain"),
        (b"a.csv", "text/csv"),
        (b"a.html", "text/html"),
        (b"a.js", "text/javascript"),
        (b"README", "text/plain"),
    ] {
        let found = MediaType::of_name(name).with_content(&start, false);
        assert_eq!(found.header(), expected);
        assert!(found.is_shown_by_browsers());
    }
}

#[test]
fn a_compressed_drawing_is_one_only_as_long_as_it_is_shown() {
    let of = |content: &[u8]| MediaType::of_name(b"a.svgz").with_content(content, true);
    let packed = of(b"\x1f\x8b\x08");
    assert_eq!(packed.encoding(), Some("gzip"));
    assert_eq!(packed.header(), "image/svg+xml");
    assert!(packed.can_run_scripts() && !packed.is_text());
    let saved = packed.into_saved();
    assert_eq!(saved.encoding(), None);
    assert_eq!(saved.header(), "application/octet-stream");
    // Not compressed, whatever its name says.
    assert_eq!(of(b"<svg/>").encoding(), None);
    assert!(of(b"<svg/>").is_text());
}
