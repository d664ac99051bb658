//! A code as an SVG picture.

use std::fmt::Write;

use super::code::Code;

/// Width and height of a module in pixels, unless the picture is scaled.
const MODULE_PIXELS: usize = 10;

/// The picture: one path on a white square.
pub fn svg(code: &Code) -> String {
    let size = code.size();
    let pixels = size * MODULE_PIXELS;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{pixels}\" height=\"{pixels}\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\"><rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{}\"/></svg>\n",
        svg_path(code)
    )
}

/// A rectangle for each run of dark modules in a row.
pub fn svg_path(code: &Code) -> String {
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let length = (x..size).take_while(|x| code.is_dark(*x, y)).count();
            if length > 0 {
                // Writing to a string can't fail.
                let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            x += length + 1;
        }
    }
    path
}
