//! What has happened to the user's shares, kept across restarts: who visited, what they took and what
//! they handed in.
//!
//! - `entry`: what the history says
//! - `words`: the same in words
//! - `gatherer`: makes few entries of what happens by the thousand
//! - `bounds`: how many entries are kept, and for how long
//! - `file`: the file, one entry a line
//! - `follower`: reads what is added to it
//! - `recorder`: writes it in the background

mod bounds;
mod entry;
mod file;
mod follower;
mod gatherer;
mod recorder;
mod words;

pub use self::{
    entry::{Entry, Kind},
    file::HistoryFile,
    follower::Follower,
    recorder::Recorder,
};
