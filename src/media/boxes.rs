//! The boxes of MP4, HEIC and CR3 files (ISO/IEC 14496-12).

use super::window::{Window, be16, be32, be64};

/// How many boxes are looked at in one place.
const MAX_BOXES: usize = 200;

/// A box in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where its content is.
    pub from: u64,
    pub to: u64,
}

impl Place {
    /// The whole file.
    pub fn of_file(window: &Window<'_>) -> Self {
        Self {
            from: 0,
            to: window.size(),
        }
    }

    /// Its content, if it isn't longer than `max`.
    pub fn content(self, window: &mut Window<'_>, max: usize) -> Option<Vec<u8>> {
        let length = usize::try_from(self.to.checked_sub(self.from)?).ok()?;
        (length <= max).then(|| window.bytes(self.from, length))?
    }

    /// The same without its first bytes.
    pub fn after(self, bytes: u64) -> Option<Self> {
        let from = self.from.checked_add(bytes)?;
        (from <= self.to).then_some(Self { from, ..self })
    }
}

/// The first box in `place` for which this is true, by its kind and where it is.
pub fn find(
    window: &mut Window<'_>,
    place: Place,
    mut is_wanted: impl FnMut(&mut Window<'_>, &[u8; 4], Place) -> bool,
) -> Option<Place> {
    let mut at = place.from;
    for _ in 0..MAX_BOXES {
        if at.checked_add(8)? > place.to {
            return None;
        }
        let head = window.up_to(at, 16)?;
        let kind: [u8; 4] = head.get(4..8)?.try_into().ok()?;
        let (header, length) = match be32(&head, 0)? {
            0 => (8, place.to - at),
            1 => (16, be64(&head, 8)?),
            length => (8, length.into()),
        };
        let to = at.checked_add(length)?;
        if length < header || to > place.to {
            return None;
        }
        let found = Place {
            from: at + header,
            to,
        };
        if is_wanted(window, &kind, found) {
            return Some(found);
        }
        at = to;
    }
    None
}

/// The content of the first `uuid` box in `place` with this id, which it begins with.
pub fn with_id(window: &mut Window<'_>, place: Place, id: [u8; 16]) -> Option<Place> {
    find(window, place, |window, kind, found| {
        kind == b"uuid"
            && window
                .bytes(found.from, id.len())
                .is_some_and(|own| own == id)
    })
}

/// The box at the end of a path of kinds.
pub fn at_path(window: &mut Window<'_>, mut place: Place, path: &[&[u8; 4]]) -> Option<Place> {
    for wanted in path {
        place = find(window, place, |_, kind, _| kind == *wanted)?;
    }
    Some(place)
}

/// Where the EXIF data of a HEIC picture is: its TIFF part (ISO/IEC 23008-12, annex A).
pub fn heic_exif(window: &mut Window<'_>) -> Option<Place> {
    const MAX_META: usize = 256 * 1024;
    let whole = Place::of_file(window);
    // Version and flags come first.
    let meta = at_path(window, whole, &[b"meta"])?.after(4)?;
    let infos = at_path(window, meta, &[b"iinf"])?.content(window, MAX_META)?;
    let id = exif_item(&infos)?;
    let locations = at_path(window, meta, &[b"iloc"])?.content(window, MAX_META)?;
    let item = item_location(&locations, id)?;
    if item.to > window.size() {
        return None;
    }
    // How many bytes are in front of the TIFF header.
    let skipped = be32(&window.bytes(item.from, 4)?, 0)?;
    item.after(4)?.after(skipped.into())
}

/// The number of the item with EXIF data, among the descriptions of all items.
fn exif_item(infos: &[u8]) -> Option<u32> {
    // The count has two bytes, or four.
    let mut at = if *infos.first()? == 0 { 6 } else { 8 };
    loop {
        let length = be32(infos, at)? as usize;
        let info = infos.get(at..at.checked_add(length)?)?;
        if length < 8 {
            return None;
        }
        let (id, kind) = match *info.get(8)? {
            2 => (be16(info, 12)?.into(), info.get(16..20)?),
            3 => (be32(info, 12)?, info.get(18..22)?),
            _ => (0, &b""[..]),
        };
        if kind == b"Exif" {
            return Some(id);
        }
        at += length;
    }
}

/// Where an item is in the file, if it is in one piece.
fn item_location(locations: &[u8], wanted: u32) -> Option<Place> {
    let version = *locations.first()?;
    let sizes = be16(locations, 4)?;
    let (offset_size, length_size) = (sizes >> 12, sizes >> 8 & 15);
    let (base_size, index_size) = (sizes >> 4 & 15, sizes & 15);
    // Without them, extents take no bytes, and there could be billions.
    if offset_size + length_size == 0 {
        return None;
    }
    let mut at = 6;
    let mut number = |size: u16| -> Option<u64> {
        let value = match size {
            0 => 0,
            2 => be16(locations, at)?.into(),
            4 => be32(locations, at)?.into(),
            8 => be64(locations, at)?,
            _ => return None,
        };
        at += usize::from(size);
        Some(value)
    };
    let wide = if version < 2 { 2 } else { 4 };
    for _ in 0..number(wide)? {
        let id = number(wide)?;
        // In the file itself, not in a box.
        let is_in_file = version == 0 || number(2)? & 15 == 0;
        number(2)?;
        let base = number(base_size)?;
        let extents = number(2)?;
        for extent in 0..extents {
            if version > 0 {
                number(index_size)?;
            }
            let from = base.checked_add(number(offset_size)?)?;
            let to = from.checked_add(number(length_size)?)?;
            if id == u64::from(wanted) && extents == 1 && extent == 0 && is_in_file {
                return Some(Place { from, to });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_that_take_no_bytes_are_not_counted() {
        let item = [0, 1, 0, 0, 0xff, 0xff];
        let locations = [&[0, 0, 0, 0, 0, 0, 0xff, 0xff][..], &item.repeat(43_000)].concat();
        assert!(item_location(&locations, 2).is_none());
    }
}
