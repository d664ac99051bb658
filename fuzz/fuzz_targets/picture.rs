//! No image file makes the thumbnailer panic, take long or use much memory; a tile is a small JPEG, and
//! what fills a screen is smaller than the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spot_serve::server::fuzzing::{tile, view};

fuzz_target!(|picture: &[u8]| {
    if let Some(jpeg) = tile(picture) {
        assert!(jpeg.starts_with(&[0xff, 0xd8]));
        let again = tile(&jpeg).expect("a tile is a picture");
        assert!(again.len() < 1 << 20);
    }
    if let Some(made) = view(picture) {
        // Browsers don't show a TIFF, so what is made of it may be longer.
        let is_tiff = picture.starts_with(b"II") || picture.starts_with(b"MM");
        assert!(is_tiff || made.len() < picture.len());
        assert!(tile(&made).is_some());
    }
});
