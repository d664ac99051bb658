//! The properties that things here have.

/// The namespace of WebDAV.
pub const DAV: &str = "DAV:";

/// A property of RFC 4918 or RFC 4331.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    CreationDate,
    DisplayName,
    ContentLength,
    ContentType,
    Etag,
    LastModified,
    ResourceType,
    QuotaAvailable,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::CreationDate,
        Self::DisplayName,
        Self::ContentLength,
        Self::ContentType,
        Self::Etag,
        Self::LastModified,
        Self::ResourceType,
        Self::QuotaAvailable,
    ];

    /// Whether a program gets it that asks for all. A quota is told only to those who ask for it
    /// (RFC 4331, section 3).
    pub fn is_usual(self) -> bool {
        self != Self::QuotaAvailable
    }

    /// The property with this name in the namespace of WebDAV.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|property| property.name() == name)
    }

    /// Its name in the namespace of WebDAV.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreationDate => "creationdate",
            Self::DisplayName => "displayname",
            Self::ContentLength => "getcontentlength",
            Self::ContentType => "getcontenttype",
            Self::Etag => "getetag",
            Self::LastModified => "getlastmodified",
            Self::ResourceType => "resourcetype",
            Self::QuotaAvailable => "quota-available-bytes",
        }
    }
}
