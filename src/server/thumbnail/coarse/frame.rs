//! The header of a JPEG: its size and its components.

/// More blocks in all components are not kept.
const MAX_BLOCKS: usize = 40_000_000;

/// The picture of a JPEG.
pub struct Frame {
    pub is_progressive: bool,
    /// The number of blocks across and down, of the component with the most.
    pub columns: usize,
    pub rows: usize,
    /// The most blocks of a component in one unit, across and down.
    pub across: usize,
    pub down: usize,
    pub components: Vec<Component>,
}

/// The numbers of one colour.
pub struct Component {
    pub id: u8,
    pub across: usize,
    pub down: usize,
    pub table: usize,
    /// Blocks that are seen, in a component that comes alone.
    pub columns: usize,
    pub rows: usize,
    /// Blocks in a row of whole units, and rows of them.
    pub stride: usize,
    pub lines: usize,
    pub averages: Vec<u8>,
    pub is_done: bool,
}

impl Component {
    /// How many there are.
    pub fn blocks(&self) -> usize {
        self.stride * self.lines
    }
}

impl Frame {
    /// Reads the header of a frame (ITU-T T.81, section B.2.2).
    pub fn of(segment: &[u8], marker: u8) -> Option<Self> {
        let side = |at| {
            Some(usize::from(u16::from_be_bytes([
                *segment.get(at)?,
                *segment.get(at + 1)?,
            ])))
        };
        let (height, width, count) = (side(1)?, side(3)?, usize::from(*segment.get(5)?));
        if *segment.first()? != 8 || width == 0 || height == 0 || !matches!(count, 1 | 3) {
            return None;
        }
        let specified = segment.get(6..6 + 3 * count)?.chunks_exact(3);
        let mut components: Vec<_> = specified
            .map(|part| Component {
                id: part[0],
                across: usize::from(part[1] >> 4),
                down: usize::from(part[1] & 15),
                table: usize::from(part[2] & 3),
                columns: 0,
                rows: 0,
                stride: 0,
                lines: 0,
                averages: Vec::new(),
                is_done: false,
            })
            .collect();
        let is_usual =
            |part: &Component| matches!(part.across, 1 | 2 | 4) && matches!(part.down, 1 | 2 | 4);
        if !components.iter().all(is_usual) {
            return None;
        }
        let across = components.iter().map(|part| part.across).max()?;
        let down = components.iter().map(|part| part.down).max()?;
        let (units, lines) = (width.div_ceil(8 * across), height.div_ceil(8 * down));
        for part in &mut components {
            part.columns = (width * part.across).div_ceil(across).div_ceil(8);
            part.rows = (height * part.down).div_ceil(down).div_ceil(8);
            part.stride = units * part.across;
            part.lines = lines * part.down;
        }
        let blocks: usize = components.iter().map(Component::blocks).sum();
        (blocks <= MAX_BLOCKS).then_some(Self {
            is_progressive: marker == 0xc2,
            columns: width.div_ceil(8),
            rows: height.div_ceil(8),
            across,
            down,
            components,
        })
    }
}

/// The kind and content of a segment, which begins with its marker.
pub fn segment(jpeg: &[u8], at: usize) -> Option<(u8, &[u8])> {
    let head = jpeg.get(at..at.checked_add(4)?)?;
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let is_marker = head[0] == 0xff && !matches!(head[1], 0 | 0xff | 0xd0..=0xd9);
    is_marker.then(|| Some((head[1], jpeg.get(at + 4..at + 2 + length)?)))?
}

/// How long the data of a scan is: up to a marker that doesn't belong to it.
pub fn scan_length(data: &[u8]) -> usize {
    let is_end = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xff | 0xd0..=0xd7);
    data.windows(2).position(is_end).unwrap_or(data.len())
}
