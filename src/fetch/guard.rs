//! Which addresses may be dialled: public ones, and private ones that the settings name.
//!
//! In: networks to allow. Out: a check of one address, and a resolver that hands out only addresses that pass it, so
//! that what was checked is what is dialled (a name cannot change its mind between check and dial). Deliberately absent:
//! any check of a name's spelling: `localhost`, `printer.lan` and their like are judged by where they lead.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::names::Names;

/// How many addresses of one name are tried, so that a name with thousands does not hold a visit.
const ADDRESSES_MAX: usize = 16;

/// IPv4 networks that no public site lives in (IANA special-purpose registry, RFC 6890), with the word shown.
const PRIVATE_V4: &[(Ipv4Addr, u32, &str)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8, "this-host"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "private"),
    (Ipv4Addr::new(100, 64, 0, 0), 10, "carrier-grade NAT"),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "loopback"),
    (Ipv4Addr::new(169, 254, 0, 0), 16, "link-local"),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "private"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "protocol assignment"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "documentation"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "6to4 relay"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "private"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "benchmarking"),
    (Ipv4Addr::new(198, 51, 100, 0), 24, "documentation"),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "documentation"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "multicast"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "reserved"),
];

/// IPv6 networks that no public site lives in. What lies outside `2000::/3` is refused anyway; those listed here from
/// outside it are for the word. 6to4 and Teredo embed an IPv4 address that a relay would dial unseen.
const PRIVATE_V6: &[(Ipv6Addr, u32, &str)] = &[
    (Ipv6Addr::LOCALHOST, 128, "loopback"),
    (Ipv6Addr::UNSPECIFIED, 128, "this-host"),
    (Ipv6Addr::UNSPECIFIED, 96, "IPv4-compatible"),
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, "local NAT64"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, "Teredo"),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32, "documentation"),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23, "protocol assignment"),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, "6to4"),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20, "documentation"),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, "unique local"),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10, "link-local"),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, "site-local"),
    (Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0), 8, "multicast"),
];

/// The NAT64 prefix by which hosts without IPv4 reach public IPv4 sites (RFC 6052).
const NAT64: Ipv6Addr = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0);

fn within_v4(ip: Ipv4Addr, net: Ipv4Addr, prefix_bits: u32) -> bool {
    (ip.to_bits() ^ net.to_bits()).leading_zeros() >= prefix_bits
}

fn within_v6(ip: Ipv6Addr, net: Ipv6Addr, prefix_bits: u32) -> bool {
    (ip.to_bits() ^ net.to_bits()).leading_zeros() >= prefix_bits
}

/// The word for the kind of private address that `ip` is; `None` when it is public. An address that embeds an IPv4
/// address which our own host or network translates (IPv4-mapped, NAT64) is judged by what it embeds.
pub(super) fn private_class(ip: IpAddr) -> Option<&'static str> {
    match ip.to_canonical() {
        IpAddr::V4(v4) => PRIVATE_V4.iter().find(|(net, bits, _)| within_v4(v4, *net, *bits)).map(|(_, _, word)| *word),
        IpAddr::V6(v6) if within_v6(v6, NAT64, 96) => {
            let [.., a, b, c, d] = v6.octets();
            private_class(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
        }
        IpAddr::V6(v6) => PRIVATE_V6
            .iter()
            .find(|(net, bits, _)| within_v6(v6, *net, *bits))
            .map(|(_, _, word)| *word)
            .or_else(|| (v6.octets()[0] >> 5 != 1).then_some("reserved")),
    }
}

/// An address was not dialled because it is private.
#[derive(Debug, thiserror::Error)]
#[error(
    "{host} leads to {ip}, a {class} address, so it was not contacted; to visit it, list its network in fetch.allow_networks"
)]
pub(super) struct Refused {
    host: String,
    ip: IpAddr,
    class: &'static str,
}

/// A name has no address at all.
#[derive(Debug, thiserror::Error)]
#[error("no address for {0}")]
struct NoAddress(String);

/// Checks addresses, and resolves names to those that pass.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    allow: Arc<[IpNet]>,
    names: Arc<dyn Names>,
    /// Name of the proxy that everything goes through: who configured it knows where it is.
    proxy: Option<Arc<str>>,
}

impl Guard {
    pub(super) fn new(allow: &[IpNet], names: Arc<dyn Names>) -> Self {
        Self { allow: allow.into(), names, proxy: None }
    }

    /// The same, but for the name of `proxy`, which may lead anywhere.
    pub(super) fn but_for(self, proxy: &Url) -> Self {
        Self { proxy: proxy.host_str().map(Into::into), ..self }
    }

    /// Whether `ip`, found under `host`, may be dialled.
    fn check(&self, host: &str, ip: IpAddr) -> Result<(), Refused> {
        let allowed = || self.allow.iter().any(|net| net.contains(&ip) || net.contains(&ip.to_canonical()));
        match private_class(ip) {
            Some(class) if !allowed() => Err(Refused { host: host.into(), ip, class }),
            _ => Ok(()),
        }
    }

    /// Whether `url`, when its host is written as an address, may be dialled: reqwest asks no resolver for those.
    pub(super) fn check_literal(&self, url: &Url) -> Result<(), Refused> {
        let ip = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip),
            Some(Host::Domain(_)) | None => return Ok(()),
        };
        self.check("the URL", ip)
    }

    /// Whether every address that `host` has now may be dialled, for clients that look it up themselves; the reason if not.
    pub(super) async fn check_name(&self, host: &str, port: u16) -> Result<(), String> {
        // An address of six parts stands in brackets where a port follows, and without them where it is looked up.
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let found = tokio::net::lookup_host((bare, port)).await.map_err(|e| format!("{host} is not known: {e}"))?;
        for address in found {
            self.check(host, address.ip()).map_err(|refused| refused.to_string())?;
        }
        Ok(())
    }

    /// Those of `found` that may be dialled, in order; an error when there are none.
    fn pass(&self, host: &str, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, PassError> {
        let (mut passed, mut refused) = (vec![], None);
        for address in found {
            match self.check(host, address.ip()) {
                Ok(()) if passed.len() < ADDRESSES_MAX => passed.push(address),
                Ok(()) => break,
                Err(e) => refused = refused.or(Some(e)),
            }
        }
        match refused {
            _ if !passed.is_empty() => Ok(passed),
            Some(refused) => Err(refused.into()),
            None => Err(NoAddress(host.into()).into()),
        }
    }
}

type PassError = Box<dyn std::error::Error + Send + Sync>;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str();
            let found = guard.names.addresses(host).await?;
            if guard.proxy.as_deref() == Some(host) {
                return Ok(Box::new(found.into_iter().take(ADDRESSES_MAX)) as Addrs);
            }
            Ok(Box::new(guard.pass(host, found.into_iter())?.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::names::System;
    use super::*;

    const REFUSED: &[(&str, &str)] = &[
        ("0.0.0.0", "this-host"),
        ("0.1.2.3", "this-host"),
        ("10.0.0.1", "private"),
        ("10.255.255.255", "private"),
        ("100.64.0.0", "carrier-grade NAT"),
        ("100.127.255.255", "carrier-grade NAT"),
        ("127.0.0.1", "loopback"),
        ("127.255.0.9", "loopback"),
        ("169.254.169.254", "link-local"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.0.0.8", "protocol assignment"),
        ("192.0.2.1", "documentation"),
        ("192.88.99.1", "6to4 relay"),
        ("192.168.1.1", "private"),
        ("198.18.0.1", "benchmarking"),
        ("198.19.255.255", "benchmarking"),
        ("198.51.100.7", "documentation"),
        ("203.0.113.7", "documentation"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.250", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::", "this-host"),
        ("::1", "loopback"),
        ("::7f00:1", "IPv4-compatible"),
        ("::808:808", "IPv4-compatible"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:10.1.2.3", "private"),
        ("::ffff:169.254.169.254", "link-local"),
        ("::ffff:0:7f00:1", "reserved"),
        ("64:ff9b::7f00:1", "loopback"),
        ("64:ff9b::a00:1", "private"),
        ("64:ff9b:1::808:808", "local NAT64"),
        ("100::1", "reserved"),
        ("2001::1", "Teredo"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
        ("2001:2::1", "protocol assignment"),
        ("2001:10::1", "protocol assignment"),
        ("2001:db8::1", "documentation"),
        ("2002:7f00:1::1", "6to4"),
        ("2002:808:808::1", "6to4"),
        ("3fff::1", "documentation"),
        ("4000::1", "reserved"),
        ("5f00::1", "reserved"),
        ("fc00::1", "unique local"),
        ("fd12:3456:789a::1", "unique local"),
        ("fe80::1", "link-local"),
        ("febf::1", "link-local"),
        ("fec0::1", "site-local"),
        ("ff02::1", "multicast"),
        ("ff0e::1", "multicast"),
    ];

    const PUBLIC: &[&str] = &[
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "128.0.0.1",
        "169.253.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.1",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2606:4700:4700::1111",
        "2a00:1450::1",
        "3ffe::1",
    ];

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for (text, class) in REFUSED {
            assert_eq!(private_class(ip(text)), Some(*class), "{text}");
        }
        for text in PUBLIC {
            assert_eq!(private_class(ip(text)), None, "{text}");
        }
    }

    #[test]
    fn a_listed_network_is_allowed_and_no_other() {
        let guard = Guard::new(&["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()], Arc::new(System));
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "fd00::5", "8.8.8.8"] {
            assert!(guard.check("h", ip(text)).is_ok(), "{text}");
        }
        for text in ["127.0.0.1", "192.168.0.1", "::1", "fc00::5", "64:ff9b::a00:1"] {
            assert!(guard.check("h", ip(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn of_mixed_addresses_only_the_public_are_dialled() {
        let guard = Guard::new(&[], Arc::new(System));
        let at = |text: &str| SocketAddr::new(ip(text), 0);
        let mixed = [at("10.0.0.1"), at("8.8.8.8"), at("::1"), at("2a00:1450::1")];
        assert_eq!(guard.pass("h", mixed.into_iter()).unwrap(), [at("8.8.8.8"), at("2a00:1450::1")]);
        let error = guard.pass("intra.example", [at("10.0.0.1"), at("::1")].into_iter()).unwrap_err();
        assert!(error.is::<Refused>());
        let text = error.to_string();
        assert!(text.contains("intra.example") && text.contains("10.0.0.1") && text.contains("fetch.allow_networks"));
        assert!(guard.pass("h", std::iter::empty()).unwrap_err().is::<NoAddress>());
    }

    #[test]
    fn a_name_with_many_addresses_is_cut_short() {
        let many = (0..=255).map(|n| SocketAddr::from(([8, 8, 8, n], 0)));
        assert_eq!(Guard::new(&[], Arc::new(System)).pass("h", many).unwrap().len(), ADDRESSES_MAX);
    }

    #[test]
    fn addresses_in_urls_are_judged_however_written() {
        let guard = Guard::new(&[], Arc::new(System));
        for text in ["http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://[::1]/", "http://127.0.0.1./"]
        {
            assert!(guard.check_literal(&Url::parse(text).unwrap()).is_err(), "{text}");
        }
        for text in ["http://8.8.8.8/", "http://localhost/", "http://[2a00:1450::1]/"] {
            assert!(guard.check_literal(&Url::parse(text).unwrap()).is_ok(), "{text}");
        }
    }
}
