//! TLS, and client certificates where they are asked for.

use std::sync::Arc;

use napi::bindgen_prelude::{Error, Result, Status};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::ListenOptions;

/// `None` without a certificate.
pub fn acceptor(options: &ListenOptions) -> Result<Option<TlsAcceptor>> {
    let (Some(certificate), Some(key)) = (&options.certificate, &options.key) else {
        return Ok(None);
    };
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(invalid("TLS"))?;
    let builder = match &options.client_authorities {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            for authority in certificates(pem, "client authorities")? {
                roots.add(authority).map_err(invalid("client authorities"))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider)
                .build()
                .map_err(invalid("client authorities"))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::from_pem_slice(key).map_err(invalid("key"))?;
    let mut config = builder
        .with_single_cert(certificates(certificate, "certificate")?, key)
        .map_err(invalid("certificate and key"))?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Some(TlsAcceptor::from(Arc::new(config))))
}

fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<std::result::Result<Vec<_>, _>>()
        .map_err(invalid(what))?;
    if certificates.is_empty() {
        return Err(Error::new(
            Status::InvalidArg,
            format!("{what}: no certificate in it"),
        ));
    }
    Ok(certificates)
}

fn invalid<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> Error {
    move |error| Error::new(Status::InvalidArg, format!("{what}: {error}"))
}
