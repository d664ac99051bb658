//! Everything the program knows and decides, as data: events in, effects out.
//!
//! Nothing here does I/O, reads a clock or starts a thread, so every promise can be tested
//! without a display or a network.

mod action;
mod arrivals;
mod download;
pub mod duration;
mod effect;
mod event;
mod incoming;
mod label;
mod limits;
mod link;
mod menu;
mod moment;
mod name;
mod network;
mod network_announcement;
mod notice;
mod notification;
mod offer;
mod overview;
mod photo_places;
mod private_content;
mod recent;
mod secret;
mod settings;
mod share;
mod share_settings;
mod site;
pub mod size;
pub mod speed;
mod state;
mod status;
mod target;
mod under_way;
mod update;
mod updates;
mod visitors;

pub use self::{
    action::{Action, Group},
    download::{Download, megabytes},
    effect::{Effect, Purpose},
    event::{Availability, DownloadReport, Event, PickResult, TunnelReport},
    incoming::{Incoming, Received, UploadSettings},
    label::{file_name, visible},
    limits::{EndReason, Limits, left_in_words},
    link::with_password,
    menu::{Menu, MenuItem, menu},
    moment::Moment,
    name::{Name, distinct},
    network::{NetworkClosed, NetworkPlace, NetworkReport, OTHERS_COULD_LISTEN},
    network_announcement::NetworkAnnouncement,
    notice::{
        MAY_TAKE_A_MINUTE, NO_TRAY_HOST, Notice, new_link, not_resumed, on_network_only, online,
        settings_are_valid_again,
    },
    notification::{NotificationKind, Notifications},
    offer::Offer,
    overview::{Card, CardAction, Counted, Counts, Ended, General, Kind, Mood, Overview, overview},
    photo_places::SAY_WHERE,
    private_content::PrivateContent,
    recent::{RECENT_MAX, RecentFolder, RecentFolders},
    secret::Secret,
    settings::{Changes, Defaults, Left, Limit, Password, PasswordChange},
    share::{EVENTS_HELD_BACK, Phase, Problem, STILL_AVAILABLE, Share, ShareId},
    site::SiteState,
    state::{EndedShare, Icon, Site, State},
    status::{StateWord, Status},
    target::Target,
    under_way::UnderWay,
    update::update,
    updates::{Asker, NewVersion, UpdateAnswer, Updates, WeeklyCheck},
    visitors::Visits,
};
