//! Printing for the user, on Windows too, where the program starts without a console.
//!
//! A Windows program either opens a console at every start or starts without one. This one starts
//! without, and attaches to the console of the shell that started it, if there is one.

#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(windows), path = "unix.rs")]
mod platform;

use std::io::{self, IsTerminal, Write};

pub use platform::{attach, detach, show_dialog_unless_attached};

use crate::{
    app::visible,
    qr::{self, Code},
};

/// Prints a line on standard output. A closed standard output is not an error.
pub fn print(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Prints text on standard error, which may be closed. Control characters, such as those in a hostile
/// file name, are replaced.
pub fn say(text: &str) {
    for line in text.lines() {
        let _ = writeln!(io::stderr().lock(), "{}", visible(line));
    }
}

/// One of the two streams that the user sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Out,
    Error,
}

/// Draws a QR code: in colours that can be read on any background, or in plain characters if the
/// stream is not a terminal. A closed stream is not an error.
pub fn draw_qr_code(code: &Code, stream: Stream) {
    let (is_terminal, mut out): (bool, Box<dyn Write>) = match stream {
        Stream::Out => {
            // The Windows console may need its own calls for colours.
            let out = anstream::AutoStream::always(io::stdout());
            (io::stdout().is_terminal(), Box::new(out))
        }
        Stream::Error => {
            let out = anstream::AutoStream::always(io::stderr());
            (io::stderr().is_terminal(), Box::new(out))
        }
    };
    let text = if is_terminal {
        qr::colored_text(code)
    } else {
        qr::plain_text(code)
    };
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}
