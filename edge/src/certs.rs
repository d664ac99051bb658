//! The edge's certificate authority, created for each run, and certificates that no authority has
//! signed.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// The names that cloudflared and a visitor's browser check.
const NAMES: [&str; 5] = [
    "h2.cftunnel.com",
    "quic.cftunnel.com",
    "probe.cftunnel.com",
    "trycloudflare.com",
    "*.trycloudflare.com",
];

/// The ALPN protocol of cloudflared's QUIC connections.
const ARGOTUNNEL: &[u8] = b"argotunnel";

#[derive(Debug, thiserror::Error)]
pub enum CertError {
    #[error("can't create a certificate: {0}")]
    Create(#[from] rcgen::Error),
    #[error("can't use the certificate: {0}")]
    Use(#[from] rustls::Error),
    #[error("can't use the certificate for QUIC: {0}")]
    Quic(#[from] quinn::crypto::rustls::NoInitialCipherSuite),
}

/// TLS with a certificate for `name` that nobody has signed, as development servers have it.
///
/// # Errors
/// The certificate can't be created or used.
pub fn self_signed(name: &str) -> Result<TlsAcceptor, CertError> {
    let made = rcgen::generate_simple_self_signed([name.to_owned()])?;
    let chain = vec![made.cert.der().clone()];
    let config = server_config(chain, made.signing_key.serialize_der())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A certificate with its key, and the authority that signed it.
pub(crate) struct Certs {
    /// The contents of cloudflared's `--cacert` file.
    pub(crate) ca_pem: String,
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
}

impl Certs {
    pub(crate) fn create() -> Result<Self, CertError> {
        let mut ca = CertificateParams::default();
        ca.distinguished_name
            .push(DnType::CommonName, "Loopback edge");
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_key = KeyPair::generate()?;
        let ca_cert = ca.self_signed(&ca_key)?;
        let issuer = Issuer::new(ca, ca_key);

        let key = KeyPair::generate()?;
        let names: Vec<String> = NAMES.map(str::to_owned).to_vec();
        let cert = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        Ok(Self {
            ca_pem: ca_cert.pem(),
            chain: vec![cert.der().clone()],
            key: key.serialize_der(),
        })
    }

    /// TLS for the edge's TCP ports and for visitors, without ALPN.
    pub(crate) fn tcp(&self) -> Result<Arc<rustls::ServerConfig>, CertError> {
        Ok(Arc::new(self.config()?))
    }

    /// TLS for the edge's UDP ports. A `rejecting` one supports no protocol that cloudflared
    /// offers, so each handshake ends with alert 120.
    pub(crate) fn quic(
        &self,
        rejecting: bool,
    ) -> Result<quinn::crypto::rustls::QuicServerConfig, CertError> {
        let mut config = self.config()?;
        let alpn: &[u8] = if rejecting { b"closed" } else { ARGOTUNNEL };
        config.alpn_protocols = vec![alpn.to_vec()];
        Ok(config.try_into()?)
    }

    fn config(&self) -> Result<rustls::ServerConfig, CertError> {
        server_config(self.chain.clone(), self.key.clone())
    }
}

fn server_config(
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
) -> Result<rustls::ServerConfig, CertError> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?)
}
