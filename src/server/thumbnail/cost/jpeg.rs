//! The memory that zune-jpeg takes.
//!
//! It decodes a baseline picture row by row. If the picture is progressive, or its first scan
//! doesn't have all components, it keeps the coefficients of all blocks, two bytes each.

/// The headers of a JPEG, up to the first scan (ITU-T T.81, annex B).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub width: u64,
    pub height: u64,
    /// Horizontal and vertical sampling factors of each component.
    components: Vec<(u64, u64)>,
    keeps_coefficients: bool,
    /// Bytes of metadata segments, which the decoder copies.
    metadata: u64,
    /// Where the entropy-coded data starts.
    end: usize,
}

/// The most bytes that decoding can take.
pub fn bytes(jpeg: &[u8]) -> Option<u64> {
    let header = Header::of(jpeg)?;
    let (width, height) = (header.width, header.height);
    let across = header
        .components
        .iter()
        .map(|component| component.0)
        .max()?;
    let down = header
        .components
        .iter()
        .map(|component| component.1)
        .max()?;
    let (mcus_across, mcus_down) = (width.div_ceil(8 * across), height.div_ceil(8 * down));
    let count = header.components.len() as u64;
    let pixels = width * height * if count == 1 { 1 } else { 3 };
    let blocks: u64 = header
        .components
        .iter()
        .map(|(across, down)| across * down)
        .sum();
    let coefficients = if header.keeps_coefficients {
        mcus_across * mcus_down * blocks * 64 * 2
    } else {
        0
    };
    // A row of MCUs for each component, and several times as much for upsampling.
    let rows = mcus_across * 8 * across * count * 8 * across * down * 2 * 4;
    // Between scans there may be more metadata.
    let metadata = 2 * header.metadata + later_metadata(&jpeg[header.end..]);
    Some(pixels + coefficients + rows + metadata)
}

impl Header {
    /// Reads the headers; `None` if there is something between the segments, because decoders
    /// disagree on what comes next.
    pub fn of(jpeg: &[u8]) -> Option<Self> {
        let mut at = 2;
        let mut metadata = 0;
        let mut frame = None;
        loop {
            if *jpeg.get(at)? != 0xff {
                return None;
            }
            while *jpeg.get(at)? == 0xff {
                at += 1;
            }
            let marker = jpeg[at];
            if matches!(marker, 0 | 1 | 0xd0..=0xd9) {
                return None;
            }
            at += 1;
            let length = usize::from(be16(jpeg, at)?);
            let segment = jpeg.get(at + 2..at + length)?;
            at += length;
            match marker {
                // Baseline, extended sequential, and progressive.
                0xc0..=0xc2 if frame.is_none() => frame = Some((marker, segment)),
                0xc0..=0xc2 => return None,
                0xe1 | 0xe2 | 0xed => metadata += length as u64,
                0xda => {
                    let (marker, frame) = frame?;
                    let in_scan = *segment.first()?;
                    return Self::new(frame, marker == 0xc2, in_scan, metadata, at);
                }
                _ => {}
            }
        }
    }

    fn new(
        frame: &[u8],
        is_progressive: bool,
        in_scan: u8,
        metadata: u64,
        end: usize,
    ) -> Option<Self> {
        let count = *frame.get(5)?;
        let specifications = frame.get(6..6 + 3 * usize::from(count))?;
        let components: Vec<_> = specifications
            .chunks_exact(3)
            .map(|specification| specification[1])
            .map(|sampling| (u64::from(sampling >> 4), u64::from(sampling & 15)))
            .collect();
        let is_usual = |&(across, down): &_| (1..=4).contains(&across) && (1..=4).contains(&down);
        if !(1..=4).contains(&count) || !components.iter().all(is_usual) {
            return None;
        }
        Some(Self {
            width: be16(frame, 3)?.into(),
            height: be16(frame, 1)?.into(),
            components,
            keeps_coefficients: is_progressive || in_scan != count,
            metadata,
            end,
        })
    }
}

/// The length of everything that looks like a segment of metadata. Entropy-coded data never does.
fn later_metadata(data: &[u8]) -> u64 {
    data.windows(4)
        .filter(|window| window[0] == 0xff && matches!(window[1], 0xe1 | 0xe2 | 0xed))
        .map(|window| u64::from(u16::from_be_bytes([window[2], window[3]])))
        .sum()
}

fn be16(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at + 2)?;
    Some(u16::from_be_bytes([bytes[0], bytes[1]]))
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};

    use super::*;

    fn baseline(width: u16, height: u16) -> Vec<u8> {
        let mut jpeg = Vec::new();
        let pixels = vec![7; usize::from(width) * usize::from(height) * 3];
        JpegEncoder::new(&mut jpeg)
            .encode(
                &pixels,
                width.into(),
                height.into(),
                ExtendedColorType::Rgb8,
            )
            .unwrap();
        jpeg
    }

    fn frame(jpeg: &[u8]) -> usize {
        jpeg.windows(2)
            .position(|pair| pair == [0xff, 0xc0])
            .unwrap()
    }

    #[test]
    fn a_progressive_jpeg_takes_more_than_a_baseline_one() {
        let mut jpeg = baseline(512, 256);
        let pixels = 512 * 256 * 3;
        let rows_at_most = pixels / 2;
        let plain = bytes(&jpeg).unwrap();
        assert!((pixels..pixels + rows_at_most).contains(&plain));
        let at = frame(&jpeg);
        jpeg[at + 1] = 0xc2;
        assert!(bytes(&jpeg).unwrap() >= 2 * plain);
    }

    #[test]
    fn a_scan_without_all_components_counts_like_a_progressive_jpeg() {
        let mut jpeg = baseline(512, 256);
        let plain = bytes(&jpeg).unwrap();
        let scan = jpeg
            .windows(2)
            .position(|pair| pair == [0xff, 0xda])
            .unwrap();
        jpeg[scan + 4] = 1;
        assert!(bytes(&jpeg).unwrap() > plain + 512 * 256 * 2);
    }

    #[test]
    fn metadata_counts_wherever_it_is() {
        let mut jpeg = baseline(64, 64);
        let plain = bytes(&jpeg).unwrap();
        jpeg.extend([0xff, 0xe2, 0xff, 0xff]);
        assert_eq!(bytes(&jpeg).unwrap(), plain + 65535);
        jpeg.splice(2..2, [0xff, 0xe1, 0, 4, 1, 2]);
        assert_eq!(bytes(&jpeg).unwrap(), plain + 65535 + 8);
    }

    #[test]
    fn stray_bytes_between_segments_are_refused() {
        let mut jpeg = baseline(64, 64);
        jpeg.splice(2..2, [0xff, 0]);
        assert_eq!(bytes(&jpeg), None);
        assert_eq!(bytes(&jpeg[..1]), None);
        assert_eq!(bytes(&jpeg[..20]), None);
    }
}
