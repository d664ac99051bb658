//! Shared by the fuzz targets: a share that is really served, a strict reader of responses, hidden
//! names in disguise, and a way to turn few input bytes into much text.

pub mod disguise;
pub mod requests;
pub mod response;
pub mod share;
pub mod text;
