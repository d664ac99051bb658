//! Tags and cover of music and videos, whatever the format.

use super::{comments, id3, mp4, tags::Sound, window::Window};

/// What a file says about itself; `None` if its format is not known.
pub fn sound(window: &mut Window<'_>) -> Option<Sound> {
    let head = window.up_to(0, 12)?;
    let mut sound = Sound::default();
    let is_mpeg =
        head.first() == Some(&0xff) && head.get(1).is_some_and(|byte| byte & 0xe0 == 0xe0);
    if head.starts_with(b"ID3") {
        let end = id3::read(window, &mut sound);
        // Some programs put such tags in front of FLAC.
        if end.is_some_and(|end| window.up_to(end, 4).is_some_and(|next| next == b"fLaC")) {
            comments::flac(window, end?, &mut sound);
        } else {
            id3::measure(window, end.unwrap_or_default(), &mut sound);
        }
    } else if head.starts_with(b"fLaC") {
        comments::flac(window, 0, &mut sound);
    } else if head.starts_with(b"OggS") {
        comments::ogg(window, &mut sound);
    } else if head.get(4..8) == Some(b"ftyp") {
        mp4::read(window, &mut sound);
    } else if is_mpeg {
        id3::measure(window, 0, &mut sound);
    } else {
        return None;
    }
    Some(sound)
}
