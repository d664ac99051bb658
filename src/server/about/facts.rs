//! What is known about a file, as JSON. What is not known is not there.

use serde::Serialize;

use crate::media::{Photo, Sound};

/// What is known about a file.
#[derive(Debug, Default, Serialize)]
pub struct Facts {
    /// Pixels of the upright picture, or of a video.
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    camera: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lens: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    taken: Option<String>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aperture: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iso: Option<u32>,
    /// In millimetres.
    #[serde(skip_serializing_if = "Option::is_none")]
    focal_length: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    focal_length_35mm: Option<u32>,
    /// In degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    artist: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    album: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    album_artist: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    genre: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    track: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disc: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<u32>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
    /// Whether there is a picture of the cover.
    #[serde(skip_serializing_if = "Option::is_none")]
    cover: Option<bool>,
}

impl Facts {
    /// What is known about a picture.
    pub fn of_photo(photo: Photo) -> Self {
        Self {
            width: photo.size.map(|(width, _)| width),
            height: photo.size.map(|(_, height)| height),
            camera: photo.camera,
            lens: photo.lens,
            taken: photo.taken,
            exposure: photo.exposure,
            aperture: photo.aperture,
            iso: photo.iso,
            focal_length: photo.focal_length,
            focal_length_35mm: photo.focal_length_35mm,
            latitude: photo.place.map(|place| place.latitude),
            longitude: photo.place.map(|place| place.longitude),
            ..Self::default()
        }
    }

    /// What is known about music or a video.
    pub fn of_sound(sound: Sound) -> Self {
        Self {
            width: sound.size.map(|(width, _)| width),
            height: sound.size.map(|(_, height)| height),
            title: sound.title,
            artist: sound.artist,
            album: sound.album,
            album_artist: sound.album_artist,
            genre: sound.genre,
            track: sound.track,
            disc: sound.disc,
            year: sound.year,
            duration: sound.duration,
            cover: Some(sound.cover.is_some()),
            ..Self::default()
        }
    }
}
