//! A share's tunnel: a real cloudflared that connects to the test edge.
#![cfg(target_os = "linux")]

mod ends;
mod fetch;
mod gets_through;
mod is_what_it_says;
mod keeps_its_name;
mod network_down;
mod rig;
mod service_fails;
mod stalled;
