//! A code as a PNG picture.

use png::{BitDepth, ColorType, Encoder, EncodingError};

use super::code::Code;

/// Width and height of a module in pixels.
const MODULE_PIXELS: usize = 10;

/// The picture, in black and white.
///
/// # Errors
/// The encoder fails, which it does not for any code.
pub fn png(code: &Code) -> Result<Vec<u8>, EncodingError> {
    let pixels = code.size() * MODULE_PIXELS;
    // No code has more than 185 modules.
    let side = pixels as u32;
    let mut picture = Vec::new();
    let mut encoder = Encoder::new(&mut picture, side, side);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bits(code, pixels))?;
    writer.finish()?;
    Ok(picture)
}

/// The rows from top to bottom, each padded to whole bytes. A light pixel is a bit that is set.
fn bits(code: &Code, pixels: usize) -> Vec<u8> {
    let row_bytes = pixels.div_ceil(8);
    let mut bits = vec![0; row_bytes * pixels];
    for y in 0..pixels {
        for x in 0..pixels {
            if !code.is_dark(x / MODULE_PIXELS, y / MODULE_PIXELS) {
                bits[y * row_bytes + x / 8] |= 0x80 >> (x % 8);
            }
        }
    }
    bits
}
