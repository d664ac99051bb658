//! A small HTTP/1.1 client for the program's own few requests. It uses TLS with the system's roots,
//! honours the proxy variables, and opens one connection per request.
//!
//! - [`client`]: sends requests
//! - [`proxy`]: which proxy the environment names for a host
//! - `connect`: opens the connection
//! - `tls`: which certificates to trust
//! - [`get`]: requests a file, and follows redirects
//! - [`error`]: why a request failed

pub mod client;
mod connect;
pub mod error;
pub mod get;
pub mod proxy;
mod tls;

pub use self::{
    client::{Client, body},
    error::HttpError,
    proxy::{Proxies, Proxy},
};
