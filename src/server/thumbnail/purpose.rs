//! What a small picture is for.

/// What a small picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A tile of the gallery, at once: a camera's own thumbnail, where there is one.
    Tile,
    /// The same tile for those who look at it for a while, where a camera's thumbnail is coarse.
    Sharp,
    /// What a messenger shows of a link.
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

    /// Tells its pictures from those for another purpose.
    pub fn id(self) -> &'static str {
        match self {
            Self::Tile => "320",
            Self::Sharp => "320-sharp",
            Self::Preview => "630",
        }
    }
}
