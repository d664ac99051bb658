//! All that the program knows and decides, as data: events in, effects out.
//!
//! Nothing here does I/O, reads a clock or starts a thread, so every promise can be tested
//! without a display or a network.

mod download;
mod effect;
mod event;
mod label;
mod menu;
mod notice;
mod presence;
mod private;
mod recent;
mod share;
mod state;
mod status;
mod update;

pub use download::{Download, megabytes};
pub use effect::{Effect, Notice};
pub use event::{DownloadReport, Event, Pick, TunnelReport, Whereabouts};
pub use label::{file_name, visible};
pub use menu::{Action, Group, Item, Menu, menu};
pub use notice::{
    MAY_TAKE_A_MINUTE, NO_TRAY_HOST, new_link, not_resumed, online, settings_are_mended,
};
pub use private::Private;
pub use recent::{RECENT_MAX, Recent, RecentFolders};
pub use share::{Phase, Problem, Share, ShareId, Target};
pub use state::{Icon, Site, State};
pub use status::{StateWord, Status};
pub use update::update;
