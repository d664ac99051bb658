//! From a file to a small picture.

use std::{fs::File, io};

use image::{
    DynamicImage, ExtendedColorType, GenericImageView, ImageEncoder,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    metadata::Orientation,
};

use super::{
    budget, coarse, cost,
    decode::{self, Decoded},
    embedded::{Embedded, embedded},
    fit,
    format::Format,
    made::Made,
    purpose::{Purpose, VIEW_SIDE, Wish},
    scale,
    source::Source,
    webp,
};

/// Larger files are not decoded.
const MAX_BYTES: u64 = 128 * 1024 * 1024;

/// Where a JPEG has its thumbnail: in a segment of at most 64 KiB, after a few others at most.
const HEAD_BYTES: u64 = 192 * 1024;

/// A thumbnail with fewer pixels on its shorter side than this is too coarse for a tile.
const MIN_SIDE: u32 = 90;

/// A picture that fills a screen has at least this many pixels on its longer side, if the file itself
/// has more.
const MIN_VIEW_SIDE: u32 = 1280;

/// The quality of small JPEGs. Beyond about this, they grow faster than they get better.
const QUALITY: u8 = 78;

/// The same for a picture that fills a screen.
const VIEW_QUALITY: u8 = 82;

/// The qualities of WebPs that look the same.
const WEBP_QUALITY: u8 = 72;
const WEBP_VIEW_QUALITY: u8 = 78;

/// The memory that `glance` takes: the start of the file and copies of it, EXIF data and the
/// camera's thumbnail.
pub const GLANCE_BYTES: u64 = 16 * 1024 * 1024;

/// The part of this for decoding the camera's thumbnail.
const MAX_OWN_BYTES: u64 = 8 * 1024 * 1024;

/// The result of an attempt to make a small picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    Made(Made),
    /// It needs this many bytes of memory.
    Needs(u64),
}

/// Makes the small picture from the start of the file if possible. Takes `GLANCE_BYTES` of memory.
///
/// # Errors
/// Those of reading the file.
pub fn glance(file: &File, size: u64, wish: Wish) -> io::Result<Attempt> {
    let purpose = wish.purpose;
    let mut start = Source::Whole.read(file, size.min(HEAD_BYTES))?;
    if purpose.is_quick()
        && let Some(embedded) = embedded(&start)
        && let Some(own) = own_thumbnail(&embedded, wish)
    {
        return Ok(Attempt::Made(own));
    }
    let Some(source) = source(file, size, &start, purpose) else {
        return Ok(Attempt::Made(Made::Nothing));
    };
    let length = source.length(size);
    if source == Source::Whole {
        if size > MAX_BYTES {
            return Ok(Attempt::Made(without(&start, purpose)));
        }
        if purpose == Purpose::View && moves(&start) {
            return Ok(Attempt::Made(Made::Original));
        }
    } else {
        if length > MAX_BYTES {
            return Ok(Attempt::Made(Made::Nothing));
        }
        start = source.read(file, length.min(HEAD_BYTES))?;
    }
    // The exact number can only be found in the whole picture.
    let besides = besides(length, purpose);
    let hint = cost::hint(&start).map_or(budget::MAX_BYTES, |bytes| bytes + besides);
    Ok(Attempt::Needs(hint.min(budget::MAX_BYTES)))
}

/// Makes the small picture if that takes no more memory than `reserved`. May take about a second.
///
/// # Errors
/// Those of reading the file.
pub fn picture(file: &File, size: u64, wish: Wish, reserved: u64) -> io::Result<Attempt> {
    let purpose = wish.purpose;
    let start = Source::Whole.read(file, size.min(HEAD_BYTES))?;
    let Some(source) = source(file, size, &start, purpose) else {
        return Ok(Attempt::Made(Made::Nothing));
    };
    drop(start);
    let length = source.length(size);
    let besides = besides(length, purpose);
    if besides > reserved {
        return Ok(Attempt::Needs(besides));
    }
    let data = source.read(file, length)?;
    let needed = cost::exact(&data).map(|bytes| bytes.saturating_add(besides));
    Ok(match (needed, source) {
        (Some(bytes), source) if bytes <= reserved => Attempt::Made(match source {
            Source::Whole => decoded(&data, wish),
            Source::Part { orientation, .. } => part(&data, wish, orientation),
            Source::Bytes(_) => part(&data, wish, None),
        }),
        (Some(bytes), _) if bytes <= budget::MAX_BYTES => Attempt::Needs(bytes),
        (_, source) => {
            let needed = coarse::bytes(&data).map(|bytes| bytes.saturating_add(besides));
            match needed {
                Some(bytes) if bytes <= reserved => {
                    Attempt::Made(from_blocks(&data, wish, &source))
                }
                Some(bytes) if bytes <= budget::MAX_BYTES => Attempt::Needs(bytes),
                _ if source == Source::Whole => Attempt::Made(without(&data, purpose)),
                _ => Attempt::Made(Made::Nothing),
            }
        }
    })
}

/// Where the picture is in a file that begins like this.
fn source(file: &File, size: u64, start: &[u8], purpose: Purpose) -> Option<Source> {
    match Format::of(start).filter(|_| purpose != Purpose::Cover) {
        // Most RAW files are TIFFs with JPEGs inside.
        Some(Format::Tiff) => Source::inside(file, size, purpose).or(Some(Source::Whole)),
        Some(_) => Some(Source::Whole),
        None => Source::inside(file, size, purpose),
    }
}

/// Decodes a picture and makes a small one.
pub fn shrunk(data: &[u8], wish: Wish) -> Made {
    match cost::exact(data) {
        Some(bytes) if bytes <= budget::MAX_BYTES => decoded(data, wish),
        _ if coarse::bytes(data).is_some_and(|bytes| bytes <= budget::MAX_BYTES) => {
            from_blocks(data, wish, &Source::Whole)
        }
        _ => without(data, wish.purpose),
    }
}

/// The memory needed besides decoding: for the file, and for what is made from the pixels.
pub fn besides(size: u64, purpose: Purpose) -> u64 {
    size.saturating_add(purpose.bytes())
}

/// What there is of a picture that can't be decoded: a browser may still show it.
fn without(start: &[u8], purpose: Purpose) -> Made {
    if purpose == Purpose::View && is_shown(start) {
        Made::Original
    } else {
        Made::Nothing
    }
}

/// Whether every browser shows a file that begins like this.
fn is_shown(start: &[u8]) -> bool {
    Format::of(start).is_some_and(Format::is_shown_by_browsers)
}

/// Whether a picture is an animation, as far as its start tells. Every GIF counts: nobody makes others.
fn moves(start: &[u8]) -> bool {
    match Format::of(start) {
        Some(Format::Gif) => true,
        Some(Format::Png) => cost::png::metadata(start, b"acTL").is_some(),
        Some(Format::WebP) => cost::webp::is_animated(start),
        Some(Format::Jpeg | Format::Tiff) | None => false,
    }
}

fn decoded(data: &[u8], wish: Wish) -> Made {
    match decode::picture(data).and_then(|picture| small(picture, wish)) {
        // Most of a small difference is lost when the original is wanted, too.
        Some(made)
            if wish.purpose == Purpose::View
                && is_shown(data)
                && made.len() > data.len() / 4 * 3 =>
        {
            Made::Original
        }
        Some(made) => Made::Picture(made.into()),
        // It may have too many pixels.
        None => from_blocks(data, wish, &Source::Whole),
    }
}

/// As `decoded`, for a picture that is a part of a file. The file around it may say how it is turned.
fn part(data: &[u8], wish: Wish, orientation: Option<Orientation>) -> Made {
    let made = decode::picture(data).and_then(|mut picture| {
        if picture.orientation == Orientation::NoTransforms {
            picture.orientation = orientation.unwrap_or(picture.orientation);
        }
        small(picture, wish)
    });
    made.map_or(Made::Nothing, |made| Made::Picture(made.into()))
}

/// What can be made of the blocks of a JPEG that is too large.
fn from_blocks(data: &[u8], wish: Wish, source: &Source) -> Made {
    let purpose = wish.purpose;
    let is_whole = *source == Source::Whole;
    let coarse = decode::coarse(data).filter(|picture| {
        // It would look blurred.
        let long = picture.pixels.width().max(picture.pixels.height());
        purpose != Purpose::View || !is_whole || long >= MIN_VIEW_SIDE
    });
    let made = coarse.and_then(|mut picture| {
        if let Source::Part {
            orientation: Some(orientation),
            ..
        } = source
        {
            picture.orientation = *orientation;
        }
        small(picture, wish)
    });
    match made {
        Some(made) => Made::Picture(made.into()),
        None if is_whole => without(data, purpose),
        None => Made::Nothing,
    }
}

fn small(picture: Decoded, wish: Wish) -> Option<Vec<u8>> {
    match wish.purpose {
        Purpose::View => view(picture, wish),
        _ => tile(picture, wish),
    }
}

fn tile(picture: Decoded, wish: Wish) -> Option<Vec<u8>> {
    let part = scale::most(picture.pixels.dimensions());
    let small = scale::shrunk(&picture.pixels, part, wish.purpose.short_side());
    let small = upright(small.into(), picture.orientation);
    file(&small, picture.profile, wish)
}

/// A picture that fills a screen.
fn view(picture: Decoded, wish: Wish) -> Option<Vec<u8>> {
    let small = upright(fit::fit(picture.pixels, VIEW_SIDE)?, picture.orientation);
    let small = match small {
        small if fit::is_transparent(&small) => small,
        DynamicImage::ImageLuma8(_) | DynamicImage::ImageRgb8(_) => small,
        DynamicImage::ImageLumaA8(_) => small.into_luma8().into(),
        small => small.into_rgb8().into(),
    };
    file(&small, picture.profile, wish)
}

/// A picture in the format that makes it smallest.
fn file(picture: &DynamicImage, profile: Option<Vec<u8>>, wish: Wish) -> Option<Vec<u8>> {
    let (quality, webp_quality) = match wish.purpose {
        Purpose::View => (VIEW_QUALITY, WEBP_VIEW_QUALITY),
        _ => (QUALITY, WEBP_QUALITY),
    };
    let webp = wish
        .accepts_webp
        .then(|| webp::encoded(picture, webp_quality, profile.as_deref()));
    let other = if picture.color().has_alpha() {
        png(picture, profile)
    } else {
        jpeg(picture, quality, profile)
    };
    let all = [webp.flatten(), other];
    all.into_iter().flatten().min_by_key(Vec::len)
}

fn png(picture: &DynamicImage, profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    set_profile(&mut encoder, profile);
    picture.write_with_encoder(encoder).ok()?;
    Some(png)
}

/// The thumbnail in a JPEG's EXIF data, upright and without the bars that some cameras add.
fn own_thumbnail(embedded: &Embedded, wish: Wish) -> Option<Made> {
    if cost::jpeg::bytes(&embedded.thumbnail)? > MAX_OWN_BYTES {
        return None;
    }
    let thumbnail = decode::photo(&embedded.thumbnail)?;
    let profile = thumbnail.profile.or_else(|| embedded.profile.clone());
    let thumbnail = thumbnail.pixels;
    let (width, height) = thumbnail.dimensions();
    let part = scale::middle((width, height), embedded.size.0, embedded.size.1);
    // With other proportions it shows something else, such as a part of the picture.
    if part.width * 10 < width * 7 || part.height * 10 < height * 7 {
        return None;
    }
    if part.width.min(part.height) < MIN_SIDE {
        return None;
    }
    let small = scale::shrunk(&thumbnail, part, wish.purpose.short_side());
    let small = upright(small.into(), embedded.orientation);
    Some(Made::Picture(file(&small, profile, wish)?.into()))
}

fn upright(mut picture: DynamicImage, orientation: Orientation) -> DynamicImage {
    picture.apply_orientation(orientation);
    picture
}

fn jpeg(picture: &DynamicImage, quality: u8, profile: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut jpeg = Vec::with_capacity(32 * 1024);
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, quality);
    set_profile(&mut encoder, profile);
    let (width, height) = picture.dimensions();
    let colors = ExtendedColorType::from(picture.color());
    encoder
        .encode(picture.as_bytes(), width, height, colors)
        .ok()?;
    Some(jpeg)
}

fn set_profile(encoder: &mut impl ImageEncoder, profile: Option<Vec<u8>>) {
    if let Some(profile) = profile {
        // Both encoders take one.
        let _ = encoder.set_icc_profile(profile);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::server::thumbnail::{embedded::tests::with_exif, tiff::tests as tiff};

    /// Red on the left, blue on the right.
    fn flag(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, _| {
            if x < width / 2 {
                Rgb([200, 0, 0])
            } else {
                Rgb([0, 0, 200])
            }
        })
    }

    fn made(content: &[u8], purpose: Purpose) -> Option<RgbImage> {
        let [jpeg, webp] = [false, true].map(|accepts_webp| {
            let wish = Wish::new(purpose, accepts_webp);
            made_for(content, wish)
        });
        let dimensions = |made: &Option<RgbImage>| made.as_ref().map(RgbImage::dimensions);
        assert_eq!(dimensions(&jpeg), dimensions(&webp));
        jpeg
    }

    fn made_for(content: &[u8], wish: Wish) -> Option<RgbImage> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        let size = content.len() as u64;
        let mut attempt = glance(&file, size, wish).unwrap();
        if let Attempt::Needs(bytes) = attempt {
            attempt = picture(&file, size, wish, bytes).unwrap();
        }
        let Attempt::Made(made) = attempt else {
            panic!("the start of the file told too little: {attempt:?}");
        };
        match made {
            Made::Picture(jpeg) => Some(decode::picture(&jpeg).unwrap().pixels.into_rgb8()),
            Made::Original => panic!("the file is not small"),
            Made::Nothing => None,
        }
    }

    fn encode(picture: &RgbImage) -> Option<Vec<u8>> {
        jpeg(&picture.clone().into(), QUALITY, None)
    }

    fn color(picture: &RgbImage, x: u32, y: u32) -> &str {
        match picture.get_pixel(x, y).0.map(|channel| channel / 100) {
            [1 | 2, 0, 0] => "red",
            [0, 0, 1 | 2] => "blue",
            _ => "other",
        }
    }

    #[test]
    fn a_large_picture_becomes_small() {
        let jpeg = encode(&flag(1200, 800)).unwrap();
        let small = made(&jpeg, Purpose::Tile).unwrap();
        assert_eq!(small.dimensions(), (480, 320));
        assert_eq!(
            (color(&small, 20, 160), color(&small, 460, 160)),
            ("red", "blue")
        );
    }

    #[test]
    fn a_tiff_is_decoded_and_never_sent_itself() {
        let tiff = tiff::plain(900, 600, [200, 0, 0]);
        let small = made(&tiff, Purpose::Tile).unwrap();
        // It is turned.
        assert_eq!(small.dimensions(), (320, 480));
        assert_eq!(color(&small, 160, 240), "red");
        assert_eq!(made(&tiff, Purpose::View).unwrap().dimensions(), (600, 900));
        assert_eq!(made(&tiff[..200], Purpose::View), None);
    }

    #[test]
    fn the_orientation_is_respected() {
        let jpeg = encode(&flag(1200, 800)).unwrap();
        let turned = with_exif(&jpeg, 6, b"");
        let small = made(&turned, Purpose::Tile).unwrap();
        assert_eq!(small.dimensions(), (320, 480));
        assert_eq!(
            (color(&small, 160, 20), color(&small, 160, 460)),
            ("red", "blue")
        );
    }

    #[test]
    fn the_thumbnail_of_a_photo_is_used_for_tiles_alone() {
        let jpeg = encode(&RgbImage::new(1200, 800));
        let own = encode(&flag(160, 120)).unwrap();
        let photo = with_exif(&jpeg.unwrap(), 1, &own);
        let small = made(&photo, Purpose::Tile).unwrap();
        // The bars above and below are cut off.
        assert_eq!(small.dimensions(), (160, 106));
        assert_eq!(
            (color(&small, 10, 50), color(&small, 150, 50)),
            ("red", "blue")
        );
        let sharp = made(&photo, Purpose::Sharp).unwrap();
        assert_eq!(sharp.dimensions(), (480, 320));
        assert_eq!(color(&sharp, 10, 50), "other");
        let large = made(&photo, Purpose::Card).unwrap();
        assert_eq!(large.dimensions(), (945, 630));
        assert_eq!(color(&large, 10, 50), "other");
    }

    #[test]
    fn anything_but_a_picture_of_modest_size_is_refused() {
        assert_eq!(made(b"", Purpose::Tile), None);
        assert_eq!(made(b"\xff\xd8\xff", Purpose::Tile), None);
        assert_eq!(made(b"GIF89a", Purpose::Tile), None);
        let mut jpeg = encode(&flag(64, 64)).unwrap();
        // It claims a size of 60,000 by 60,000 pixels.
        let frame = jpeg
            .windows(2)
            .position(|pair| pair == [0xff, 0xc0])
            .unwrap();
        jpeg[frame + 5..frame + 9].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
        assert_eq!(made(&jpeg, Purpose::Tile), None);
        // Many scans over many pixels: the first is enough.
        let mut jpeg = encode(&flag(2000, 2000)).unwrap();
        for _ in 0..300 {
            jpeg.extend([0xff, 0xda]);
        }
        let small = made(&jpeg, Purpose::Tile).unwrap();
        assert_eq!(small.dimensions(), (250, 250));
        assert_eq!(color(&small, 20, 20), "red");
    }
}
