//! What a file of music or a video says about itself, and where its cover is.

/// What a file says about itself. Texts are cut.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sound {
    pub title: Option<String>,
    pub artist: Option<String>,
    pub album: Option<String>,
    pub album_artist: Option<String>,
    pub genre: Option<String>,
    pub track: Option<u32>,
    pub disc: Option<u32>,
    pub year: Option<u32>,
    /// Pixels of a video.
    pub size: Option<(u32, u32)>,
    /// In seconds.
    pub duration: Option<f64>,
    pub cover: Option<Cover>,
}

/// Where the picture of a cover is in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cover {
    /// This part of the file.
    Part { from: u64, length: u64 },
    /// These bytes, which are not in one piece there.
    Bytes(Vec<u8>),
}

/// The longest text that is kept, in characters.
const MAX_TEXT: usize = 300;

/// A field of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Title,
    Artist,
    Album,
    AlbumArtist,
    Genre,
    Track,
    Disc,
    Year,
}

impl Sound {
    /// Notes the value of a field, unless there is one.
    pub fn note(&mut self, name: Name, value: &str) {
        let value = value.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        if value.is_empty() {
            return;
        }
        // `3/12` is the third of twelve, `2021-05-01` a day of that year.
        let digits = value.split(|c: char| !c.is_ascii_digit()).next();
        let number = || digits.and_then(|digits| digits.parse::<u32>().ok());
        let text = || value.chars().take(MAX_TEXT).collect::<String>();
        match name {
            Name::Title => keep(&mut self.title, || Some(text())),
            Name::Artist => keep(&mut self.artist, || Some(text())),
            Name::Album => keep(&mut self.album, || Some(text())),
            Name::AlbumArtist => keep(&mut self.album_artist, || Some(text())),
            Name::Genre => keep(&mut self.genre, || Some(text())),
            Name::Track => keep(&mut self.track, number),
            Name::Disc => keep(&mut self.disc, number),
            Name::Year => keep(&mut self.year, number),
        }
    }
}

fn keep<T>(kept: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if kept.is_none() {
        *kept = value();
    }
}
