//! Starts a cloudflared: whether it may start, which one, and how.

use std::{env, sync::Arc};

use tokio::time::Instant;

use super::state::{Running, Supervisor};
use crate::{
    app::Problem,
    tunnel::{
        api_error::ApiError,
        cloudflared::Cloudflared,
        invocation::{self, Invocation},
        machine::{Input, RunnerId},
        problem,
        sidecar_error::SidecarError,
        transport::Transport,
        tunnel_source::TunnelSource,
    },
};

impl Supervisor {
    pub(super) async fn start(&mut self, id: RunnerId, transport: Transport) {
        // Settings that are corrected before there is a link apply at once.
        if self.link.is_none() {
            self.take_settings();
        }
        if let Some(error) = self.must_wait() {
            self.later(Input::Refused(error));
            return;
        }
        match self.start_process(id, transport).await {
            Ok(process) => {
                let running = Running {
                    process,
                    metrics: None,
                    visits: Some(0),
                    probed_at: Instant::now(),
                };
                self.running.insert(id, running);
            }
            Err(problem) => self.later(Input::CantStart(id, problem)),
        }
    }

    /// The service answered 429 not long ago, and this start would ask it again.
    fn must_wait(&mut self) -> Option<ApiError> {
        let TunnelSource::Quick(proxy) = &self.source else {
            return None;
        };
        if std::mem::take(&mut self.insists) || proxy.has_tunnel() {
            return None;
        }
        let wait = self.setup.cooldown.left()?;
        Some(ApiError::TooManyBefore { wait })
    }

    async fn start_process(
        &self,
        id: RunnerId,
        transport: Transport,
    ) -> Result<Cloudflared, Problem> {
        let (setup, settings) = (Arc::clone(&self.setup), Arc::clone(&self.settings));
        // On a thread that may block: a pinned sidecar is read completely.
        let found = tokio::task::spawn_blocking(move || setup.find_sidecar_of(&settings)).await;
        let sidecar = match found {
            Ok(found) => found.map_err(|error| self.no_sidecar(&error))?,
            Err(_) => return Err(self.no_sidecar(&SidecarError::Missing)),
        };
        let source_options = self
            .source
            .options()
            .map_err(|error| problem::no_port(&error))?;
        let arguments = Invocation {
            origin: &self.origin,
            transport,
            source_options,
            subcommand: self.source.subcommand(),
            empty_config: self.setup.empty_config(),
            extra: &self.settings.args,
        }
        .arguments();
        let environment =
            invocation::serving_environment(env::vars_os()).chain(self.source.environment());
        tracing::info!(program = %sidecar.program.display(), source = ?sidecar.source, protocol = transport.flag(), "starting cloudflared");
        Cloudflared::start(
            id,
            &sidecar.program,
            arguments,
            environment,
            &self.source.redactor(),
            self.process_events.clone(),
        )
        .map_err(|error| problem::not_started(&sidecar.program, &error))
    }

    fn no_sidecar(&self, error: &SidecarError) -> Problem {
        problem::no_sidecar(error, self.setup.is_cured_by_download(error))
    }
}
