//! What each host has read of the menu. A host is a panel, or whatever else shows the menu.
//!
//! Most read the whole menu at once. Plasma reads one level, and a submenu when it is opened for the
//! first time; it then shows what it has read until it is told that this submenu has changed.

use std::collections::HashMap;

use zbus::names::OwnedUniqueName;

use super::rows::{ROOT, Row, RowKind, find, ids};

/// Nobody has more panels than this. Any program on the bus may read the menu.
const MAX_HOSTS: usize = 16;

/// What hosts have read.
#[derive(Debug, Default)]
pub struct Hosts {
    hosts: Vec<Host>,
}

#[derive(Debug)]
struct Host {
    name: OwnedUniqueName,
    /// The numbers of the rows of each submenu, as this host has read them.
    read: HashMap<i32, Vec<i32>>,
    /// The same, as it was told to read them.
    told: HashMap<i32, Vec<i32>>,
}

impl Hosts {
    /// The host reads a submenu of the menu `rows`, and `depth` levels of it. Returns the submenus below
    /// that it has not read, and was not told of before.
    pub fn read(
        &mut self,
        name: &OwnedUniqueName,
        rows: &[Row],
        parent: i32,
        depth: u32,
    ) -> Vec<i32> {
        let host = self.host(name);
        if parent == ROOT {
            // Nothing is kept of submenus that are gone.
            host.read.retain(|&id, _| find(rows, id).is_some());
            host.told.retain(|&id, _| find(rows, id).is_some());
        }
        let mut unread = Vec::new();
        if let Some(children) = children_of(rows, parent) {
            host.reads(parent, children, depth, &mut unread);
        }
        unread
    }

    /// Whether the host shows rows of a submenu that are not those of the menu `rows`.
    pub fn is_old(&mut self, name: &OwnedUniqueName, rows: &[Row], parent: i32) -> bool {
        let Some(children) = children_of(rows, parent) else {
            return false;
        };
        let read = self.host(name).read.get(&parent);
        parent != ROOT && read.is_none_or(|read| *read != ids(children))
    }

    fn host(&mut self, name: &OwnedUniqueName) -> &mut Host {
        let at = self.hosts.iter().position(|host| host.name == *name);
        let host = at.map_or_else(
            || Host {
                name: name.clone(),
                read: HashMap::new(),
                told: HashMap::new(),
            },
            |at| self.hosts.remove(at),
        );
        // The one that was silent for longest comes first.
        if self.hosts.len() == MAX_HOSTS {
            self.hosts.remove(0);
        }
        self.hosts.push(host);
        let last = self.hosts.len() - 1;
        &mut self.hosts[last]
    }
}

impl Host {
    fn reads(&mut self, parent: i32, children: &[Row], depth: u32, unread: &mut Vec<i32>) {
        let now = ids(children);
        if depth == 0 {
            if self.read.get(&parent) != Some(&now) && self.told.get(&parent) != Some(&now) {
                self.told.insert(parent, now);
                unread.push(parent);
            }
            return;
        }
        self.read.insert(parent, now);
        for child in children {
            if let RowKind::Submenu(below) = &child.kind {
                self.reads(child.id, below, depth - 1, unread);
            }
        }
    }
}

fn children_of(rows: &[Row], parent: i32) -> Option<&[Row]> {
    if parent == ROOT {
        return Some(rows);
    }
    match &find(rows, parent)?.kind {
        RowKind::Submenu(children) => Some(children),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: i32) -> Row {
        Row {
            id,
            label: String::new(),
            kind: RowKind::Note,
            is_hidden: false,
        }
    }

    fn submenu(id: i32, children: Vec<Row>) -> Row {
        Row {
            id,
            label: String::new(),
            kind: RowKind::Submenu(children),
            is_hidden: false,
        }
    }

    fn host(number: usize) -> OwnedUniqueName {
        format!(":1.{number}").as_str().try_into().unwrap()
    }

    #[test]
    fn a_host_that_reads_one_level_is_told_of_each_submenu_once() {
        let menu = [note(1), submenu(2, vec![submenu(3, vec![note(4)])])];
        let mut hosts = Hosts::default();
        assert_eq!(hosts.read(&host(1), &menu, ROOT, 1), [2]);
        assert!(hosts.is_old(&host(1), &menu, 2));
        assert!(hosts.read(&host(1), &menu, ROOT, 1).is_empty());
        assert_eq!(hosts.read(&host(1), &menu, 2, 1), [3]);
        assert!(!hosts.is_old(&host(1), &menu, 2));
        assert!(hosts.read(&host(1), &menu, 3, 1).is_empty());

        let changed = [note(1), submenu(2, vec![note(5)])];
        assert!(hosts.is_old(&host(1), &changed, 2));
        assert_eq!(hosts.read(&host(1), &changed, ROOT, 1), [2]);
        assert!(!hosts.is_old(&host(1), &changed, ROOT));
    }

    #[test]
    fn a_host_that_reads_everything_is_told_nothing() {
        let menu = [submenu(2, vec![submenu(3, vec![note(4)])])];
        let mut hosts = Hosts::default();
        assert!(hosts.read(&host(1), &menu, ROOT, u32::MAX).is_empty());
        assert!(!hosts.is_old(&host(1), &menu, 3));
        assert!(hosts.is_old(&host(2), &menu, 3), "another host");
    }

    #[test]
    fn only_so_many_hosts_are_remembered() {
        let menu = [submenu(2, vec![note(3)])];
        let mut hosts = Hosts::default();
        for number in 0..=MAX_HOSTS {
            hosts.read(&host(number), &menu, ROOT, u32::MAX);
        }
        assert!(!hosts.is_old(&host(MAX_HOSTS), &menu, 2));
        assert_eq!(hosts.hosts.len(), MAX_HOSTS);
    }
}
