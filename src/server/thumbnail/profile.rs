//! The colours that a picture's numbers stand for: its ICC profile.
//!
//! Small pictures keep the profile of what they were made from. Without it, browsers would take the
//! numbers for sRGB, and photos of phones, which use Display P3, would look pale.

use std::io::Read;

use flate2::read::ZlibDecoder;

/// Larger profiles are dropped: they describe printers and scanners.
const MAX_BYTES: usize = 32 * 1024;

/// The size of a profile's header (ICC.1:2022, section 7.2).
const HEADER_BYTES: usize = 128;

/// How far apart two values of a colorant may be, in the numbers of a profile: about 0.004.
const CLOSE: i32 = 262;

/// The red, green and blue colorants of sRGB, as profiles state them: 65,536 is one.
const SRGB: [(&[u8; 4], [i32; 3]); 3] = [
    (b"rXYZ", [28_578, 14_581, 912]),
    (b"gXYZ", [25_241, 46_981, 6_362]),
    (b"bXYZ", [9_376, 3_974, 46_793]),
];

/// A profile that is worth keeping with a picture in red, green and blue: one of modest size that is
/// not sRGB, which everybody assumes.
pub fn worth_keeping(profile: Vec<u8>) -> Option<Vec<u8>> {
    let is_rgb = profile.get(16..20)? == b"RGB " && profile.get(36..40)? == b"acsp";
    (is_rgb && profile.len() <= MAX_BYTES && !is_srgb(&profile)).then_some(profile)
}

/// Unpacks the profile in an `iCCP` chunk of a PNG, up to a limit.
pub fn unpacked(chunk: &[u8]) -> Option<Vec<u8>> {
    let name = chunk.iter().take(80).position(|&byte| byte == 0)?;
    // The only method is zlib.
    let (method, packed) = chunk.get(name + 1..)?.split_first()?;
    let mut profile = Vec::new();
    ZlibDecoder::new(packed)
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut profile)
        .ok()?;
    (*method == 0).then_some(profile)
}

/// Whether a profile says that it is sRGB, and has its colorants.
fn is_srgb(profile: &[u8]) -> bool {
    let says_so = |name: &[u8]| profile.windows(name.len()).any(|part| part == name);
    let has_colorants = SRGB.iter().all(|(tag, expected)| {
        colorant(profile, tag).is_some_and(|found| {
            let mut pairs = found.iter().zip(expected);
            pairs.all(|(a, b)| a.abs_diff(*b) <= CLOSE.unsigned_abs())
        })
    });
    has_colorants && (says_so(b"sRGB") || says_so(b"s\0R\0G\0B"))
}

/// A colour among the tags of a profile.
fn colorant(profile: &[u8], tag: &[u8; 4]) -> Option<[i32; 3]> {
    let number = |at: usize| {
        let bytes = profile.get(at..at.checked_add(4)?)?;
        Some(i32::from_be_bytes(bytes.try_into().ok()?))
    };
    let table = profile.get(HEADER_BYTES + 4..)?;
    let entry = table.chunks_exact(12).take(100);
    let entry = entry.into_iter().find(|entry| entry.starts_with(tag))?;
    let at = u32::from_be_bytes(entry[4..8].try_into().ok()?) as usize;
    Some([
        number(at.checked_add(8)?)?,
        number(at.checked_add(12)?)?,
        number(at.checked_add(16)?)?,
    ])
}

#[cfg(test)]
pub mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    /// A profile with these colorants and this description.
    fn profile(name: &str, colorants: [[i32; 3]; 3]) -> Vec<u8> {
        let mut profile = vec![0; HEADER_BYTES];
        profile[12..24].copy_from_slice(b"mntrRGB XYZ ");
        profile[36..40].copy_from_slice(b"acsp");
        let mut at = HEADER_BYTES + 4 + 4 * 12;
        let mut values: Vec<u8> = Vec::new();
        profile.extend(4_u32.to_be_bytes());
        let mut put = |tag: &[u8], value: &[u8]| {
            profile.extend(tag);
            profile.extend(u32::try_from(at).unwrap().to_be_bytes());
            profile.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
            values.extend(value);
            at += value.len();
        };
        for (tag, colorant) in [b"rXYZ", b"gXYZ", b"bXYZ"].into_iter().zip(colorants) {
            let numbers = colorant.map(i32::to_be_bytes).concat();
            put(tag, &[b"XYZ \0\0\0\0", &numbers[..]].concat());
        }
        put(b"desc", name.as_bytes());
        profile.extend(values);
        let length = u32::try_from(profile.len()).unwrap();
        profile[..4].copy_from_slice(&length.to_be_bytes());
        profile
    }

    /// The profile of a phone's photos, as far as it matters here.
    pub fn display_p3() -> Vec<u8> {
        let colorants = [
            [33_762, 15_799, -69],
            [19_187, 45_376, 2_744],
            [10_298, 4_361, 51_393],
        ];
        profile("Display P3", colorants)
    }

    pub fn srgb() -> Vec<u8> {
        profile("sRGB IEC61966-2.1", SRGB.map(|(_, colorant)| colorant))
    }

    /// A profile as PNG has it.
    pub fn packed(profile: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(b"name\0\0".to_vec(), Compression::default());
        encoder.write_all(profile).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn what_everybody_assumes_is_dropped_and_the_rest_is_kept() {
        assert_eq!(worth_keeping(display_p3()), Some(display_p3()));
        assert_eq!(worth_keeping(srgb()), None);
        // Linear, for example.
        let other_curve = profile("linear", SRGB.map(|(_, colorant)| colorant));
        assert!(worth_keeping(other_curve).is_some());
        let mut grey = display_p3();
        grey[16..20].copy_from_slice(b"GRAY");
        assert_eq!(worth_keeping(grey), None);
        let mut large = display_p3();
        large.resize(MAX_BYTES + 1, 0);
        assert_eq!(worth_keeping(large), None);
        assert_eq!(worth_keeping(Vec::new()), None);
    }

    #[test]
    fn a_packed_profile_is_unpacked_up_to_a_limit() {
        assert_eq!(unpacked(&packed(&display_p3())), Some(display_p3()));
        let bomb = packed(&vec![0; 100 * MAX_BYTES]);
        assert_eq!(unpacked(&bomb).unwrap().len(), MAX_BYTES + 1);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(
            changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..6),
            data in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let _ = unpacked(&data);
            let mut profile = srgb();
            for (at, value) in changes {
                let at = at % profile.len();
                profile[at] = value;
            }
            let _ = worth_keeping(profile);
        }
    }
}
