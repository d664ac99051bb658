//! A request that hands something in, and where it is to go.

use std::{io, net::IpAddr};

use actix_web::http::{
    StatusCode,
    header::{CONTENT_TYPE, HOST, HeaderMap},
};

use super::refusal::Refusal;
use crate::server::{
    http::Request,
    live::{Direction, LiveTransfer, Subject},
    origin::RequestOrigin,
    path::RequestPath,
    receive::{Inbox, NewUpload, PartWriter, ReceiveError},
    share::{FolderResource, OpenShare, Resource},
    transport::{BodyError, Framing, Outbox},
};

/// A request to a share that takes files.
#[derive(Debug)]
pub struct Sent<'a> {
    pub request: &'a Request<'a>,
    pub share: &'a OpenShare,
    pub inbox: &'a Inbox,
    pub origin: RequestOrigin,
    /// The visitor's address, if known.
    pub address: Option<IpAddr>,
    /// A browser shows the answer, so it can be a page.
    pub is_browser: bool,
    /// It comes from a program that reads the share as a drive.
    pub is_drive: bool,
}

/// Where something goes.
#[derive(Debug)]
pub struct Destination {
    pub folder: FolderResource,
    /// The names of folders below it, which may be missing.
    prefix: Vec<Vec<u8>>,
}

impl Sent<'_> {
    pub fn headers(&self) -> &HeaderMap {
        self.request.headers
    }

    pub fn outbox(&self) -> &Outbox {
        &self.request.delivery.outbox
    }

    pub fn content_type(&self) -> &[u8] {
        let value = self.headers().get(CONTENT_TYPE);
        value.map_or(&[], |value| value.as_bytes().trim_ascii())
    }

    /// Whether there is a body that is not empty. Over HTTP/2, cloudflared passes on an empty one as
    /// one in chunks.
    ///
    /// # Errors
    /// Why it doesn't come.
    pub async fn has_body(&self) -> Result<bool, BodyError> {
        match self.outbox().framing() {
            Framing::None | Framing::Length(0) => Ok(false),
            Framing::Length(_) | Framing::Unclear => Ok(true),
            Framing::Chunked => self.outbox().has_content().await,
        }
    }

    /// What is known of a file with this path below the destination.
    pub fn upload(
        &self,
        destination: &Destination,
        path: impl IntoIterator<Item = Vec<u8>>,
    ) -> NewUpload {
        let prefix = destination.prefix.iter().cloned();
        NewUpload {
            path: prefix.chain(path).collect(),
            visitor: self.address,
            origin: self.link(),
            ..NewUpload::default()
        }
    }

    /// Shows the owner what comes in for a writer, and ends the connection when the owner wants that.
    ///
    /// # Errors
    /// The owner has ended it, and the visitor goes on.
    pub fn show(&self, writer: &PartWriter) -> Result<Option<LiveTransfer>, Refusal> {
        let Some(visitor) = self.request.visitor else {
            return Ok(None);
        };
        let transfer = visitor.begin(writer.length(), || Subject {
            direction: Direction::Up,
            file: writer.name().to_owned(),
            item: visitor.item(writer.place()),
            start: writer.offset(),
            size: writer.length(),
        });
        match transfer {
            Some(transfer) if transfer.has_ended() => Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "The owner has stopped this upload. Ask them, or try again in a minute.",
            )),
            Some(transfer) => {
                self.outbox().ends_with(transfer.ended());
                Ok(Some(transfer))
            }
            None => Ok(None),
        }
    }

    /// The address of the link, which the system remembers as the source of a file.
    fn link(&self) -> Option<String> {
        let host = self.headers().get(HOST)?.to_str().ok()?;
        match self.origin {
            RequestOrigin::Tunnel => Some(format!("https://{host}/")),
            RequestOrigin::Network => Some(format!("http://{host}/")),
            RequestOrigin::Loopback => None,
        }
    }

    /// The folder at the path of the request, or that of the share with a file's name.
    ///
    /// # Errors
    /// There is no such folder.
    pub async fn destination(&self, path: &RequestPath) -> Result<Destination, Refusal> {
        let (found, prefix) = match self.share.inbox().await {
            // Nobody learns which folders there are.
            Some(root) => (root, path.names().map(<[u8]>::to_vec).collect()),
            None => (self.share.find(path).await, Vec::new()),
        };
        match found {
            Ok(Resource::Folder(folder)) => Ok(Destination { folder, prefix }),
            Ok(_) => Err(no_such_folder()),
            Err(error) => Err(match error.kind() {
                io::ErrorKind::NotFound
                | io::ErrorKind::NotADirectory
                | io::ErrorKind::InvalidFilename
                | io::ErrorKind::InvalidInput => no_such_folder(),
                io::ErrorKind::PermissionDenied => Refusal::new(
                    StatusCode::FORBIDDEN,
                    "The owner's computer doesn't allow access to this folder.",
                ),
                _ => ReceiveError::Away(Some(error)).into(),
            }),
        }
    }
}

fn no_such_folder() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "There is no such folder here. Look at the link again.",
    )
}
