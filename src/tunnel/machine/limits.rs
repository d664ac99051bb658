//! Time limits that several phases share.

use std::time::Duration;

/// A runner that is not registered this long after the name is known gets a rival over the other
/// transport.
pub const RACE_AFTER: Duration = Duration::from_secs(2);

/// How long connecting may take before it is reported as a problem.
pub const TELL_AFTER: Duration = Duration::from_secs(28);
