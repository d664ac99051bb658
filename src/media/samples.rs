//! Photos with a place, for tests: as large as real ones, with the place where their kind has it.

use std::io::Cursor;

use exif::{Field, In, Rational, Tag, Value, experimental::Writer};

/// One of each kind.
pub const EXTENSIONS: [&str; 10] = [
    "jpg", "png", "webp", "heic", "tif", "orf", "rw2", "raf", "cr3", "dng",
];

/// The bytes of the picture itself.
const PICTURE: usize = 300_000;

/// EXIF data with these parts of a degree north, or south, and east, or west.
pub fn exif(north: &[(u32, u32)], east: &[(u32, u32)], sides: [&str; 2]) -> Vec<u8> {
    let parts = |parts: &[(u32, u32)]| {
        let parts = parts.iter().map(|&(num, denom)| Rational { num, denom });
        Value::Rational(parts.collect())
    };
    let side = |side: &str| Value::Ascii(vec![side.into()]);
    let fields = [
        (Tag::GPSLatitude, parts(north)),
        (Tag::GPSLatitudeRef, side(sides[0])),
        (Tag::GPSLongitude, parts(east)),
        (Tag::GPSLongitudeRef, side(sides[1])),
    ];
    let fields = fields.map(|(tag, value)| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    });
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, true).unwrap();
    tiff.into_inner()
}

/// EXIF data from so many degrees north and east.
pub fn exif_at(north: u32, east: u32) -> Vec<u8> {
    exif(&[(north, 1)], &[(east, 1)], ["N", "E"])
}

/// A photo with this EXIF data, of the kind with this extension.
pub fn photo_named(extension: &str, exif: &[u8]) -> Vec<u8> {
    match extension {
        "jpe" | "jpeg" | "jpg" => jpeg(exif),
        "png" => png(exif),
        "webp" => webp(exif),
        "avif" | "heic" | "heif" | "hif" => heic(exif),
        "orf" => tiff(exif, b"IIRO"),
        "rw2" => tiff(exif, b"IIU\0"),
        "raf" => raf(exif),
        "cr3" => cr3(exif),
        _ => tiff(exif, b"II*\0"),
    }
}

/// With other segments first, such as previews of 64 KiB.
fn jpeg(exif: &[u8]) -> Vec<u8> {
    let mut jpeg = vec![0xff, 0xd8];
    for _ in 0..4 {
        jpeg.extend([0xff, 0xe2, 0xff, 0xff]);
        jpeg.extend([0; 0xfffd]);
    }
    jpeg.extend([0xff, 0xe1]);
    jpeg.extend(u16::try_from(exif.len() + 8).unwrap().to_be_bytes());
    jpeg.extend(b"Exif\0\0");
    jpeg.extend(exif);
    jpeg.extend([0xff, 0xda, 0, 2]);
    jpeg.extend([0; PICTURE]);
    jpeg
}

fn png(exif: &[u8]) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, content) in [(b"IDAT", &[0; PICTURE][..]), (b"eXIf", exif)] {
        png.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        png.extend(kind);
        png.extend(content);
        png.extend([0; 4]);
    }
    png
}

fn webp(exif: &[u8]) -> Vec<u8> {
    let mut webp = b"RIFF\0\0\0\0WEBP".to_vec();
    for (kind, content) in [(b"VP8 ", &[0; PICTURE + 1][..]), (b"EXIF", exif)] {
        webp.extend(kind);
        webp.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        webp.extend(content);
        webp.resize(webp.len().next_multiple_of(2), 0);
    }
    webp
}

fn one_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).unwrap();
    [&length.to_be_bytes(), kind, content].concat()
}

fn heic(exif: &[u8]) -> Vec<u8> {
    let info = one_box(b"infe", b"\x02\0\0\0\0\x01\0\0Exif\0");
    let infos = one_box(b"iinf", &[&[0, 0, 0, 0, 0, 1], &info[..]].concat());
    let meta = |at: u32| {
        let length = u32::try_from(exif.len() + 4).unwrap();
        let mut locations = vec![0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1];
        locations.extend(at.to_be_bytes());
        locations.extend(length.to_be_bytes());
        let locations = one_box(b"iloc", &locations);
        one_box(b"meta", &[&[0; 4], &infos[..], &locations].concat())
    };
    let start = one_box(b"ftyp", b"heic\0\0\0\0");
    let at = start.len() + meta(0).len() + 8 + PICTURE;
    let content = [&[0; PICTURE][..], &[0; 4], exif].concat();
    let picture = one_box(b"mdat", &content);
    [start, meta(u32::try_from(at).unwrap()), picture].concat()
}

/// With the picture first, and everything else after it.
fn tiff(exif: &[u8], magic: &[u8; 4]) -> Vec<u8> {
    // Where things are is counted from the start of the file.
    let gap = u32::try_from(PICTURE).unwrap();
    let word = |at: usize| u32::from_le_bytes(exif[at..at + 4].try_into().unwrap());
    let half = |at: usize| usize::from(u16::from_le_bytes([exif[at], exif[at + 1]]));
    let mut moved = exif.to_vec();
    let mut directories = vec![word(4) as usize];
    while let Some(start) = directories.pop() {
        for index in 0..half(start) {
            let at = start + 2 + 12 * index;
            let leads = half(at) == 0x8825;
            if leads {
                directories.push(word(at + 8) as usize);
            }
            if leads || half(at + 2) == 5 {
                let far = word(at + 8) + gap;
                moved[at + 8..at + 12].copy_from_slice(&far.to_le_bytes());
            }
        }
    }
    let mut tiff = magic.to_vec();
    tiff.extend((word(4) + gap).to_le_bytes());
    tiff.extend([0; PICTURE]);
    tiff.extend(&moved[8..]);
    tiff
}

fn raf(exif: &[u8]) -> Vec<u8> {
    let mut raf = b"FUJIFILMCCD-RAW ".to_vec();
    raf.resize(84, 0);
    raf.extend(128_u32.to_be_bytes());
    raf.resize(128, 0);
    raf.extend(jpeg(exif));
    raf
}

/// Its directory with the place is a TIFF of its own.
fn cr3(exif: &[u8]) -> Vec<u8> {
    let gps = exif_directory(exif);
    let id = b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";
    let directories = [
        &id[..],
        &one_box(b"CMT1", b"II*\0"),
        &one_box(b"CMT4", &gps),
    ];
    let movie = one_box(b"moov", &one_box(b"uuid", &directories.concat()));
    let start = one_box(b"ftyp", b"crx \0\0\0\x01");
    [start, one_box(b"free", &[0; PICTURE]), movie].concat()
}

/// The same data with the directory of the place as the first.
fn exif_directory(exif: &[u8]) -> Vec<u8> {
    let word = |at: usize| u32::from_le_bytes(exif[at..at + 4].try_into().unwrap());
    let first = word(4) as usize;
    // The only field of the first directory leads there.
    let mut gps = exif.to_vec();
    gps.copy_within(first + 10..first + 14, 4);
    gps
}
