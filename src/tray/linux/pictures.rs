//! The pictures of the tray icon, rendered from `icons/svg` and compiled in, in the sizes that
//! panels use, so that none is scaled and blurred.

use crate::app::Icon;

/// Width, height, and the pixels in ARGB with the alpha byte first: `(iiay)`.
pub type Pixmap = (i32, i32, Vec<u8>);

macro_rules! sizes {
    ($state:literal) => {
        [
            (
                16,
                include_bytes!(concat!("../../../icons/rgba/tray-", $state, "-16.rgba")).as_slice(),
            ),
            (
                22,
                include_bytes!(concat!("../../../icons/rgba/tray-", $state, "-22.rgba")).as_slice(),
            ),
            (
                24,
                include_bytes!(concat!("../../../icons/rgba/tray-", $state, "-24.rgba")).as_slice(),
            ),
            (
                32,
                include_bytes!(concat!("../../../icons/rgba/tray-", $state, "-32.rgba")).as_slice(),
            ),
            (
                48,
                include_bytes!(concat!("../../../icons/rgba/tray-", $state, "-48.rgba")).as_slice(),
            ),
        ]
    };
}

/// A picture in every size.
pub fn pixmaps(icon: Icon) -> Vec<Pixmap> {
    rgba(icon)
        .into_iter()
        .map(|(edge, rgba)| {
            let mut argb = rgba.to_vec();
            for pixel in argb.as_chunks_mut::<4>().0 {
                pixel.rotate_right(1);
            }
            (edge, edge, argb)
        })
        .collect()
}

fn rgba(icon: Icon) -> [(i32, &'static [u8]); 5] {
    match icon {
        Icon::Idle => sizes!("idle"),
        Icon::Busy => sizes!("busy"),
        Icon::Online => sizes!("online"),
        Icon::Problem => sizes!("problem"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_has_complete_pictures_in_every_size() {
        for icon in [Icon::Idle, Icon::Busy, Icon::Online, Icon::Problem] {
            for (width, height, argb) in pixmaps(icon) {
                assert_eq!(argb.len() as i32, width * height * 4, "{icon:?} {width}");
                assert!(
                    argb.as_chunks::<4>().0.iter().any(|pixel| pixel[0] == 255),
                    "{icon:?}"
                );
            }
        }
    }
}
