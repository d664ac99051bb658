//! Where a share's tunnel comes from: the quick tunnel service, or the user's Cloudflare account.

use std::{ffi::OsString, io, sync::Arc};

use tokio::sync::mpsc;

use super::{
    invocation,
    named_tunnel::{Claim, Credentials, NamedTunnel, NamedTunnelError},
    probe::Probe,
    problem,
    quick_tunnel_proxy::{ProxyEvent, QuickTunnelProxy},
    redact::Redactor,
    setup::Setup,
};
use crate::{app::Problem, config};

/// The source of a tunnel, with everything cloudflared needs to run it.
pub enum TunnelSource {
    /// The service hands out a name. The proxy keeps it for the share.
    Quick(QuickTunnelProxy),
    /// The user's own tunnel, under its fixed name.
    Named {
        tunnel: NamedTunnel,
        #[expect(dead_code, reason = "dropping it lets another share use the tunnel")]
        claim: Claim,
    },
}

impl TunnelSource {
    /// Prepares what a share's tunnel needs before its first cloudflared.
    ///
    /// # Errors
    /// The settings can't be used, or this computer has no free port.
    pub async fn prepare(
        setup: &Setup,
        settings: &config::TunnelConfig,
        share: Option<&str>,
        events: mpsc::UnboundedSender<ProxyEvent>,
    ) -> Result<Self, Problem> {
        if let Some(share) = share {
            setup.resume_store.begin(share);
        }
        if let Some(flag) = invocation::reserved(&settings.args) {
            return Err(problem::reserved_flag(flag));
        }
        if let Some(tunnel) = NamedTunnel::of(settings).map_err(|error| error.problem())? {
            let claim = Claim::take(&setup.named_tunnel_in_use)
                .ok_or_else(|| NamedTunnelError::InUse(tunnel.hostname.clone()).problem())?;
            return Ok(Self::Named { tunnel, claim });
        }
        let proxy = QuickTunnelProxy::start(
            &settings.service,
            setup.client.clone(),
            Arc::clone(&setup.cooldown),
            share.and_then(|share| setup.resume_store.tunnel(share)),
            events,
        );
        proxy
            .await
            .map(Self::Quick)
            .map_err(|error| problem::no_port(&error))
    }

    /// The link of a named tunnel; `None` for a quick tunnel, whose link comes later.
    pub fn fixed_link(&self) -> Option<String> {
        match self {
            Self::Quick(_) => None,
            Self::Named { tunnel, .. } => Some(tunnel.link()),
        }
    }

    /// Finds out whether the tunnel's link works.
    pub fn probe(&self, setup: &Setup, settings: &config::TunnelConfig) -> Option<Probe> {
        let known = self
            .fixed_link()
            .unwrap_or_else(|| settings.service.clone());
        Probe::through(setup.client.clone(), &known)
    }

    /// Removes the tunnel's public name from logs.
    pub fn redactor(&self) -> Redactor {
        match self {
            Self::Quick(_) => Redactor::default(),
            Self::Named { tunnel, .. } => Redactor::new(Some(&tunnel.hostname)),
        }
    }

    /// The options that make the next cloudflared use this source.
    ///
    /// # Errors
    /// The system has no random numbers for a one-time address.
    pub fn options(&self) -> io::Result<Vec<OsString>> {
        Ok(match self {
            Self::Quick(proxy) => vec!["--quick-service".into(), proxy.url()?.into()],
            Self::Named { .. } => Vec::new(),
        })
    }

    /// The subcommand of `cloudflared tunnel` that runs it. A quick tunnel needs none.
    pub fn subcommand(&self) -> Vec<OsString> {
        match self {
            Self::Quick(_) => Vec::new(),
            Self::Named { tunnel, .. } => tunnel.subcommand(),
        }
    }

    /// Environment variables for cloudflared. No process list shows a token that is passed here.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        match self {
            Self::Named {
                tunnel:
                    NamedTunnel {
                        credentials: Credentials::Token(token),
                        ..
                    },
                ..
            } => vec![("TUNNEL_TOKEN".into(), token.reveal().into())],
            Self::Quick(_) | Self::Named { .. } => Vec::new(),
        }
    }
}
