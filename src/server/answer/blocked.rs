//! The answer for visitors of a local site whom the owner has blocked: the same that visitors of
//! files get, for something that speaks HTTP without actix-web.

use super::reply::{Reply, accepting};
use crate::server::{http::error, page};

/// The response for a visitor with this Accept-Language header.
pub fn blocked(language: Option<&[u8]>) -> Reply {
    let response = error::blocked();
    Reply::of(page::finish(response, &accepting(language)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_blocked_is_told_so_in_their_language() {
        let reply = blocked(Some(b"de"));
        assert_eq!(reply.status, 403);
        assert!(
            reply.body.contains("lässt Sie nicht mehr hinein"),
            "{}",
            reply.body
        );
    }
}
