//! How long a part of the desktop may take to answer.

use std::time::Duration;

pub const LIMIT: Duration = Duration::from_secs(5);
