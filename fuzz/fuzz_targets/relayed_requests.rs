//! What the relay makes of a visitor's bytes is what another program makes of the bytes that the site
//! gets: the same requests, with the same ends. None of them reaches a site with a password. Responses are read without a panic, and what the
//! visitor gets of them can be read again.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spot_serve::runtime::fuzzing::{
    Body, Framing, LockedSite, RequestHead, ResponseHead, head_end,
};

static LOCKED: LazyLock<LockedSite> = LazyLock::new(|| LockedSite::start().unwrap());

fuzz_target!(|bytes: &[u8]| {
    requests(bytes);
    locked(bytes);
    response(bytes);
});

/// Reads request after request, like the relay.
fn requests(mut bytes: &[u8]) {
    while let Some(end) = head_end(bytes, 0) {
        let Ok(head) = RequestHead::parse(&bytes[..end]) else {
            return;
        };
        let for_site = head.for_site(|field| Some(field.value.into()));
        // A target that is not UTF-8 is passed on, and httparse refuses it.
        if str::from_utf8(head.target()).is_ok() {
            assert_eq!(seen_by_site(&for_site), head.framing());
        }
        bytes = &bytes[end..];
        let mut body = Body::of_request(head.framing());
        let Some(taken) = body.take(bytes) else {
            return;
        };
        if !body.is_done() {
            return;
        }
        if head.framing() == Framing::Chunked {
            assert_eq!(end_of_chunks(&bytes[..taken]), Some(taken));
        }
        bytes = &bytes[taken..];
    }
}

/// Sends everything to a site with a password.
fn locked(bytes: &[u8]) {
    let answers = LOCKED.visit(bytes).unwrap();
    let answers = answers.expect("the site is left alone");
    let mut answers = &answers[..];
    while let Some(end) = head_end(answers, 0) {
        let head = ResponseHead::parse(&answers[..end]).expect("our own responses can be read");
        assert!(![200, 206, 304].contains(&head.status));
        assert!(!head.fields().any(|field| field.is("set-cookie")));
        // A response to HEAD has a length, but no body.
        let next = answers[end..].windows(9).position(|bytes| bytes == b"HTTP/1.1 ");
        let Some(next) = next else {
            return;
        };
        answers = &answers[end + next..];
    }
}

/// How another program sees the head of a request.
fn seen_by_site(head: &[u8]) -> Framing {
    let mut fields = [httparse::EMPTY_HEADER; 4096];
    let mut request = httparse::Request::new(&mut fields);
    let parsed = match request.parse(head) {
        // More than a site reads.
        Err(httparse::Error::TooManyHeaders) => return own(head),
        parsed => parsed.expect("a site can read it"),
    };
    assert_eq!(parsed, httparse::Status::Complete(head.len()));
    let values = |name: &str| {
        let same = |field: &&httparse::Header<'_>| field.name.eq_ignore_ascii_case(name);
        request.headers.iter().filter(same).map(|field| field.value).collect::<Vec<_>>()
    };
    match (&values("content-length")[..], &values("transfer-encoding")[..]) {
        ([], []) => Framing::Length(0),
        ([length], []) => Framing::Length(str::from_utf8(length).unwrap().parse().unwrap()),
        ([], [coding]) => {
            assert!(coding.eq_ignore_ascii_case(b"chunked"));
            Framing::Chunked
        }
        both => panic!("{both:?}"),
    }
}

fn own(head: &[u8]) -> Framing {
    RequestHead::parse(head).expect("it was read before").framing()
}

/// Where a body in chunks ends, as another program sees it.
fn end_of_chunks(body: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let (start, length) = match httparse::parse_chunk_size(&body[at..]) {
            Ok(httparse::Status::Complete(found)) => found,
            _ => return None,
        };
        at += start;
        if length == 0 {
            let mut fields = [httparse::EMPTY_HEADER; 4096];
            return match httparse::parse_headers(&body[at..], &mut fields) {
                Ok(httparse::Status::Complete((end, _))) => Some(at + end),
                Err(httparse::Error::TooManyHeaders) => Some(body.len()),
                _ => None,
            };
        }
        at += usize::try_from(length).unwrap();
        assert_eq!(&body[at..at + 2], b"\r\n");
        at += 2;
    }
}

fn response(bytes: &[u8]) {
    let Some(end) = head_end(bytes, 0) else {
        return;
    };
    let Some(head) = ResponseHead::parse(&bytes[..end]) else {
        return;
    };
    let Some(framing) = head.framing(false) else {
        return;
    };
    let for_visitor = head.for_visitor(framing, Default::default());
    let again = ResponseHead::parse(&for_visitor).expect("it can be read again");
    assert_eq!(again.framing(false), Some(framing));
    assert_eq!(head_end(&for_visitor, 0), Some(for_visitor.len()));
    let mut body = Body::of_response(framing);
    if let Some(taken) = body.take(&bytes[end..]) {
        assert!(taken <= bytes.len() - end);
    }
}
