//! How many connections fit, altogether and of one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use super::{peer::is_proxy, settings::Limits};
use crate::web::metrics;

pub(super) struct Seats {
    limits: Arc<Limits>,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_peer: HashMap<IpAddr, usize>,
}

pub(super) struct Seat {
    seats: Arc<Seats>,
    peer: IpAddr,
}

impl Seats {
    pub(super) fn new(limits: Arc<Limits>) -> Self {
        Self { limits, taken: Mutex::default() }
    }
}

impl Seat {
    /// `None` when the house is full, or this peer has had its share.
    pub(super) fn take(seats: &Arc<Seats>, peer: IpAddr) -> Option<Self> {
        let peer = peer.to_canonical();
        let Seats { limits, taken } = &**seats;
        let mut taken = taken.lock().expect("nobody panics while counting seats");
        let of_peer = taken.by_peer.get(&peer).copied().unwrap_or_default();
        let crowd = of_peer >= limits.connections_per_peer && !is_proxy(peer, &limits.proxies);
        if crowd || taken.all >= limits.connections {
            return None;
        }
        taken.all += 1;
        taken.by_peer.insert(peer, of_peer + 1);
        metrics::connection_opened();
        Some(Self { seats: seats.clone(), peer })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().expect("nobody panics while counting seats");
        taken.all -= 1;
        if let Some(count) = taken.by_peer.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                taken.by_peer.remove(&self.peer);
            }
        }
        metrics::connection_closed();
    }
}
