//! A response in place of the site's.

use hyper::StatusCode;

use crate::server::Reply;

/// The response as it is sent, to HEAD without its body. `closes` says that the connection ends
/// after it.
pub fn bytes(reply: &Reply, to_head: bool, closes: bool) -> Vec<u8> {
    let reason = StatusCode::from_u16(reply.status).ok();
    let reason = reason.and_then(|status| status.canonical_reason());
    let mut text = format!(
        "HTTP/1.1 {} {}\r\n",
        reply.status,
        reason.unwrap_or_default()
    );
    for (name, value) in &reply.headers {
        text.extend([name, ": ", value, "\r\n"]);
    }
    text += &format!("content-length: {}\r\n", reply.body.len());
    if closes {
        text += "connection: close\r\n";
    }
    text += "\r\n";
    if !to_head {
        text += &reply.body;
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_answered_without_the_body() {
        let reply = Reply {
            status: 410,
            headers: vec![("x".to_owned(), "y".to_owned())],
            body: "gone".to_owned(),
        };
        let head = "HTTP/1.1 410 Gone\r\nx: y\r\ncontent-length: 4\r\n";
        assert_eq!(
            String::from_utf8(bytes(&reply, true, false)).unwrap(),
            format!("{head}\r\n")
        );
        assert_eq!(
            String::from_utf8(bytes(&reply, false, true)).unwrap(),
            format!("{head}connection: close\r\n\r\ngone")
        );
    }
}
