//! Spot Serve.

pub mod server;
