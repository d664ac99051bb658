//! One Spot Serve per user, and how commands talk to it.
//!
//! - [`instance_lock`]: the lock that only one running program can hold
//! - [`in_terminals`]: how the shares in terminals are, which take no commands
//! - [`message`]: requests and replies, one line of JSON each
//! - [`server`]: how the running program receives requests
//! - [`client`]: how a command sends them
//! - `channel`: the socket or pipe between them, which only its owner can use
//! - [`launch`]: starting the tray app when it is not running

#[cfg_attr(unix, path = "channel/unix.rs")]
#[cfg_attr(windows, path = "channel/windows.rs")]
mod channel;
pub mod client;
pub mod in_terminals;
pub mod instance_lock;
#[cfg_attr(unix, path = "launch/unix.rs")]
#[cfg_attr(windows, path = "launch/windows.rs")]
pub mod launch;
pub mod message;
pub mod server;

pub use client::{ControlClient, ControlError};
pub use instance_lock::{InstanceLock, InstanceLockError};
pub use message::{ControlReply, ControlRequest, ShareSelector};
