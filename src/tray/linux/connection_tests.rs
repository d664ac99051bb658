//! The menu as a host on a bus of its own sees it.

use std::collections::HashMap;

use loopback_edge::{message_bus, needs};
use tokio::time::timeout;
use zbus::{MessageStream, OwnedVariant, message::Message};

use super::{
    super::{rows::ROOT, shortcut_marks::ShortcutMarks},
    *,
};
use crate::app::{Action, Group, Icon, Menu, MenuItem, ShareId};

const MENU: &str = "com.canonical.dbusmenu";
const LIMIT: Duration = Duration::from_secs(60);

type Layout = (i32, HashMap<String, OwnedVariant>, Vec<OwnedVariant>);

fn button(label: &str, action: Action) -> MenuItem {
    MenuItem::Button {
        label: label.into(),
        action,
    }
}

/// A share in the menu, maybe with more rows.
fn view(label: &str, more: &[MenuItem]) -> View {
    let share = ShareId(1);
    let mut items = more.to_vec();
    items.push(button("Stop Sharing", Action::Stop(share)));
    View {
        menu: Menu(vec![
            MenuItem::Submenu {
                label: label.into(),
                group: Group::Share(share),
                items,
            },
            button("Quit Spot Serve", Action::Quit),
        ]),
        icon: Icon::Busy,
        tooltip: String::new(),
    }
}

/// A host, as panels are: it reads levels and gets signals.
struct FakeHost {
    bus: Connection,
    item: String,
    signals: MessageStream,
}

impl FakeHost {
    async fn open(address: &str, tray: &TrayConnection) -> Self {
        let bus = connection::Builder::address(address).build().await.unwrap();
        let rule = zbus::MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .interface(MENU)
            .build()
            .unwrap();
        let signals = MessageStream::for_match_rule(rule, &bus, None)
            .await
            .unwrap();
        let item = tray.bus.unique_name().unwrap().to_string();
        Self { bus, item, signals }
    }

    async fn call(
        &self,
        method: &str,
        arguments: &(impl serde::Serialize + zbus::DynamicType),
    ) -> Message {
        self.bus
            .call_method(
                Some(&self.item[..]),
                menu::PATH,
                Some(MENU),
                method,
                arguments,
            )
            .await
            .unwrap()
    }

    /// The numbers of the rows of one level.
    async fn level(&self, parent: i32) -> Vec<i32> {
        let answer = self
            .call("GetLayout", &(parent, 1, Vec::<String>::new()))
            .await;
        let (_, (_, _, rows)): (u32, Layout) = answer.body().deserialize().unwrap();
        rows.into_iter()
            .map(|row| Layout::try_from(row).unwrap().0)
            .collect()
    }

    async fn about_to_show(&self, id: i32) -> bool {
        let answer = self.call("AboutToShow", &id).await;
        answer.body().deserialize().unwrap()
    }

    /// The next signal: its name, and of which submenu it tells.
    async fn signal(&mut self) -> (String, i32) {
        let next = std::future::poll_fn(|context| {
            futures_core::Stream::poll_next(std::pin::Pin::new(&mut self.signals), context)
        });
        let signal = timeout(LIMIT, next).await.unwrap().unwrap().unwrap();
        let name = signal.header().member().unwrap().to_string();
        let body = signal.body();
        let id = match &name[..] {
            "LayoutUpdated" => body.deserialize::<(u32, i32)>().unwrap().1,
            _ => {
                type Rows = Vec<(i32, HashMap<String, OwnedVariant>)>;
                let (updated, _): (Rows, Vec<(i32, Vec<String>)>) = body.deserialize().unwrap();
                updated[0].0
            }
        };
        (name, id)
    }
}

#[tokio::test]
async fn a_panel_that_reads_one_level_at_a_time_has_the_rows_of_now() {
    if !needs::met(&["dbus-daemon"]) {
        return;
    }
    let (_daemon, address) = message_bus::start().await;
    let mut numbering = Numbering::new(ShortcutMarks::Each);
    let mut current = view("Photos – connecting…", &[]);
    let tray = TrayConnection::on(
        connection::Builder::address(&address[..]),
        &current,
        &mut numbering,
        &|_| {},
    )
    .await
    .unwrap();
    let mut host = FakeHost::open(&address, &tray).await;
    let (views, mut inbox) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let _ = tray.follow(&mut inbox, &mut current, &mut numbering).await;
    });

    // It is told of a submenu that it has not read, so the first opening shows it whole.
    let share = host.level(ROOT).await[0];
    assert_eq!(host.signal().await, ("LayoutUpdated".into(), share));
    let connecting = host.level(share).await;
    assert!(!host.about_to_show(share).await);

    // Another label leaves an open submenu open.
    views.send(view("Photos – online", &[])).unwrap();
    assert_eq!(
        host.signal().await,
        ("ItemsPropertiesUpdated".into(), share)
    );
    assert!(!host.about_to_show(share).await);

    // So does a row that was expected: it is shown in its place.
    let link = || button("Copy Link", Action::CopyLink(ShareId(1)));
    views.send(view("Photos – online", &[link()])).unwrap();
    let (what, row) = host.signal().await;
    assert_eq!(what, "ItemsPropertiesUpdated");
    assert!(connecting.contains(&row), "{connecting:?} has no {row}");
    assert!(!host.about_to_show(share).await);
    assert_eq!(host.level(share).await, connecting);

    // Other rows are told for their submenu alone.
    let other = button("Share Anyway", Action::ConfirmShare(ShareId(1)));
    views
        .send(view("Photos – online", &[link(), other]))
        .unwrap();
    assert_eq!(host.signal().await, ("LayoutUpdated".into(), share));
    assert!(host.about_to_show(share).await, "its rows are old");
    assert_eq!(host.level(share).await.len(), connecting.len() + 1);
    assert!(!host.about_to_show(share).await);
    assert!(!host.about_to_show(ROOT).await);
}
