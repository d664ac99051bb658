//! The test edge, with a real cloudflared connected to it.
#![cfg(target_os = "linux")]

mod api_faults;
mod bodies;
mod fixtures;
mod links;
mod ports;
mod program;
mod registrations;
mod serves;
mod websockets;
