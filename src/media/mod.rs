//! What pictures, music and videos say about themselves, and the pictures inside them.
//!
//! Strangers may have made the files. So each is read through a [`Window`] with a budget, and nothing
//! in a file decides how much memory it takes.
//!
//! ```text
//! window    a file that is read up to a limit
//! sound     reads the tags of music and videos, whatever the format
//! tags      what they say, and where the cover is
//! id3       tags of MP3
//! comments  tags of FLAC, Ogg Vorbis and Opus
//! mp4       tags of M4A and MP4
//! photo     what a camera has noted in EXIF data
//! exif_part where pictures have their EXIF data
//! place     where a photo was taken
//! size      how many pixels a picture has
//! camera    the JPEGs inside RAW files and Photoshop documents
//! tiff      the directories of TIFF files, which RAW files are
//! boxes     the boxes of MP4, HEIC and CR3 files
//! ```

mod boxes;
mod camera;
mod comments;
mod exif_part;
mod id3;
mod mp4;
mod photo;
mod place;
#[cfg(test)]
mod samples;
mod size;
mod sound;
mod tags;
mod tiff;
mod window;

pub use camera::{Inside, inside};
#[cfg(test)]
pub use photo::tests::overlapping_directories;
pub use photo::{Photo, exif_of, photo};
pub use place::Place;
#[cfg(test)]
pub use samples::{exif_at, photo_named};
pub use size::pixels;
pub use sound::sound;
pub use tags::{Cover, Sound};
pub use window::Window;
