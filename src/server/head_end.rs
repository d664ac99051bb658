//! Where the head of a response ends, as it is written.

const END: &[u8; 4] = b"\r\n\r\n";

/// How far the head of a response was written.
#[derive(Clone, Copy, Debug)]
pub enum HeadEnd {
    /// The last so many bytes are the beginning of the empty line that ends it.
    Ends(usize),
    Over,
}

impl Default for HeadEnd {
    fn default() -> Self {
        Self::Ends(0)
    }
}

impl HeadEnd {
    /// What follows the head in the next bytes.
    pub fn skip<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Self::Ends(mut matched) = *self else {
            return bytes;
        };
        for (index, byte) in bytes.iter().enumerate() {
            matched = if *byte == END[matched] {
                matched + 1
            } else {
                usize::from(*byte == END[0])
            };
            if matched == END.len() {
                *self = Self::Over;
                return &bytes[index + 1..];
            }
        }
        *self = Self::Ends(matched);
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_ends_wherever_it_was_cut() {
        let response = b"HTTP/1.1 200 OK\r\n\r\r\n\r\n\r\nbody\r\n\r\n";
        for cut in 0..response.len() {
            let (first, second) = response.split_at(cut);
            let mut head = HeadEnd::default();
            let mut body = head.skip(first).to_vec();
            body.extend_from_slice(head.skip(second));
            assert_eq!(body, b"\r\nbody\r\n\r\n", "{cut}");
        }
    }
}
