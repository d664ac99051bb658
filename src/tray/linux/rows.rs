//! The menu's rows with numbers that stay the same for as long as a row means the same.
//!
//! A panel clicks a row by its number. Were the numbers given anew at each change, a click on a
//! menu that was open during a change would be lost or hit another row.

use std::collections::HashMap;

use crate::app::{Action, Group, Item, Menu};

/// The number of the menu itself, fixed by the protocol.
pub const ROOT: i32 = 0;

/// A row as the panel gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: i32,
    /// With the protocol's escapes.
    pub label: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Button(Action),
    Note,
    Check { checked: bool, action: Action },
    Submenu(Vec<Row>),
    Separator,
}

/// What makes a row the same row as before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Action(Action),
    Group(Group),
    /// Rows that can't be clicked, by their place.
    Place {
        parent: i32,
        index: usize,
    },
}

/// Gives numbers to rows.
#[derive(Debug, Default)]
pub struct Numbering {
    ids: HashMap<Key, i32>,
    last: i32,
}

impl Numbering {
    /// The rows of a menu.
    pub fn rows(&mut self, menu: &Menu) -> Vec<Row> {
        self.number(ROOT, &menu.0)
    }

    fn number(&mut self, parent: i32, items: &[Item]) -> Vec<Row> {
        items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let (key, label) = match item {
                    Item::Button { label, action } | Item::Check { label, action, .. } => {
                        (Key::Action(action.clone()), label.as_str())
                    }
                    Item::Submenu { label, group, .. } => (Key::Group(*group), label.as_str()),
                    Item::Note { label } => (Key::Place { parent, index }, label.as_str()),
                    Item::Separator => (Key::Place { parent, index }, ""),
                };
                let id = self.id(key);
                let kind = match item {
                    Item::Button { action, .. } => Kind::Button(action.clone()),
                    Item::Note { .. } => Kind::Note,
                    Item::Check {
                        checked, action, ..
                    } => Kind::Check {
                        checked: *checked,
                        action: action.clone(),
                    },
                    Item::Submenu { items, .. } => Kind::Submenu(self.number(id, items)),
                    Item::Separator => Kind::Separator,
                };
                Row {
                    id,
                    label: escaped(label),
                    kind,
                }
            })
            .collect()
    }

    fn id(&mut self, key: Key) -> i32 {
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
            Kind::Submenu(children) => find(children, id),
            _ => None,
        }
    })
}

/// A single `_` marks the letter behind it as a shortcut.
fn escaped(label: &str) -> String {
    label.replace('_', "__")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::ShareId;

    fn share(label: &str) -> Item {
        Item::Submenu {
            label: label.into(),
            group: Group::Share(ShareId(1)),
            items: vec![Item::Button {
                label: "Stop Sharing".into(),
                action: Action::Stop(ShareId(1)),
            }],
        }
    }
    fn quit() -> Item {
        Item::Button {
            label: "Quit Spot Serve".into(),
            action: Action::Quit,
        }
    }

    #[test]
    fn a_row_keeps_its_number_when_labels_and_neighbours_change() {
        let mut numbering = Numbering::default();
        let before = numbering.rows(&Menu(vec![share("Photos – connecting…"), quit()]));
        let after = numbering.rows(&Menu(vec![
            Item::Separator,
            share("Photos – quiet-river.trycloudflare.com"),
            quit(),
        ]));
        assert_eq!(before[0].id, after[1].id);
        assert_eq!(before[1].id, after[2].id);
        let Kind::Submenu(children) = &before[0].kind else {
            panic!("{before:?}")
        };
        assert_eq!(
            find(&after, children[0].id).unwrap().kind,
            Kind::Button(Action::Stop(ShareId(1)))
        );
    }

    #[test]
    fn a_number_is_never_given_to_something_else() {
        let mut numbering = Numbering::default();
        let before = numbering.rows(&Menu(vec![share("Photos")]));
        let after = numbering.rows(&Menu(vec![quit()]));
        assert_eq!(find(&after, before[0].id), None);
    }

    #[test]
    fn an_underscore_in_a_name_is_shown_and_is_no_shortcut() {
        assert_eq!(escaped("my_files & more"), "my__files & more");
    }
}
