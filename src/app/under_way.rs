//! What visitors are being sent or hand in, for an owner who wonders what keeps a disk busy.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// More visitors than these are counted only.
const NAMED: usize = 3;

/// The requests of visitors that are under way for a share. They keep its disk busy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    pub count: usize,
    /// Who sent them, as far as that is known.
    pub visitors: Vec<IpAddr>,
}

impl UnderWay {
    /// How many requests are under way and whose they are, if there are any:
    /// `2 requests under way (192.0.2.7, 198.51.100.3)`.
    pub fn in_words(&self) -> Option<String> {
        let mut words = match self.count {
            0 => return None,
            1 => "1 request under way".to_owned(),
            count => format!("{count} requests under way"),
        };
        let named = self.visitors.iter().take(NAMED);
        let mut names: Vec<String> = named.map(|address| name(*address)).collect();
        if self.visitors.len() > NAMED {
            names.push(format!("{} more", self.visitors.len() - NAMED));
        }
        if !names.is_empty() {
            words = format!("{words} ({})", names.join(", "));
        }
        Some(words)
    }
}

fn name(address: IpAddr) -> String {
    if address.is_loopback() {
        "this computer".into()
    } else {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_visitors_are_named_and_the_others_counted() {
        let words = |count, visitors: &[&str]| {
            let visitors = visitors.iter().map(|address| address.parse().unwrap());
            let under_way = UnderWay {
                count,
                visitors: visitors.collect(),
            };
            under_way.in_words()
        };
        assert_eq!(words(0, &["192.0.2.1"]), None);
        assert_eq!(words(1, &[]).unwrap(), "1 request under way");
        assert_eq!(
            words(2, &["127.0.0.1", "2001:db8::"]).unwrap(),
            "2 requests under way (this computer, 2001:db8::)"
        );
        let many = [
            "192.0.2.1",
            "192.0.2.2",
            "192.0.2.3",
            "192.0.2.4",
            "192.0.2.5",
        ];
        assert_eq!(
            words(9, &many).unwrap(),
            "9 requests under way (192.0.2.1, 192.0.2.2, 192.0.2.3, 2 more)"
        );
    }
}
