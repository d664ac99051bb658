//! The core, without any input or output, and the layers of the code.

mod layers;
mod menus;
mod promises;
