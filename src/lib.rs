//! Spot Serve shares a folder or files on this computer with a public link, in one click.
//!
//! From top to bottom; a module uses only those below it:
//!
//! - [`cli`]: the command line
//! - [`runtime`]: carries out what the core decides, and reports back to it
//! - [`tray`]: the icon and its menu
//! - [`dashboard`]: the page on this computer that shows and steers everything
//! - [`terminal`]: a share on a terminal
//! - [`doctor`]: checks that sharing works
//! - [`desktop`]: notifications, clipboard, browser, folder picker, launch at login, staying awake
//! - [`control`]: one program per user, and how commands talk to it
//! - [`history`]: what has happened to shares
//! - [`inspector`]: the requests of a shared local site
//! - [`tunnel`]: one supervised cloudflared per share
//! - [`server`]: serves the files of a share on loopback
//! - [`updates`]: asks for newer versions, when told to
//! - [`lan`]: this computer's addresses in the local network
//! - [`http`]: a small client for the program's own requests
//! - [`target`], [`sensitive`], [`sites`]: what can be shared, and what is private
//! - [`store`], [`config`], [`logging`]: the program's files, settings and log
//! - [`spool`]: what is shared and in no file
//! - [`media`]: what pictures and music say about themselves
//! - [`paths`], [`console`]: where files are kept, and printing for the user
//! - [`qr`]: QR codes of links
//! - [`passphrase`]: generated passwords
//! - [`open_files`]: whether there may be more of them
//! - [`owner_only`], [`process`]: private files, and child processes that never outlive the program
//! - [`allocator`]: how much freed memory is kept
//! - [`app`]: what the program knows and decides; pure

pub mod allocator;
pub mod app;
pub mod cli;
pub mod config;
pub mod console;
pub mod control;
pub mod dashboard;
pub mod desktop;
pub mod doctor;
pub mod hidden_name;
pub mod history;
pub mod http;
pub mod inspector;
pub mod lan;
pub mod logging;
pub mod media;
pub mod open_files;
pub mod owner_only;
pub mod passphrase;
pub mod paths;
pub mod process;
pub mod qr;
pub mod runtime;
pub mod sensitive;
pub mod server;
pub mod sites;
pub mod spool;
pub mod store;
pub mod target;
pub mod terminal;
pub mod tray;
pub mod tunnel;
pub mod updates;
