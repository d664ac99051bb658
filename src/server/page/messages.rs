//! Reads structs of texts from a message file.

use toml::{Table, Value};

/// A value that is read from a message file. Missing texts stay empty.
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

/// A struct that is read field by field. The code that serde generates is ten times as large.
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
