//! Where the rows of a submenu are. A row that is gone for now stays there, hidden, and those that may
//! come are there from the start. So hosts are told of other properties only: at other rows, GNOME and
//! LXQt close a submenu that is open.

use std::collections::HashMap;

use super::rows::{Row, ids};

/// The rows that each submenu had last, with those that are hidden.
#[derive(Debug, Default)]
pub struct Places(HashMap<i32, Vec<Row>>);

impl Places {
    pub fn are_known(&self, submenu: i32) -> bool {
        self.0.contains_key(&submenu)
    }

    /// Keeps places for rows that may come.
    pub fn expect(&mut self, submenu: i32, rows: Vec<Row>) {
        self.0.insert(submenu, rows);
    }

    /// The rows of a submenu, and those that are hidden, each in its place.
    pub fn put(&mut self, submenu: i32, rows: Vec<Row>) -> Vec<Row> {
        let known = self.0.entry(submenu).or_default();
        let mut order = ids(known);
        merge(&mut order, &ids(&rows));
        // A hidden row stays what it was: Qt doesn't let a row become a separator or get a check mark.
        let hidden = std::mem::take(known).into_iter().map(|row| Row {
            is_hidden: true,
            ..row
        });
        let mut all: HashMap<i32, Row> = hidden.chain(rows).map(|row| (row.id, row)).collect();
        known.extend(order.iter().filter_map(|id| all.remove(id)));
        known.clone()
    }

    /// Forgets submenus that are gone.
    pub fn keep(&mut self, is_there: impl Fn(i32) -> bool) {
        self.0.retain(|&submenu, _| is_there(submenu));
    }
}

/// Adds the rows `now` to `order`, as far down as their neighbours allow. Those that have moved move.
fn merge(order: &mut Vec<i32>, now: &[i32]) {
    let mut next = 0;
    for (index, id) in now.iter().enumerate() {
        let place_of = |order: &[i32], id: &i32| order.iter().position(|known| known == id);
        if let Some(further) = place_of(&order[next..], id) {
            next += further + 1;
            continue;
        }
        if let Some(above) = place_of(order, id) {
            order.remove(above);
            next -= 1;
        }
        let below = now[index + 1..]
            .iter()
            .find_map(|below| place_of(&order[next..], below));
        let place = below.map_or(order.len(), |further| next + further);
        order.insert(place, *id);
        next = place + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(order: &[i32], now: &[i32]) -> Vec<i32> {
        let mut order = order.to_vec();
        merge(&mut order, now);
        order
    }

    #[test]
    fn rows_that_come_and_go_keep_their_places() {
        let order = merged(&[1, 2, 3], &[5, 6, 9]);
        assert_eq!(order, [1, 2, 3, 5, 6, 9]);
        assert_eq!(merged(&order, &[1, 3, 6, 9]), order);
        assert_eq!(merged(&order, &[3, 5, 9]), order);
        assert_eq!(merged(&order, &[5, 7, 9]), [1, 2, 3, 5, 6, 7, 9]);
    }

    #[test]
    fn rows_that_moved_are_in_their_new_order() {
        for now in [[3, 2, 1], [2, 1, 3], [3, 1, 2]] {
            let mut order = merged(&[1, 2, 3, 4], &now);
            order.retain(|id| now.contains(id));
            assert_eq!(order, now);
        }
    }
}
