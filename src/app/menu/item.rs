//! One row of the menu.

use crate::app::action::{Action, Group};

/// A row of the menu. Labels are plain text; the tray of each platform escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MenuItem {
    Button {
        label: String,
        action: Action,
    },
    /// A row that can't be clicked.
    Note {
        label: String,
    },
    Check {
        label: String,
        checked: bool,
        action: Action,
    },
    /// One of several rows, of which one is chosen.
    Choice {
        label: String,
        chosen: bool,
        action: Action,
    },
    Submenu {
        label: String,
        group: Group,
        items: Vec<MenuItem>,
    },
    Separator,
}
