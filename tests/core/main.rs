//! The core, without any input or output.

mod menus;
mod promises;
