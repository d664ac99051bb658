//! How fast shares may send.

use serde::{Deserialize, Serialize};

use super::limit::unless_empty;
use crate::app::speed;

/// Bytes in a second, such as `2MB/s`; empty for no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SpeedLimit(pub Option<u64>);

impl TryFrom<String> for SpeedLimit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        unless_empty(&text, "a speed", speed::parse).map(Self)
    }
}

impl From<SpeedLimit> for String {
    fn from(limit: SpeedLimit) -> Self {
        limit.0.map(speed::compact).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn new_shares_can_have_a_limit() {
        let parse = |text: &str| Config::parse(text, Path::new("config.toml"));
        let config = parse("[server]\nlimit = \"2 MB/s\"\n").unwrap();
        assert_eq!(config.defaults().speed_limit, Some(2_000_000));
        assert!(config.shown().unwrap().contains("limit = \"2MB/s\""));
        let none = parse("[server]\nlimit = \"\"\n").unwrap();
        assert_eq!(none.defaults().speed_limit, None);
        let error = parse("[server]\nlimit = \"2MB\"\n").unwrap_err();
        let words = "line 2: the value is not a speed; write a number and kB/s or MB/s";
        assert!(error.to_string().contains(words), "{error}");
    }
}
