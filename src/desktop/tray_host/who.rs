//! Who shows tray icons.

/// A program that shows icons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayHost {
    Panel,
    /// Ayatana's service collects them. It doesn't say whether a panel has the applet that shows them.
    PerhapsApplet,
    Nobody,
}
