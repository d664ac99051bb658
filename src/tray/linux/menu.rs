//! The menu on the bus, as panels read and click it: `com.canonical.dbusmenu`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use zbus::{OwnedVariant, Variant, fdo, interface, object_server::SignalEmitter};

use super::rows::{ROOT, Row, RowKind, find};
use crate::app::Event;

/// The object path of the menu.
pub const PATH: &str = "/MenuBar";

/// The menu that is shown now. Its revision goes up with each change.
#[derive(Debug, Default)]
pub struct ShownMenu {
    pub rows: Vec<Row>,
    pub revision: u32,
}

/// The menu as an object on the bus.
pub struct BusMenu {
    pub shown: Arc<Mutex<ShownMenu>>,
    pub events: Box<dyn Fn(Event) + Send + Sync>,
}

type Properties = HashMap<&'static str, Variant<'static>>;

/// A row, its properties and its children: `(ia{sv}av)`.
type Layout = (i32, Properties, Vec<OwnedVariant>);

impl BusMenu {
    fn with<T>(&self, read: impl FnOnce(&ShownMenu) -> T) -> T {
        // Nothing panics while it holds this lock and changes the menu.
        read(&self.shown.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn menu_event(&self, id: i32, event: &str) {
        if event != "clicked" {
            return;
        }
        let action = self.with(|shown| match find(&shown.rows, id).map(|row| &row.kind) {
            Some(
                RowKind::Button(action)
                | RowKind::Check { action, .. }
                | RowKind::Choice { action, .. },
            ) => Some(action.clone()),
            _ => None,
        });
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
    ) -> fdo::Result<(u32, Layout)> {
        self.with(|shown| {
            // A negative depth means no limit.
            let depth = u32::try_from(recursion_depth).unwrap_or(u32::MAX);
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
    /// menu is updated like at any other time, so `false` (no update needed) is right.
    async fn about_to_show(&self, id: i32) -> bool {
        if id == ROOT {
            (self.events)(Event::MenuOpens);
        }
        false
    }

    async fn about_to_show_group(&self, ids: Vec<i32>) -> (Vec<i32>, Vec<i32>) {
        if ids.contains(&ROOT) {
            (self.events)(Event::MenuOpens);
        }
        (Vec::new(), Vec::new())
    }

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

/// The properties that differ from the protocol's defaults.
fn properties(row: &Row) -> Properties {
    let mut properties = Properties::new();
    if row.kind == RowKind::Separator {
        properties.insert("type", "separator".into());
        return properties;
    }
    properties.insert("label", Variant::from(row.label.clone()));
    match &row.kind {
        RowKind::Note => {
            properties.insert("enabled", false.into());
        }
        RowKind::Check { checked, .. } => {
            properties.insert("toggle-type", "checkmark".into());
            properties.insert("toggle-state", i32::from(*checked).into());
        }
        RowKind::Choice { chosen, .. } => {
            properties.insert("toggle-type", "radio".into());
            properties.insert("toggle-state", i32::from(*chosen).into());
        }
        RowKind::Submenu(_) => {
            properties.insert("children-display", "submenu".into());
        }
        RowKind::Button(_) | RowKind::Separator => {}
    }
    properties
}
