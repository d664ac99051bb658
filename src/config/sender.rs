//! The name of who shares something, as visitors read it.

use serde::{Deserialize, Serialize};

/// The longest name, in characters.
const MAX_LENGTH: usize = 80;

/// A name; empty for none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sender(String);

impl Sender {
    /// The name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Sender {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let name = text.trim();
        if name.chars().count() > MAX_LENGTH || name.contains(char::is_control) {
            return Err(format!(
                "the name of a sender is one line of at most {MAX_LENGTH} characters"
            ));
        }
        Ok(Self(name.to_owned()))
    }
}

impl From<Sender> for String {
    fn from(sender: Sender) -> Self {
        sender.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line() {
        let name = |text: &str| Sender::try_from(text.to_owned()).map(String::from);
        assert_eq!(name(" Maria "), Ok("Maria".to_owned()));
        assert_eq!(name(""), Ok(String::new()));
        assert!(name("a\nb").is_err() && name(&"x".repeat(81)).is_err());
    }
}
