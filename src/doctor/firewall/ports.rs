//! What a firewall has to let in.

#[cfg(any(target_os = "linux", windows))]
use crate::lan::PORTS;

/// The name of the check.
pub const CHECK: &str = "firewall";

/// The ports of shares, with this between the first and the last.
#[cfg(any(target_os = "linux", windows))]
pub fn ports(between: &str) -> String {
    format!("{}{between}{}", PORTS.start(), PORTS.end())
}
