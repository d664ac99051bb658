//! Whether bytes arrived as they were sent.

/// What a visitor says the hash of a request's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl Checksum {
    /// The algorithms that are known, as tus lists them.
    pub const ALGORITHMS: &'static str = "sha1,sha256";

    /// A hash by the name of its algorithm; `None` if that is not known, or has another length.
    pub fn new(algorithm: &str, hash: &[u8]) -> Option<Self> {
        match algorithm {
            "sha1" => hash.try_into().ok().map(Self::Sha1),
            "sha256" => hash.try_into().ok().map(Self::Sha256),
            _ => None,
        }
    }
}
