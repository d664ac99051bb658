//! Newer versions of the program: when to ask for them, and what was found.

use std::time::Duration;

use super::moment::Moment;

/// The time between two questions that nobody asked for.
pub const PACE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// After a question that failed, the next one comes earlier.
pub const PACE_AFTER_FAILURE: Duration = Duration::from_secs(24 * 60 * 60);

/// What the program knows about newer versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Updates {
    /// `None` if the program never asks by itself.
    pub weekly: Option<WeeklyCheck>,
    /// A question is under way.
    pub asking: Option<Asker>,
    /// The page of the newest release, as far as it is known.
    pub page: Option<String>,
}

/// The owner wants the program to ask once a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyCheck {
    /// When to ask next.
    pub due: Moment,
    /// The version that the owner was told of.
    pub told: Option<String>,
}

/// Who wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// The owner has just clicked, and waits for an answer.
    Owner,
    /// A week has passed.
    Week,
}

/// The answer to the question for newer versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateAnswer {
    UpToDate,
    New(NewVersion),
    /// The text says what failed, why, and what to do.
    Failed(String),
}

/// A newer version. All text was checked: it can be shown anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    pub version: String,
    /// What is new in it and in those before it, the newest first.
    pub notes: Vec<String>,
    /// How to get it for this copy, as a sentence.
    pub how: String,
    /// The page of its release.
    pub page: String,
}

impl Updates {
    /// When to ask next without being told to.
    pub fn due(&self) -> Option<Moment> {
        let weekly = self.weekly.as_ref().filter(|_| self.asking.is_none());
        weekly.map(|weekly| weekly.due)
    }
}
