//! The response for a file: all of it, parts of it, or 304.

use std::{
    fs::File,
    hash::{BuildHasher, RandomState},
    io,
    ops::Range,
    sync::Arc,
    time::{Instant, SystemTime},
};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{
            ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, VARY,
        },
    },
};
use bytes::Bytes;

use super::{
    beside::{Beside, Original},
    encoded::{self, Plain},
    isolation::{self, Isolation},
    kept::Keeping,
    version::{self, validators},
};
use crate::server::{
    blocking::blocking,
    downloads::{DownloadKind, Item, Sends},
    folder::FileStamp,
    http::{
        Request,
        compress::{self, Coding, WHOLE_BYTES},
        conditional::{Precondition, Validators, allows_range, evaluate_each},
        disposition::disposition,
        encoding::Encoding,
        error::{error, no_such_range, stopped},
        media_type::{MediaType, SNIFF_BYTES},
        range::{RequestedRange, parse_range},
    },
    path::shown_name,
    share::{Draft, FileResource, INDEX, Membership, OpenShare},
    transport::{HeadBody, Piece, PiecesBody, read_at, read_now},
};

/// Up to this size, a file is read at once and sent in one write with the head of its response. For
/// larger files, avoiding the copy is worth a second write.
const SMALL_BYTES: u64 = 1024 * if cfg!(target_os = "linux") { 16 } else { 64 };

/// How often a file is read again if it gets shorter while its first bytes are read.
const READ_ATTEMPTS: usize = 3;

/// Answers with the file at the path of a request, or with the index page of the folder there. The answer
/// may be kept.
///
/// # Errors
/// Those of opening and reading the file.
pub async fn show(
    share: &OpenShare,
    request: &Request<'_>,
    resource: &FileResource,
    name: &[u8],
    keeping: Option<&Keeping>,
) -> io::Result<HttpResponse> {
    answer(share, request, resource, (name, StatusCode::OK), keeping).await
}

/// Answers with a file.
///
/// `name` is the name in the URL. With a `status` other than 200, it is a site's page for that status:
/// it is sent whole, and preconditions are ignored.
///
/// # Errors
/// Those of opening and reading the file.
pub async fn respond(
    share: &OpenShare,
    request: &Request<'_>,
    resource: &FileResource,
    name: &[u8],
    status: StatusCode,
) -> io::Result<HttpResponse> {
    answer(share, request, resource, (name, status), None).await
}

async fn answer(
    share: &OpenShare,
    request: &Request<'_>,
    resource: &FileResource,
    (name, status): (&[u8], StatusCode),
    keeping: Option<&Keeping>,
) -> io::Result<HttpResponse> {
    let media_type = MediaType::of_name(name);
    let is_page = status != StatusCode::OK;
    let membership = isolation::trusted(
        share.membership(request.path).await,
        request.is_open_to_files,
    );
    // A page for what is missing is the same everywhere.
    let place = if is_page {
        name
    } else {
        request.path.as_bytes()
    };
    // Which form of a text is sent depends on more than the file.
    let may_have_others = membership == Membership::Website
        && !is_page
        && !request.wants("download")
        && media_type.is_compressible();
    let beside = if may_have_others {
        Beside::find(resource).await
    } else {
        Beside::default()
    };
    if !beside.is_empty() {
        let original = Original {
            resource,
            name,
            media_type: media_type.clone(),
        };
        if let Some(response) = beside.respond(original, request).await? {
            return Ok(response);
        }
    }
    let describe = |stamp: &FileStamp, media_type: &MediaType| {
        let mut compression = compression(request, media_type, stamp, place);
        if matches!(compression, Compression::Never) && !beside.is_empty() {
            compression = Compression::ForOthers;
        }
        Description::new(stamp, Isolation::of(membership, media_type), compression)
    };
    let has_one_form =
        |compression: &Compression| matches!(compression, Compression::Never) && !may_have_others;
    // If only the content shows whether it is text, it has to be read first.
    let found = (!is_page && media_type.is_known()).then(|| describe(&resource.stamp, &media_type));
    if let Some(found) = &found
        && let Some(early) = found.answer_early(request)
    {
        if early.status() == StatusCode::NOT_MODIFIED && has_one_form(&found.compression) {
            let read = Read {
                file: None,
                stamp: &resource.stamp,
                content: Bytes::new(),
            };
            keep(share, request, resource, keeping, read, || {
                (found.validators.clone(), membership, None)
            });
        }
        return Ok(early);
    }

    let opened = Opened::new(resource, &media_type, request.delivery.is_head).await?;
    let stamp = opened.stamp;
    // A small file is read in full, but not for HEAD, which must find the same type.
    let sniffed = &opened.start[..opened.start.len().min(SNIFF_BYTES)];
    let media_type = media_type.with_content(sniffed, sniffed.len() as u64 == stamp.size);
    let media_type = if request.wants("download") {
        media_type.into_saved()
    } else {
        media_type
    };
    let description = match found {
        Some(found) if stamp == resource.stamp => found,
        // It has changed since it was found.
        _ => {
            let opened = describe(&stamp, &media_type);
            if !is_page && let Some(early) = opened.answer_early(request) {
                return Ok(early);
            }
            opened
        }
    };

    let mut response = HttpResponse::build(status);
    description.describe(&mut response);
    response.insert_header((
        CONTENT_DISPOSITION,
        disposition(name, &media_type, request.wants("download")),
    ));
    let content_type = media_type.header();

    let item = || Item {
        name: shown_name(name),
        kind: DownloadKind::File,
        path: request.path.as_bytes().to_vec(),
        version: stamp.identity(),
        size: stamp.size,
    };
    // Visitors of a site look at most of its files. What a browser would save, they take.
    let is_taken = !is_page
        && (membership == Membership::Listing
            || request.wants("download")
            || !media_type.is_shown_by_browsers());
    let follow = |sends| {
        if is_taken {
            request.follow(sends, item);
        }
    };

    let sends = |start, length, size| request.sends((start, length, size), || shown_name(name));
    if let Compression::Done(coding) = description.compression {
        if sends(0, Some(stamp.size), None).is_err() {
            return Ok(stopped());
        }
        follow(Sends::Encoded);
        response.insert_header((CONTENT_TYPE, content_type.as_ref()));
        let Opened { file, start, .. } = opened;
        let plain = Plain {
            place,
            file,
            stamp,
            start,
        };
        return encoded::respond(plain, coding, response, request).await;
    }
    if let Some(encoding) = media_type.encoding() {
        response.insert_header((CONTENT_ENCODING, encoding));
    }
    response.insert_header((ACCEPT_RANGES, "bytes"));
    let range = match request.range() {
        Some(range)
            if !is_page
                && allows_range(request.headers, &description.validators, SystemTime::now()) =>
        {
            parse_range(range.as_bytes(), stamp.size)
        }
        _ => RequestedRange::Whole,
    };
    let range = match range {
        // Each part would count as compressed on its own. Sending the whole file is allowed.
        RequestedRange::Parts(parts) if parts.len() > 1 && media_type.encoding().is_some() => {
            RequestedRange::Whole
        }
        range => range,
    };
    let (start, length) = match &range {
        RequestedRange::Whole => (0, stamp.size),
        RequestedRange::Nothing => (0, 0),
        RequestedRange::Parts(parts) => (
            parts.iter().map(|part| part.start).min().unwrap_or(0),
            parts.iter().map(|part| part.end - part.start).sum(),
        ),
    };
    if sends(start, Some(length), Some(stamp.size)).is_err() {
        return Ok(stopped());
    }
    Ok(match range {
        RequestedRange::Whole => {
            response.insert_header((CONTENT_TYPE, content_type.as_ref()));
            if opened.start.len() as u64 == stamp.size && has_one_form(&description.compression) {
                let read = Read {
                    file: Some(&opened.file),
                    stamp: &stamp,
                    content: opened.start.clone(),
                };
                keep(share, request, resource, keeping, read, || {
                    let item = is_taken.then(item);
                    (description.validators.clone(), membership, item)
                });
            }
            opened.send(request, response, 0..stamp.size, follow)
        }
        RequestedRange::Nothing => no_such_range(stamp.size),
        RequestedRange::Parts(parts) => {
            response.status(StatusCode::PARTIAL_CONTENT);
            match parts.as_slice() {
                [part] => {
                    response
                        .insert_header((CONTENT_TYPE, content_type.as_ref()))
                        .insert_header((CONTENT_RANGE, content_range(part, stamp.size)));
                    opened.send(request, response, part.clone(), follow)
                }
                parts => {
                    follow(Sends::Pieces);
                    opened.send_parts(request, response, parts, &content_type)
                }
            }
        }
    })
}

/// What was read of a file.
struct Read<'a> {
    /// `None` if nothing was.
    file: Option<&'a File>,
    /// As it was before.
    stamp: &'a FileStamp,
    content: Bytes,
}

/// Keeps the answer, if it will be right for as long as the file stays the same.
fn keep(
    share: &OpenShare,
    request: &Request<'_>,
    resource: &FileResource,
    keeping: Option<&Keeping>,
    read: Read<'_>,
    describe: impl FnOnce() -> (Validators, Membership, Option<Item>),
) {
    let Some(keeping) = keeping else {
        return;
    };
    let is_settled = read.stamp.version().is_some()
        && read
            .stamp
            .modified()
            .is_none_or(|modified| modified <= keeping.began);
    #[cfg(test)]
    let is_settled =
        is_settled || super::kept::KEEPS_UNTAGGED.load(std::sync::atomic::Ordering::SeqCst);
    if !is_settled || !share.kept.have_room(read.content.len(), Instant::now()) {
        return;
    }
    let path = request.path;
    let way = if path.is_folder {
        share.way(resource, path.join(INDEX).as_bytes())
    } else {
        share.way(resource, path.as_bytes())
    };
    let known = way.and_then(|way| resource.known(way, read.file, read.stamp, keeping.began));
    if let Some(known) = known {
        let (validators, membership, item) = describe();
        keeping.keep(Draft {
            known,
            membership,
            path: path.clone(),
            validators,
            content: read.content,
            item,
        });
    }
}

/// Whether a file is compressed.
enum Compression {
    /// For nobody.
    Never,
    /// For other clients, which accept it.
    ForOthers,
    Done(Coding),
}

fn compression(
    request: &Request<'_>,
    media_type: &MediaType,
    stamp: &FileStamp,
    place: &[u8],
) -> Compression {
    if !compress::is_worth_it(media_type, stamp.size) {
        return Compression::Never;
    }
    if request.range().is_some() {
        return Compression::ForOthers;
    }
    let is_whole =
        |encoding| stamp.size <= WHOLE_BYTES || encoded::is_kept(request, place, stamp, encoding);
    Coding::of(request, is_whole).map_or(Compression::ForOthers, Compression::Done)
}

impl Compression {
    fn encoding(&self) -> Option<Encoding> {
        match self {
            Self::Never | Self::ForOthers => None,
            Self::Done(coding) => Some(coding.encoding),
        }
    }
}

/// What a 200 and its 304 say about a file.
struct Description {
    stamp: FileStamp,
    validators: Validators,
    isolation: Isolation,
    compression: Compression,
}

impl Description {
    fn new(stamp: &FileStamp, isolation: Isolation, compression: Compression) -> Self {
        Self {
            stamp: *stamp,
            validators: validators(stamp, isolation, compression.encoding()),
            isolation,
            compression,
        }
    }

    /// The response that needs no content, if there is one.
    fn answer_early(&self, request: &Request<'_>) -> Option<HttpResponse> {
        let (outcome, known) = self.evaluate(request);
        match outcome {
            Precondition::Proceed => None,
            Precondition::NotModified => {
                let mut response = HttpResponse::NotModified();
                self.describe_as(known.as_ref().unwrap_or(&self.validators), &mut response);
                Some(response.finish())
            }
            Precondition::Failed => Some(error(StatusCode::PRECONDITION_FAILED)),
        }
    }

    /// Whether the visitor has the current version already, and which one.
    fn evaluate(&self, request: &Request<'_>) -> (Precondition, Option<Validators>) {
        let now = self.validators.clone();
        // Text that was sent in one encoding is the same in another.
        let is_same = !matches!(self.compression, Compression::Never);
        let encodings = Encoding::FORMS
            .into_iter()
            .filter(|&other| is_same && other != self.compression.encoding());
        let others = encodings.map(|other| validators(&self.stamp, self.isolation, other));
        evaluate_each(request.headers, [now].into_iter().chain(others))
    }

    /// Adds the headers.
    fn describe(&self, response: &mut HttpResponseBuilder) {
        self.describe_as(&self.validators, response);
    }

    fn describe_as(&self, validators: &Validators, response: &mut HttpResponseBuilder) {
        self.isolation.describe(response);
        version::describe(validators, self.stamp.size, response);
        // The encoding depends on what the client accepts.
        if !matches!(self.compression, Compression::Never) {
            response.insert_header((VARY, "Accept-Encoding"));
        }
    }
}

fn content_range(part: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", part.start, part.end - 1)
}

/// A file, and as much of its start as is needed to send the head of the response.
struct Opened {
    file: File,
    stamp: FileStamp,
    /// All of a small file. Otherwise the bytes that the media type is detected from, or nothing.
    start: Bytes,
}

impl Opened {
    async fn new(
        resource: &FileResource,
        media_type: &MediaType,
        is_head: bool,
    ) -> io::Result<Self> {
        for _ in 0..READ_ATTEMPTS {
            let (file, stamp) = resource.open().await?;
            let sniffed = if media_type.needs_content() {
                stamp.size.min(SNIFF_BYTES as u64)
            } else {
                0
            };
            let length = if stamp.size <= SMALL_BYTES && !is_head {
                stamp.size
            } else {
                sniffed
            };
            // At most SMALL_BYTES.
            let length = length as usize;
            let mut start = vec![0; length];
            if read_now(&file, 0, &mut start) {
                let start = start.into();
                return Ok(Self { file, stamp, start });
            }
            let (file, start) = blocking(move || {
                let read = read_at(&file, 0, &mut start)?;
                start.truncate(read);
                Ok((file, Bytes::from(start)))
            })
            .await?;
            if start.len() == length {
                return Ok(Self { file, stamp, start });
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    fn send(
        self,
        request: &Request<'_>,
        mut response: HttpResponseBuilder,
        range: Range<u64>,
        follow: impl FnOnce(Sends),
    ) -> HttpResponse {
        let length = range.end - range.start;
        if request.delivery.is_head {
            return response.body(HeadBody(length));
        }
        if let Some(content) = self.in_memory(&range) {
            follow(Sends::From(range.start));
            return response.body(content);
        }
        follow(Sends::Pieces);
        let piece = Piece::File(Arc::new(self.file), range);
        response.no_chunking(length);
        response.body(BoxBody::new(PiecesBody::new(
            request.delivery.outbox.clone(),
            [piece],
        )))
    }

    fn in_memory(&self, range: &Range<u64>) -> Option<Bytes> {
        if range.end <= self.start.len() as u64 {
            // Both ends are within `start`.
            return Some(self.start.slice(range.start as usize..range.end as usize));
        }
        let length = range.end - range.start;
        if length > SMALL_BYTES {
            return None;
        }
        // At most SMALL_BYTES.
        let mut content = vec![0; length as usize];
        read_now(&self.file, range.start, &mut content).then(|| content.into())
    }

    /// Several parts as `multipart/byteranges` (RFC 9110, section 14.6).
    fn send_parts(
        self,
        request: &Request<'_>,
        mut response: HttpResponseBuilder,
        parts: &[Range<u64>],
        content_type: &str,
    ) -> HttpResponse {
        // Random, so the file can't contain it on purpose.
        let boundary = format!("part-{:016x}", RandomState::new().hash_one(0));
        let file = Arc::new(self.file);
        let mut pieces = Vec::with_capacity(parts.len() * 2 + 1);
        for part in parts {
            let range = content_range(part, self.stamp.size);
            let head = format!(
                "\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: {range}\r\n\r\n"
            );
            pieces.push(Piece::Bytes(head.into()));
            pieces.push(Piece::File(Arc::clone(&file), part.clone()));
        }
        pieces.push(Piece::Bytes(format!("\r\n--{boundary}--\r\n").into()));
        let length = pieces.iter().map(Piece::len).sum();
        let content_type = format!("multipart/byteranges; boundary={boundary}");
        response.insert_header((CONTENT_TYPE, content_type));
        response.no_chunking(length);
        response.body(BoxBody::new(PiecesBody::new(
            request.delivery.outbox.clone(),
            pieces,
        )))
    }
}
