//! A form with files (`multipart/form-data`, RFC 7578), piece by piece as it arrives.
//!
//! Content is passed on without a copy, and next to nothing is kept in memory.

use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem;

use super::parameters::{Parameters, decoded};

/// The longest boundary. RFC 2046 allows 70 bytes.
const MAX_BOUNDARY_BYTES: usize = 200;

/// The longest head of a part, and what may come before the first part.
const MAX_HEAD_BYTES: usize = 8 * 1024;

/// Reads a form.
#[derive(Debug)]
pub struct Multipart {
    /// What comes before the head of each part, and after the content of the last one.
    delimiter: Vec<u8>,
    /// What has not been looked at.
    rest: Bytes,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Before the first delimiter.
    Preamble,
    /// Behind a delimiter.
    Delimiter,
    Head,
    /// Where the content of a part begins, if it has any.
    Start,
    Content,
    /// Behind the last delimiter.
    End,
}

/// What a form consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A part begins.
    Part(Part),
    /// The next bytes of its content.
    Content(Bytes),
    /// It ends.
    EndOfPart,
    /// The form ends. Whatever comes now means nothing.
    End,
}

/// What the head of a part says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The name of the field.
    pub field: Vec<u8>,
    /// The name of the file, if it is one.
    pub file_name: Option<Vec<u8>>,
}

/// It is not such a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Multipart {
    /// Reads a form with this Content-Type; `None` if that is not the type of one.
    pub fn of(content_type: &[u8]) -> Option<Self> {
        let mut parameters = Parameters::of(content_type)?;
        if !parameters
            .first
            .eq_ignore_ascii_case(b"multipart/form-data")
        {
            return None;
        }
        let boundary = parameters.take(b"boundary")?;
        let is_valid = (1..=MAX_BOUNDARY_BYTES).contains(&boundary.len())
            && boundary.iter().all(|byte| matches!(byte, b' '..=b'~'))
            && !boundary.ends_with(b" ");
        is_valid.then(|| Self {
            delimiter: [b"\r\n--", boundary.as_slice()].concat(),
            // The first delimiter may come without a line end.
            rest: Bytes::from_static(b"\r\n"),
            place: Place::Preamble,
        })
    }

    /// Adds the bytes that have arrived next.
    pub fn add(&mut self, bytes: Bytes) {
        if self.rest.is_empty() {
            self.rest = bytes;
        } else {
            let mut joined = BytesMut::with_capacity(self.rest.len() + bytes.len());
            joined.extend_from_slice(&self.rest);
            joined.extend_from_slice(&bytes);
            self.rest = joined.freeze();
        }
    }

    /// The next piece; `None` if more has to arrive first.
    ///
    /// # Errors
    /// If it is no such form.
    pub fn next_piece(&mut self) -> Result<Option<Piece>, Malformed> {
        loop {
            match self.place {
                Place::Preamble => match memmem::find(&self.rest, &self.delimiter) {
                    Some(at) if at <= MAX_HEAD_BYTES => {
                        self.rest.advance(at + self.delimiter.len());
                        self.place = Place::Delimiter;
                    }
                    None if self.rest.len() < MAX_HEAD_BYTES => return Ok(None),
                    _ => return Err(Malformed),
                },
                Place::Delimiter => {
                    // White space may follow (RFC 2046, section 5.1.1).
                    let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t');
                    let spaces = self.rest.iter().take_while(is_space).count();
                    match &self.rest[spaces..] {
                        [b'-', b'-', ..] if spaces == 0 => {
                            self.place = Place::End;
                        }
                        [b'\r', b'\n', ..] => {
                            // Its line end may be that of the empty line behind the head.
                            self.rest.advance(spaces);
                            self.place = Place::Head;
                        }
                        [] | [b'\r'] | [b'-'] if spaces < MAX_HEAD_BYTES => return Ok(None),
                        _ => return Err(Malformed),
                    }
                }
                Place::Head => match memmem::find(&self.rest, b"\r\n\r\n") {
                    Some(end) if end <= MAX_HEAD_BYTES => {
                        if memmem::find(&self.rest[..end], &self.delimiter).is_some() {
                            return Err(Malformed);
                        }
                        let part = Part::parse(&self.rest[..end])?;
                        self.rest.advance(end + 4);
                        self.place = Place::Start;
                        return Ok(Some(Piece::Part(part)));
                    }
                    None if self.rest.len() < MAX_HEAD_BYTES => return Ok(None),
                    _ => return Err(Malformed),
                },
                Place::Start => {
                    // If a part has no content, the line end before the next delimiter may be that
                    // of the empty line (RFC 2046, section 5.1.1).
                    let bare = &self.delimiter[b"\r\n".len()..];
                    if self.rest.starts_with(bare) {
                        self.rest.advance(bare.len());
                        self.place = Place::Delimiter;
                        return Ok(Some(Piece::EndOfPart));
                    }
                    if bare.starts_with(&self.rest) {
                        return Ok(None);
                    }
                    self.place = Place::Content;
                }
                Place::Content => return Ok(self.content()),
                Place::End => {
                    self.rest.clear();
                    return Ok(Some(Piece::End));
                }
            }
        }
    }

    /// Reads on in the content of a part.
    fn content(&mut self) -> Option<Piece> {
        let end = memmem::find(&self.rest, &self.delimiter);
        if end == Some(0) {
            self.rest.advance(self.delimiter.len());
            self.place = Place::Delimiter;
            return Some(Piece::EndOfPart);
        }
        let end = end.unwrap_or_else(|| self.rest.len() - self.may_be_delimiter());
        (end > 0).then(|| Piece::Content(self.rest.split_to(end)))
    }

    /// How many of the last bytes may be the start of a delimiter.
    fn may_be_delimiter(&self) -> usize {
        let most = self.rest.len().min(self.delimiter.len() - 1);
        let tail = &self.rest[self.rest.len() - most..];
        // A boundary has no line end, so a delimiter can only start where one is.
        memchr::memrchr(b'\r', tail)
            .map(|at| &tail[at..])
            .filter(|tail| self.delimiter.starts_with(tail))
            .map_or(0, <[u8]>::len)
    }
}

impl Part {
    fn parse(head: &[u8]) -> Result<Self, Malformed> {
        let mut part = None;
        for line in head.split(|byte| *byte == b'\n') {
            let line = line.trim_ascii();
            let Some(colon) = memchr::memchr(b':', line) else {
                continue;
            };
            if !line[..colon].eq_ignore_ascii_case(b"content-disposition") {
                continue;
            }
            let parameters = Parameters::of(line[colon + 1..].trim_ascii()).ok_or(Malformed)?;
            if part.replace(Self::of(parameters)).is_some() {
                return Err(Malformed);
            }
        }
        part.ok_or(Malformed)
    }

    fn of(mut parameters: Parameters) -> Self {
        let extended = parameters.take(b"filename*");
        let plain = parameters.take(b"filename");
        Self {
            field: parameters.take(b"name").unwrap_or_default(),
            // The form that Python's programs use for other alphabets (RFC 8187).
            file_name: extended.as_deref().and_then(decoded).or(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPE: &[u8] = b"multipart/form-data; boundary=x";

    /// A form as its fields: the name, the name of the file, and the content.
    type Fields = Vec<(String, Option<String>, Vec<u8>)>;

    fn read(pieces: &[&[u8]]) -> Result<(Fields, bool), Malformed> {
        let mut form = Multipart::of(TYPE).unwrap();
        let mut fields = Fields::new();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        for piece in pieces {
            form.add(Bytes::copy_from_slice(piece));
            while let Some(piece) = form.next_piece()? {
                match piece {
                    Piece::Part(part) => {
                        fields.push((text(part.field), part.file_name.map(text), Vec::new()));
                    }
                    Piece::Content(content) => {
                        assert!(!content.is_empty());
                        fields.last_mut().unwrap().2.extend_from_slice(&content);
                    }
                    Piece::EndOfPart => {}
                    Piece::End => return Ok((fields, true)),
                }
            }
        }
        Ok((fields, false))
    }

    fn field(name: &str, file: Option<&str>, content: &[u8]) -> (String, Option<String>, Vec<u8>) {
        (name.to_owned(), file.map(str::to_owned), content.to_vec())
    }

    #[test]
    fn a_form_is_read_however_it_arrives() {
        let form = b"preamble\r\n--x  \r\nContent-Disposition: form-data; name=\"sender\"\r\n\r\n\
            Ann\r\n--x\r\nContent-Type: text/plain\r\ncontent-disposition:form-data;\
            filename=\"a b;c.txt\" ; name=file\r\n\r\n\r\n--x is no end\r--\r\n\r\n--x\r\n\
            Content-Disposition: form-data; name=\"empty\"; filename=\"\"\r\n\r\n\r\n--x--epilogue";
        let expected = vec![
            field("sender", None, b"Ann"),
            field("file", Some("a b;c.txt"), b"\r\n--x is no end\r--\r\n"),
            field("empty", Some(""), b""),
        ];
        // " is no end" may not follow a delimiter.
        assert_eq!(read(&[form]), Err(Malformed));
        let form = String::from_utf8_lossy(form).replace("--x is no end", "--y is no end");
        let expected: Fields = expected
            .into_iter()
            .map(|(name, file, content)| {
                let content = String::from_utf8_lossy(&content).replace("--x", "--y");
                (name, file, content.into_bytes())
            })
            .collect();
        for at in 0..=form.len() {
            let (start, end) = form.as_bytes().split_at(at);
            assert_eq!(read(&[start, end]), Ok((expected.clone(), true)), "{at}");
        }
        let bytes: Vec<_> = form.as_bytes().chunks(1).collect();
        assert_eq!(read(&bytes), Ok((expected, true)));
    }

    #[test]
    fn a_part_without_content_may_end_with_its_head() {
        let head = "--x\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n";
        let expected = vec![field("f", Some("a"), b""); 2];
        let form = format!("{head}{head}--x--");
        for at in 0..=form.len() {
            let (start, end) = form.as_bytes().split_at(at);
            assert_eq!(read(&[start, end]), Ok((expected.clone(), true)), "{at}");
        }
        let form = format!("{head}--y\r\n--x--");
        let read = read(&[form.as_bytes()]);
        assert_eq!(read, Ok((vec![field("f", Some("a"), b"--y")], true)));
    }

    #[test]
    fn a_delimiter_within_a_head_is_refused() {
        let head = "Content-Disposition: form-data; name=f\r\n\r\n";
        for form in [
            format!("--x\r\n--x\r\n{head}a\r\n--x--"),
            format!("--x\r\nX: y\r\n--x:\r\n{head}a\r\n--x--"),
        ] {
            assert_eq!(read(&[form.as_bytes()]), Err(Malformed), "{form}");
        }
    }

    #[test]
    fn file_names_are_as_browsers_and_programs_write_them() {
        for (parameter, expected) in [
            ("filename=\"a.txt\"", Some("a.txt")),
            ("filename=a.txt", Some("a.txt")),
            ("filename=\"a%22b%0D%0Ac%41.txt\"", Some("a\"b\r\nc%41.txt")),
            ("filename=\"a\\\"b\\c.txt\"", Some("a\"b\\c.txt")),
            ("filename=\"../ü/*.txt\"", Some("../ü/*.txt")),
            (
                "filename*=utf-8''%C3%BC%20b.txt; filename=x",
                Some("ü b.txt"),
            ),
            ("filename*=iso-8859-1''%FC; filename=x", Some("x")),
            ("filename*=broken; filename=\"x\"", Some("x")),
            ("FileName=\"x\"", Some("x")),
            ("filename", None),
            ("other=1", None),
        ] {
            let head = format!("Content-Disposition: form-data; name=f; {parameter}");
            let form = format!("--x\r\n{head}\r\n\r\n\r\n--x--");
            let read = read(&[form.as_bytes()]);
            assert_eq!(
                read,
                Ok((vec![field("f", expected, b"")], true)),
                "{parameter}"
            );
        }
    }

    #[test]
    fn only_forms_with_a_boundary_are_read() {
        for content_type in [
            &b"multipart/form-data; boundary=----WebKitFormBoundary7MA4"[..],
            b"Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"",
        ] {
            assert!(Multipart::of(content_type).is_some());
        }
        let long = [TYPE, &[b'x'; MAX_BOUNDARY_BYTES]].concat();
        for content_type in [
            &b""[..],
            b"multipart/form-data",
            b"multipart/form-data; boundary=",
            b"multipart/form-data; boundary=\"a",
            b"multipart/form-data; boundary=\"a \"",
            b"multipart/form-data; boundary=\xff",
            b"multipart/mixed; boundary=x",
            b"application/x-www-form-urlencoded",
            &long,
        ] {
            assert!(Multipart::of(content_type).is_none());
        }
    }

    #[test]
    fn what_is_no_form_is_refused_or_never_ends() {
        let long = "a".repeat(MAX_HEAD_BYTES + 1);
        for form in [
            long.clone(),
            format!("--x\r\n{long}"),
            "--x\r\n\r\ncontent\r\n--x--".to_owned(),
            "--x\r\nContent-Type: text/plain\r\n\r\ncontent\r\n--x--".to_owned(),
            "--xy\r\n".to_owned(),
            "--x\n".to_owned(),
            format!("--x{}", " ".repeat(MAX_HEAD_BYTES)),
            "--x\r\nContent-Disposition: form-data; name=\"a\r\n\r\n".to_owned(),
            "--x\r\nContent-Disposition: a\r\nContent-Disposition: b\r\n\r\n".to_owned(),
        ] {
            assert_eq!(read(&[form.as_bytes()]), Err(Malformed), "{form}");
        }
        let cut = b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\ncontent\r\n--x-";
        for end in 0..=cut.len() {
            let read = read(&[&cut[..end]]);
            assert!(read.is_ok_and(|(_, has_ended)| !has_ended), "{end}");
        }
    }

    #[test]
    fn content_is_not_copied() {
        let mut form = Multipart::of(TYPE).unwrap();
        form.add(Bytes::from_static(
            b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n",
        ));
        assert!(matches!(form.next_piece(), Ok(Some(Piece::Part(_)))));
        assert_eq!(form.next_piece(), Ok(None));
        let chunk = Bytes::from(vec![b'a'; 100_000]);
        form.add(chunk.clone());
        let Ok(Some(Piece::Content(content))) = form.next_piece() else {
            panic!("there is content");
        };
        assert_eq!((content.as_ptr(), content.len()), (chunk.as_ptr(), 100_000));
        assert_eq!(form.next_piece(), Ok(None));
    }

    proptest! {
        #[test]
        fn contents_come_out_as_they_went_in(
            contents in proptest::collection::vec("[ax\r\n-]{0,30}", 0..4),
            at in proptest::collection::vec(0..400_usize, 0..6),
        ) {
            let contents: Vec<_> = contents
                .into_iter()
                .map(|content| content.replace("--x", "--y"))
                .collect();
            let mut form = String::new();
            for content in &contents {
                form += "--x\r\nContent-Disposition: form-data; name=f; filename=a\r\n\r\n";
                form += content;
                form += "\r\n";
            }
            form += "--x--\r\n";
            let form = form.as_bytes();
            let mut at: Vec<_> = at.into_iter().map(|at| at.min(form.len())).collect();
            at.extend([0, form.len()]);
            at.sort_unstable();
            let pieces: Vec<_> = at.windows(2).map(|two| &form[two[0]..two[1]]).collect();
            let expected = contents
                .iter()
                .map(|content| field("f", Some("a"), content.as_bytes()))
                .collect();
            prop_assert_eq!(read(&pieces), Ok((expected, true)));
        }

        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec("[x\r\n-]|Content-Disposition: a", 0..40)) {
            let bytes = bytes.concat();
            let _ = read(&[b"--x\r\n", bytes.as_bytes()]);
        }
    }
}
