//! What a small picture is for.

/// What a small picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A tile of the gallery, quickly: the camera's thumbnail if there is one.
    Tile,
    /// The same tile for visitors who keep looking at it, if the camera's thumbnail is coarse.
    Sharp,
    /// The preview of a link in a messenger.
    Preview,
}

impl Purpose {
    /// Pixels of the shorter side.
    pub fn short_side(self) -> u32 {
        match self {
            Self::Tile | Self::Sharp => 320,
            Self::Preview => 630,
        }
    }

    /// Distinguishes its pictures from those for other purposes.
    pub fn id(self) -> &'static str {
        match self {
            Self::Tile => "320",
            Self::Sharp => "320-sharp",
            Self::Preview => "630",
        }
    }
}
