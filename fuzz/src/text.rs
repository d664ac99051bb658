//! Text from input bytes.

/// Turns input bytes into text in which whole fragments are as likely as single characters.
///
/// A byte below 128 stands for itself, 255 for the byte that follows, and any other for one of the
/// fragments. That way a mutation of one byte adds a header, and seeds stay readable.
pub fn expand(input: &[u8], fragments: &[&str], max_bytes: usize) -> Vec<u8> {
    let mut text = Vec::new();
    let mut bytes = input.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            0..128 => text.push(byte),
            255 => text.extend(bytes.next()),
            _ => {
                let index = usize::from(byte - 128) % fragments.len();
                text.extend_from_slice(fragments[index].as_bytes());
            }
        }
        if text.len() >= max_bytes {
            text.truncate(max_bytes);
            break;
        }
    }
    text
}
