//! Tags and cover of music and videos, whatever the format.

use super::{comments, id3, mp4, window::Window};

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

/// What a file says about itself; `None` if its format is not known.
pub fn sound(window: &mut Window<'_>) -> Option<Sound> {
    let head = window.up_to(0, 12)?;
    let mut sound = Sound::default();
    let is_mpeg =
        head.first() == Some(&0xff) && head.get(1).is_some_and(|byte| byte & 0xe0 == 0xe0);
    if head.starts_with(b"ID3") {
        let end = id3::read(window, &mut sound);
        // Some programs put such tags in front of FLAC.
        if end.is_some_and(|end| window.up_to(end, 4).is_some_and(|next| next == b"fLaC")) {
            comments::flac(window, end?, &mut sound);
        } else {
            id3::measure(window, end.unwrap_or_default(), &mut sound);
        }
    } else if head.starts_with(b"fLaC") {
        comments::flac(window, 0, &mut sound);
    } else if head.starts_with(b"OggS") {
        comments::ogg(window, &mut sound);
    } else if head.get(4..8) == Some(b"ftyp") {
        mp4::read(window, &mut sound);
    } else if is_mpeg {
        id3::measure(window, 0, &mut sound);
    } else {
        return None;
    }
    Some(sound)
}
