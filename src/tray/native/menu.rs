//! Builds the platform's menu from ours, and knows what each of its rows does.

use std::collections::HashMap;

use muda::{CheckMenuItem, IsMenuItem, Menu, MenuId, MenuItem, PredefinedMenuItem, Submenu};

use crate::app::{self, Action, Item};

/// Rows that people can click, by the name that the platform reports.
///
/// The rows of the menu before the present one are kept too: a click that was on its way while
/// the menu changed still does what its row said.
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

    /// Builds the native menu; every row gets a name that was never used before.
    pub fn build(&mut self, menu: &app::Menu) -> muda::Result<Menu> {
        self.previous = std::mem::take(&mut self.current);
        let native = Menu::new();
        for item in &menu.0 {
            native.append(self.native(item)?.as_ref())?;
        }
        Ok(native)
    }

    fn native(&mut self, item: &Item) -> muda::Result<Box<dyn IsMenuItem>> {
        Ok(match item {
            Item::Button { label, action } => {
                let id = self.remember(action);
                Box::new(MenuItem::with_id(id, escaped(label), true, None))
            }
            Item::Note { label } => Box::new(MenuItem::new(escaped(label), false, None)),
            Item::Check {
                label,
                checked,
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
            Item::Submenu { label, items, .. } => {
                let submenu = Submenu::new(escaped(label), true);
                for item in items {
                    submenu.append(self.native(item)?.as_ref())?;
                }
                Box::new(submenu)
            }
            Item::Separator => Box::new(PredefinedMenuItem::separator()),
        })
    }

    fn remember(&mut self, action: &Action) -> MenuId {
        self.last_number += 1;
        let id = MenuId::new(self.last_number.to_string());
        self.current.insert(id.clone(), action.clone());
        id
    }
}

/// A single `&` marks the letter behind it as a shortcut on every platform.
fn escaped(label: &str) -> String {
    label.replace('&', "&&")
}
