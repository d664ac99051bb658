//! The menu on the bus, as panels read and click it: `com.canonical.dbusmenu`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::sleep;
use zbus::{
    OwnedVariant, Variant, fdo, interface, message::Header, names::OwnedUniqueName,
    object_server::SignalEmitter,
};

use super::{
    hosts::Hosts,
    properties::{Properties, properties},
    rows::{ROOT, Row, RowKind, action_of, find},
};
use crate::app::Event;

/// The object path of the menu.
pub const PATH: &str = "/MenuBar";

/// A host is told of submenus that it hasn't read this long after it got the answer about the level above.
const TELLING_PAUSE: Duration = Duration::from_millis(50);

/// The menu that is shown now. Its revision goes up with each change.
#[derive(Debug, Default)]
pub struct ShownMenu {
    pub rows: Vec<Row>,
    pub revision: u32,
    pub hosts: Hosts,
}

/// The menu as an object on the bus.
pub struct BusMenu {
    pub shown: Arc<Mutex<ShownMenu>>,
    pub events: Box<dyn Fn(Event) + Send + Sync>,
}

/// A row, its properties and its children: `(ia{sv}av)`.
type Layout = (i32, Properties, Vec<OwnedVariant>);

impl BusMenu {
    fn with<T>(&self, read: impl FnOnce(&mut ShownMenu) -> T) -> T {
        // Nothing panics while it holds this lock and changes the menu.
        read(&mut self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Remembers what a host reads, and tells it of submenus below that it hasn't.
    fn is_read(&self, by: &Header<'_>, parent: i32, depth: u32, emitter: &SignalEmitter<'_>) {
        let Some(host) = by
            .sender()
            .map(|name| OwnedUniqueName::from(name.to_owned()))
        else {
            return;
        };
        let (unread, revision) = self.with(|shown| {
            let unread = shown.hosts.read(&host, &shown.rows, parent, depth);
            (unread, shown.revision)
        });
        if unread.is_empty() {
            return;
        }
        let emitter = emitter.to_owned().set_destination(host.into_inner().into());
        tokio::spawn(async move {
            sleep(TELLING_PAUSE).await;
            for submenu in unread {
                // Fails if the bus is lost, which others notice as well.
                let _ = Self::layout_updated(&emitter, revision, submenu).await;
            }
        });
    }

    /// Whether this host has to read a submenu again before it shows it.
    fn is_old(&self, by: &Header<'_>, submenu: i32) -> bool {
        let Some(host) = by
            .sender()
            .map(|name| OwnedUniqueName::from(name.to_owned()))
        else {
            return false;
        };
        self.with(|shown| shown.hosts.is_old(&host, &shown.rows, submenu))
    }

    fn menu_event(&self, id: i32, event: &str) {
        if event != "clicked" {
            return;
        }
        let action = self.with(|shown| action_of(&shown.rows, id).cloned());
        if let Some(action) = action {
            (self.events)(action.into());
        }
    }
}

#[interface(name = "com.canonical.dbusmenu", introspection_docs = false)]
impl BusMenu {
    async fn get_layout(
        &self,
        parent_id: i32,
        recursion_depth: i32,
        _property_names: Vec<String>,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<(u32, Layout)> {
        // A negative depth means no limit.
        let depth = u32::try_from(recursion_depth).unwrap_or(u32::MAX);
        self.is_read(&header, parent_id, depth, &emitter);
        self.with(|shown| {
            let layout = if parent_id == ROOT {
                parent(
                    ROOT,
                    HashMap::from([("children-display", "submenu".into())]),
                    &shown.rows,
                    depth,
                )
            } else {
                match find(&shown.rows, parent_id) {
                    Some(row) => layout(row, depth),
                    None => {
                        return Err(fdo::Error::InvalidArgs(format!(
                            "there is no row {parent_id}"
                        )));
                    }
                }
            };
            Ok((shown.revision, layout.map_err(fdo::Error::ZBus)?))
        })
    }

    async fn get_group_properties(
        &self,
        ids: Vec<i32>,
        _property_names: Vec<String>,
    ) -> Vec<(i32, Properties)> {
        self.with(|shown| {
            ids.into_iter()
                .filter_map(|id| Some((id, properties(find(&shown.rows, id)?))))
                .collect()
        })
    }

    async fn get_property(&self, id: i32, name: &str) -> fdo::Result<Variant<'static>> {
        self.with(|shown| find(&shown.rows, id).and_then(|row| properties(row).remove(name)))
            .ok_or_else(|| fdo::Error::InvalidArgs(format!("row {id} has no property {name}")))
    }

    /// A row that is gone is not an error: the menu changed during the click.
    async fn event(&self, id: i32, event_id: &str, _data: Variant<'_>, _timestamp: u32) {
        self.menu_event(id, event_id);
    }

    async fn event_group(&self, events: Vec<(i32, String, OwnedVariant, u32)>) -> Vec<i32> {
        for (id, event, _, _) in events {
            self.menu_event(id, &event);
        }
        Vec::new()
    }

    /// Checks in the background what may have changed outside the program. If something has, the
    /// menu is updated like at any other time. The answer says whether the host has to read the
    /// submenu first; GNOME closes it then, so it is `true` only if the host's rows are old.
    async fn about_to_show(&self, id: i32, #[zbus(header)] header: Header<'_>) -> bool {
        if id == ROOT {
            (self.events)(Event::MenuOpens);
        }
        self.is_old(&header, id)
    }

    async fn about_to_show_group(
        &self,
        ids: Vec<i32>,
        #[zbus(header)] header: Header<'_>,
    ) -> (Vec<i32>, Vec<i32>) {
        if ids.contains(&ROOT) {
            (self.events)(Event::MenuOpens);
        }
        let old = ids.into_iter().filter(|&id| self.is_old(&header, id));
        (old.collect(), Vec::new())
    }

    /// Properties of rows that changed, and those that are as by default again.
    #[zbus(signal)]
    pub async fn items_properties_updated(
        emitter: &SignalEmitter<'_>,
        updated: Vec<(i32, Properties)>,
        removed: Vec<(i32, Vec<&'static str>)>,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    pub async fn layout_updated(
        emitter: &SignalEmitter<'_>,
        revision: u32,
        parent: i32,
    ) -> zbus::Result<()>;

    #[zbus(property(emits_changed_signal = "const"))]
    async fn version(&self) -> u32 {
        3
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn text_direction(&self) -> &'static str {
        "ltr"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn status(&self) -> &'static str {
        "normal"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn icon_theme_path(&self) -> Vec<String> {
        Vec::new()
    }
}

fn layout(row: &Row, depth: u32) -> zbus::Result<Layout> {
    match &row.kind {
        RowKind::Submenu(children) => parent(row.id, properties(row), children, depth),
        _ => Ok((row.id, properties(row), Vec::new())),
    }
}

fn parent(id: i32, properties: Properties, children: &[Row], depth: u32) -> zbus::Result<Layout> {
    let children = if depth == 0 { &[] } else { children };
    let children = children
        .iter()
        .map(|child| {
            let (id, properties, below) = layout(child, depth.saturating_sub(1))?;
            Variant::new((id, properties, below)).try_into_owned()
        })
        .collect::<zbus::Result<Vec<OwnedVariant>>>()?;
    Ok((id, properties, children))
}
