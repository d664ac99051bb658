//! QR codes of links: as text for a terminal, and as pictures.
//!
//! - `code`: the modules of a code, and the quiet zone around them
//! - `text`: half blocks, in explicit colours or plain
//! - `svg`, `png`: pictures

mod code;
mod png;
mod svg;
mod text;

pub use self::{
    code::{Code, TooLong},
    png::png,
    svg::{svg, svg_path},
    text::{colored_text, plain_text},
};
