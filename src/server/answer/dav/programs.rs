//! Programs that read the share as a drive.
//!
//! `curl -T` adds a file under a free name, and tells the person which one. A program that has looked
//! at the folder before means exactly the name that it writes to: it would take a second file for the
//! first one, and add another each time. So it is remembered who has looked.

use std::{
    collections::VecDeque,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_web::http::header::{HeaderMap, USER_AGENT};

use crate::server::transport::Visitor;

/// How many programs are remembered. Whoever comes back after that is a new one.
const MAX: usize = 1024;

/// The programs that have read one share as a drive. Clones remember together.
#[derive(Clone, Debug, Default)]
pub struct Programs(Arc<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    hasher: RandomState,
    /// A hash of each, the last one first.
    last: Mutex<VecDeque<u64>>,
}

impl Programs {
    /// A visitor's program has looked at a folder.
    pub fn looked(&self, address: Option<IpAddr>, headers: &HeaderMap) {
        let program = self.program(address, headers);
        let mut last = self.last();
        if last.front() == Some(&program) {
            return;
        }
        last.retain(|other| *other != program);
        last.truncate(MAX - 1);
        last.push_front(program);
    }

    /// Whether this program has looked before.
    pub fn has_looked(&self, address: Option<IpAddr>, headers: &HeaderMap) -> bool {
        let program = self.program(address, headers);
        self.last().contains(&program)
    }

    fn program(&self, address: Option<IpAddr>, headers: &HeaderMap) -> u64 {
        let agent = headers.get(USER_AGENT).map(|agent| agent.as_bytes());
        let program = (
            address.map(|address| Visitor::new(address).address()),
            agent,
        );
        self.0.hasher.hash_one(program)
    }

    fn last(&self) -> MutexGuard<'_, VecDeque<u64>> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(agent: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(agent));
        headers
    }

    #[test]
    fn a_program_is_known_by_its_name_and_its_visitor_for_a_while() {
        let programs = Programs::default();
        let address = |number: u32| Some(IpAddr::from(Ipv4Addr::from_bits(number)));
        let (rclone, curl) = (headers("rclone/v1.60.1"), headers("curl/8.5.0"));
        programs.looked(address(1), &rclone);
        assert!(programs.has_looked(address(1), &rclone));
        assert!(!programs.has_looked(address(1), &curl));
        assert!(!programs.has_looked(address(2), &rclone));
        for number in 2..=MAX as u32 {
            programs.looked(address(number), &rclone);
        }
        assert!(programs.has_looked(address(1), &rclone));
        programs.looked(address(MAX as u32 + 1), &rclone);
        assert!(!programs.has_looked(address(1), &rclone));
        assert_eq!(programs.last().len(), MAX);
    }
}
