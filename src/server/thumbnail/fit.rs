//! From a large picture to one that fits on a screen, with its transparency.
//!
//! Each new pixel is the average of the area that it covers, also of parts of pixels, so that fine
//! lines stay even.

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};

/// The size with the proportions of `size` whose longer side has at most `side` pixels.
pub fn fitted((width, height): (u32, u32), side: u32) -> (u32, u32) {
    let long = width.max(height).max(1);
    if long <= side {
        return (width.max(1), height.max(1));
    }
    let scaled = |length: u32| {
        let rounded = (u64::from(length) * u64::from(side) + u64::from(long) / 2) / u64::from(long);
        // Not larger than `side`.
        (rounded as u32).max(1)
    };
    (scaled(width), scaled(height))
}

/// Shrinks a picture so that its longer side has at most `side` pixels.
pub fn fit(picture: DynamicImage, side: u32) -> Option<DynamicImage> {
    let size = (picture.width(), picture.height());
    let picture = match picture {
        DynamicImage::ImageLuma8(_)
        | DynamicImage::ImageLumaA8(_)
        | DynamicImage::ImageRgb8(_)
        | DynamicImage::ImageRgba8(_) => picture,
        other if other.color().has_alpha() => other.into_rgba8().into(),
        other => other.into_rgb8().into(),
    };
    let new = fitted(size, side);
    if new == size {
        return Some(picture);
    }
    let (width, height) = new;
    Some(match picture {
        DynamicImage::ImageLuma8(picture) => {
            GrayImage::from_raw(width, height, averaged::<1>(&picture, size, new, false))?.into()
        }
        DynamicImage::ImageLumaA8(picture) => {
            GrayAlphaImage::from_raw(width, height, averaged::<2>(&picture, size, new, true))?
                .into()
        }
        DynamicImage::ImageRgba8(picture) => {
            RgbaImage::from_raw(width, height, averaged::<4>(&picture, size, new, true))?.into()
        }
        picture => {
            let picture = picture.into_rgb8();
            RgbImage::from_raw(width, height, averaged::<3>(&picture, size, new, false))?.into()
        }
    })
}

/// Whether a pixel of the picture can be seen through.
pub fn is_transparent(picture: &DynamicImage) -> bool {
    match picture {
        DynamicImage::ImageLumaA8(picture) => picture.pixels().any(|pixel| pixel.0[1] < u8::MAX),
        DynamicImage::ImageRgba8(picture) => picture.pixels().any(|pixel| pixel.0[3] < u8::MAX),
        _ => false,
    }
}

/// The pixels of a picture with `N` channels at a smaller size. If it has transparency, that is the
/// last channel.
fn averaged<const N: usize>(
    pixels: &[u8],
    (width, height): (u32, u32),
    (new_width, new_height): (u32, u32),
    is_clear: bool,
) -> Vec<u8> {
    let across = Spans::new(width, new_width);
    let down = Spans::new(height, new_height);
    let stride = width as usize * N;
    let mut new = Vec::with_capacity(new_width as usize * new_height as usize * N);
    // One row of sums.
    let mut sums = vec![[0_f32; N]; new_width as usize];
    let mut reduced = sums.clone();
    let mut last = usize::MAX;
    for y in 0..new_height {
        sums.fill([0.0; N]);
        for (row, weight) in down.parts(y) {
            // Two new rows may share one of the old.
            if row != last {
                reduce(
                    &pixels[row * stride..][..stride],
                    &across,
                    is_clear,
                    &mut reduced,
                );
                last = row;
            }
            for (sum, part) in sums.iter_mut().zip(&reduced) {
                for (sum, part) in sum.iter_mut().zip(part) {
                    *sum += part * weight;
                }
            }
        }
        for sum in &sums {
            let alpha = if is_clear { sum[N - 1] } else { 0.0 };
            for (channel, value) in sum.iter().enumerate() {
                let value = if is_clear && channel < N - 1 && alpha > 0.0 {
                    value / alpha * 255.0
                } else {
                    *value
                };
                // Converting to u8 saturates.
                new.push((value + 0.5) as u8);
            }
        }
    }
    new
}

/// Averages a row. Colours are multiplied with how much of them is seen.
fn reduce<const N: usize>(row: &[u8], across: &Spans, is_clear: bool, reduced: &mut [[f32; N]]) {
    for (x, sum) in reduced.iter_mut().enumerate() {
        *sum = [0.0; N];
        for (column, weight) in across.parts(x as u32) {
            let pixel = &row[column * N..][..N];
            let seen = if is_clear {
                f32::from(pixel[N - 1]) / 255.0 * weight
            } else {
                weight
            };
            for (channel, value) in pixel.iter().enumerate() {
                let weight = if is_clear && channel == N - 1 {
                    weight
                } else {
                    seen
                };
                sum[channel] += f32::from(*value) * weight;
            }
        }
    }
}

/// Which of `old` pixels in a line belong to each of fewer `new` ones.
struct Spans {
    old: u64,
    new: u64,
}

impl Spans {
    fn new(old: u32, new: u32) -> Self {
        Self {
            old: old.into(),
            new: new.into(),
        }
    }

    /// The pixels that belong to a new one, with their weights, which add up to one.
    fn parts(&self, place: u32) -> impl Iterator<Item = (usize, f32)> {
        let (old, new) = (self.old, self.new);
        // In units of which each old pixel has `new`, and each new one `old`.
        let (start, end) = (u64::from(place) * old, (u64::from(place) + 1) * old);
        (start / new..end.div_ceil(new)).map(move |pixel| {
            let part = end.min((pixel + 1) * new) - start.max(pixel * new);
            (pixel as usize, part as f32 / old as f32)
        })
    }
}

#[cfg(test)]
mod tests {
    use image::{GenericImageView, Luma, Rgb, Rgba};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_new_pixel_is_the_average_of_the_area_it_covers() {
        let grey = GrayImage::from_raw(3, 1, vec![0, 100, 200]).unwrap();
        let small = fit(grey.into(), 2).unwrap();
        // One pixel and a half each.
        assert_eq!(small.as_bytes(), [33, 167]);
    }

    #[test]
    fn what_is_not_seen_has_no_colour() {
        let picture = RgbaImage::from_fn(4, 4, |x, _| {
            if x.is_multiple_of(2) {
                Rgba([200, 10, 0, 255])
            } else {
                Rgba([0, 0, 255, 0])
            }
        });
        let small = fit(picture.into(), 2).unwrap();
        assert!(is_transparent(&small));
        assert_eq!(small.get_pixel(0, 0), Rgba([200, 10, 0, 128]));
    }

    #[test]
    fn fine_lines_stay_even() {
        let lines = GrayImage::from_fn(300, 300, |x, _| {
            Luma([if x.is_multiple_of(2) { 0 } else { 200 }])
        });
        let small = fit(lines.into(), 100).unwrap();
        let (low, high) = small
            .as_bytes()
            .iter()
            .fold((255, 0), |(low, high), &value| {
                (value.min(low), value.max(high))
            });
        assert!(low >= 66 && high <= 134, "{low} to {high}");
    }

    proptest! {
        #[test]
        fn any_picture_fits(width in 1_u32..80, height in 1_u32..80, side in 1_u32..60, kind in 0..5) {
            let flat = RgbImage::from_pixel(width, height, Rgb([50, 100, 250]));
            let flat = DynamicImage::from(flat);
            let picture = match kind {
                0 => flat.into_luma8().into(),
                1 => flat.into_luma_alpha8().into(),
                2 => flat.into_rgba8().into(),
                3 => flat.into_rgb16().into(),
                _ => flat,
            };
            let before = picture.get_pixel(0, 0);
            let small = fit(picture, side).unwrap();
            prop_assert!(!is_transparent(&small));
            prop_assert!(small.width().max(small.height()) <= side.max(1));
            prop_assert!(small.width() <= width && small.height() <= height);
            prop_assert!(small.pixels().all(|(_, _, pixel)| pixel == before));
        }
    }
}
