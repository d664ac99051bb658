//! The program's own files.
//!
//! - `file`: files that survive a crash at any moment
//! - `temporary`: the temporary files behind that
//! - `recent`: the list of recent folders
//! - `writer`: writes a file in the background

mod file;
mod recent;
mod temporary;
mod writer;

pub use self::{
    file::{ensure_empty, load, replace, set_aside},
    recent::{load_recent, recent_as_json},
    temporary::tidy,
    writer::Writer,
};
