//! Spot Serve.
