//! A row as the protocol describes it.

use std::collections::HashMap;

use zbus::Variant;

use super::rows::{Row, RowKind};

pub type Properties = HashMap<&'static str, Variant<'static>>;

/// The properties that differ from the protocol's defaults.
pub fn properties(row: &Row) -> Properties {
    let mut properties = Properties::new();
    if row.is_hidden {
        properties.insert("visible", false.into());
    }
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
