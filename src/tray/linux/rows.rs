//! The rows of the menu as a panel sees them.

use crate::app::Action;

/// The number of the menu itself, fixed by the protocol.
pub const ROOT: i32 = 0;

/// A row as the panel sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: i32,
    /// Escaped for the protocol.
    pub label: String,
    pub kind: RowKind,
    /// It was there before, or may come, and keeps its place (see [`super::places`]).
    pub is_hidden: bool,
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

/// What a click on a row does. A row that was hidden during the click does nothing.
pub fn action_of(rows: &[Row], id: i32) -> Option<&Action> {
    let shown = rows.iter().filter(|row| !row.is_hidden);
    let mut found = shown.filter_map(|row| match &row.kind {
        RowKind::Submenu(children) => action_of(children, id),
        RowKind::Button(action)
        | RowKind::Check { action, .. }
        | RowKind::Choice { action, .. } => (row.id == id).then_some(action),
        RowKind::Note | RowKind::Separator => None,
    });
    found.next()
}

/// The numbers of these rows.
pub fn ids(rows: &[Row]) -> Vec<i32> {
    rows.iter().map(|row| row.id).collect()
}
