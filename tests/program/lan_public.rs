//! A share in a network that the system calls public. What stands for NetworkManager here is a stub on a
//! bus of the test's own: it says what the real one says of a connection, and not how it gets there.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use loopback_edge::{message_bus, namespace, needs};
use tokio::{process::Child, time::timeout};
use zbus::{
    Connection, OwnedObjectPath, OwnedVariant, Str, Variant, connection::Builder, fdo, interface,
};

use crate::{
    home::{Home, LIMIT},
    lan::{Desk, home, ip, network_link},
    running::{listed, run, start},
};

const ROOT: &str = "/org/freedesktop/NetworkManager";
const ACTIVE: &str = "/org/freedesktop/NetworkManager/ActiveConnection/1";
const SETTINGS: &str = "/org/freedesktop/NetworkManager/Settings/1";
const DEVICE: &str = "/org/freedesktop/NetworkManager/Devices/1";

/// firewalld's zone of the only connection; `None` if it is another user's.
type Zone = Arc<Mutex<Option<&'static str>>>;

fn path(path: &str) -> OwnedObjectPath {
    OwnedObjectPath::try_from(path.to_owned()).unwrap()
}

struct Manager;

#[interface(name = "org.freedesktop.NetworkManager")]
impl Manager {
    #[zbus(property)]
    fn active_connections(&self) -> Vec<OwnedObjectPath> {
        vec![path(ACTIVE)]
    }
}

struct Active;

#[interface(name = "org.freedesktop.NetworkManager.Connection.Active")]
impl Active {
    #[zbus(property)]
    fn connection(&self) -> OwnedObjectPath {
        path(SETTINGS)
    }

    #[zbus(property)]
    fn devices(&self) -> Vec<OwnedObjectPath> {
        vec![path(DEVICE)]
    }
}

struct Device;

#[interface(name = "org.freedesktop.NetworkManager.Device")]
impl Device {
    #[zbus(property)]
    fn interface(&self) -> String {
        "cable".into()
    }

    #[zbus(property)]
    fn ip_interface(&self) -> String {
        "cable".into()
    }
}

struct Settings(Zone);

#[interface(name = "org.freedesktop.NetworkManager.Settings.Connection")]
impl Settings {
    fn get_settings(&self) -> fdo::Result<HashMap<String, HashMap<String, OwnedVariant>>> {
        let zone = *self.0.lock().unwrap();
        let zone = zone.ok_or(fdo::Error::AccessDenied("not yours".into()))?;
        let texts = [("id", "Café"), ("uuid", "6c5d"), ("zone", zone)];
        let texts = texts.map(|(key, text)| {
            let value = OwnedVariant::try_from(Variant::from(Str::from(text))).unwrap();
            (key.to_owned(), value)
        });
        Ok([("connection".to_owned(), texts.into())].into())
    }
}

/// Takes the place of NetworkManager on a bus of its own; `home` uses it.
async fn network_manager(home: &mut Home, zone: &Zone) -> (Child, Connection) {
    let (daemon, address) = message_bus::start().await;
    let serving = Builder::address(&address[..])
        .serve_at(ROOT, Manager)
        .serve_at(ACTIVE, Active)
        .serve_at(DEVICE, Device)
        .serve_at(SETTINGS, Settings(Arc::clone(zone)))
        .name("org.freedesktop.NetworkManager");
    home.variables
        .push(("DBUS_SYSTEM_BUS_ADDRESS".into(), address));
    (daemon, serving.build().await.unwrap())
}

/// Waits until the share says why it isn't open.
async fn problem(home: &Home, expected: &str) {
    let told = timeout(LIMIT, async {
        loop {
            let share = listed(home).await.remove(0);
            if let Some(problem) = share["network_problem"].as_str()
                && problem.contains(expected)
            {
                assert_eq!(share["network_links"].as_array().unwrap().len(), 0);
                break;
            }
        }
    });
    told.await.expect(expected);
}

#[test]
fn in_a_terminal_the_owner_agrees_with_an_option() {
    if !needs::met(&["dbus-daemon"]) {
        return;
    }
    namespace::run(async {
        let desk = Desk::with(&["192.168.77.2/24"]);
        ip("addr add 192.168.77.1/24 dev cable");
        let mut home = home();
        let zone = Zone::new(Mutex::new(Some("public")));
        let (_daemon, _manager) = network_manager(&mut home, &zone).await;
        let arguments = ["share", "--foreground", "--lan", "Photos"];
        let mut share = home.start(&mut home.command(&arguments));
        share.err.line("In a terminal, add --yes.").await;
        share.child.kill().await.unwrap();
        let arguments = [&arguments[..], &["--yes"]].concat();
        let mut share = home.start(&mut home.command(&arguments));
        let link = share.out.line("http://192.168.77.1:").await;
        desk.reaches(link.trim_end_matches('/')).await;
    });
}

#[test]
fn a_share_waits_for_its_owner_in_a_network_that_is_public_or_unknown() {
    if !needs::met(&["dbus-daemon"]) {
        return;
    }
    namespace::run(async {
        let desk = Desk::with(&["192.168.77.2/24"]);
        ip("addr add 192.168.77.1/24 dev cable");
        let mut home = home();
        let zone = Zone::new(Mutex::new(Some("public")));
        let (_daemon, _manager) = network_manager(&mut home, &zone).await;
        let _program = start(&home).await;
        run(&home, &["share", "Photos", "--lan"]).await;
        problem(&home, "calls the network Café public").await;
        // To share it again is no answer.
        run(&home, &["share", "Photos", "--lan"]).await;
        problem(&home, "calls the network Café public").await;
        let port = 48630;
        assert_eq!(
            desk.get(&format!("http://192.168.77.1:{port}/a.txt"), "")
                .await,
            None
        );

        let set = run(&home, &["set", "--lan"]).await;
        assert!(!set.out.contains("isn't opened there"), "{set:?}");
        let link = network_link(&home).await;
        desk.reaches(&link).await;
        // There is no public link whose code could be drawn.
        let code = run(&home, &["qr", "--svg", "code.svg"]).await;
        assert_eq!(code.code, 0, "{code:?}");

        // The settings become those of another user.
        *zone.lock().unwrap() = None;
        problem(&home, "doesn't say whether the network cable is private").await;
        desk.no_longer_reaches(&link).await;
        // At home.
        *zone.lock().unwrap() = Some("home");
        assert_eq!(network_link(&home).await, link);
        desk.reaches(&link).await;
        run(&home, &["quit"]).await;
    });
}
