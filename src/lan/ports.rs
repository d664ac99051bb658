//! The ports of shares in the local network.

use std::ops::RangeInclusive;

/// Shares use the first of these that is free, so that one rule of a firewall is enough for all of them.
/// IANA has assigned none of them, and systems don't give them to outgoing connections by themselves,
/// except for Linux, where few have them at a time.
pub const PORTS: RangeInclusive<u16> = 48630..=48649;
