//! Builds the platform's menu, and knows what each of its rows does.

use std::collections::HashMap;

use muda::{CheckMenuItem, IsMenuItem, Menu, MenuId, PredefinedMenuItem, Submenu};

use crate::app::{self, Action, MenuItem};

/// The rows that can be clicked, by the ID that the platform reports.
///
/// The rows of the previous menu are kept as well: a click that arrives after the menu has changed
/// still does what its row said.
#[derive(Debug, Default)]
pub struct Actions {
    current: HashMap<MenuId, Action>,
    previous: HashMap<MenuId, Action>,
    last_number: u64,
}

impl Actions {
    /// What the clicked row does.
    pub fn of(&self, id: &MenuId) -> Option<&Action> {
        self.current.get(id).or_else(|| self.previous.get(id))
    }

    /// Builds the native menu. Every row gets a new ID.
    pub fn build(&mut self, menu: &app::Menu) -> muda::Result<Menu> {
        self.previous = std::mem::take(&mut self.current);
        let native = Menu::new();
        for item in &menu.0 {
            native.append(self.native(item)?.as_ref())?;
        }
        Ok(native)
    }

    fn native(&mut self, item: &MenuItem) -> muda::Result<Box<dyn IsMenuItem>> {
        Ok(match item {
            MenuItem::Button { label, action } => {
                let id = self.remember(action);
                Box::new(muda::MenuItem::with_id(id, escaped(label), true, None))
            }
            MenuItem::Note { label } => Box::new(muda::MenuItem::new(escaped(label), false, None)),
            // There are no radio rows.
            MenuItem::Check {
                label,
                checked,
                action,
            }
            | MenuItem::Choice {
                label,
                chosen: checked,
                action,
            } => {
                let id = self.remember(action);
                Box::new(CheckMenuItem::with_id(
                    id,
                    escaped(label),
                    true,
                    *checked,
                    None,
                ))
            }
            MenuItem::Submenu { label, items, .. } => {
                let submenu = Submenu::new(escaped(label), true);
                for item in items {
                    submenu.append(self.native(item)?.as_ref())?;
                }
                Box::new(submenu)
            }
            MenuItem::Separator => Box::new(PredefinedMenuItem::separator()),
        })
    }

    fn remember(&mut self, action: &Action) -> MenuId {
        self.last_number += 1;
        let id = MenuId::new(self.last_number.to_string());
        self.current.insert(id.clone(), action.clone());
        id
    }
}

/// A single `&` marks the next letter as a shortcut on every platform.
fn escaped(label: &str) -> String {
    label.replace('&', "&&")
}
