//! Numbers the rows of the menu so that a row keeps its number while it means the same.
//!
//! A panel clicks a row by its number. If every change renumbered the rows, a click on a menu
//! that changes while it is open would be lost or hit another row.

use std::collections::HashMap;

use super::{
    expected::expected,
    places::Places,
    rows::{ROOT, Row, RowKind, find},
    shortcut_marks::ShortcutMarks,
};
use crate::app::{Action, Group, Menu, MenuItem};

/// What identifies a row across changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum RowKey {
    Button(Action),
    /// A check mark or a choice. A button may do the same.
    Mark(Action),
    Group(Group),
    /// The notes below a row, or at the top.
    Note {
        parent: i32,
        below: Option<i32>,
        index: usize,
    },
    Separator {
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
    places: Places,
}

impl Numbering {
    pub fn new(marks: ShortcutMarks) -> Self {
        Self {
            ids: HashMap::new(),
            last: ROOT,
            marks,
            places: Places::default(),
        }
    }

    /// The rows of a menu.
    pub fn rows(&mut self, menu: &Menu) -> Vec<Row> {
        let rows = self.numbered(ROOT, &menu.0);
        self.places.keep(|submenu| find(&rows, submenu).is_some());
        rows
    }

    fn numbered(&mut self, parent: i32, items: &[MenuItem]) -> Vec<Row> {
        let mut rows = Vec::with_capacity(items.len());
        let (mut below, mut notes, mut separators) = (None, 0, 0);
        for item in items {
            let (key, label) = match item {
                MenuItem::Button { label, action } => {
                    (RowKey::Button(action.clone()), label.as_str())
                }
                MenuItem::Check { label, action, .. } | MenuItem::Choice { label, action, .. } => {
                    (RowKey::Mark(action.clone()), label.as_str())
                }
                MenuItem::Submenu { label, group, .. } => (RowKey::Group(*group), label.as_str()),
                MenuItem::Note { label } => {
                    let index = notes;
                    notes += 1;
                    let key = RowKey::Note {
                        parent,
                        below,
                        index,
                    };
                    (key, label.as_str())
                }
                MenuItem::Separator => {
                    let index = separators;
                    separators += 1;
                    (RowKey::Separator { parent, index }, "")
                }
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
                MenuItem::Submenu { items, group, .. } => {
                    RowKind::Submenu(self.submenu(id, *group, items))
                }
                MenuItem::Separator => RowKind::Separator,
            };
            if kind != RowKind::Note {
                (below, notes) = (Some(id), 0);
            }
            rows.push(Row {
                id,
                label: self.marks.escaped(label),
                kind,
                is_hidden: false,
            });
        }
        rows
    }

    /// The rows of a submenu. Those of a share keep their places.
    fn submenu(&mut self, id: i32, group: Group, items: &[MenuItem]) -> Vec<Row> {
        let rows = self.numbered(id, items);
        match group {
            Group::Share(share) => {
                if !self.places.are_known(id) {
                    let expected = self.numbered(id, &expected(share));
                    self.places.expect(id, expected);
                }
                self.places.put(id, rows)
            }
            Group::StopAfter(_) => self.places.put(id, rows),
            Group::Sites | Group::Recent | Group::Help => rows,
        }
    }

    fn id(&mut self, key: RowKey) -> i32 {
        *self.ids.entry(key).or_insert_with(|| {
            self.last += 1;
            self.last
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::rows::{action_of, ids},
        *,
    };
    use crate::app::{
        Availability, Event, NetworkClosed, NetworkPlace, NetworkReport, Problem, ShareId, State,
        Target, TunnelReport, UnderWay, menu, update,
    };

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
        let stop = children.iter().find(|row| !row.is_hidden).unwrap();
        assert_eq!(action_of(&after, stop.id), Some(&Action::Stop(ShareId(1))));
    }

    /// What the menu has for the only share of this state, as hosts get it.
    fn rows_of_share(numbering: &mut Numbering, state: &State) -> Vec<Row> {
        let rows = numbering.rows(&menu(state));
        let id = numbering.ids[&RowKey::Group(Group::Share(state.shares[0].id))];
        match &find(&rows, id).unwrap().kind {
            RowKind::Submenu(children) => children.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn whatever_happens_to_a_share_leaves_its_rows_in_place() {
        let mut state = State::default();
        update(&mut state, Event::Share(Target::Folder("/Photos".into())));
        let share = state.shares[0].id;
        let mut numbering = Numbering::new(ShortcutMarks::Each);
        let starting = rows_of_share(&mut numbering, &state);
        let problem = |needs_download| Problem {
            short: "the DNS lookup failed".into(),
            sentence: "cloudflared can't find a server.".into(),
            retry_in: Some(Duration::from_secs(4)),
            needs_download,
        };
        let online = TunnelReport::Online {
            link: "https://quiet-river.trycloudflare.com".into(),
            is_checked: true,
        };
        let visitors = vec![([192, 0, 2, 7]).into()];
        let under_way = UnderWay { count: 1, visitors };
        let network = NetworkPlace {
            addresses: vec![([192, 168, 1, 2], 8080).into()],
            name: None,
        };
        for event in [
            Event::ServerStarted(share, ([127, 0, 0, 1], 40000).into()),
            Event::Tunnel(share, TunnelReport::Connecting("connecting…".into())),
            Event::Tunnel(share, TunnelReport::Down(problem(false))),
            Event::Tunnel(share, TunnelReport::Down(problem(true))),
            Event::RetryNow(share),
            Event::Tunnel(share, online),
            Event::UnderWay(vec![(share, under_way)]),
            Event::ContentAvailability(share, Availability::Missing),
            Event::ContentAvailability(share, Availability::Available),
            Event::Network(share, NetworkReport::Open(network)),
            Event::Network(share, NetworkReport::Closed(NetworkClosed::NoNetwork)),
            Event::Tunnel(share, TunnelReport::StillReconnecting(problem(false))),
        ] {
            let happens = format!("{event:?}");
            update(&mut state, event);
            let now = rows_of_share(&mut numbering, &state);
            assert_eq!(ids(&now), ids(&starting), "{happens}");
            for (then, now) in starting.iter().zip(&now) {
                let kind = |row: &Row| std::mem::discriminant(&row.kind);
                assert_eq!(kind(then), kind(now), "{happens}");
            }
        }
        let shown = |rows: &[Row]| {
            let shown = rows.iter().filter(|row| !row.is_hidden);
            shown.map(|row| row.label.clone()).collect::<Vec<_>>()
        };
        assert!(!shown(&starting).contains(&"Copy Link".to_owned()));
        let now = shown(&rows_of_share(&mut numbering, &state));
        assert!(now.contains(&"Copy Link".to_owned()), "{now:?}");
    }

    #[test]
    fn the_question_about_a_network_is_another_row_than_its_check_mark() {
        let mut state = State::default();
        update(&mut state, Event::Share(Target::Folder("/Photos".into())));
        let share = state.shares[0].id;
        let mut numbering = Numbering::new(ShortcutMarks::Each);
        let starting = rows_of_share(&mut numbering, &state);
        state.shares[0].lan = true;
        let unconfirmed = NetworkClosed::Unconfirmed {
            name: "Café".into(),
            is_public: true,
        };
        let address = ([127, 0, 0, 1], 40000).into();
        update(&mut state, Event::ServerStarted(share, address));
        update(
            &mut state,
            Event::Network(share, NetworkReport::Closed(unconfirmed)),
        );
        let now = rows_of_share(&mut numbering, &state);
        assert_eq!(ids(&now), ids(&starting));
        let question = now.iter().find(|row| row.label.contains("Anyway"));
        let question = question.expect("the question");
        assert!(!question.is_hidden && matches!(question.kind, RowKind::Button(_)));
        let mark = now
            .iter()
            .find(|row| row.label == "Also on This Network" && !row.is_hidden);
        assert!(matches!(
            mark.expect("the mark").kind,
            RowKind::Check { checked: true, .. }
        ));
    }

    #[test]
    fn a_number_is_never_reused_for_another_row() {
        let mut numbering = Numbering::new(ShortcutMarks::Each);
        let before = numbering.rows(&Menu(vec![share("Photos")]));
        let after = numbering.rows(&Menu(vec![quit()]));
        assert_eq!(find(&after, before[0].id), None);
    }
}
