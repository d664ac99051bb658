//! What is known about a file or folder.

use std::time::{Duration, SystemTime};

use super::{property::Property, xml::push_text};
use crate::server::{
    http::{file_tag, media_type::MediaType},
    listing::Looked,
    path::shown_name,
    utc::date_time,
};

/// The last second that HTTP can express.
const END_OF_9999: i64 = 253_402_300_799;

/// How much more a visitor may add, in bytes; `None` if that is unknown.
pub type Room = Option<u64>;

/// A file or folder, with what a program may want to know about it.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub name: &'a [u8],
    pub looked: Looked,
    /// Whether it is part of a website that is trusted, so that GET doesn't sandbox it.
    pub is_trusted: bool,
    pub room: Room,
}

impl Entry<'_> {
    /// Whether it has a property.
    pub fn has(&self, property: Property) -> bool {
        self.push(property, &mut String::new())
    }

    /// Appends the value of a property, as XML. Returns whether there is one.
    pub fn push(&self, property: Property, xml: &mut String) -> bool {
        let Looked {
            is_folder,
            size,
            modified_s,
            ..
        } = self.looked;
        match property {
            Property::DisplayName => push_text(&shown_name(self.name), xml),
            Property::ResourceType if is_folder => xml.push_str("<D:collection/>"),
            Property::ResourceType => {}
            Property::ContentLength if !is_folder => xml.push_str(&size.to_string()),
            Property::CreationDate => match self.looked.created {
                Some(created) => push_date(created, xml),
                None => return false,
            },
            Property::LastModified => match modified_s.and_then(http_date) {
                Some(date) => xml.push_str(&date),
                None => return false,
            },
            Property::ContentType if !is_folder => {
                let media_type = MediaType::of_name(self.name);
                if !media_type.is_known() {
                    return false;
                }
                xml.push_str(&media_type.header());
            }
            Property::Etag => match self.looked.version {
                Some(version) if !is_folder => {
                    let is_sandboxed =
                        !self.is_trusted && MediaType::of_name(self.name).can_run_scripts();
                    push_text(&file_tag(size, version, is_sandboxed, None), xml);
                }
                _ => return false,
            },
            Property::QuotaAvailable => match self.room {
                Some(room) if is_folder => xml.push_str(&room.to_string()),
                _ => return false,
            },
            Property::ContentLength | Property::ContentType => return false,
        }
        true
    }
}

/// A time as HTTP writes it; `None` if HTTP can't.
fn http_date(unix_s: i64) -> Option<String> {
    let seconds = u64::try_from(unix_s)
        .ok()
        .filter(|_| unix_s <= END_OF_9999)?;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    Some(httpdate::fmt_http_date(time))
}

/// Appends a time as RFC 3339 writes it.
fn push_date(time: SystemTime, xml: &mut String) {
    let seconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(_) => 0,
    };
    let date = date_time(seconds);
    xml.push_str(&format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        date.hour(),
        date.minute(),
        date.second()
    ));
}
