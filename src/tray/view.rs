//! What the tray shows.

use crate::app::{self, Icon, Menu, State};

/// Everything that the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    pub menu: Menu,
    pub icon: Icon,
    pub tooltip: String,
}

impl View {
    pub fn of(state: &State) -> Self {
        Self {
            menu: app::menu(state),
            icon: state.icon(),
            tooltip: state.tooltip(),
        }
    }
}
