//! One concern of HTTP per file. Nothing here knows what is shared.
//!
//! ```text
//! request      a request that handlers answer
//! error        error responses, which get their page later
//! host         which Host a request may name
//! conditional  whether a client already has the current version
//! tag          the ETag header of a file
//! range        which bytes are requested
//! media_type   the Content-Type header
//! extension    the type that a name stands for
//! charset      the encoding that the start of a text shows
//! disposition  the Content-Disposition header
//! compress     the Content-Encoding header
//! weight       how much a client likes something
//! accept       the Accept header
//! encoding     the Accept-Encoding header
//! encoder      compresses bytes, piece by piece
//! gzip         the same with little memory
//! headers      the headers of every response
//! visitor      which address a request comes from
//! purpose      whether somebody wants to have what a request asks for
//! tus          the headers of resumable uploads
//! multipart    a form with files, piece by piece
//! parameters   a value with parameters, in the head of each of these
//! ```

pub mod accept;
mod charset;
pub mod compress;
pub mod conditional;
pub mod disposition;
pub mod encoder;
pub mod encoding;
pub mod error;
mod extension;
mod gzip;
pub mod headers;
pub mod host;
pub mod media_type;
pub mod multipart;
mod parameters;
pub mod purpose;
pub mod range;
mod request;
mod tag;
pub mod tus;
pub mod visitor;
mod weight;

pub use request::Request;
pub use tag::file_tag;
