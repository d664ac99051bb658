//! Numbers the rows of the menu so that a row keeps its number while it means the same.
//!
//! A panel clicks a row by its number. If every change renumbered the rows, a click on a menu
//! that changes while it is open would be lost or hit another row.

use std::collections::HashMap;

use super::shortcut_marks::ShortcutMarks;
use crate::app::{Action, Group, Menu, MenuItem};

/// The number of the menu itself, fixed by the protocol.
pub const ROOT: i32 = 0;

/// A row as the panel sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: i32,
    /// Escaped for the protocol.
    pub label: String,
    pub kind: RowKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowKind {
    Button(Action),
    Note,
    Check { checked: bool, action: Action },
    Choice { chosen: bool, action: Action },
    Submenu(Vec<Row>),
    Separator,
}

/// What identifies a row across changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum RowKey {
    Action(Action),
    Group(Group),
    /// A row that can't be clicked, by its position.
    Position {
        parent: i32,
        index: usize,
    },
}

/// Assigns numbers to rows.
#[derive(Debug)]
pub struct Numbering {
    ids: HashMap<RowKey, i32>,
    last: i32,
    marks: ShortcutMarks,
}

impl Numbering {
    pub fn new(marks: ShortcutMarks) -> Self {
        Self {
            ids: HashMap::new(),
            last: ROOT,
            marks,
        }
    }

    /// The rows of a menu.
    pub fn rows(&mut self, menu: &Menu) -> Vec<Row> {
        self.numbered(ROOT, &menu.0)
    }

    fn numbered(&mut self, parent: i32, items: &[MenuItem]) -> Vec<Row> {
        items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let (key, label) = match item {
                    MenuItem::Button { label, action }
                    | MenuItem::Check { label, action, .. }
                    | MenuItem::Choice { label, action, .. } => {
                        (RowKey::Action(action.clone()), label.as_str())
                    }
                    MenuItem::Submenu { label, group, .. } => {
                        (RowKey::Group(*group), label.as_str())
                    }
                    MenuItem::Note { label } => {
                        (RowKey::Position { parent, index }, label.as_str())
                    }
                    MenuItem::Separator => (RowKey::Position { parent, index }, ""),
                };
                let id = self.id(key);
                let kind = match item {
                    MenuItem::Button { action, .. } => RowKind::Button(action.clone()),
                    MenuItem::Note { .. } => RowKind::Note,
                    MenuItem::Check {
                        checked, action, ..
                    } => RowKind::Check {
                        checked: *checked,
                        action: action.clone(),
                    },
                    MenuItem::Choice { chosen, action, .. } => RowKind::Choice {
                        chosen: *chosen,
                        action: action.clone(),
                    },
                    MenuItem::Submenu { items, .. } => RowKind::Submenu(self.numbered(id, items)),
                    MenuItem::Separator => RowKind::Separator,
                };
                Row {
                    id,
                    label: self.marks.escaped(label),
                    kind,
                }
            })
            .collect()
    }

    fn id(&mut self, key: RowKey) -> i32 {
        *self.ids.entry(key).or_insert_with(|| {
            self.last += 1;
            self.last
        })
    }
}

/// Finds a row by its number.
pub fn find(rows: &[Row], id: i32) -> Option<&Row> {
    rows.iter().find_map(|row| {
        if row.id == id {
            return Some(row);
        }
        match &row.kind {
            RowKind::Submenu(children) => find(children, id),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ShareId;

    fn share(label: &str) -> MenuItem {
        MenuItem::Submenu {
            label: label.into(),
            group: Group::Share(ShareId(1)),
            items: vec![MenuItem::Button {
                label: "Stop Sharing".into(),
                action: Action::Stop(ShareId(1)),
            }],
        }
    }
    fn quit() -> MenuItem {
        MenuItem::Button {
            label: "Quit Spot Serve".into(),
            action: Action::Quit,
        }
    }

    #[test]
    fn a_row_keeps_its_number_when_labels_and_neighbours_change() {
        let mut numbering = Numbering::new(ShortcutMarks::Each);
        let before = numbering.rows(&Menu(vec![share("Photos – connecting…"), quit()]));
        let after = numbering.rows(&Menu(vec![
            MenuItem::Separator,
            share("Photos – quiet-river.trycloudflare.com"),
            quit(),
        ]));
        assert_eq!(before[0].id, after[1].id);
        assert_eq!(before[1].id, after[2].id);
        let RowKind::Submenu(children) = &before[0].kind else {
            panic!("{before:?}")
        };
        assert_eq!(
            find(&after, children[0].id).unwrap().kind,
            RowKind::Button(Action::Stop(ShareId(1)))
        );
    }

    #[test]
    fn a_number_is_never_reused_for_another_row() {
        let mut numbering = Numbering::new(ShortcutMarks::Each);
        let before = numbering.rows(&Menu(vec![share("Photos")]));
        let after = numbering.rows(&Menu(vec![quit()]));
        assert_eq!(find(&after, before[0].id), None);
    }
}
