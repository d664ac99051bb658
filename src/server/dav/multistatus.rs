//! The answer to a PROPFIND, in pieces, so that a hundred thousand entries don't fill the memory.

use std::io;

use bytes::Bytes;

use super::{
    asked::{Asked, Name},
    entry::{Entry, Room},
    property::{DAV, Property},
    xml::push_text,
};
use crate::server::{
    listing::{Items, Looked},
    path::push_encoded,
    transport::ChunkSource,
};

/// How many entries are looked up at a time, at most.
const ENTRIES: usize = 1000;

/// Approximate size of a piece. A slow visitor keeps one in memory.
const CHUNK_BYTES: usize = 96 * 1024;

/// A file or folder, and perhaps what is in it.
pub struct Multistatus {
    wanted: Wanted,
    /// Declares the namespaces of what is wanted.
    declarations: String,
    /// The address of the folder, which ends with a slash, or of the file.
    url: String,
    /// What is asked about, until it is written.
    own: Option<(Vec<u8>, Looked)>,
    items: Option<Items>,
    next: usize,
    is_trusted: bool,
    room: Room,
    is_begun: bool,
    is_done: bool,
}

/// What is written about each entry.
enum Wanted {
    Values(Vec<Element>),
    Names,
}

/// A property that is wanted.
struct Element {
    property: Option<Property>,
    /// Its name with a prefix.
    name: String,
    /// It may be missing without a word.
    is_usual: bool,
}

impl Multistatus {
    /// Answers what is asked about what is at `url` and is called `name`.
    pub fn new(asked: &Asked, url: String, name: Vec<u8>, looked: Looked) -> Self {
        let mut declarations = String::new();
        let wanted = match asked {
            Asked::Names => Wanted::Names,
            Asked::All(more) => {
                let usual = Property::ALL.into_iter().filter(|it| it.is_usual());
                let usual = usual.map(|property| Element {
                    property: Some(property),
                    name: format!("D:{}", property.name()),
                    is_usual: true,
                });
                let is_more = |name: &&Name| {
                    let property = name.property();
                    property.is_none_or(|property| !property.is_usual())
                };
                let more = elements(more.iter().filter(is_more), &mut declarations);
                Wanted::Values(usual.chain(more).collect())
            }
            Asked::These(names) => Wanted::Values(elements(names.iter(), &mut declarations)),
        };
        Self {
            wanted,
            declarations,
            url,
            own: Some((name, looked)),
            items: None,
            next: 0,
            is_trusted: false,
            room: None,
            is_begun: false,
            is_done: false,
        }
    }

    /// Also answers about everything in the folder.
    #[must_use]
    pub fn with_items(self, items: Items) -> Self {
        Self {
            items: Some(items),
            ..self
        }
    }

    /// Its files are part of a website that is trusted.
    #[must_use]
    pub fn trusted(self, is_trusted: bool) -> Self {
        Self { is_trusted, ..self }
    }

    /// How much more the visitor may add.
    #[must_use]
    pub fn with_room(self, room: Room) -> Self {
        Self { room, ..self }
    }

    fn push_begin(&self, xml: &mut String) {
        xml.push_str("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<D:multistatus xmlns:D=\"DAV:\"");
        xml.push_str(&self.declarations);
        xml.push_str(">\n");
    }

    /// Appends what is wanted of the thing with this name in the folder; of the folder itself for
    /// `None`.
    fn push(&self, within: Option<&[u8]>, entry: &Entry<'_>, xml: &mut String) {
        xml.push_str("<D:response><D:href>");
        // Percent-encoded, so it has no markup.
        xml.push_str(&self.url);
        if let Some(name) = within {
            push_encoded(name, xml);
            if entry.looked.is_folder {
                xml.push('/');
            }
        }
        xml.push_str("</D:href>");
        match &self.wanted {
            Wanted::Names => push_names(entry, xml),
            Wanted::Values(elements) => push_values(elements, entry, xml),
        }
        xml.push_str("</D:response>\n");
    }

    fn entry<'a>(&self, name: &'a [u8], looked: Looked) -> Entry<'a> {
        Entry {
            name,
            looked,
            is_trusted: self.is_trusted,
            room: self.room,
        }
    }
}

impl ChunkSource for Multistatus {
    fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.is_done {
            return Ok(None);
        }
        let mut xml = String::new();
        if !self.is_begun {
            self.is_begun = true;
            self.push_begin(&mut xml);
        }
        if let Some((name, looked)) = self.own.take() {
            self.push(None, &self.entry(&name, looked), &mut xml);
        }
        let end = self.items.as_ref().map_or(0, Items::len);
        let last = end.min(self.next + ENTRIES);
        while let Some(items) = &self.items
            && self.next < last
            && xml.len() < CHUNK_BYTES
        {
            let place = self.next;
            // It may be gone by now.
            if let Some(looked) = items.look(place) {
                let name = items.name(place);
                self.push(Some(name), &self.entry(name, looked), &mut xml);
            }
            self.next += 1;
        }
        if self.next >= end {
            self.is_done = true;
            xml.push_str("</D:multistatus>\n");
        }
        Ok(Some(xml.into()))
    }
}

/// What these names are in the answer. Adds the namespaces that it has to declare.
fn elements<'a>(names: impl Iterator<Item = &'a Name>, declarations: &mut String) -> Vec<Element> {
    let mut namespaces: Vec<&str> = Vec::new();
    let mut elements = Vec::new();
    for name in names {
        let prefixed = match name.namespace.as_str() {
            DAV => format!("D:{}", name.local),
            // No namespace is the default here.
            "" => name.local.clone(),
            namespace => {
                let known = namespaces.iter().position(|other| *other == namespace);
                let number = known.unwrap_or_else(|| {
                    declarations.push_str(&format!(" xmlns:n{}=\"", namespaces.len()));
                    push_text(namespace, declarations);
                    declarations.push('"');
                    namespaces.push(namespace);
                    namespaces.len() - 1
                });
                format!("n{number}:{}", name.local)
            }
        };
        elements.push(Element {
            property: name.property(),
            name: prefixed,
            is_usual: false,
        });
    }
    elements
}

fn push_names(entry: &Entry<'_>, xml: &mut String) {
    xml.push_str("<D:propstat><D:prop>");
    for property in Property::ALL {
        if entry.has(property) {
            xml.push_str("<D:");
            xml.push_str(property.name());
            xml.push_str("/>");
        }
    }
    xml.push_str("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>");
}

fn push_values(elements: &[Element], entry: &Entry<'_>, xml: &mut String) {
    let begin = xml.len();
    xml.push_str("<D:propstat><D:prop>");
    let (mut is_any_there, mut missing) = (false, String::new());
    for element in elements {
        let start = xml.len();
        xml.push('<');
        xml.push_str(&element.name);
        xml.push('>');
        let value = xml.len();
        let is_there = element
            .property
            .is_some_and(|property| entry.push(property, xml));
        if !is_there {
            xml.truncate(start);
            if !element.is_usual {
                missing.push('<');
                missing.push_str(&element.name);
                missing.push_str("/>");
            }
            continue;
        }
        is_any_there = true;
        if xml.len() == value {
            xml.truncate(value - 1);
            xml.push_str("/>");
        } else {
            xml.push_str("</");
            xml.push_str(&element.name);
            xml.push('>');
        }
    }
    xml.push_str("</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>");
    if missing.is_empty() {
        return;
    }
    if !is_any_there {
        xml.truncate(begin);
    }
    xml.push_str("<D:propstat><D:prop>");
    xml.push_str(&missing);
    xml.push_str("</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>");
}
