//! Which certificates to trust: the system's roots, or those in `SSL_CERT_FILE` and
//! `SSL_CERT_DIR`.

use std::{
    io,
    sync::{Arc, OnceLock},
};

use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};

/// The trusted roots, read on first use. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Trust(Arc<OnceLock<Arc<ClientConfig>>>);

impl Trust {
    /// Starts TLS on `tcp`. The server must have a certificate for `name`.
    ///
    /// # Errors
    /// The handshake fails, or there are no roots.
    pub async fn handshake(&self, name: &str, tcp: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        let config = self.config().await?;
        TlsConnector::from(config).connect(name, tcp).await
    }

    async fn config(&self) -> io::Result<Arc<ClientConfig>> {
        if let Some(config) = self.0.get() {
            return Ok(Arc::clone(config));
        }
        // On a thread of its own: reading some 150 certificates takes a while.
        let made = tokio::task::spawn_blocking(make)
            .await
            .map_err(io::Error::other)??;
        Ok(Arc::clone(self.0.get_or_init(|| Arc::new(made))))
    }
}

fn make() -> io::Result<ClientConfig> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "can't read some of the system's certificates");
    }
    let mut roots = RootCertStore::empty();
    let (good, _) = roots.add_parsable_certificates(found.certs);
    if good == 0 {
        return Err(io::Error::other(
            "this computer has no root certificates; install the package ca-certificates",
        ));
    }
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)
        .map(|builder| builder.with_root_certificates(roots).with_no_client_auth())
}
