//! From many pixels to few, upright.

/// A picture in memory, eight bits a channel, rows from the top without gaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    pub data: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
    pub channels: usize,
}

/// A part of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

impl Pixels {
    /// The part in the middle that has the proportions of `width` to `height`.
    pub fn middle(&self, width: u32, height: u32) -> Part {
        let (wide, high) = (u64::from(self.width), u64::from(self.height));
        let (width, height) = (u64::from(width.max(1)), u64::from(height.max(1)));
        // Both are at most what they are the minimum with, so they fit.
        let part_width = (high * width / height).clamp(1, wide) as u32;
        let part_height = (wide * height / width).clamp(1, high) as u32;
        Part {
            left: (self.width - part_width) / 2,
            top: (self.height - part_height) / 2,
            width: part_width,
            height: part_height,
        }
    }

    /// All of it, or the middle of one that is very wide or very high.
    pub fn most(&self) -> Part {
        self.middle(
            self.width.min(self.height.saturating_mul(3)),
            self.height.min(self.width.saturating_mul(3)),
        )
    }

    /// A part, shrunk so that its shorter side has at most `short_side` pixels, as RGB on white.
    /// Each pixel is the average of those that it covers.
    pub fn shrunk(&self, part: Part, short_side: u32) -> Pixels {
        let (width, height) = shrunk_size(part.width, part.height, short_side);
        let mut data = Vec::with_capacity(width as usize * height as usize * 3);
        for y in 0..height {
            let rows = covered(y, height, part.top, part.height);
            for x in 0..width {
                let columns = covered(x, width, part.left, part.width);
                data.extend(self.average(rows.clone(), columns));
            }
        }
        Pixels {
            data,
            width,
            height,
            channels: 3,
        }
    }

    fn average(&self, rows: std::ops::Range<u32>, columns: std::ops::Range<u32>) -> [u8; 3] {
        let count = u64::from(rows.end - rows.start) * u64::from(columns.end - columns.start);
        let mut sums = [0_u64; 3];
        for y in rows {
            let start = (y as usize * self.width as usize + columns.start as usize) * self.channels;
            let end = start + (columns.end - columns.start) as usize * self.channels;
            for pixel in self.data[start..end].chunks_exact(self.channels) {
                let (color, alpha) = match *pixel {
                    [grey] => ([grey; 3], 255),
                    [grey, alpha] => ([grey; 3], alpha),
                    [red, green, blue] => ([red, green, blue], 255),
                    [red, green, blue, alpha] => ([red, green, blue], alpha),
                    _ => ([0; 3], 0),
                };
                for (sum, channel) in sums.iter_mut().zip(color) {
                    let (channel, alpha) = (u64::from(channel), u64::from(alpha));
                    *sum += (channel * alpha + 255 * (255 - alpha)) / 255;
                }
            }
        }
        // An average of bytes is a byte.
        sums.map(|sum| (sum / count.max(1)) as u8)
    }

    /// Turned and mirrored as EXIF's orientation, 1 to 8, says.
    #[must_use]
    pub fn upright(self, orientation: u8) -> Pixels {
        if !(2..=8).contains(&orientation) {
            return self;
        }
        let (width, height) = if orientation >= 5 {
            (self.height, self.width)
        } else {
            (self.width, self.height)
        };
        let (right, bottom) = (self.width - 1, self.height - 1);
        let mut data = Vec::with_capacity(self.data.len());
        for y in 0..height {
            for x in 0..width {
                let (from_x, from_y) = match orientation {
                    2 => (right - x, y),
                    3 => (right - x, bottom - y),
                    4 => (x, bottom - y),
                    5 => (y, x),
                    6 => (y, bottom - x),
                    7 => (right - y, bottom - x),
                    _ => (right - y, x),
                };
                let start =
                    (from_y as usize * self.width as usize + from_x as usize) * self.channels;
                data.extend_from_slice(&self.data[start..start + self.channels]);
            }
        }
        Pixels {
            data,
            width,
            height,
            ..self
        }
    }
}

fn shrunk_size(width: u32, height: u32, short_side: u32) -> (u32, u32) {
    let (short, long) = (width.min(height).max(1), width.max(height).max(1));
    let short_now = u64::from(short.min(short_side));
    let long_now = u64::from(long) * short_now / u64::from(short);
    // Neither is more than it was.
    let (short_now, long_now) = (short_now as u32, (long_now as u32).max(1));
    if width <= height {
        (short_now, long_now)
    } else {
        (long_now, short_now)
    }
}

/// Which of `length` pixels from `start` on the pixel `index` of `count` covers; at least one.
fn covered(index: u32, count: u32, start: u32, length: u32) -> std::ops::Range<u32> {
    let at = |index: u32| (u64::from(index) * u64::from(length) / u64::from(count)) as u32;
    let first = at(index).min(length - 1);
    start + first..start + at(index + 1).max(first + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pixels(width: u32, height: u32, channels: usize) -> Pixels {
        let data = (0..width as usize * height as usize * channels)
            .map(|index| (index % 251) as u8)
            .collect();
        Pixels {
            data,
            width,
            height,
            channels,
        }
    }

    #[test]
    fn a_pixel_is_the_average_of_those_it_covers() {
        let picture = Pixels {
            data: vec![0, 100, 200, 100],
            width: 2,
            height: 2,
            channels: 1,
        };
        let part = picture.middle(1, 1);
        assert_eq!(picture.shrunk(part, 1).data, [100, 100, 100]);
        let clear = Pixels {
            data: vec![0, 0, 0, 0],
            width: 1,
            height: 1,
            channels: 4,
        };
        assert_eq!(clear.shrunk(clear.middle(1, 1), 9).data, [255, 255, 255]);
    }

    #[test]
    fn every_orientation_is_turned_upright() {
        // 1 2 3
        // 4 5 6
        let picture = Pixels {
            data: vec![1, 2, 3, 4, 5, 6],
            width: 3,
            height: 2,
            channels: 1,
        };
        for (orientation, expected) in [
            (1, [1, 2, 3, 4, 5, 6]),
            (2, [3, 2, 1, 6, 5, 4]),
            (3, [6, 5, 4, 3, 2, 1]),
            (4, [4, 5, 6, 1, 2, 3]),
            (5, [1, 4, 2, 5, 3, 6]),
            (6, [4, 1, 5, 2, 6, 3]),
            (7, [6, 3, 5, 2, 4, 1]),
            (8, [3, 6, 2, 5, 1, 4]),
        ] {
            let turned = picture.clone().upright(orientation);
            assert_eq!(turned.data, expected, "{orientation}");
            assert_eq!(turned.width, if orientation < 5 { 3 } else { 2 });
        }
    }

    #[test]
    fn the_middle_has_the_proportions_asked_for() {
        let part = pixels(160, 120, 3).middle(3, 2);
        assert_eq!(
            (part.left, part.top, part.width, part.height),
            (0, 7, 160, 106)
        );
    }

    proptest! {
        #[test]
        fn any_picture_can_be_shrunk(
            width in 1_u32..60, height in 1_u32..60, channels in 1_usize..=4,
            short_side in 1_u32..40, orientation in 0_u8..10, wide in 0_u32..50, high in 0_u32..50,
        ) {
            let picture = pixels(width, height, channels);
            let part = if wide == 0 { picture.most() } else { picture.middle(wide, high) };
            let small = picture.shrunk(part, short_side).upright(orientation);
            prop_assert_eq!(small.data.len(), (small.width * small.height * 3) as usize);
            prop_assert!(small.width.min(small.height) <= short_side);
            if wide == 0 {
                prop_assert!(small.width.max(small.height) <= short_side * 3);
            }
        }
    }
}
