//! The password in a form and in an Authorization header is what was entered, or there is none.
#![no_main]

use base64::{Engine, engine::general_purpose::STANDARD};
use libfuzzer_sys::fuzz_target;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use spot_serve::server::{
    MAX_FORM_BYTES,
    fuzzing::{basic_password, form_password},
};

fuzz_target!(|input: &[u8]| {
    for password in [form_password(input), basic_password(input)]
        .into_iter()
        .flatten()
    {
        assert!(password.len() <= input.len());
        let form = format!(
            "password={}",
            utf8_percent_encode(&password, NON_ALPHANUMERIC)
        );
        let is_short = form.len() <= MAX_FORM_BYTES;
        let read = form_password(form.as_bytes());
        assert_eq!(read, is_short.then(|| password.clone()));
        let header = format!("Basic {}", STANDARD.encode(format!("any:{password}")));
        assert_eq!(basic_password(header.as_bytes()), Some(password));
    }
    if input.len() > MAX_FORM_BYTES || !input.windows(9).any(|nine| nine == b"password=") {
        assert_eq!(form_password(input), None);
    }
    // Whatever surrounds it, the first field of the name counts.
    if let Ok(text) = str::from_utf8(input) {
        let form = format!("password=first&{text}");
        if form.len() <= MAX_FORM_BYTES {
            assert_eq!(form_password(form.as_bytes()).as_deref(), Some("first"));
        }
    }
});
