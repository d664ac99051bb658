//! How a cloudflared registers, over either protocol: the RegistrationServer of schema/tunnel.capnp.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use capnp_rpc::rpc_twoparty_capnp::Side;
use capnp_rpc::{RpcSystem, twoparty};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};
use uuid::Uuid;

use crate::events::EventKind;
use crate::faults::Registration;
use crate::link::Link;
use crate::state::State;
use crate::tunnel_capnp::registration_server as server;

/// What the real edge says of a tunnel that it has just made and doesn't know everywhere yet.
const REFUSED: &str = "Unauthorized: Record for tunnel not found";

/// The edge's end of one link's control stream.
#[derive(Clone)]
pub(crate) struct Registrar {
    state: Arc<State>,
    link: Arc<Link>,
}

/// Answers RPC until cloudflared closes the stream; then closes the link unless it goes on serving.
pub(crate) async fn serve<R, W>(reader: R, writer: W, registrar: Registrar)
where
    R: AsyncRead + Unpin + 'static,
    W: AsyncWrite + Unpin + 'static,
{
    let network = twoparty::VatNetwork::new(
        reader.compat(),
        writer.compat_write(),
        Side::Server,
        capnp::message::ReaderOptions::default(),
    );
    let client: server::Client = capnp_rpc::new_client(registrar.clone());
    // How the stream ended doesn't matter: a lost link is told where the link is served.
    let _ = RpcSystem::new(Box::new(network), Some(client.client)).await;
    registrar.close_when_drained().await;
}

impl Registrar {
    pub(crate) fn new(state: Arc<State>, link: Arc<Link>) -> Self {
        Self { state, link }
    }

    async fn close_when_drained(&self) {
        let keeps_open = self.state.switches.borrow().keep_links_open;
        // cloudflared leaves a refused link open over HTTP/2, and tries again once it is closed; and
        // also one for which an answer came too late.
        let is_refused = self.state.tunnels.hostname_of_link(self.link.id).is_none();
        if !keeps_open || is_refused {
            self.link.drained().await;
            self.link.end.cancel();
        }
    }

    /// Asks the switches and the tunnels; gives the public name or the cause of the refusal.
    async fn decide(&self, params: &Params) -> Result<String, String> {
        let mut answer = Registration::Accept;
        self.state
            .switches
            .send_modify(|switches| answer = switches.next_registration());
        match answer {
            Registration::Accept | Registration::RefuseTimes(_) => {}
            Registration::Refuse => return Err(REFUSED.to_owned()),
            Registration::Hang => std::future::pending().await,
            Registration::DelayMs(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        }
        let tunnels = &self.state.tunnels;
        tunnels
            .authorize(&params.tunnel_id, &params.account_tag, &params.secret)
            .map_err(str::to_owned)
    }
}

/// What cloudflared sends with a registration, as far as the edge looks at it.
struct Params {
    account_tag: String,
    secret: Vec<u8>,
    tunnel_id: Vec<u8>,
    conn: u8,
    version: String,
}

impl Params {
    fn read(params: &server::RegisterConnectionParams) -> Result<Self, capnp::Error> {
        let params = params.get()?;
        let auth = params.get_auth()?;
        Ok(Self {
            account_tag: auth.get_account_tag()?.to_string()?,
            secret: auth.get_tunnel_secret()?.to_vec(),
            tunnel_id: params.get_tunnel_id()?.to_vec(),
            conn: params.get_conn_index(),
            version: params
                .get_options()?
                .get_client()?
                .get_version()?
                .to_string()?,
        })
    }
}

impl server::Server for Registrar {
    async fn register_connection(
        self: Rc<Self>,
        params: server::RegisterConnectionParams,
        mut results: server::RegisterConnectionResults,
    ) -> Result<(), capnp::Error> {
        let params = Params::read(&params)?;
        let (link, protocol) = (self.link.id, self.link.protocol());
        let hostname = self.state.tunnels.hostname_of(&params.tunnel_id);
        self.state.events.push(EventKind::RegistrationAttempt {
            link,
            protocol,
            hostname: hostname.clone(),
            conn: params.conn,
            version: params.version.clone(),
        });
        let decision = self.decide(&params).await;
        let response = results.get().init_result().init_result();
        match decision {
            Ok(hostname) => {
                let mut details = response.init_connection_details();
                details.set_uuid(Uuid::new_v4().as_bytes());
                details.set_location_name("loc01");
                // Locally managed: the origin is the one on cloudflared's command line.
                details.set_tunnel_is_remotely_managed(false);
                self.state.tunnels.add_link(&hostname, self.link.clone());
                self.state.events.push(EventKind::Registered {
                    link,
                    protocol,
                    hostname,
                    conn: params.conn,
                });
            }
            Err(cause) => {
                let mut error = response.init_error();
                error.set_cause(&cause);
                // cloudflared tries again all the same.
                error.set_should_retry(false);
                self.state.events.push(EventKind::RegistrationRefused {
                    link,
                    protocol,
                    hostname,
                    cause,
                });
            }
        }
        Ok(())
    }

    async fn unregister_connection(
        self: Rc<Self>,
        _: server::UnregisterConnectionParams,
        _: server::UnregisterConnectionResults,
    ) -> Result<(), capnp::Error> {
        self.link.set_unregistered();
        if let Some(hostname) = self.state.tunnels.hostname_of_link(self.link.id) {
            self.state.events.push(EventKind::Unregistered {
                link: self.link.id,
                protocol: self.link.protocol(),
                hostname,
            });
        }
        Ok(())
    }

    async fn update_local_configuration(
        self: Rc<Self>,
        _: server::UpdateLocalConfigurationParams,
        _: server::UpdateLocalConfigurationResults,
    ) -> Result<(), capnp::Error> {
        Ok(())
    }
}
