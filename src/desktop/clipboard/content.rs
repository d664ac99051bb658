//! What is on the clipboard.

use std::path::PathBuf;

use arboard::{Clipboard, Error, ImageData};
use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};

/// What is on the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Nothing that can be shared.
    Nothing,
    Text(String),
    /// A picture, as PNG.
    Picture(Vec<u8>),
    /// Files and folders that were copied in a file manager, of which at least one is there.
    Files(Vec<PathBuf>),
}

/// Looks what is on the clipboard. Programs offer what they copy in several forms: files also as the text
/// of their names, and cells of a table also as a picture. Some answer with another form than they are
/// asked for, which looks like an error.
///
/// # Errors
/// The clipboard doesn't work.
pub fn read(clipboard: &mut Clipboard) -> Result<Content, Error> {
    let files = clipboard.get().file_list().unwrap_or_default();
    let files: Vec<PathBuf> = files.into_iter().filter(|file| file.exists()).collect();
    if !files.is_empty() {
        return Ok(Content::Files(files));
    }
    let text = clipboard.get_text();
    if let Ok(text) = &text
        && !text.trim().is_empty()
    {
        return Ok(Content::Text(text.clone()));
    }
    let picture = clipboard.get_image().ok();
    if let Some(picture) = picture.and_then(|picture| png(&picture).ok()) {
        return Ok(Content::Picture(picture));
    }
    match text {
        Ok(_) | Err(Error::ContentNotAvailable | Error::ConversionFailure) => Ok(Content::Nothing),
        Err(error) => Err(error),
    }
}

fn png(picture: &ImageData<'_>) -> Result<Vec<u8>, EncodingError> {
    let side = |pixels: usize| u32::try_from(pixels).unwrap_or(0);
    let mut png = Vec::new();
    let mut encoder = Encoder::new(&mut png, side(picture.width), side(picture.height));
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&picture.bytes)?;
    writer.finish()?;
    Ok(png)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_keeps_its_pixels() {
        let bytes: Vec<u8> = (0..2 * 3 * 4).collect();
        let picture = ImageData {
            width: 2,
            height: 3,
            bytes: bytes.clone().into(),
        };
        let png = png(&picture).unwrap();
        let decoded = image::load_from_memory(&png).unwrap().into_rgba8();
        assert_eq!((decoded.dimensions(), decoded.into_raw()), ((2, 3), bytes));
    }
}
