//! The core, without any input or output, the layers of the code, and what joins the pages.

mod layers;
mod menus;
mod pages;
mod promises;
