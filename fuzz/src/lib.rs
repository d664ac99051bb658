//! What several fuzz targets need: a share that is really served, a strict reader of responses,
//! and a way from few input bytes to much text.

pub mod requests;
pub mod response;
pub mod share;
pub mod text;
