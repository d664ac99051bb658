//! The memory that the gif crate takes for the first frame.

/// Bytes per pixel of the picture: three for the colour and one for transparency.
const PIXEL: u64 = 4;

/// The most bytes that decoding can take.
pub fn bytes(gif: &[u8]) -> Option<u64> {
    let canvas = u64::from(le16(gif, 6)?) * u64::from(le16(gif, 8)?);
    let (at, frame) = first_frame(gif)?;
    // The frame as it is in the file, one byte per pixel, and with colours, before it is copied to
    // the canvas. The buffers of metadata double as they grow.
    Some(canvas * PIXEL + frame * (PIXEL + 1) + 3 * at as u64)
}

/// The position of the first frame, and its number of pixels (GIF89a, sections 18 to 26).
fn first_frame(gif: &[u8]) -> Option<(usize, u64)> {
    let mut at = 13 + color_table(*gif.get(10)?);
    loop {
        match *gif.get(at)? {
            0x2c => {
                let pixels = u64::from(le16(gif, at + 5)?) * u64::from(le16(gif, at + 7)?);
                return Some((at, pixels));
            }
            0x21 => {
                at += 2;
                loop {
                    let length = usize::from(*gif.get(at)?);
                    at += 1 + length;
                    if length == 0 {
                        break;
                    }
                }
            }
            // The decoder skips a stray zero.
            0 => at += 1,
            _ => return None,
        }
    }
}

fn color_table(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

fn le16(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at + 2)?;
    Some(u16::from_le_bytes([bytes[0], bytes[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canvas_and_the_first_frame_count() {
        let mut gif = b"GIF89a\x64\0\x64\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
        gif.extend(b"\x21\xf9\x04\0\0\0\0\0");
        assert_eq!(bytes(&gif), None);
        gif.extend(b"\x2c\0\0\0\0\xe8\x03\x02\0\0");
        assert_eq!(bytes(&gif), Some(40_000 + 10_000 + 27 * 3));
    }
}
