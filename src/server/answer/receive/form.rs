//! A form with files, as the page sends it without JavaScript, and `curl -F`.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
};
use bytes::{Bytes, BytesMut};

use super::{intake, put::line, refusal::Refusal, sent::Sent};
use crate::server::{
    http::multipart::{Malformed, Multipart, Part, Piece},
    path::RequestPath,
    receive::{Begun, DeliveryId, NewUpload, PartWriter, ReceiveError, ReceivedFile},
    transport::BodyError,
};

/// The field with the name of who sends the files.
const SENDER: &[u8] = b"sender";

/// The field with a text, which becomes a file of this name.
const TEXT: &[u8] = b"text";
const TEXT_NAME: &[u8] = b"Text.txt";

/// The name of a file that came without one.
const NO_NAME: &[u8] = b"file";

/// The longest name of a sender that is read.
const MAX_SENDER_BYTES: usize = 1024;

/// Takes the files of a form.
///
/// # Errors
/// Why it is not taken, or not all of it.
pub async fn post(sent: &Sent<'_>, form: Multipart) -> Result<HttpResponse, Refusal> {
    let destination = sent.destination(sent.request.path).await?;
    let delivery =
        DeliveryId::random().map_err(|error| ReceiveError::Failed(std::io::Error::other(error)))?;
    let mut reading = Reading {
        sent,
        destination,
        delivery,
        form,
        sender: None,
        files: Vec::new(),
    };
    let read = reading.read().await;
    let Reading { files, .. } = reading;
    let lines: String = files.iter().map(line).collect();
    // What has come so far is in its place, and stays there.
    if !files.is_empty() {
        let delivered = sent.inbox.delivered(delivery).await?;
        if delivered.files.len() < files.len() {
            // The disk has not kept what was complete.
            return Err(ReceiveError::Lost.into());
        }
    }
    read.map_err(|refusal| refusal.after(&lines))?;
    if files.is_empty() {
        return Err(Refusal::nothing_chosen());
    }
    if sent.is_browser {
        let location = thanks(sent.request.path, delivery);
        return Ok(HttpResponse::SeeOther()
            .insert_header((LOCATION, location))
            .finish());
    }
    Ok(HttpResponse::Created()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .body(lines))
}

/// Where a browser sees what was delivered.
fn thanks(path: &RequestPath, delivery: DeliveryId) -> String {
    let mut location = path.to_url();
    if !location.ends_with('/') {
        location.push('/');
    }
    format!("{location}?upload&delivered={delivery}")
}

/// A form that is being read.
struct Reading<'a> {
    sent: &'a Sent<'a>,
    destination: super::sent::Destination,
    delivery: DeliveryId,
    form: Multipart,
    sender: Option<String>,
    files: Vec<ReceivedFile>,
}

impl Reading<'_> {
    async fn read(&mut self) -> Result<(), Refusal> {
        loop {
            match self.next().await? {
                Piece::Part(part) => self.part(part).await?,
                Piece::End => return intake::skip_rest(self.sent.outbox()).await,
                Piece::Content(_) | Piece::EndOfPart => {}
            }
        }
    }

    async fn part(&mut self, part: Part) -> Result<(), Refusal> {
        match (part.file_name, part.field.as_slice()) {
            (Some(name), _) => self.file(&name).await,
            (None, TEXT) => self.text().await,
            (None, SENDER) => {
                let mut sender = BytesMut::new();
                while let Some(content) = self.content().await? {
                    let left = MAX_SENDER_BYTES.saturating_sub(sender.len());
                    sender.extend_from_slice(&content[..content.len().min(left)]);
                }
                let sender = String::from_utf8_lossy(&sender).trim().to_owned();
                self.sender = Some(sender).filter(|sender| !sender.is_empty());
                Ok(())
            }
            // Of a field that nobody asked for, nothing is kept.
            (None, _) => Ok(()),
        }
    }

    /// Takes a file, unless none was chosen.
    async fn file(&mut self, name: &[u8]) -> Result<(), Refusal> {
        let first = self.content().await?;
        if name.is_empty() && first.is_none() {
            return Ok(());
        }
        // Browsers write the path of a file in a chosen folder.
        let names: Vec<_> = name
            .split(|byte| *byte == b'/')
            .filter(|name| !name.is_empty())
            .map(<[u8]>::to_vec)
            .collect();
        self.store(names, first).await
    }

    /// Takes a text, unless it is empty.
    async fn text(&mut self) -> Result<(), Refusal> {
        match self.content().await? {
            Some(first) => self.store(vec![TEXT_NAME.to_vec()], Some(first)).await,
            None => Ok(()),
        }
    }

    async fn store(&mut self, mut path: Vec<Vec<u8>>, first: Option<Bytes>) -> Result<(), Refusal> {
        if path.is_empty() {
            path.push(NO_NAME.to_vec());
        }
        let new = NewUpload {
            sender: self.sender.clone(),
            delivery: Some(self.delivery),
            ..self.sent.upload(&self.destination, path)
        };
        let begun = self.sent.inbox.begin(&self.destination.folder, new).await?;
        let Begun::New(mut writer) = begun else {
            // It has no key.
            return Err(ReceiveError::Busy.into());
        };
        if let Err(refusal) = self.write(first, &mut writer).await {
            writer.cut_off().await;
            return Err(refusal);
        }
        let written = writer.finish_file().await?;
        self.files.extend(written.file);
        Ok(())
    }

    async fn write(
        &mut self,
        first: Option<Bytes>,
        writer: &mut PartWriter,
    ) -> Result<(), Refusal> {
        let shown = self.sent.show(writer)?;
        let show = |content: &Bytes| {
            if let Some(shown) = &shown {
                shown.add(content.len() as u64);
            }
        };
        if let Some(first) = first {
            show(&first);
            writer.write(first).await?;
        }
        while let Some(content) = intake::next(self.content(), writer).await?? {
            show(&content);
            writer.write(content).await?;
        }
        Ok(())
    }

    /// The next bytes of a part; `None` at its end.
    async fn content(&mut self) -> Result<Option<Bytes>, Refusal> {
        match self.next().await? {
            Piece::Content(content) => Ok(Some(content)),
            _ => Ok(None),
        }
    }

    async fn next(&mut self) -> Result<Piece, Refusal> {
        loop {
            match self.form.next_piece() {
                Ok(Some(piece)) => return Ok(piece),
                Ok(None) => {}
                Err(Malformed) => {
                    return Err(Refusal::invalid(
                        "The form is malformed. Send it again, or use another program.",
                    ));
                }
            }
            let chunk = self.sent.outbox().next_chunk().await?;
            if chunk.is_empty() {
                return Err(BodyError::Cut.into());
            }
            self.form.add(chunk);
        }
    }
}

/// The response to a form that is not one.
pub fn no_form() -> Refusal {
    Refusal::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "Files come as multipart/form-data (curl -F file=@FILE), with PUT (curl -T FILE), or from a \
         tus client.",
    )
}
