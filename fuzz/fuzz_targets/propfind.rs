//! Whatever a drive asks for, and whatever a file is called, the answer is well-formed XML about one
//! thing, and not much longer than the question.
#![no_main]

use libfuzzer_sys::fuzz_target;
use quick_xml::{NsReader, events::Event, name::ResolveResult};
use spot_serve::server::fuzzing::multistatus;

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let (is_folder, length) = (first & 1 == 1, usize::from(first >> 1));
    let (name, body) = rest.split_at(length.min(rest.len()));
    let is_of_name = |byte: &u8| !matches!(byte, 0 | b'/');
    let name: Vec<u8> = name.iter().copied().filter(is_of_name).collect();
    let Some(answer) = multistatus(body, &name, is_folder) else {
        return;
    };
    assert!(answer.len() < 16 * 1024 + 8 * (body.len() + name.len()));
    let text = str::from_utf8(&answer).expect("UTF-8");
    let is_control = |letter: char| letter.is_control() && letter != '\n';
    assert!(!text.contains(is_control));
    let mut reader = NsReader::from_str(text);
    let (mut depth, mut responses) = (0, 0);
    loop {
        let (namespace, event) = reader.read_resolved_event().expect("well-formed");
        assert!(!matches!(namespace, ResolveResult::Unknown(_)));
        match event {
            Event::Start(start) => {
                depth += 1;
                responses += usize::from(start.name().as_ref() == "D:response");
            }
            Event::Empty(start) => assert!(start.attributes().all(|attribute| attribute.is_ok())),
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((depth, responses), (0, 1));
});
