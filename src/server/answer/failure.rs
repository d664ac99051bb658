//! What a request gets for what can't be read.

use std::io;

use actix_web::http::StatusCode;

/// Whether there is no answer because the visitor has left. A network drive that can't be reached
/// any more gives an error of the system.
pub fn has_left(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionAborted && error.raw_os_error().is_none()
}

/// The status of a response for what can't be read.
pub fn status_of(error: &io::Error) -> StatusCode {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput => StatusCode::NOT_FOUND,
        io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
        _ if has_left(error) => StatusCode::SERVICE_UNAVAILABLE,
        _ => {
            tracing::warn!(%error, "can't answer a visitor");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_lost_disk_is_not_taken_for_a_visitor_who_left() {
        assert!(has_left(&io::ErrorKind::ConnectionAborted.into()));
        let of_disk = io::Error::from(rustix::io::Errno::CONNABORTED);
        assert_eq!(of_disk.kind(), io::ErrorKind::ConnectionAborted);
        assert!(!has_left(&of_disk));
        assert!(!has_left(&io::ErrorKind::TimedOut.into()));
    }
}
