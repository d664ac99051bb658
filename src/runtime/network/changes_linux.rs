//! Linux: the system tells of changes of addresses, links and routes (netlink).

use std::{future::pending, io, os::fd::OwnedFd, time::Duration};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, Protocol, RecvFlags, SocketFlags, SocketType, bind,
        netlink::SocketAddrNetlink, recv, socket_with,
    },
};
use tokio::{
    io::{Interest, unix::AsyncFd},
    time::sleep,
};

use crate::runtime::async_fd::async_fd;

/// The protocol of netlink about the network, number 0.
const ROUTE: Option<Protocol> = None;

/// Links, IPv4 addresses and routes, IPv6 addresses and routes (`RTMGRP_…` in linux/rtnetlink.h).
const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/// Changes come in groups: an address, its routes, then the default route.
const SETTLE: Duration = Duration::from_millis(150);

/// How often to look if the system doesn't tell.
const PACE: Duration = Duration::from_secs(3);

/// Tells when the network may have changed.
pub struct Changes(Option<AsyncFd<OwnedFd>>);

impl Changes {
    /// From now on. Must be called within a tokio runtime.
    pub fn new() -> Self {
        let socket = open().inspect_err(|error| {
            tracing::warn!(%error, "the system doesn't tell of changes of the network");
        });
        Self(socket.ok())
    }

    /// Waits for the next change.
    pub async fn next(&mut self) {
        let Some(socket) = &self.0 else {
            return sleep(PACE).await;
        };
        match socket.readable().await {
            Ok(mut ready) => {
                sleep(SETTLE).await;
                drain(socket);
                ready.clear_ready();
            }
            Err(error) => {
                tracing::warn!(%error, "can't follow changes of the network");
                pending().await
            }
        }
    }
}

fn open() -> io::Result<AsyncFd<OwnedFd>> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, ROUTE)?;
    bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
    async_fd(socket, Interest::READABLE)
}

/// Reads everything that has been told. What exactly has changed is looked up.
fn drain(socket: &AsyncFd<OwnedFd>) {
    let mut message = [0; 8192];
    loop {
        match recv(socket.get_ref(), &mut message[..], RecvFlags::empty()) {
            // There was too much to tell, which is a change, too.
            Ok(_) | Err(Errno::NOBUFS | Errno::INTR) => {}
            Err(_) => return,
        }
    }
}
