//! Small pictures of large ones.

use std::io::Cursor;

use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Rgb,
    RgbImage, Rgba, RgbaImage,
    codecs::{gif::GifEncoder, jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder},
};

use crate::fixture::{Response, Share, tree::Tree};

/// Red on the left and blue on the right, with noise that makes the file large.
fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let noise = (x.wrapping_mul(y + 7).wrapping_mul(2_654_435_761) >> 27) as u8;
        if x < width / 2 {
            Rgb([200, noise, 0])
        } else {
            Rgb([0, noise, 200])
        }
    })
}

/// A colour profile that is not that of sRGB, as far as anybody looks here.
fn profile() -> Vec<u8> {
    let mut profile = vec![0; 132];
    profile[3] = 132;
    profile[12..24].copy_from_slice(b"mntrRGB XYZ ");
    profile[36..40].copy_from_slice(b"acsp");
    profile
}

fn encoded(picture: &DynamicImage, format: ImageFormat, profile: Option<Vec<u8>>) -> Vec<u8> {
    let mut file = Vec::new();
    fn with(encoder: &mut impl ImageEncoder, profile: Option<Vec<u8>>) {
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile).unwrap();
        }
    }
    match format {
        ImageFormat::Png => {
            let mut encoder = PngEncoder::new(&mut file);
            with(&mut encoder, profile);
            picture.write_with_encoder(encoder).unwrap();
        }
        ImageFormat::WebP => {
            let mut encoder = WebPEncoder::new_lossless(&mut file);
            with(&mut encoder, profile);
            picture.write_with_encoder(encoder).unwrap();
        }
        _ => {
            let mut encoder = JpegEncoder::new_with_quality(&mut file, 95);
            with(&mut encoder, profile);
            picture.write_with_encoder(encoder).unwrap();
        }
    }
    file
}

/// The picture in a response, and its colour profile.
fn shown(response: &Response) -> (DynamicImage, Option<Vec<u8>>) {
    assert_eq!(response.status, 200);
    let reader = ImageReader::new(Cursor::new(response.body.clone()));
    let mut decoder = reader
        .with_guessed_format()
        .unwrap()
        .into_decoder()
        .unwrap();
    let profile = decoder.icc_profile().unwrap();
    (DynamicImage::from_decoder(decoder).unwrap(), profile)
}

fn is_red(pixel: Rgba<u8>) -> bool {
    pixel.0[0] > 150 && pixel.0[2] < 60
}

#[test]
fn small_pictures_keep_the_colours_of_the_large_one() {
    let tree = Tree::empty();
    let picture = flag(900, 600).into();
    let kinds = [
        ("a.jpg", ImageFormat::Jpeg),
        ("a.png", ImageFormat::Png),
        ("a.webp", ImageFormat::WebP),
    ];
    for (name, format) in kinds {
        tree.write(name, &encoded(&picture, format, Some(profile())));
    }
    tree.write("plain.jpg", &encoded(&picture, ImageFormat::Jpeg, None));
    let share = Share::folder(&tree.root);
    for (name, _) in kinds {
        for query in ["thumbnail", "thumbnail=sharp", "card"] {
            let response = share.get(&format!("/{name}?{query}"));
            let (small, kept) = shown(&response);
            assert_eq!(kept, Some(profile()), "{name}?{query}");
            assert!(is_red(small.get_pixel(5, 5)), "{name}?{query}");
        }
    }
    assert_eq!(shown(&share.get("/plain.jpg?thumbnail")).1, None);
}

#[test]
fn a_large_picture_has_one_that_fills_a_screen() {
    let tree = Tree::empty();
    let photo = flag(3000, 2000).into();
    let photo = encoded(&photo, ImageFormat::Jpeg, Some(profile()));
    tree.write("photo.jpg", &photo);
    let clear = RgbaImage::from_fn(2500, 1000, |x, y| {
        let noise = (x.wrapping_mul(y + 7).wrapping_mul(2_654_435_761) >> 24) as u8;
        Rgba([200, noise, 0, if y < 500 { 0 } else { 255 }])
    });
    tree.write("clear.png", &encoded(&clear.into(), ImageFormat::Png, None));
    let share = Share::folder(&tree.root);
    let response = share.get("/photo.jpg?preview&v=1");
    assert_eq!(response.header("content-type"), Some("image/jpeg"));
    assert!(response.body.len() < photo.len() / 4 * 3);
    let (picture, kept) = shown(&response);
    assert_eq!(picture.dimensions(), (2048, 1365));
    assert_eq!(kept, Some(profile()));
    assert!(is_red(picture.get_pixel(900, 700)) && !is_red(picture.get_pixel(1100, 700)));
    let response = share.get("/clear.png?preview");
    assert_eq!(response.header("content-type"), Some("image/png"));
    let (picture, _) = shown(&response);
    assert_eq!(picture.dimensions(), (2048, 819));
    assert_eq!(picture.get_pixel(1000, 100).0[3], 0);
    assert_eq!(picture.get_pixel(1000, 700).0[3], 255);
}

#[test]
fn what_is_as_good_as_it_is_leads_to_the_file() {
    let tree = Tree::empty();
    tree.write(
        "small.jpg",
        &encoded(&flag(60, 40).into(), ImageFormat::Jpeg, None),
    );
    // Coarse already.
    let mut coarse = Vec::new();
    JpegEncoder::new_with_quality(&mut coarse, 60)
        .encode_image(&flag(2000, 1500))
        .unwrap();
    tree.write("coarse 1.jpg", &coarse);
    let mut moves = Vec::new();
    let mut encoder = GifEncoder::new(&mut moves);
    let frame = RgbaImage::from_fn(900, 900, |x, y| {
        let noise = (x.wrapping_mul(y + 7).wrapping_mul(2_654_435_761) >> 24) as u8;
        Rgba([noise, noise, 0, 255])
    });
    encoder.encode_frame(image::Frame::new(frame)).unwrap();
    drop(encoder);
    tree.write("moves.gif", &moves);
    // A browser may make more of it.
    let mut torn = coarse.clone();
    torn.truncate(400_000);
    torn[2] = 0;
    tree.write("torn.jpg", &torn);
    let share = Share::folder(&tree.root);
    for (target, path) in [
        ("/small.jpg?preview", "/small.jpg"),
        ("/coarse%201.jpg?preview&v=2", "/coarse%201.jpg"),
        ("/moves.gif?preview", "/moves.gif"),
        ("/torn.jpg?preview", "/torn.jpg"),
    ] {
        let response = share.get(target);
        assert_eq!(response.status, 302, "{target}");
        assert_eq!(response.header("location"), Some(path));
    }
    assert_eq!(share.get("/torn.jpg?thumbnail").status, 204);
    assert_eq!(share.get("/small.txt?preview").status, 404);
}

#[test]
fn a_jpeg_that_is_too_large_is_shown_from_its_blocks() {
    // 144 million pixels, all of them grey: a block takes two bits for each component.
    const SIDE: u16 = 12_000;
    let mut jpeg = b"\xff\xd8\xff\xdb\0\x43\0".to_vec();
    jpeg.extend([1; 64]);
    jpeg.extend([0xff, 0xc0, 0, 17, 8]);
    jpeg.extend([SIDE.to_be_bytes(), SIDE.to_be_bytes()].concat());
    jpeg.extend(b"\x03\x01\x11\0\x02\x11\0\x03\x11\0");
    for table in [0x00, 0x10] {
        jpeg.extend([0xff, 0xc4, 0, 20, table, 1]);
        jpeg.extend([0; 16]);
    }
    jpeg.extend(b"\xff\xda\0\x0c\x03\x01\0\x02\0\x03\0\0\x3f\0");
    let blocks = usize::from(SIDE).div_ceil(8).pow(2) * 3;
    jpeg.extend(vec![0; (2 * blocks).div_ceil(8)]);
    jpeg.extend([0xff, 0xd9]);
    let tree = Tree::empty();
    tree.write("huge.jpg", &jpeg);
    let share = Share::folder(&tree.root);
    for (query, side) in [("thumbnail", 320), ("card", 630), ("preview", 1500)] {
        let response = share.get(&format!("/huge.jpg?{query}"));
        let (picture, _) = shown(&response);
        assert_eq!(picture.dimensions(), (side, side), "{query}");
        assert_eq!(picture.get_pixel(9, 9), Rgba([128, 128, 128, 255]));
    }
}
