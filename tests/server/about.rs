//! What is known about pictures and music, and the pictures inside other files.

use std::io::Cursor;

use exif::{Field, In, Rational, Tag, Value, experimental::Writer};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value as Json, json};
use spot_serve::server::{Access, Content, Settings, fuzzing};

use crate::fixture::{Share, tree::Tree};

/// Red on the left and blue on the right.
fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, _| {
        Rgb(if x < width / 2 {
            [200, 0, 0]
        } else {
            [0, 0, 200]
        })
    });
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut file, ImageFormat::Jpeg)
        .unwrap();
    file.into_inner()
}

/// What a phone writes, with the place.
fn exif(thumbnail: Option<&[u8]>) -> Vec<u8> {
    let text = |text: &str| Value::Ascii(vec![text.as_bytes().to_vec()]);
    let fraction = |num, denom| Value::Rational(vec![Rational { num, denom }]);
    let parts =
        |parts: [u32; 3]| Value::Rational(parts.map(|num| Rational { num, denom: 1 }).to_vec());
    let fields = [
        (Tag::Make, text("Example")),
        (Tag::Model, text("Phone 3")),
        (Tag::Orientation, Value::Short(vec![6])),
        (Tag::LensModel, text("Wide")),
        (Tag::DateTimeOriginal, text("2026:07:01 12:30:05")),
        (Tag::OffsetTimeOriginal, text("+02:00")),
        (Tag::ExposureTime, fraction(1, 125)),
        (Tag::FNumber, fraction(9, 5)),
        (Tag::PhotographicSensitivity, Value::Short(vec![64])),
        (Tag::FocalLength, fraction(17, 2)),
        (Tag::FocalLengthIn35mmFilm, Value::Short(vec![26])),
        (Tag::GPSLatitude, parts([52, 31, 12])),
        (Tag::GPSLatitudeRef, text("N")),
        (Tag::GPSLongitude, parts([13, 24, 36])),
        (Tag::GPSLongitudeRef, text("W")),
    ];
    let fields = fields.map(|(tag, value)| Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    });
    let mut writer = Writer::new();
    for field in &fields {
        writer.push_field(field);
    }
    if let Some(thumbnail) = thumbnail {
        writer.set_jpeg(thumbnail, In::THUMBNAIL);
    }
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).unwrap();
    tiff.into_inner()
}

fn photo() -> Vec<u8> {
    let exif = [&b"Exif\0\0"[..], &exif(None)].concat();
    let mut photo = vec![0xff, 0xd8, 0xff, 0xe1];
    photo.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    photo.extend(exif);
    photo.extend(&jpeg(400, 300)[2..]);
    photo
}

fn big(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap().to_be_bytes()
}

fn little(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap().to_le_bytes()
}

/// A tag of version 2.3 with a cover, and a second of sound at 128 kbit/s.
fn mp3(cover: &[u8]) -> Vec<u8> {
    let mut frames = Vec::new();
    let mut put = |id: &[u8; 4], content: &[u8]| {
        frames.extend(id);
        frames.extend(big(content.len()));
        frames.extend([0, 0]);
        frames.extend(content);
    };
    let wide: Vec<u8> = "Über alles"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    put(b"TIT2", &[&b"\x01\xff\xfe"[..], &wide].concat());
    put(b"TPE1", b"\0Band");
    put(b"TALB", b"\x03First");
    put(b"TRCK", b"\x003/12");
    put(b"TPOS", b"\x001");
    put(b"TYER", b"\x001999");
    put(
        b"APIC",
        &[&b"\0image/jpeg\0\x03front\0"[..], cover].concat(),
    );
    let length = frames.len();
    let mut file = b"ID3\x03\0\0".to_vec();
    file.extend([21, 14, 7, 0].map(|shift| (length >> shift & 0x7f) as u8));
    file.extend(frames);
    let start = file.len();
    file.extend(b"\xff\xfb\x90\0");
    file.resize(start + 16_000, 0);
    file
}

fn comments() -> Vec<u8> {
    let all = [
        "TITLE=Song",
        "artist=Band",
        "ALBUM=First",
        "TRACKNUMBER=3",
        "DATE=1999-05-01",
        "odd",
    ];
    let mut block = [&little(4)[..], b"test", &little(all.len())].concat();
    for comment in all {
        block.extend(little(comment.len()));
        block.extend(comment.as_bytes());
    }
    block
}

fn flac(cover: &[u8]) -> Vec<u8> {
    // 44,100 samples a second, in two channels of 16 bits, for two seconds.
    let mut info = vec![0; 10];
    info.extend((44_100_u64 << 44 | 1 << 41 | 15 << 36 | 88_200).to_be_bytes());
    info.extend([0; 16]);
    let picture = [
        &big(3)[..],
        &big(10),
        b"image/jpeg",
        &big(0),
        &[0; 16],
        &big(cover.len()),
        cover,
    ]
    .concat();
    let blocks = [(0, info), (4, comments()), (0x86, picture)];
    let mut file = b"fLaC".to_vec();
    for (kind, content) in blocks {
        file.push(kind);
        file.extend(&big(content.len())[1..]);
        file.extend(content);
    }
    file
}

/// Two packets of Vorbis, each on a page of its own, for two seconds.
fn ogg() -> Vec<u8> {
    let head = [&b"\x01vorbis\0\0\0\0\x02"[..], &little(44_100), &[0; 14]].concat();
    let packets = [head, [&b"\x03vorbis"[..], &comments()].concat(), vec![0; 9]];
    let mut file = Vec::new();
    for packet in packets {
        file.extend(b"OggS\0\0");
        file.extend(88_200_u64.to_le_bytes());
        file.extend([0; 12]);
        let whole = packet.len() / 255;
        file.push(u8::try_from(whole + 1).unwrap());
        file.extend(vec![255; whole]);
        file.push((packet.len() % 255) as u8);
        file.extend(packet);
    }
    file
}

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&big(content.len() + 8)[..], kind, content].concat()
}

fn m4a(cover: &[u8]) -> Vec<u8> {
    let data = |kind: u8, content: &[u8]| {
        boxed(b"data", &[&[0, 0, 0, kind, 0, 0, 0, 0], content].concat())
    };
    let list = [
        boxed(b"\xa9nam", &data(1, b"Song")),
        boxed(b"\xa9ART", &data(1, b"Band")),
        boxed(b"trkn", &data(0, &[0, 0, 0, 3, 0, 12, 0, 0])),
        boxed(b"covr", &data(13, cover)),
    ];
    let list = boxed(b"ilst", &list.concat());
    let meta = boxed(
        b"meta",
        &[&[0; 4][..], &boxed(b"hdlr", &[0; 24]), &list].concat(),
    );
    let mut header = vec![0; 100];
    header[12..16].copy_from_slice(&big(1000));
    header[16..20].copy_from_slice(&big(2500));
    let movie = [boxed(b"mvhd", &header), boxed(b"udta", &meta)].concat();
    [boxed(b"ftyp", b"M4A \0\0\0\0"), boxed(b"moov", &movie)].concat()
}

/// A TIFF as cameras write it: turned, with a small JPEG, a large one and one that nobody can show.
fn raw(small: &[u8], large: &[u8]) -> Vec<u8> {
    let field = |tag: u16, kind: u16, value: usize| {
        let mut field = [tag.to_le_bytes(), kind.to_le_bytes()].concat();
        field.extend(little(1));
        field.extend(little(value));
        field
    };
    let lossless = b"\xff\xd8\xff\xc3\0\x0b\x08\x10\0\x10\0\x01\x01\x11\0";
    // The first directory has five fields, the two behind it have four and two.
    let second = 8 + 2 + 5 * 12 + 4;
    let third = second + 2 + 4 * 12 + 4;
    let parts = third + 2 + 2 * 12 + 4;
    let after_small = parts + small.len();
    let after_large = after_small + large.len();
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend([5, 0]);
    file.extend(field(0x0103, 3, 6));
    file.extend(field(0x0111, 4, parts));
    file.extend(field(0x0112, 3, 6));
    file.extend(field(0x0117, 4, small.len()));
    file.extend(field(0x014a, 4, second));
    file.extend(little(third));
    file.extend([4, 0]);
    file.extend(field(0x0103, 3, 7));
    file.extend(field(0x0111, 4, after_large));
    file.extend(field(0x0117, 4, lossless.len()));
    // It leads round in a circle.
    file.extend(field(0x014a, 4, 8));
    file.extend(little(second));
    file.extend([2, 0]);
    file.extend(field(0x0201, 4, after_small));
    file.extend(field(0x0202, 4, large.len()));
    file.extend(little(0));
    file.extend([small, large, lossless].concat());
    file
}

fn photoshop(thumbnail: &[u8]) -> Vec<u8> {
    let resource = |id: u16, content: &[u8]| {
        let mut resource = b"8BIM".to_vec();
        resource.extend(id.to_be_bytes());
        resource.extend([0, 0]);
        resource.extend(big(content.len()));
        resource.extend(content);
        resource.resize(resource.len().next_multiple_of(2), 0);
        resource
    };
    let resources = [
        resource(1005, b"odd"),
        resource(1036, &[&[0; 28], thumbnail].concat()),
    ];
    let resources = resources.concat();
    let mut file = b"8BPS\0\x01".to_vec();
    file.resize(26, 0);
    file.extend(big(0));
    file.extend(big(resources.len()));
    file.extend(resources);
    file
}

fn heic(thumbnail: &[u8]) -> Vec<u8> {
    let data = [&big(6)[..], b"Exif\0\0", &exif(Some(thumbnail))].concat();
    let info = boxed(b"infe", b"\x02\0\0\0\0\x07\0\0Exif\0");
    let infos = boxed(b"iinf", &[&[0, 0, 0, 0, 0, 1][..], &info].concat());
    let meta = |at: usize| {
        let location = [
            &b"\0\0\0\0\x44\0\0\x01\0\x07\0\0\0\x01"[..],
            &big(at),
            &big(data.len()),
        ]
        .concat();
        let location = boxed(b"iloc", &location);
        boxed(b"meta", &[&[0; 4][..], &infos, &location].concat())
    };
    let kind = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
    let at = kind.len() + meta(0).len() + 8;
    [kind, meta(at), boxed(b"mdat", &data)].concat()
}

fn about(share: &Share, target: &str) -> Json {
    let response = share.get(target);
    assert_eq!(response.status, 200, "{target}");
    assert_eq!(response.header("content-type"), Some("application/json"));
    serde_json::from_slice(&response.body).unwrap()
}

fn size(share: &Share, target: &str) -> (u32, u32) {
    let response = share.get(target);
    assert_eq!(response.status, 200, "{target}");
    let picture = image::load_from_memory(&response.body).unwrap();
    (picture.width(), picture.height())
}

#[test]
fn what_a_photo_says_is_told_without_the_place() {
    let tree = Tree::empty();
    tree.write("photo.jpg", &photo());
    tree.write("photo.heic", &heic(&jpeg(160, 120)));
    tree.write(
        "plain.png",
        b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\0\0\0\0\x80",
    );
    tree.write("broken.jpg", b"no picture");
    tree.write("a.txt", b"text");
    let share = Share::folder(&tree.root);
    let mut expected = json!({
        "width": 300, "height": 400, "camera": "Example Phone 3", "lens": "Wide",
        "taken": "2026-07-01T12:30:05+02:00", "exposure": 0.008, "aperture": 1.8, "iso": 64,
        "focal_length": 8.5, "focal_length_35mm": 26,
    });
    assert_eq!(about(&share, "/photo.jpg?about&v=1"), expected);
    for side in ["width", "height"] {
        expected.as_object_mut().unwrap().remove(side);
    }
    assert_eq!(about(&share, "/photo.heic?about"), expected);
    let expected = json!({ "width": 256, "height": 128 });
    assert_eq!(about(&share, "/plain.png?about"), expected);
    assert_eq!(about(&share, "/broken.jpg?about"), json!({}));
    // A page of a website may have such a query.
    assert_eq!(share.get("/a.txt?about").text(), share.get("/a.txt").text());
    let photo = share.get("/photo.jpg").body;
    assert!(share.get("/photo.jpg?cover").body == photo);
}

#[test]
fn a_photo_tells_its_place_while_the_owner_wants_that() {
    let tree = Tree::empty();
    tree.write("photo.jpg", &photo());
    tree.write("plain.jpg", &jpeg(40, 30));
    let access = Access::default();
    let settings = Settings {
        access: access.clone(),
        ..Settings::default()
    };
    let share = Share::start(&Content::Folder(tree.root.clone()), &settings).unwrap();
    let without = about(&share, "/photo.jpg?about");
    assert_eq!(without.get("latitude"), None);
    access.places().show(true);
    let with = about(&share, "/photo.jpg?about");
    assert_eq!(
        (&with["latitude"], &with["longitude"]),
        (&json!(52.52), &json!(-13.41))
    );
    assert_eq!(with["camera"], without["camera"]);
    assert_eq!(
        about(&share, "/plain.jpg?about"),
        json!({ "width": 40, "height": 30 })
    );
    access.places().show(false);
    assert_eq!(about(&share, "/photo.jpg?about"), without);
    // A browser that keeps it asks whether it is still right.
    let kept = share.get("/photo.jpg?about");
    assert_eq!(kept.header("cache-control"), Some("private, no-cache"));
}

#[test]
fn music_tells_its_tags_and_shows_its_cover() {
    let tree = Tree::empty();
    let cover = jpeg(700, 700);
    tree.write("a.mp3", &mp3(&cover));
    tree.write("b.flac", &flac(&cover));
    tree.write("c.ogg", &ogg());
    tree.write("d.m4a", &m4a(&cover));
    tree.write("e.mp3", b"no music");
    let share = Share::folder(&tree.root);
    let mut expected = json!({
        "title": "Über alles", "artist": "Band", "album": "First", "track": 3, "disc": 1,
        "year": 1999, "duration": 1.0, "cover": true,
    });
    assert_eq!(about(&share, "/a.mp3?about"), expected);
    expected["title"] = "Song".into();
    expected["duration"] = 2.0.into();
    expected.as_object_mut().unwrap().remove("disc");
    assert_eq!(about(&share, "/b.flac?about"), expected);
    expected["cover"] = false.into();
    assert_eq!(about(&share, "/c.ogg?about"), expected);
    let expected = json!({
        "title": "Song", "artist": "Band", "track": 3, "duration": 2.5, "cover": true,
    });
    assert_eq!(about(&share, "/d.m4a?about"), expected);
    assert_eq!(about(&share, "/e.mp3?about"), json!({}));
    for name in ["a.mp3", "b.flac", "d.m4a"] {
        assert_eq!(size(&share, &format!("/{name}?cover&v=1")), (512, 512));
    }
    for name in ["c.ogg", "e.mp3"] {
        assert_eq!(share.get(&format!("/{name}?cover")).status, 204);
    }
}

#[test]
fn raw_files_documents_and_heic_show_the_jpeg_inside() {
    let tree = Tree::empty();
    let small = jpeg(160, 120);
    tree.write("photo.NEF", &raw(&small, &jpeg(900, 600)));
    tree.write("art.psd", &photoshop(&small));
    tree.write("photo.heic", &heic(&small));
    tree.write("none.heic", &heic(b"no JPEG"));
    let mut fuji = b"FUJIFILMCCD-RAW ".to_vec();
    fuji.resize(84, 0);
    fuji.extend([big(92), big(small.len())].concat());
    fuji.extend(&small);
    tree.write("photo.raf", &fuji);
    let share = Share::folder(&tree.root);
    // The camera was turned.
    assert_eq!(size(&share, "/photo.NEF?thumbnail"), (320, 480));
    assert_eq!(size(&share, "/photo.NEF?preview"), (600, 900));
    assert_eq!(size(&share, "/art.psd?thumbnail"), (160, 120));
    assert_eq!(size(&share, "/photo.raf?thumbnail=sharp"), (160, 120));
    assert_eq!(size(&share, "/photo.heic?preview"), (120, 160));
    assert_eq!(share.get("/none.heic?thumbnail").status, 204);
}

#[test]
fn no_damage_does_harm() {
    let cover = jpeg(30, 30);
    let files = [
        photo(),
        heic(&cover),
        mp3(&cover),
        flac(&cover),
        ogg(),
        m4a(&cover),
        raw(&cover, &cover),
        photoshop(&cover),
    ];
    let mut random = 1_u32;
    let mut next = |below: usize| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (random >> 8) as usize % below
    };
    for file in files {
        let end = file.len().min(2000);
        for _ in 0..200 {
            let mut damaged = file.clone();
            for _ in 0..3 {
                damaged[next(end)] = [0, 1, 0x7f, 0xff][next(4)];
            }
            fuzzing::about(&damaged);
            damaged.truncate(next(end));
            fuzzing::about(&damaged);
        }
    }
}
