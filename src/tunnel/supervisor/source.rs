//! Whose a tunnel is: the service gives out a quick one, or the person has one of their own.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::{
    app::Problem,
    config,
    tunnel::{
        invocation,
        named_tunnel::{Claim, NamedTunnel, NamedTunnelError},
        probe::Probe,
        problem,
        quick_tunnel_proxy::{ProxyEvent, QuickTunnelProxy},
        setup::Setup,
    },
};

/// Whose tunnel it is, with what that takes.
pub(super) enum TunnelSource {
    Quick(QuickTunnelProxy),
    NamedTunnel(
        NamedTunnel,
        #[expect(dead_code, reason = "it is given back at the end")] Claim,
    ),
}

impl TunnelSource {
    /// Makes ready what a share's tunnel takes before its first cloudflared.
    pub(super) async fn prepare(
        setup: &Setup,
        settings: &config::TunnelConfig,
        share: Option<&str>,
        told: mpsc::UnboundedSender<ProxyEvent>,
    ) -> Result<Self, Problem> {
        if let Some(share) = share {
            setup.resume_store.begin(share);
        }
        if let Some(flag) = invocation::reserved(&settings.args) {
            return Err(problem::reserved_flag(flag));
        }
        if let Some(own) = NamedTunnel::of(settings).map_err(|error| error.problem())? {
            let claim = Claim::take(&setup.named_tunnel_in_use)
                .ok_or_else(|| NamedTunnelError::InUse(own.hostname.clone()).problem())?;
            return Ok(Self::NamedTunnel(own, claim));
        }
        let proxy = QuickTunnelProxy::start(
            &settings.service,
            setup.client.clone(),
            Arc::clone(&setup.cooldown),
            share.and_then(|share| setup.resume_store.tunnel(share)),
            told,
        );
        proxy
            .await
            .map(Self::Quick)
            .map_err(|error| problem::no_port(&error))
    }

    /// What finds out whether its link works.
    pub(super) fn probe(&self, setup: &Setup, settings: &config::TunnelConfig) -> Option<Probe> {
        let known = match self {
            Self::Quick(_) => settings.service.clone(),
            Self::NamedTunnel(own, _) => own.link(),
        };
        Probe::through(setup.client.clone(), &known)
    }
}
