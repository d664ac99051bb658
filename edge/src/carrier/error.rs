//! Why a request got no response.

use crate::body::BodyError;

#[derive(Debug, thiserror::Error)]
pub(crate) enum CarryError {
    #[error("the link ended: {0}")]
    Lost(BodyError),
    #[error("can't send this request: {0}")]
    InvalidRequest(String),
    #[error("cloudflared sent an invalid response: {0}")]
    InvalidResponse(String),
}
