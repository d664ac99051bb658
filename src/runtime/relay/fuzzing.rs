//! A site with a password, for the fuzz targets.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
};

use tokio::runtime::{Builder, Runtime};

use super::{incoming::VisitorReads, site::LocalSite, visitor};
use crate::server::{Access, PasswordHash};

impl VisitorReads for &[u8] {}

/// A site with a password that no visitor knows.
#[derive(Debug)]
pub struct LockedSite {
    runtime: Runtime,
    listener: TcpListener,
    password: PasswordHash,
}

impl LockedSite {
    /// # Errors
    /// The system has no port, or no random bytes.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            runtime: Builder::new_current_thread().enable_all().build()?,
            listener,
            password: PasswordHash::of("known to nobody").map_err(io::Error::other)?,
        })
    }

    /// What a visitor is answered who sends these bytes; none if the site was connected to.
    ///
    /// # Errors
    /// The system fails.
    pub fn visit(&self, bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let site = LocalSite::on(self.listener.local_addr()?.port())?;
        // Guesses of earlier visits don't count.
        let access = Access::default();
        access.lock().set_password(Some(self.password.clone()));
        let listener = self.listener.try_clone()?;
        let answers = self.runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::select! {
                _ = listener.accept() => io::Result::Ok(None),
                answers = visitor::answer_bytes(bytes, &site, &access) => Ok(Some(answers)),
            }
        })?;
        // A connection may be there that was not noticed yet.
        Ok(answers.filter(|_| self.listener.accept().is_err()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_leads_to_the_site() {
        let site = LockedSite::start().unwrap();
        let visit = |fields: &str| {
            let request = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
            site.visit(request.as_bytes()).unwrap()
        };
        assert!(visit("").unwrap().starts_with(b"HTTP/1.1 401 "));
        let password = "Authorization: Basic Omtub3duIHRvIG5vYm9keQ==\r\n";
        assert_eq!(visit(password), None);
        assert!(visit("").is_some());
    }
}
