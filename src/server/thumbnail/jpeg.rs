//! What the head of a JPEG says: its size, its orientation and the thumbnail in its EXIF data.
//!
//! Only what is needed is read of the format (JEITA CP-3451, TIFF 6.0), and nothing that it says
//! is believed: every offset is checked.

use std::ops::Range;

/// What is known of a JPEG without decoding it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// Pixels, as stored; none if the frame lies behind what was read.
    pub size: Option<(u16, u16)>,
    /// 1 to 8, as EXIF numbers them; 1 is upright.
    pub orientation: u8,
    /// Where the thumbnail lies, which is a JPEG of its own.
    pub thumbnail: Option<Range<usize>>,
}

/// Reads the head of a JPEG; `None` for what is none.
pub fn head(data: &[u8]) -> Option<Head> {
    if !data.starts_with(&[0xff, 0xd8]) {
        return None;
    }
    let mut head = Head {
        orientation: 1,
        ..Head::default()
    };
    let mut at = 2;
    while let Some([0xff, marker]) = bytes::<2>(data, at) {
        // Fill bytes, and markers without a length.
        if marker == 0xff {
            at += 1;
            continue;
        }
        if matches!(marker, 0x01 | 0xd0..=0xd8) {
            at += 2;
            continue;
        }
        let Some(length) = bytes::<2>(data, at + 2).map(u16::from_be_bytes) else {
            break;
        };
        let start = at + 4;
        let end = at + 2 + usize::from(length);
        let segment = data.get(start..end.min(data.len())).unwrap_or_default();
        match marker {
            0xe1 if segment.starts_with(b"Exif\0\0") => {
                read_exif(&segment[6..], start + 6, &mut head);
            }
            // Start of frame; 0xc4, 0xc8 and 0xcc are other things.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                if let Some([_, h1, h2, w1, w2]) = bytes::<5>(segment, 0) {
                    let (width, height) =
                        (u16::from_be_bytes([w1, w2]), u16::from_be_bytes([h1, h2]));
                    head.size = Some((width, height));
                }
                break;
            }
            // Start of scan, end of image.
            0xda | 0xd9 => break,
            _ => {}
        }
        at = end;
    }
    Some(head)
}

/// How many scans a JPEG has at most. Each may take as long as decoding the whole picture.
pub fn scans(data: &[u8]) -> usize {
    data.windows(2).filter(|pair| *pair == [0xff, 0xda]).count()
}

fn read_exif(tiff: &[u8], offset: usize, head: &mut Head) {
    let is_big = match tiff.get(..2) {
        Some(b"MM") => true,
        Some(b"II") => false,
        _ => return,
    };
    let tiff = Tiff { data: tiff, is_big };
    let Some(first) = tiff.u32(4) else { return };
    let orientation = tiff.entry(first, 0x0112).and_then(|at| tiff.u16(at + 8));
    if let Some(orientation @ 1..=8) = orientation {
        // At most 8.
        head.orientation = orientation as u8;
    }
    let Some(second) = tiff.next(first) else {
        return;
    };
    let start = tiff.entry(second, 0x0201).and_then(|at| tiff.u32(at + 8));
    let length = tiff.entry(second, 0x0202).and_then(|at| tiff.u32(at + 8));
    if let (Some(start), Some(length)) = (start, length)
        && let Some(end) = start.checked_add(length)
        && tiff
            .data
            .get(start..end)
            .is_some_and(|data| data.starts_with(&[0xff, 0xd8]))
    {
        head.thumbnail = Some(offset + start..offset + end);
    }
}

/// TIFF's directories of entries, twelve bytes each.
struct Tiff<'a> {
    data: &'a [u8],
    is_big: bool,
}

impl Tiff<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = bytes::<2>(self.data, at)?;
        Some(if self.is_big {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    fn u32(&self, at: usize) -> Option<usize> {
        let bytes = bytes::<4>(self.data, at)?;
        let number = if self.is_big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        };
        usize::try_from(number).ok()
    }

    /// Where the entry with `tag` of the directory at `directory` lies.
    fn entry(&self, directory: usize, tag: u16) -> Option<usize> {
        let count = usize::from(self.u16(directory)?);
        let entries = (0..count).map(|index| directory + 2 + index * 12);
        entries
            .take_while(|at| *at < self.data.len())
            .find(|at| self.u16(*at) == Some(tag))
    }

    /// Where the directory after the one at `directory` lies.
    fn next(&self, directory: usize) -> Option<usize> {
        let count = usize::from(self.u16(directory)?);
        self.u32(directory + 2 + count * 12)
            .filter(|next| *next != 0)
    }
}

fn bytes<const N: usize>(data: &[u8], at: usize) -> Option<[u8; N]> {
    data.get(at..at.checked_add(N)?)?.try_into().ok()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A JPEG with EXIF data in front: an orientation and a thumbnail.
    pub fn with_exif(jpeg: &[u8], orientation: u16, thumbnail: &[u8]) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0".to_vec();
        tiff.extend([1, 0]);
        tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0]);
        tiff.extend(u32::from(orientation).to_le_bytes());
        tiff.extend(26_u32.to_le_bytes());
        assert_eq!(tiff.len(), 26);
        tiff.extend([2, 0]);
        for (tag, value) in [(0x0201_u16, 56), (0x0202, thumbnail.len())] {
            tiff.extend(tag.to_le_bytes());
            tiff.extend([4, 0, 1, 0, 0, 0]);
            tiff.extend(u32::try_from(value).unwrap().to_le_bytes());
        }
        tiff.extend([0; 4]);
        assert_eq!(tiff.len(), 56);
        tiff.extend(thumbnail);
        let mut all = vec![0xff, 0xd8, 0xff, 0xe1];
        all.extend(u16::try_from(tiff.len() + 8).unwrap().to_be_bytes());
        all.extend(b"Exif\0\0");
        all.extend(tiff);
        all.extend(&jpeg[2..]);
        all
    }

    #[test]
    fn size_orientation_and_thumbnail_are_found() {
        let frame = [0xff, 0xd8, 0xff, 0xc0, 0, 8, 8, 1, 0, 2, 0, 0];
        let thumbnail = [0xff, 0xd8, 1, 2, 3];
        let data = with_exif(&frame, 6, &thumbnail);
        let head = head(&data).unwrap();
        assert_eq!(head.size, Some((512, 256)));
        assert_eq!(head.orientation, 6);
        assert_eq!(data[head.thumbnail.unwrap()], thumbnail);
    }

    #[test]
    fn a_thumbnail_that_lies_elsewhere_is_none() {
        let frame = [0xff, 0xd8, 0xff, 0xd9];
        let mut data = with_exif(&frame, 9, &[0xff, 0xd8, 1]);
        let found = head(&data).unwrap();
        assert_eq!(found.orientation, 1);
        let length_at = found.thumbnail.unwrap().start - 8;
        data[length_at..length_at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(head(&data).unwrap().thumbnail, None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(
            data in proptest::collection::vec(any::<u8>(), 0..300),
            at in 0_usize..100, value: u8,
        ) {
            let _ = head(&[&[0xff, 0xd8][..], &data].concat());
            let mut exif = with_exif(&[0xff, 0xd8, 0xff, 0xd9], 3, &[0xff, 0xd8]);
            let at = at % exif.len();
            exif[at] = value;
            if let Some(Head { thumbnail: Some(range), .. }) = head(&exif) {
                prop_assert!(range.end <= exif.len());
            }
        }
    }
}
