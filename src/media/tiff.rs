//! The directories of TIFF files, which most RAW files are (TIFF 6.0, section 2).

use std::collections::HashSet;

use super::window::Window;

/// How many directories are read, and how many fields of each.
const MAX_DIRECTORIES: usize = 24;
const MAX_FIELDS: u16 = 400;

/// How many numbers of a field are read.
const MAX_NUMBERS: u32 = 16;

/// The kind of fields with unsigned fractions.
const RATIONAL: u16 = 5;

/// The tags of fields that lead to other directories: SubIFDs and EXIF.
const LEADING: [u16; 2] = [0x014a, 0x8769];

/// A field with its first numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub tag: u16,
    kind: u16,
    /// How many values it has, and where they are if they are no numbers.
    pub count: u32,
    pub at: u64,
    pub numbers: Vec<u64>,
    /// Its first byte, if it has at most four.
    pub first: u8,
}

/// A directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Directory {
    pub fields: Vec<Field>,
    next: u64,
}

/// The order of bytes, and what numbers are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub is_little: bool,
    pub base: u64,
}

impl Directory {
    /// The field with a tag.
    pub fn field(&self, tag: u16) -> Option<&Field> {
        self.fields.iter().find(|field| field.tag == tag)
    }

    /// The first number of a field.
    pub fn number(&self, tag: u16) -> Option<u64> {
        self.field(tag)?.numbers.first().copied()
    }
}

impl Order {
    /// The order in a header, and where the first directory is. Cameras have headers of their own.
    pub fn of(head: &[u8]) -> Option<(Self, u64)> {
        let is_little = match head.get(..2)? {
            b"II" => true,
            b"MM" => false,
            _ => return None,
        };
        let order = Self { is_little, base: 0 };
        let magic = order.two(head, 2)?;
        // Plain, and of Panasonic and Olympus.
        let is_known = matches!(magic, 42 | 0x55) || matches!(magic, 0x4f52 | 0x5352);
        is_known.then(|| Some((order, order.four(head, 4)?.into())))?
    }

    fn two(self, data: &[u8], at: usize) -> Option<u16> {
        let bytes = data.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.is_little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn four(self, data: &[u8], at: usize) -> Option<u32> {
        let bytes = data.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.is_little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }

    /// Reads the directory at a position.
    pub fn directory(self, window: &mut Window<'_>, at: u64) -> Option<Directory> {
        let at = at.checked_add(self.base)?;
        let count = self.two(&window.bytes(at, 2)?, 0)?;
        if count > MAX_FIELDS {
            return None;
        }
        let length = usize::from(count) * 12;
        let data = window.up_to(at + 2, length + 4)?;
        let mut fields = Vec::new();
        for field in data.get(..length)?.chunks_exact(12) {
            fields.extend(self.read_field(window, field));
        }
        Some(Directory {
            fields,
            next: self.four(&data, length).unwrap_or_default().into(),
        })
    }

    fn read_field(self, window: &mut Window<'_>, field: &[u8]) -> Option<Field> {
        let (tag, kind, count) = (
            self.two(field, 0)?,
            self.two(field, 2)?,
            self.four(field, 4)?,
        );
        // SHORT, LONG and IFD; of others, only where they are matters.
        let size = match kind {
            3 => 2,
            4 | 13 => 4,
            _ => 0,
        };
        let far = u64::from(self.four(field, 8)?).checked_add(self.base)?;
        let mut numbers = Vec::new();
        if size > 0 {
            let wanted = count.min(MAX_NUMBERS) as usize;
            let read;
            let data = if u64::from(count) * size as u64 <= 4 {
                &field[8..]
            } else {
                read = window.bytes(far, wanted * size)?;
                read.as_slice()
            };
            for place in 0..wanted {
                numbers.push(match size {
                    2 => self.two(data, place * 2)?.into(),
                    _ => self.four(data, place * 4)?.into(),
                });
            }
        }
        Some(Field {
            tag,
            kind,
            count,
            at: far,
            numbers,
            first: field[8],
        })
    }

    /// The first numbers of a field of unsigned fractions: numerators and denominators.
    pub fn fractions(self, window: &mut Window<'_>, field: &Field) -> Option<Vec<(u32, u32)>> {
        if field.kind != RATIONAL {
            return None;
        }
        let count = field.count.min(MAX_NUMBERS) as usize;
        let data = window.bytes(field.at, count * 8)?;
        let pair = |at| Some((self.four(&data, at)?, self.four(&data, at + 4)?));
        (0..count).map(|index| pair(index * 8)).collect()
    }

    /// All directories from this one on, with those that they lead to.
    pub fn directories(self, window: &mut Window<'_>, first: u64) -> Vec<Directory> {
        let mut wanted = vec![first];
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        while let Some(at) = wanted.pop() {
            if at == 0 || found.len() >= MAX_DIRECTORIES || !seen.insert(at) {
                continue;
            }
            let Some(directory) = self.directory(window, at) else {
                continue;
            };
            for tag in LEADING {
                let field = directory.field(tag);
                wanted.extend(field.into_iter().flat_map(|field| &field.numbers).copied());
            }
            // Before those that it leads to.
            wanted.push(directory.next);
            found.push(directory);
        }
        found
    }
}
