//! The icon on the bus, as panels show it: `org.kde.StatusNotifierItem`.

use std::sync::{Arc, Mutex, PoisonError};

use zbus::{ObjectPath, interface, object_server::SignalEmitter};

use super::{
    menu,
    pictures::{Pixmap, pixmaps},
    theme::Theme,
};
use crate::app::{Event, Icon};

/// The object path that panels expect.
pub const PATH: &str = "/StatusNotifierItem";

/// What the icon shows now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub icon: Icon,
    pub tooltip: String,
}

/// The icon as an object on the bus.
pub struct BusItem {
    pub look: Arc<Mutex<Look>>,
    pub theme: Option<Theme>,
    pub events: Box<dyn Fn(Event) + Send + Sync>,
}

impl BusItem {
    fn look(&self) -> Look {
        // The value is replaced as a whole, so a panic elsewhere can't leave it half changed.
        self.look
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[interface(name = "org.kde.StatusNotifierItem", introspection_docs = false)]
impl BusItem {
    /// A left click.
    async fn activate(&self, _x: i32, _y: i32) {
        (self.events)(Event::IconClicked);
    }

    /// A middle click.
    async fn secondary_activate(&self, _x: i32, _y: i32) {}

    /// Called by panels that can't show the menu; there is nothing else to show.
    async fn context_menu(&self, _x: i32, _y: i32) {}

    async fn scroll(&self, _delta: i32, _orientation: &str) {}

    #[zbus(signal)]
    pub async fn new_icon(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(signal)]
    pub async fn new_tool_tip(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;

    #[zbus(property(emits_changed_signal = "const"))]
    async fn category(&self) -> &'static str {
        "ApplicationStatus"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn id(&self) -> &'static str {
        "spot-serve"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn title(&self) -> &'static str {
        "Spot Serve"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn status(&self) -> &'static str {
        "Active"
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn window_id(&self) -> i32 {
        0
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn item_is_menu(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn menu(&self) -> ObjectPath<'static> {
        ObjectPath::from_static_str_unchecked(menu::PATH)
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn icon_theme_path(&self) -> String {
        let path = self.theme.as_ref().map(|theme| theme.path.clone());
        path.unwrap_or_default()
    }

    /// With a name, the desktop can choose the symbolic picture in the colour of its panel.
    #[zbus(property(emits_changed_signal = "false"))]
    async fn icon_name(&self) -> String {
        let name = |theme: &Theme| theme.name(self.look().icon);
        self.theme.as_ref().map(name).unwrap_or_default()
    }

    /// What a screen reader says of the icon. GNOME reads it at each change and complains without.
    #[zbus(property(emits_changed_signal = "false"))]
    async fn icon_accessible_desc(&self) -> String {
        self.look().tooltip
    }

    #[zbus(property(emits_changed_signal = "false"))]
    async fn icon_pixmap(&self) -> Vec<Pixmap> {
        pixmaps(self.look().icon)
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn overlay_icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn overlay_icon_pixmap(&self) -> Vec<Pixmap> {
        Vec::new()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn attention_icon_name(&self) -> &'static str {
        ""
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn attention_icon_pixmap(&self) -> Vec<Pixmap> {
        Vec::new()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    async fn attention_movie_name(&self) -> &'static str {
        ""
    }

    /// Icon name, icon, title, text.
    #[zbus(property(emits_changed_signal = "false"))]
    async fn tool_tip(&self) -> (String, Vec<Pixmap>, String, String) {
        (
            String::new(),
            Vec::new(),
            self.look().tooltip,
            String::new(),
        )
    }
}
