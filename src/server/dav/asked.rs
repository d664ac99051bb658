//! Which properties a program asks for: the body of a PROPFIND.
//!
//! A stranger writes it, so everything about it is bounded: its length, its depth, and how much of it
//! comes back with each entry of a folder. No entity is ever expanded.

use quick_xml::{
    NsReader,
    escape::unescape,
    events::{BytesStart, Event},
    name::ResolveResult,
};
use thiserror::Error;

use super::{
    property::{DAV, Property},
    xml::{is_allowed, is_local_name},
};

/// The longest body, in bytes. Those of real programs have at most 2 KiB.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// How deep elements may be nested.
const MAX_DEPTH: usize = 16;

/// How many properties may be asked for.
const MAX_PROPERTIES: usize = 50;

/// The most bytes in their names and namespaces together. They come back with each entry.
const MAX_NAME_BYTES: usize = 1024;

/// How many namespaces may be declared at the same place.
const MAX_NAMESPACES: usize = 64;

/// What a program wants to know about files and folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Everything usual, and these.
    All(Vec<Name>),
    /// Which properties there are.
    Names,
    /// These.
    These(Vec<Name>),
}

/// The name of a property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Empty for none.
    pub namespace: String,
    pub local: String,
}

/// The body is not a PROPFIND, or too large.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the body is not a valid propfind element")]
pub struct Invalid;

impl Name {
    /// The property that it stands for, if things here have it.
    pub fn property(&self) -> Option<Property> {
        (self.namespace == DAV)
            .then(|| Property::named(&self.local))
            .flatten()
    }
}

impl Asked {
    /// Whether the answer depends on this property.
    pub fn wants(&self, property: Property) -> bool {
        match self {
            Self::Names => true,
            Self::All(names) | Self::These(names) => {
                let mut names = names.iter();
                names.any(|name| name.property() == Some(property))
            }
        }
    }

    /// Reads a body. Without one, everything is asked for (RFC 4918, section 9.1).
    ///
    /// # Errors
    /// It is not valid.
    pub fn parse(body: &[u8]) -> Result<Self, Invalid> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Invalid);
        }
        let text = str::from_utf8(body).map_err(|_| Invalid)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim_ascii().is_empty() {
            return Ok(Self::All(Vec::new()));
        }
        let mut reader = NsReader::from_str(text);
        let resolver = reader.resolver_mut();
        resolver.set_max_namespace_bindings(MAX_NAMESPACES);
        let mut parsing = Parsing::default();
        loop {
            let (namespace, event) = reader.read_resolved_event().map_err(|_| Invalid)?;
            match event {
                Event::Start(start) => parsing.enter(&namespace, &start)?,
                Event::Empty(start) => {
                    parsing.enter(&namespace, &start)?;
                    parsing.leave();
                }
                Event::End(_) => parsing.leave(),
                Event::Text(text) if parsing.depth == 0 => {
                    if !text.as_ref().trim_ascii().is_empty() {
                        return Err(Invalid);
                    }
                }
                Event::Text(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::CData(_) if parsing.depth > 0 => {}
                // Entities come with a document type.
                Event::DocType(_) | Event::GeneralRef(_) | Event::CData(_) => return Err(Invalid),
                Event::Eof => return parsing.finish(),
            }
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Parsing {
    depth: usize,
    /// Whether there was an element.
    has_begun: bool,
    /// What the element within `propfind` is.
    section: Section,
    form: Option<Form>,
    names: Vec<Name>,
    name_bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    All,
    Names,
    These,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Section {
    Names,
    #[default]
    Other,
}

impl Parsing {
    fn enter(
        &mut self,
        namespace: &ResolveResult<'_>,
        start: &BytesStart<'_>,
    ) -> Result<(), Invalid> {
        check_attributes(start)?;
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => unescape(namespace.as_ref()).map_err(|_| Invalid)?,
            ResolveResult::Unbound => "".into(),
            ResolveResult::Unknown(_) => return Err(Invalid),
        };
        let local = start.local_name();
        let local: &str = local.as_ref();
        let is_of_dav = namespace == DAV;
        match self.depth {
            0 => {
                if self.has_begun || !is_of_dav || local != "propfind" {
                    return Err(Invalid);
                }
                self.has_begun = true;
            }
            1 => {
                self.section = Section::Other;
                let form = match local {
                    "allprop" if is_of_dav => Some(Form::All),
                    "propname" if is_of_dav => Some(Form::Names),
                    "prop" if is_of_dav => Some(Form::These),
                    _ => None,
                };
                if form.is_some() && self.form.is_some() {
                    return Err(Invalid);
                }
                self.form = form.or(self.form);
                if form == Some(Form::These) || (is_of_dav && local == "include") {
                    self.section = Section::Names;
                }
            }
            2 if self.section == Section::Names => self.add(&namespace, local)?,
            _ => {}
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Invalid);
        }
        Ok(())
    }

    fn add(&mut self, namespace: &str, local: &str) -> Result<(), Invalid> {
        let name = Name {
            namespace: namespace.to_owned(),
            local: local.to_owned(),
        };
        if !is_local_name(local) || !namespace.chars().all(is_allowed) {
            return Err(Invalid);
        }
        if self.names.contains(&name) {
            return Ok(());
        }
        self.name_bytes += namespace.len() + local.len();
        if self.names.len() >= MAX_PROPERTIES || self.name_bytes > MAX_NAME_BYTES {
            return Err(Invalid);
        }
        self.names.push(name);
        Ok(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn finish(self) -> Result<Asked, Invalid> {
        if self.depth > 0 {
            return Err(Invalid);
        }
        match self.form {
            Some(Form::All) => Ok(Asked::All(self.names)),
            Some(Form::Names) => Ok(Asked::Names),
            Some(Form::These) => Ok(Asked::These(self.names)),
            None => Err(Invalid),
        }
    }
}

/// Whether attributes are well-formed, and no prefix stands for nothing.
fn check_attributes(start: &BytesStart<'_>) -> Result<(), Invalid> {
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| Invalid)?;
        let declares_prefix = attribute.key.as_ref().starts_with("xmlns:");
        if declares_prefix && attribute.value.is_empty() {
            return Err(Invalid);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(body: &str) -> Result<Asked, Invalid> {
        Asked::parse(body.as_bytes())
    }

    fn name(namespace: &str, local: &str) -> Name {
        Name {
            namespace: namespace.to_owned(),
            local: local.to_owned(),
        }
    }

    #[test]
    fn every_form_is_understood() {
        for body in [
            "",
            " \r\n",
            "<propfind xmlns='DAV:'><allprop/></propfind>",
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<D:propfind xmlns:D=\"DAV:\">\
             <D:allprop></D:allprop><!-- a --></D:propfind>\n",
        ] {
            assert_eq!(parse(body), Ok(Asked::All(Vec::new())), "{body}");
        }
        assert_eq!(
            parse("<a:propfind xmlns:a='DAV:'><a:propname/></a:propfind>"),
            Ok(Asked::Names)
        );
        assert_eq!(
            parse(
                "<D:propfind xmlns:D='DAV:' xmlns:Z='urn:x&amp;y'><D:prop><D:getetag/><Z:a/>\
                 <n xmlns=''/><D:getetag/></D:prop></D:propfind>"
            ),
            Ok(Asked::These(vec![
                name("DAV:", "getetag"),
                name("urn:x&y", "a"),
                name("", "n")
            ]))
        );
        assert_eq!(
            parse(
                "<propfind xmlns='DAV:'><unknown><prop/></unknown><allprop/>\
                 <include><quota-available-bytes/></include></propfind>"
            ),
            Ok(Asked::All(vec![name("DAV:", "quota-available-bytes")]))
        );
    }

    #[test]
    fn what_is_not_well_formed_or_no_propfind_is_refused() {
        for body in [
            "x",
            "<",
            "<propfind",
            "<foo>",
            "<propfind xmlns='DAV:'>",
            "<propfind xmlns='DAV:'/>",
            "<propfind xmlns='DAV:'><prop></propfind>",
            "<propfind xmlns='DAV:'><prop/><allprop/></propfind>",
            "<propfind><allprop/></propfind>",
            "<propfind xmlns='DAV:'><allprop/></propfind><a/>",
            "<propfind xmlns='DAV:'><allprop/></propfind>x",
            "<propfind xmlns='DAV:'><prop><b:a/></prop></propfind>",
            "<propfind xmlns='DAV:'><prop><b:a xmlns:b=''/></prop></propfind>",
            "<propfind xmlns='DAV:'><prop><a\"b/></prop></propfind>",
            "<propfind xmlns='DAV:'><prop><a b=c/></prop></propfind>",
            "<propfind xmlns='DAV:'><prop><a xmlns='\u{1}'/></prop></propfind>",
            "<!DOCTYPE a [<!ENTITY b 'c'>]><propfind xmlns='DAV:'><allprop/></propfind>",
            "<propfind xmlns='DAV:'><allprop>&b;</allprop></propfind>",
        ] {
            assert_eq!(parse(body), Err(Invalid), "{body}");
        }
        let utf16: Vec<u8> = "<propfind xmlns='DAV:'><allprop/></propfind>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(Asked::parse(&utf16), Err(Invalid));
    }

    #[test]
    fn nobody_asks_for_too_much() {
        let of = |content: String| {
            parse(&format!(
                "<propfind xmlns='DAV:'><prop>{content}</prop></propfind>"
            ))
        };
        let many = |count: usize| (0..count).map(|n| format!("<p{n}/>")).collect::<String>();
        assert!(of(many(MAX_PROPERTIES)).is_ok());
        assert!(of(many(MAX_PROPERTIES + 1)).is_err());
        assert!(of(format!("<{}/>", "a".repeat(MAX_NAME_BYTES))).is_err());
        let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(of(nested(MAX_DEPTH - 2)).is_ok());
        assert!(of(nested(MAX_DEPTH - 1)).is_err());
        let declared: String = (0..1000).map(|n| format!(" xmlns:p{n}='u:{n}'")).collect();
        assert!(of(format!("<a{declared}/>")).is_err());
        let long = format!(
            "<propfind xmlns='DAV:'><allprop/></propfind>{}",
            " ".repeat(65_536)
        );
        assert!(parse(&long).is_err());
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body: Vec<u8>, parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "<", ">", "/", "propfind", "prop", "allprop", "include", " xmlns='DAV:'", "D:",
                " xmlns:D='DAV:'", "&amp;", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "\"", "a",
            ]), 0..24))
        {
            let _ = Asked::parse(&body);
            let _ = Asked::parse(parts.concat().as_bytes());
        }
    }
}
