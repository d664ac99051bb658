//! The server of a share: a real one on a real socket.

mod archive;
mod archive_changes;
mod archive_cost;
mod archive_systems;
mod conditional;
mod cost;
mod crowd;
mod downloads;
mod fixture;
mod guessing;
mod http;
mod isolation;
mod kept_by_systems;
mod limits;
mod log;
mod media_types;
mod password;
mod property;
mod ranges;
mod safety;
mod serve;
mod site;
mod traffic;
mod wire;
