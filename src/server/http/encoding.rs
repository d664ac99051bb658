//! What a response may be compressed with: the Accept-Encoding header.

use actix_web::http::header::{ACCEPT_ENCODING, HeaderMap};

use super::weight::{Weight, weighted};

/// How a response is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Brotli,
    Zstd,
    Gzip,
}

impl Encoding {
    /// All of them; those that make text smallest come first.
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];

    /// All forms of a response: not compressed, and in each encoding.
    pub const FORMS: [Option<Self>; 4] =
        [None, Some(Self::Brotli), Some(Self::Zstd), Some(Self::Gzip)];

    /// The value of the Content-Encoding header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// Whether a client means it with this name, in any case.
    fn is_called(self, name: &str) -> bool {
        name.eq_ignore_ascii_case(self.name())
            || self == Self::Gzip && name.eq_ignore_ascii_case("x-gzip")
    }
}

/// What a client accepts (RFC 9110, section 12.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// In the order of [`Encoding::ALL`].
    weights: [Weight; 3],
    /// `None` if nothing is said about it, so that it is accepted but not asked for.
    identity: Option<Weight>,
}

impl Accepted {
    /// What the headers of a request say. A client that says nothing gets nothing compressed. What isn't
    /// well-formed is ignored.
    pub fn of(headers: &HeaderMap) -> Self {
        let (mut named, mut identity, mut any) = ([None; 3], None, None);
        let lines = headers.get_all(ACCEPT_ENCODING);
        let lines = lines.filter_map(|line| line.to_str().ok());
        for element in lines.flat_map(|line| line.split(',')) {
            let Some((name, weight)) = weighted(element) else {
                continue;
            };
            let place = if name == "*" {
                &mut any
            } else if name.eq_ignore_ascii_case("identity") {
                &mut identity
            } else {
                match Encoding::ALL.iter().position(|it| it.is_called(name)) {
                    Some(at) => &mut named[at],
                    None => continue,
                }
            };
            // Of several, the first counts.
            place.get_or_insert(weight);
        }
        Self {
            weights: named.map(|weight| weight.or(any).unwrap_or(0)),
            identity: identity.or(any),
        }
    }

    /// Whether a response may be compressed like this.
    pub fn allows(&self, encoding: Encoding) -> bool {
        self.weight(encoding) > 0
    }

    /// Whether a response that isn't compressed is refused.
    pub fn refuses_identity(&self) -> bool {
        self.identity == Some(0)
    }

    /// The encodings that the client likes best, those first that make text smallest. None if it
    /// would rather have a response that isn't compressed.
    pub fn best(&self) -> impl Iterator<Item = Encoding> + use<> {
        let accepted = *self;
        let most = self.weights.into_iter().max().unwrap_or(0);
        let is_wanted = most > 0 && self.identity.is_none_or(|identity| identity <= most);
        Encoding::ALL
            .into_iter()
            .filter(move |&encoding| is_wanted && accepted.weight(encoding) == most)
    }

    fn weight(&self, encoding: Encoding) -> Weight {
        self.weights[encoding as usize]
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn accepted(lines: &[&str]) -> Accepted {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(line).unwrap());
        }
        Accepted::of(&headers)
    }

    fn best(lines: &[&str]) -> Vec<&'static str> {
        accepted(lines).best().map(Encoding::name).collect()
    }

    #[test]
    fn the_order_is_that_of_the_variants() {
        for (place, encoding) in Encoding::ALL.into_iter().enumerate() {
            assert_eq!(encoding as usize, place);
        }
    }

    #[test]
    fn what_a_client_likes_best_is_taken() {
        for (lines, expected) in [
            (&["gzip"][..], &["gzip"][..]),
            (&["GZIP"], &["gzip"]),
            (&["x-gzip"], &["gzip"]),
            (&["gzip, deflate, br, zstd"], &["br", "zstd", "gzip"]),
            (&["gzip", "br"], &["br", "gzip"]),
            (&["br;q=0.5, gzip;q=0.8"], &["gzip"]),
            (&["br ; Q=0.5 ,gzip;q=0.50"], &["br", "gzip"]),
            (&["*"], &["br", "zstd", "gzip"]),
            (&["br;q=0, *"], &["zstd", "gzip"]),
            (&["gzip;q=1.000, *;q=0.1"], &["gzip"]),
            (&["identity, *;q=0.1"], &[]),
            (&["identity;q=0.5, gzip"], &["gzip"]),
            (&["identity, gzip"], &["gzip"]),
            (&["identity;q=0, gzip;q=0.001"], &["gzip"]),
            (&["gzip;q=0"], &[]),
            (&["gzip; q=0.000, *"], &["br", "zstd"]),
            (&["*;q=0"], &[]),
            (&["deflate, compress"], &[]),
            (&["identity;q=0"], &[]),
            (&[""], &[]),
            (&[], &[]),
        ] {
            assert_eq!(best(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_ignored() {
        for line in [
            ",;,;q=1",
            "gzip;q",
            "gzip;q=",
            "gzip;q=2",
            "gzip;q=-1",
            "gzip;q=NaN",
            "gzip;q=1.001",
            "gzip;q=0.1234",
            "gzip;q=0.5x",
            "gzip;q=.5",
            "gzip;q=1e-1",
            "gz ip",
            "gzip br",
        ] {
            assert_eq!(best(&[line]), [""; 0], "{line}");
            assert_eq!(best(&[line, "br"]), ["br"], "{line}");
        }
        // Parameters that nobody knows are no weights.
        assert_eq!(best(&["gzip;level=9;q=0.5"]), ["gzip"]);
        let mut headers = HeaderMap::new();
        headers.append(
            ACCEPT_ENCODING,
            HeaderValue::from_bytes(b"gzip\xff").unwrap(),
        );
        headers.append(ACCEPT_ENCODING, HeaderValue::from_static("br"));
        assert_eq!(
            Accepted::of(&headers).best().collect::<Vec<_>>(),
            [Encoding::Brotli]
        );
    }

    #[test]
    fn a_response_that_is_not_compressed_can_be_refused() {
        for (line, expected) in [
            ("identity;q=0", true),
            ("*;q=0", true),
            ("br, *;q=0", true),
            ("*;q=0, identity", false),
            ("identity;q=0.1, *;q=0", false),
            ("br", false),
            ("", false),
        ] {
            assert_eq!(accepted(&[line]).refuses_identity(), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_taken_that_a_client_refuses(line in "[ ,;=q*.0-9brgziptdsen-]{0,60}") {
            let accepted = accepted(&[&line]);
            for encoding in accepted.best() {
                prop_assert!(accepted.allows(encoding));
                let named = line.to_lowercase().contains(encoding.name());
                prop_assert!(named || line.contains('*'), "{}", line);
            }
        }
    }
}
