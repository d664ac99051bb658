//! What visitors may hand in: what the owner has set for a share, and what the settings file says for
//! all of them.

use crate::{app::UploadSettings, config::ReceiveConfig, server::UploadRules};

/// What holds for every share.
#[derive(Debug, Clone, Copy, Default)]
pub struct UploadLimits {
    max_files: Option<u64>,
    max_visitor_size: Option<u64>,
    min_free: u64,
}

impl UploadLimits {
    pub fn of(config: &ReceiveConfig) -> Self {
        Self {
            max_files: (config.max_files > 0).then_some(config.max_files),
            max_visitor_size: config.max_visitor_size.0,
            min_free: config.min_free.0.unwrap_or(0),
        }
    }

    /// The rules for a share with these settings. What came in before this run counts.
    pub fn rules(&self, share: UploadSettings) -> UploadRules {
        let before = share.before;
        UploadRules {
            max_bytes: share.max_size.map(|max| max.saturating_sub(before.bytes)),
            max_files: self.max_files.map(|max| max.saturating_sub(before.files)),
            max_visitor_bytes: self.max_visitor_size,
            min_free: self.min_free,
            message: share.message,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::Received, config::SizeLimit};

    #[test]
    fn what_came_in_before_counts() {
        let limits = UploadLimits::of(&ReceiveConfig {
            max_files: 10,
            min_free: SizeLimit(None),
            ..ReceiveConfig::default()
        });
        let rules = limits.rules(UploadSettings {
            max_size: Some(1000),
            message: "Until Friday, please.".into(),
            before: Received {
                files: 12,
                bytes: 400,
            },
        });
        let expected = UploadRules {
            max_bytes: Some(600),
            max_files: Some(0),
            max_visitor_bytes: None,
            min_free: 0,
            message: "Until Friday, please.".into(),
        };
        assert_eq!(rules, expected);
        let none = UploadLimits::of(&ReceiveConfig::default()).rules(UploadSettings::default());
        assert_eq!((none.max_bytes, none.max_files), (None, None));
        assert_eq!(none.min_free, 1_000_000_000);
    }
}
