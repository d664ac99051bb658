//! Internals that the fuzz targets use. Not part of the public interface.

pub use super::relay::{
    fuzzing::LockedSite,
    message::{Body, Framing, RequestHead, ResponseHead, head_end},
};
