//! The limits of the server, counted down: connections, those of each client, requests in flight
//! and bytes of bodies held.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// The bodies held at one time, in KiB.
const BODIES: usize = 256 << 10;
/// Requests that are being answered or wait for it.
const IN_FLIGHT: usize = 512;

/// How many connections there may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// In all.
    pub(crate) connections: u32,
    /// From one address that is no proxy of ours.
    pub(crate) per_client: u32,
}

/// What is left of the limits.
pub(super) struct Gate {
    bounds: Bounds,
    connections: Arc<Semaphore>,
    clients: Arc<Mutex<HashMap<IpAddr, u32>>>,
    in_flight: Arc<Semaphore>,
    bodies: Semaphore,
}

/// A place for a connection, free again when this is dropped.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    _share: Option<Share>,
}

/// One of the connections of a client.
struct Share {
    client: IpAddr,
    clients: Arc<Mutex<HashMap<IpAddr, u32>>>,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = clients.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                clients.remove(&self.client);
            }
        }
    }
}

impl Gate {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            connections: Arc::new(Semaphore::new(bounds.connections as usize)),
            clients: Arc::default(),
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
            bodies: Semaphore::new(BODIES),
        }
    }

    /// A place for a connection from `client`, who is not counted if none; or which limit it
    /// meets.
    pub(super) fn enter(&self, client: Option<IpAddr>) -> Result<Place, &'static str> {
        let permit = Arc::clone(&self.connections).try_acquire_owned().map_err(|_| "all")?;
        let share = client.map(|client| self.share(client)).transpose()?;
        Ok(Place { _permit: permit, _share: share })
    }

    fn share(&self, client: IpAddr) -> Result<Share, &'static str> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let count = clients.entry(client).or_default();
        // Never zero here: the last one to leave takes the entry along.
        if *count >= self.bounds.per_client.max(1) {
            return Err("client");
        }
        *count += 1;
        Ok(Share { client, clients: Arc::clone(&self.clients) })
    }

    /// A place for a request; none if too many wait.
    pub(super) fn begin(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.in_flight).try_acquire_owned().ok()
    }

    /// Room for a body of so many bytes; none if too much is held.
    pub(super) fn hold(&self, bytes: u64) -> Option<SemaphorePermit<'_>> {
        let share = u32::try_from(bytes >> 10).unwrap_or(u32::MAX).saturating_add(1);
        self.bodies.try_acquire_many(share).ok()
    }

    /// Waits until all have left; whether they did in time.
    pub(super) async fn emptied(&self, limit: Duration) -> bool {
        let all = self.connections.acquire_many(self.bounds.connections);
        timeout(limit, all).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_limited_and_come_back() {
        let gate = Gate::new(Bounds { connections: 3, per_client: 2 });
        let [one, two] = ["192.0.2.1", "192.0.2.2"].map(|text| text.parse::<IpAddr>().ok());
        let first = gate.enter(one).unwrap();
        let _second = gate.enter(one).unwrap();
        assert_eq!(gate.enter(one).err(), Some("client"));
        let third = gate.enter(two).unwrap();
        assert_eq!(gate.enter(None).err(), Some("all"));
        drop(first);
        drop(third);
        assert_eq!(gate.clients.lock().unwrap().len(), 1);
        let _proxy = gate.enter(None).unwrap();
        let _again = gate.enter(one).unwrap();
    }
}
