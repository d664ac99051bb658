//! One Spot Serve a person, and how other starts of the program talk to it.
//!
//! - [`only_one`]: the lock that says which program is the one
//! - [`message`]: requests and answers, a line of JSON each
//! - [`door`]: where the one takes requests
//! - [`caller`]: how a command asks it
//! - `channel`: the socket or pipe between them, which belongs to the person alone
//! - [`launch`]: starting the one when it does not run

pub mod caller;
#[cfg_attr(unix, path = "channel/unix.rs")]
#[cfg_attr(windows, path = "channel/windows.rs")]
mod channel;
pub mod door;
#[cfg_attr(unix, path = "launch/unix.rs")]
#[cfg_attr(windows, path = "launch/windows.rs")]
pub mod launch;
pub mod message;
pub mod only_one;

pub use caller::{CallError, Caller};
pub use message::{Answer, Request, Which};
pub use only_one::{OnlyOne, OnlyOneError};
