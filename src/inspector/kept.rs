//! The beginning of a body.

use super::chunks::Unchunker;

/// No more than this is kept of a body, in bytes.
pub const MAX_BODY: usize = 256 * 1024;

/// A body, as far as it has come.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub bytes: Vec<u8>,
    /// All of its content so far.
    pub size: u64,
    /// Takes out the content, if it comes in chunks.
    chunks: Option<Unchunker>,
}

impl Kept {
    /// Nothing yet, of a body in chunks or as it is.
    pub fn new(is_chunked: bool) -> Self {
        Self {
            chunks: is_chunked.then(Unchunker::new),
            ..Self::default()
        }
    }

    /// Adds what came. Returns how much of it is kept.
    pub fn add(&mut self, bytes: &[u8]) -> usize {
        let before = self.bytes.len();
        let (kept, size) = (&mut self.bytes, &mut self.size);
        let mut keep = |content: &[u8]| {
            *size += content.len() as u64;
            let room = MAX_BODY.saturating_sub(kept.len());
            kept.extend_from_slice(&content[..content.len().min(room)]);
        };
        match &mut self.chunks {
            Some(chunks) => chunks.take(bytes, keep),
            None => keep(bytes),
        }
        self.bytes.len() - before
    }

    /// Whether more came than is kept.
    pub fn is_cut(&self) -> bool {
        self.size > self.bytes.len() as u64
    }

    /// Whether the last chunk has come, if it comes in chunks.
    pub fn is_over(&self) -> bool {
        self.chunks.is_none_or(|chunks| chunks == Unchunker::Over)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_beginning_is_kept() {
        let mut kept = Kept::new(false);
        for _ in 0..100 {
            kept.add(&[b'x'; 10_000]);
        }
        assert_eq!((kept.bytes.len(), kept.size), (MAX_BODY, 1_000_000));
        assert!(kept.is_cut());
        let mut kept = Kept::new(true);
        assert_eq!(kept.add(b"3\r\nabc\r\n"), 3);
        assert!(!kept.is_over() && !kept.is_cut());
        kept.add(b"0\r\n\r\n");
        assert!(kept.is_over());
    }
}
