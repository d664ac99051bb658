//! The local network: which addresses this computer has there, and the ports and names of shares.

mod addresses;
mod names;
mod ports;
#[cfg(any(windows, test))]
mod profiles;
mod public;
#[cfg_attr(target_os = "linux", path = "public_linux.rs")]
#[cfg_attr(windows, path = "public_windows.rs")]
#[cfg_attr(not(any(target_os = "linux", windows)), path = "public_elsewhere.rs")]
mod public_networks;
mod route;
#[cfg(target_os = "linux")]
mod system_bus;

pub use addresses::{Address, Addresses, at_hand};
pub use names::{distinct, label, service};
pub use ports::PORTS;
pub use public_networks::public_networks;
pub use route::own_addresses;
#[cfg(target_os = "linux")]
pub use system_bus::bus_with;
