//! Spot Serve: a folder or a file on this computer, shared by one click under a public link.
//!
//! - [`app`]: what the program knows and decides; pure
//! - [`runtime`]: carries out what the core asks for, and tells it what happened
//! - [`tray`]: icon and menu
//! - [`terminal`]: the same program on a terminal
//! - [`console`]: which terminal that is, on Windows
//! - [`process`]: child processes that never outlive the program
//! - [`tunnel`]: a supervised cloudflared a share
//! - [`server`]: serves the files of a share on loopback
//! - [`desktop`]: notifications, clipboard, browser, folder picker, launch at login
//! - [`http`]: a small client for requests of the program's own
//! - [`doctor`]: what a share needs, checked and said in words
//! - [`control`]: one program a person, and how commands talk to it
//! - [`target`], [`sensitive`], [`sites`]: what can be shared, and what had better not be
//! - [`config`], [`paths`], [`store`], [`owner_only`], [`logging`]: settings and files of its own
//! - [`cli`]: the command line: arguments and commands

pub mod app;
pub mod cli;
pub mod config;
pub mod console;
pub mod control;
pub mod desktop;
pub mod doctor;
pub mod http;
pub mod logging;
pub mod owner_only;
pub mod paths;
pub mod process;
pub mod runtime;
pub mod sensitive;
pub mod server;
pub mod sites;
pub mod store;
pub mod target;
pub mod terminal;
pub mod tray;
pub mod tunnel;
