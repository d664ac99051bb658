//! What is different between two menus, in the words of the protocol: properties of rows, and submenus
//! whose rows came, went or moved. Panels close a submenu that is open when its rows change, but not when
//! only their properties do.

use std::collections::HashMap;

use super::{
    properties::{Properties, properties},
    rows::{ROOT, Row, RowKind, ids},
};

/// The difference.
#[derive(Debug, Default, PartialEq)]
pub struct Changes {
    /// Properties that are new or different now, by row.
    pub updated: Vec<(i32, Properties)>,
    /// Properties that are as the protocol has them by default again.
    pub removed: Vec<(i32, Vec<&'static str>)>,
    /// Submenus with other rows, those above first.
    pub parents: Vec<i32>,
}

impl Changes {
    pub fn between(before: &[Row], after: &[Row]) -> Self {
        let mut known = HashMap::new();
        remember(before, &mut known);
        let mut changes = Self::default();
        if ids(before) != ids(after) {
            changes.parents.push(ROOT);
        }
        changes.compare(&known, after);
        changes
    }

    fn compare(&mut self, known: &HashMap<i32, &Row>, after: &[Row]) {
        for row in after {
            // Whoever reads the submenu with a new row gets everything about it.
            let Some(before) = known.get(&row.id) else {
                continue;
            };
            self.compare_properties(before, row);
            if let (RowKind::Submenu(old), RowKind::Submenu(new)) = (&before.kind, &row.kind) {
                if ids(old) != ids(new) {
                    self.parents.push(row.id);
                }
                self.compare(known, new);
            }
        }
    }

    fn compare_properties(&mut self, before: &Row, after: &Row) {
        if before == after {
            return;
        }
        let old = properties(before);
        let mut new = properties(after);
        let mut removed: Vec<_> = old
            .keys()
            .copied()
            .filter(|name| !new.contains_key(name))
            .collect();
        // Not every host goes back to the default of this one.
        if removed.contains(&"visible") {
            removed.retain(|&name| name != "visible");
            new.insert("visible", true.into());
        }
        removed.sort_unstable();
        if !removed.is_empty() {
            self.removed.push((after.id, removed));
        }
        new.retain(|name, value| old.get(name) != Some(value));
        if !new.is_empty() {
            self.updated.push((after.id, new));
        }
    }
}

fn remember<'a>(rows: &'a [Row], known: &mut HashMap<i32, &'a Row>) {
    for row in rows {
        known.insert(row.id, row);
        if let RowKind::Submenu(children) = &row.kind {
            remember(children, known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Action, ShareId};

    fn row(id: i32, label: &str, kind: RowKind) -> Row {
        Row {
            id,
            label: label.into(),
            kind,
            is_hidden: false,
        }
    }

    fn share(label: &str, children: Vec<Row>) -> Row {
        row(1, label, RowKind::Submenu(children))
    }

    fn stop() -> Row {
        row(2, "Stop", RowKind::Button(Action::Stop(ShareId(1))))
    }

    #[test]
    fn another_label_changes_no_rows() {
        let before = [share("Photos – connecting…", vec![stop()])];
        let after = [share("Photos – online", vec![stop()])];
        let changes = Changes::between(&before, &after);
        assert_eq!(
            changes,
            Changes {
                updated: vec![(1, HashMap::from([("label", "Photos – online".into())]))],
                ..Changes::default()
            }
        );
    }

    #[test]
    fn only_the_submenu_with_a_new_row_has_other_rows() {
        let note = row(3, "2 visitors", RowKind::Note);
        let before = [share("Photos", vec![stop()])];
        let after = [share("Photos", vec![note, stop()])];
        let changes = Changes::between(&before, &after);
        assert_eq!((changes.parents, changes.updated), (vec![1], Vec::new()));
        let more = [share("Photos", vec![stop()]), row(4, "Quit", RowKind::Note)];
        assert_eq!(Changes::between(&before, &more).parents, [ROOT]);
    }

    #[test]
    fn a_property_that_is_gone_is_named() {
        let before = [row(5, "Quit", RowKind::Note)];
        let after = [row(5, "Quit", RowKind::Button(Action::Quit))];
        let changes = Changes::between(&before, &after);
        assert_eq!(changes.removed, [(5, vec!["enabled"])]);
        assert!(changes.parents.is_empty());
    }

    #[test]
    fn a_hidden_row_is_shown_with_a_property() {
        let hidden = Row {
            is_hidden: true,
            ..stop()
        };
        let before = [share("Photos", vec![hidden])];
        let after = [share("Photos", vec![stop()])];
        let shown = HashMap::from([("visible", true.into())]);
        let expected = Changes {
            updated: vec![(2, shown)],
            ..Changes::default()
        };
        assert_eq!(Changes::between(&before, &after), expected);
    }

    #[test]
    fn a_mark_that_is_set_is_a_property() {
        let check = |checked| {
            let action = Action::Quit;
            row(6, "Launch", RowKind::Check { checked, action })
        };
        let changes = Changes::between(&[check(false)], &[check(true)]);
        assert_eq!(
            changes.updated,
            [(6, HashMap::from([("toggle-state", 1i32.into())]))]
        );
    }
}
