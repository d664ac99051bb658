//! The local network: which addresses this computer has there, and the ports and names of shares.

mod addresses;
mod names;
#[cfg_attr(target_os = "linux", path = "networks_linux.rs")]
#[cfg_attr(windows, path = "networks_windows.rs")]
#[cfg_attr(not(any(target_os = "linux", windows)), path = "networks_elsewhere.rs")]
mod networks;
mod ports;
#[cfg(any(windows, test))]
mod profiles;
mod route;
mod standing;
#[cfg(target_os = "linux")]
mod system_bus;

pub use addresses::{Address, Addresses, Interface, at_hand, is_nearby};
pub use names::{distinct, label, service};
pub use networks::{ASK_AGAIN, networks};
pub use ports::PORTS;
pub use route::own_addresses;
pub use standing::{Networks, Standing};
#[cfg(target_os = "linux")]
pub use system_bus::bus_with;
