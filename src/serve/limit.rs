//! How often one client may ask for what is dear.
//!
//! Each client has a bucket of turns that fills again over time. What a request takes from it is said by [`cost`]; most cost
//! nothing, since feeds and pages are bounded by turns of their own and are there to be read.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, Request, connect_info::Connected},
    http::Method,
    serve::IncomingStream,
};

use super::listener::Bounded;

/// Turns that a client may take at once.
const BURST: f64 = 30.0;
/// Turns that it gets back each second.
const PER_SECOND: f64 = 1.0;
/// What a search costs.
const SEARCH: f64 = 1.0;
/// What a request costs that changes something.
const CHANGE: f64 = 5.0;
/// Clients that are remembered; a full bucket need not be.
const CLIENTS_MAX: usize = 4096;
/// Bits of an IPv6 address that are one client's: who has one has the whole network.
const IPV6_CLIENT_BITS: u32 = 64;

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client(pub(super) SocketAddr);

impl Connected<IncomingStream<'_, Bounded>> for Client {
    fn connect_info(stream: IncomingStream<'_, Bounded>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// What `request` costs, in turns.
pub(super) fn cost(request: &Request) -> f64 {
    match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/search" | "/api/v1/search") => SEARCH,
        (&Method::GET | &Method::HEAD | &Method::OPTIONS, _) => 0.0,
        _ => CHANGE,
    }
}

/// Who asks; `None`: somebody on this machine. A proxy says for whom it asks, and is believed when it stands on this machine or
/// on a private network, as one does before a container; who lies from there evades a bound that others stand beside.
pub(super) fn client(request: &Request) -> Option<IpAddr> {
    let ConnectInfo(Client(peer)) = request.extensions().get::<ConnectInfo<Client>>()?;
    let peer = peer.ip().to_canonical();
    let is_near = match peer {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    };
    let told = request.headers().get_all("x-forwarded-for").iter().next_back().filter(|_| is_near);
    // The last of the list is who asked the proxy; what stands before was said by that one.
    let last = told.and_then(|t| t.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok());
    match last {
        Some(ip) => Some(network(ip.to_canonical())),
        None => (!peer.is_loopback()).then(|| network(peer)),
    }
}

/// The part of an address that is one client's.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << IPV6_CLIENT_BITS))),
    }
}

/// What each client has left.
#[derive(Debug, Default)]
pub(super) struct Limits(Mutex<HashMap<IpAddr, Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    turns: f64,
    at: Instant,
}

impl Bucket {
    fn turns(self, now: Instant) -> f64 {
        (self.turns + now.saturating_duration_since(self.at).as_secs_f64() * PER_SECOND).min(BURST)
    }
}

impl Limits {
    /// Takes `cost` turns of `client`.
    ///
    /// # Errors
    /// How long it has to wait until it has so many.
    pub(super) fn take(&self, client: IpAddr, cost: f64, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= CLIENTS_MAX && !buckets.contains_key(&client) {
            buckets.retain(|_, bucket| bucket.turns(now) < BURST);
        }
        // So many at once are no people: those that are not remembered share one bucket.
        let is_known = buckets.contains_key(&client) || buckets.len() < CLIENTS_MAX;
        let client = if is_known { client } else { IpAddr::V6(Ipv6Addr::UNSPECIFIED) };
        let bucket = buckets.entry(client).or_insert(Bucket { turns: BURST, at: now });
        let turns = bucket.turns(now);
        if turns < cost {
            return Err(Duration::from_secs_f64((cost - turns) / PER_SECOND));
        }
        *bucket = Bucket { turns: turns - cost, at: now };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(method: &str, path: &str, peer: &str, forwarded: Option<&str>) -> Request {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(forwarded) = forwarded {
            request = request.header("x-forwarded-for", forwarded);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(ConnectInfo(Client(peer.parse().unwrap())));
        request
    }

    #[test]
    fn a_client_has_a_burst_and_gets_it_back() {
        let (limits, begun) = (Limits::default(), Instant::now());
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        for _ in 0..30 {
            assert_eq!(limits.take(one, SEARCH, begun), Ok(()));
        }
        assert_eq!(limits.take(one, SEARCH, begun), Err(Duration::from_secs(1)));
        assert_eq!(limits.take(one, CHANGE, begun), Err(Duration::from_secs(5)));
        assert_eq!(limits.take(other, SEARCH, begun), Ok(()), "others are not held up");
        let later = begun + Duration::from_secs(2);
        assert_eq!((limits.take(one, SEARCH, later), limits.take(one, SEARCH, later)), (Ok(()), Ok(())));
        assert!(limits.take(one, SEARCH, later).is_err());
    }

    #[test]
    fn the_table_is_bounded_and_forgets_who_has_all_turns() {
        let (limits, begun) = (Limits::default(), Instant::now());
        let address = |n: usize| IpAddr::from(u32::try_from(n).unwrap().to_be_bytes());
        for n in 0..CLIENTS_MAX + 30 {
            assert_eq!(limits.take(address(n), SEARCH, begun), Ok(()));
        }
        assert!(limits.take(address(CLIENTS_MAX + 99), SEARCH, begun).is_err(), "they share a bucket");
        assert_eq!(limits.0.lock().unwrap().len(), CLIENTS_MAX + 1);
        assert_eq!(limits.take(address(CLIENTS_MAX + 99), SEARCH, begun + Duration::from_secs(60)), Ok(()));
        assert_eq!(limits.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_client_is_who_asks_whoever_hands_it_on() {
        let of = |peer: &str, forwarded| client(&request("GET", "/", peer, forwarded)).map(|ip| ip.to_string());
        assert_eq!(of("127.0.0.1:9", None), None, "this machine");
        assert_eq!(of("[::1]:9", Some("198.51.100.7, 203.0.113.9")), Some("203.0.113.9".into()));
        assert_eq!(of("172.18.0.1:9", Some("203.0.113.9")), Some("203.0.113.9".into()), "before a container");
        assert_eq!(of("172.18.0.1:9", Some("x")), Some("172.18.0.1".into()));
        assert_eq!(of("203.0.113.5:9", Some("198.51.100.7")), Some("203.0.113.5".into()), "nobody else is believed");
        assert_eq!(of("[2001:db8:1:2:3:4:5:6]:9", None), Some("2001:db8:1:2::".into()));
        assert_eq!(of("[::ffff:203.0.113.5]:9", None), Some("203.0.113.5".into()));
    }

    #[test]
    fn what_is_dear_costs() {
        let of = |method, path| cost(&request(method, path, "127.0.0.1:9", None));
        assert_eq!((of("GET", "/feeds/all.rss"), of("HEAD", "/api/v1/changes")), (0.0, 0.0));
        assert_eq!((of("GET", "/api/v1/search?q=x"), of("GET", "/search")), (SEARCH, SEARCH));
        assert_eq!((of("POST", "/api/v1/sources/a/poll"), of("DELETE", "/")), (CHANGE, CHANGE));
    }
}
