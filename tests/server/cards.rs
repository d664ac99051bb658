//! What messengers show of a link.

use std::{collections::HashMap, io::Cursor};

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use crate::fixture::{Share, tree::Tree};

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let noise = (x.wrapping_mul(y + 7).wrapping_mul(2_654_435_761) >> 24) as u8;
        Rgb([noise, noise, 0])
    });
    let mut file = Cursor::new(Vec::new());
    DynamicImage::from(picture)
        .write_to(&mut file, format)
        .unwrap();
    file.into_inner()
}

/// What a page says for messengers, without the origin.
fn card(share: &Share, target: &str) -> HashMap<String, String> {
    let page = share.get(target);
    assert_eq!(page.status, 200, "{target}");
    let page = String::from_utf8(page.body).unwrap();
    let origin = format!("http://127.0.0.1:{}", share.port);
    let parts = page.split("<meta ").skip(1);
    parts
        .filter_map(|part| {
            let mut values = part.split('"');
            let key = values.nth(1)?.strip_prefix("og:");
            let value = values.nth(1)?.replace(&origin, "");
            Some((key.unwrap_or("card").to_owned(), value))
        })
        .collect()
}

#[test]
fn a_card_shows_a_picture_that_can_be_shown_and_is_no_icon() {
    let tree = Tree::empty();
    tree.write("a icon.png", &picture(32, 32, ImageFormat::Png));
    tree.write("b broken.jpg", &b"no picture".repeat(9_000));
    tree.write("c photo.jpg", &picture(1000, 700, ImageFormat::Jpeg));
    let share = Share::folder(&tree.root);
    let shown = card(&share, "/");
    assert_eq!(shown["image"], "/c%20photo.jpg?card");
    assert_eq!(shown["image:width"], "900");
    assert_eq!(shown["image:height"], "630");
    assert_eq!(shown["image:alt"], shown["title"]);
    assert_eq!(shown["site_name"], "Spot Serve");
    assert_eq!(shown["type"], "website");
    let response = share.get(&shown["image"]);
    let made = image::load_from_memory(&response.body).unwrap();
    assert_eq!((made.width(), made.height()), (900, 630));
    std::fs::remove_file(tree.root.join("c photo.jpg")).unwrap();
    let shown = card(&share, "/");
    assert!(shown["image"].ends_with("?cover"), "{shown:?}");
    assert_eq!(shown["image:width"], "1200");
}

#[test]
fn a_link_to_one_file_has_the_card_of_that_file() {
    let tree = Tree::empty();
    tree.write("icon.png", &picture(32, 32, ImageFormat::Png));
    tree.write("notes.txt", &[b'a'; 2000]);
    tree.write("photo.jpg", &picture(1000, 700, ImageFormat::Jpeg));
    tree.write("broken.jpg", &b"no picture".repeat(9_000));
    tree.write("film.mp4", &film());
    let share = Share::folder(&tree.root);
    let shown = card(&share, "/?open=notes.txt");
    assert_eq!(shown["title"], "notes.txt");
    assert!(shown["description"].starts_with("Text · 2"), "{shown:?}");
    assert!(shown["image"].ends_with("?cover"));
    let shown = card(&share, "/?open=photo.jpg");
    assert_eq!(shown["image"], "/photo.jpg?card");
    assert_eq!(shown["image:alt"], "photo.jpg");
    let shown = card(&share, "/?open=icon.png");
    assert_eq!(shown["image"], "/icon.png?card");
    assert_eq!(shown["image:width"], "32");
    let page = String::from_utf8(share.get("/?open=icon.png").body).unwrap();
    assert!(page.contains(r#"name="twitter:card" content="summary""#));
    let shown = card(&share, "/?open=film.mp4");
    assert_eq!(shown["type"], "video.other");
    assert_eq!(shown["video"], "/film.mp4");
    assert_eq!(shown["video:type"], "video/mp4");
    assert_eq!(shown["video:width"], "640");
    assert_eq!(shown["video:height"], "360");
    // Whatever the file is, there is a picture.
    for name in ["broken.jpg", "film.mp4"] {
        let response = share.get(&format!("/{name}?card"));
        assert_eq!(response.status, 200, "{name}");
        assert_eq!(response.header("content-type"), Some("image/png"));
    }
}

/// A film of which nothing is there but its size.
fn film() -> Vec<u8> {
    let boxed = |kind: &[u8; 4], content: &[u8]| {
        let length = u32::try_from(content.len() + 8).unwrap();
        [&length.to_be_bytes()[..], kind, content].concat()
    };
    let mut header = vec![0; 84];
    header[76..80].copy_from_slice(&(640_u32 << 16).to_be_bytes());
    header[80..84].copy_from_slice(&(360_u32 << 16).to_be_bytes());
    let track = boxed(b"trak", &boxed(b"tkhd", &header));
    [
        boxed(b"ftyp", b"isom\0\0\0\0"),
        boxed(b"moov", &track),
        boxed(b"free", &[0; 40_000]),
    ]
    .concat()
}
