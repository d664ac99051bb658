//! Reading structs of texts from a file of messages.

use toml::{Table, Value};

/// What is read from a file of messages. What is missing there stays empty.
pub trait Read {
    fn read(found: Option<&Value>) -> Self;
}

impl Read for String {
    fn read(found: Option<&Value>) -> Self {
        found.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

impl Read for Option<String> {
    fn read(found: Option<&Value>) -> Self {
        found.and_then(Value::as_str).map(ToOwned::to_owned)
    }
}

impl Read for &'static str {
    fn read(_: Option<&Value>) -> &'static str {
        ""
    }
}

#[inline(never)]
pub fn field<'a>(table: Option<&'a Table>, key: &str) -> Option<&'a Value> {
    table?.get(key)
}

/// A struct that is read field by field. What serde makes for it is ten times as much program.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$note:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Default)]
        pub struct $name { $($(#[$note])* pub $field: $kind,)* }

        impl Read for $name {
            fn read(found: Option<&toml::Value>) -> $name {
                let table = found.and_then(toml::Value::as_table);
                $name { $($field: Read::read($crate::server::page::messages::field(table, stringify!($field))),)* }
            }
        }
    };
}
pub(super) use words;
