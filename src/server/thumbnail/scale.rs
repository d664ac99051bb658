//! From many pixels to few.

use image::{DynamicImage, GenericImageView, Pixel, Rgb, RgbImage, Rgba, imageops, math::Rect};

/// The middle part of a picture of `size` with the proportions `width` to `height`.
pub fn middle(size: (u32, u32), width: u32, height: u32) -> Rect {
    let (wide, high) = (u64::from(size.0), u64::from(size.1));
    let (width, height) = (u64::from(width.max(1)), u64::from(height.max(1)));
    // Neither exceeds the side of the picture, so both fit.
    let part_width = (high * width / height).clamp(1, wide) as u32;
    let part_height = (wide * height / width).clamp(1, high) as u32;
    Rect {
        x: (size.0 - part_width) / 2,
        y: (size.1 - part_height) / 2,
        width: part_width,
        height: part_height,
    }
}

/// The whole picture of `size`, or the middle if it is more than three times as long as wide.
pub fn most((width, height): (u32, u32)) -> Rect {
    middle(
        (width, height),
        width.min(height.saturating_mul(3)),
        height.min(width.saturating_mul(3)),
    )
}

/// Shrinks a part of a picture on white so that its shorter side has at most `short_side` pixels.
/// Each new pixel is the average of those it covers.
pub fn shrunk(picture: &DynamicImage, part: Rect, short_side: u32) -> RgbImage {
    match picture {
        // The types that are often large. For others, each pixel looks up the type.
        DynamicImage::ImageLuma8(picture) => thumbnail(OnWhite { picture, part }, short_side),
        DynamicImage::ImageRgb8(picture) => thumbnail(OnWhite { picture, part }, short_side),
        DynamicImage::ImageRgba8(picture) => thumbnail(OnWhite { picture, part }, short_side),
        picture => thumbnail(OnWhite { picture, part }, short_side),
    }
}

fn thumbnail<I>(picture: OnWhite<'_, I>, short_side: u32) -> RgbImage
where
    I: GenericImageView,
    I::Pixel: Pixel<Subpixel = u8>,
{
    let (width, height) = shrunk_size(picture.dimensions(), short_side);
    imageops::thumbnail(&picture, width, height)
}

/// A part of a picture on white, without a copy of it.
struct OnWhite<'a, I> {
    picture: &'a I,
    part: Rect,
}

impl<I> GenericImageView for OnWhite<'_, I>
where
    I: GenericImageView,
    I::Pixel: Pixel<Subpixel = u8>,
{
    type Pixel = Rgb<u8>;

    fn dimensions(&self) -> (u32, u32) {
        (self.part.width, self.part.height)
    }

    fn get_pixel(&self, x: u32, y: u32) -> Rgb<u8> {
        let pixel = self.picture.get_pixel(self.part.x + x, self.part.y + y);
        let Rgba([red, green, blue, alpha]) = pixel.to_rgba();
        if alpha == u8::MAX {
            return Rgb([red, green, blue]);
        }
        let alpha = u16::from(alpha);
        // An average of two bytes is a byte.
        Rgb([red, green, blue].map(|c| ((u16::from(c) * alpha + 255 * (255 - alpha)) / 255) as u8))
    }
}

/// The size after shrinking, so that the shorter side has at most `short_side` pixels.
pub fn shrunk_size((width, height): (u32, u32), short_side: u32) -> (u32, u32) {
    let (short, long) = (width.min(height).max(1), width.max(height).max(1));
    let short_now = u64::from(short.min(short_side));
    let long_now = u64::from(long) * short_now / u64::from(short);
    // Neither is larger than before.
    let (short_now, long_now) = (short_now as u32, (long_now as u32).max(1));
    if width <= height {
        (short_now, long_now)
    } else {
        (long_now, short_now)
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayAlphaImage, GrayImage, Luma, LumaA, RgbaImage};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pixel_is_the_average_of_those_it_covers() {
        let grey = GrayImage::from_raw(2, 2, vec![0, 100, 200, 100]).unwrap();
        let small = shrunk(&grey.into(), most((2, 2)), 1);
        assert_eq!(small.as_raw(), &[100, 100, 100]);
        let clear = RgbaImage::from_raw(1, 1, vec![0, 0, 0, 0]).unwrap();
        let small = shrunk(&clear.into(), most((1, 1)), 9);
        assert_eq!(small.as_raw(), &[255, 255, 255]);
        let half = GrayAlphaImage::from_raw(2, 1, vec![0, 255, 100, 0]).unwrap();
        let small = shrunk(&half.into(), most((2, 1)), 1);
        assert_eq!(small.as_raw(), &[0, 0, 0, 255, 255, 255]);
    }

    #[test]
    fn the_middle_has_the_proportions_asked_for() {
        let part = middle((160, 120), 3, 2);
        assert_eq!((part.x, part.y, part.width, part.height), (0, 7, 160, 106));
    }

    proptest! {
        #[test]
        fn any_picture_can_be_shrunk(
            width in 1_u32..60, height in 1_u32..60, kind in 0..5,
            short_side in 1_u32..40, wide in 0_u32..50, high in 0_u32..50,
        ) {
            let value = |x: u32, y: u32| (x * 7 + y * 11) as u8;
            let grey = GrayImage::from_fn(width, height, |x, y| Luma([value(x, y)]));
            let clear = GrayAlphaImage::from_fn(width, height, |x, y| LumaA([9, value(x, y)]));
            let picture = match kind {
                0 => DynamicImage::from(grey),
                1 => DynamicImage::from(grey).into_rgb8().into(),
                2 => DynamicImage::from(grey).into_rgba16().into(),
                3 => DynamicImage::from(clear).into_rgba8().into(),
                _ => clear.into(),
            };
            let part = if wide == 0 {
                most((width, height))
            } else {
                middle((width, height), wide, high)
            };
            let (small_width, small_height) = shrunk(&picture, part, short_side).dimensions();
            prop_assert!(small_width.min(small_height) <= short_side);
            prop_assert!(small_width <= part.width && small_height <= part.height);
            if wide == 0 {
                prop_assert!(small_width.max(small_height) <= short_side * 3);
            }
        }
    }
}
