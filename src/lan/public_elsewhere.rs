//! macOS: it calls no network public.

use super::public::PublicNetwork;

/// None: that can't be known.
pub async fn public_networks() -> Vec<PublicNetwork> {
    Vec::new()
}
