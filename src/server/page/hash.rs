//! The hash by which the policy of a page allows a style sheet or script.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// The hash of a style sheet or script, as a policy names it.
pub fn hash(content: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(content)))
}
