//! Shared by the fuzz targets: a share that is really served, a strict reader of responses, and a
//! way to turn few input bytes into much text.

pub mod requests;
pub mod response;
pub mod share;
pub mod text;
