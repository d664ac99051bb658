//! Whatever visitors and sites send, the inspector shows it within its bounds, and without secrets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spot_serve::inspector::{Answer, Asked, Inspector, Secrets};

const MAX_BODY: usize = 256 * 1024;

fuzz_target!(|input: (bool, bool, &[u8], &[u8], &[u8])| {
    let (request_chunks, answer_chunks, fields, body, answer) = input;
    let secret = "dont-show-this";
    let head = [
        b"POST / HTTP/1.1\r\nAuthorization: Bearer dont-show-this\r\nCookie: a=dont-show-this\r\n",
        fields,
        b"\r\n\r\n",
    ]
    .concat();
    if String::from_utf8_lossy(fields).contains(secret) {
        return;
    }
    let inspector = Inspector::default();
    let _guard = inspector.open();
    let recording = inspector.record(|| Asked {
        method: "POST".to_owned(),
        target: body.to_vec(),
        head,
        has_chunks: request_chunks,
        ..Asked::default()
    });
    let recording = recording.expect("somebody looks");
    recording.sent(body);
    recording.answered(Answer {
        status: 200,
        head: [b"HTTP/1.1 200 OK\r\n", fields, b"\r\n\r\n"].concat(),
        has_chunks: answer_chunks,
        ..Answer::default()
    });
    recording.received(answer);
    let detail = inspector
        .request(recording.id(), Secrets::Masked)
        .expect("it is recorded");
    for shown in [&detail.request_body, &detail.answer_body] {
        assert!(
            shown
                .text
                .as_ref()
                .is_none_or(|text| text.len() <= MAX_BODY)
        );
    }
    for field in detail.request_fields.iter().chain(&detail.answer_fields) {
        assert!(!field.value.contains(secret));
        assert!(
            !field
                .name
                .chars()
                .chain(field.value.chars())
                .any(char::is_control)
        );
    }
    let curl = inspector
        .curl(recording.id(), Secrets::Masked)
        .expect("it is recorded");
    assert!(String::from_utf8_lossy(body).contains(secret) || !curl.contains(secret));
    // A line end at the end of a word stands in quotes, where a terminal doesn't act on it.
    assert!(!curl.contains(|char: char| char.is_control() && char != '\n'));
});
