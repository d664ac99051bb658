//! macOS: it calls no network public.

use super::standing::Networks;

/// What the system says: nothing.
pub async fn networks() -> Networks {
    Networks::default()
}
