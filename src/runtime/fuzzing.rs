//! Internals that the fuzz targets use. Not part of the public interface.

pub use super::relay::message::{Body, Framing, RequestHead, ResponseHead, head_end};
