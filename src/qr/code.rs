//! The modules of a QR code, which are its dark and light squares.

use qrcode::{Color, EcLevel, QrCode};

/// The light modules that a code needs on each side to be recognised (ISO/IEC 18004).
const QUIET_ZONE: usize = 4;

/// A QR code with its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    modules: Vec<Color>,
    /// Modules on each side, without the quiet zone.
    inner: usize,
}

/// No QR code can hold the text.
#[derive(Debug, thiserror::Error)]
#[error("The link is too long for a QR code.")]
pub struct TooLong;

impl Code {
    /// The code of `link`. It can be read with up to 15% of it hidden.
    ///
    /// # Errors
    /// [`TooLong`], for more than 2331 bytes.
    pub fn of(link: &str) -> Result<Self, TooLong> {
        let code = QrCode::with_error_correction_level(link, EcLevel::M).map_err(|_| TooLong)?;
        Ok(Self {
            inner: code.width(),
            modules: code.into_colors(),
        })
    }

    /// Modules on each side, with the quiet zone.
    pub fn size(&self) -> usize {
        self.inner + 2 * QUIET_ZONE
    }

    /// Whether a module is dark. Everything outside the code is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inner = |at: usize| at.checked_sub(QUIET_ZONE).filter(|at| *at < self.inner);
        match (inner(x), inner(y)) {
            (Some(x), Some(y)) => self.modules[y * self.inner + x] == Color::Dark,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quiet_zone_is_four_modules_wide() {
        let code = Code::of("https://quiet-river-lake-sand.trycloudflare.com").unwrap();
        let last = code.size() - 1;
        for at in 0..=last {
            for edge in [0, 3, last - 3, last, last + 1] {
                assert!(!code.is_dark(at, edge) && !code.is_dark(edge, at));
            }
        }
        // The corners of the finder patterns.
        assert!(code.is_dark(4, 4) && code.is_dark(last - 4, 4) && code.is_dark(4, last - 4));
    }

    #[test]
    fn a_text_that_fits_no_code_is_refused() {
        assert!(Code::of(&"a".repeat(2331)).is_ok());
        assert!(Code::of(&"a".repeat(2332)).is_err());
    }
}
