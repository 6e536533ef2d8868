//! The address that a request comes from.

use crate::{error::ApiError, options::HttpOptions};
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header::HeaderMap, web::Data};
use std::{
    future::{Ready, ready},
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// An address, or a network of them: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no IP address and no network such as 10.0.0.0/8");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().or(Err(wrong()))?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.trim().parse().or(Err(wrong())))?;
        if bits <= most { Ok(Self { address, bits }) } else { Err(wrong()) }
    }
}

impl Network {
    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let same = |ours: u128, theirs: u128, width: u32| {
            let rest = width - u32::from(self.bits);
            ours.checked_shr(rest).unwrap_or(0) == theirs.checked_shr(rest).unwrap_or(0)
        };
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => same(ours.to_bits().into(), theirs.to_bits().into(), 32),
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => same(ours.to_bits(), theirs.to_bits(), 128),
            _ => false,
        }
    }
}

/// In which header proxies say whom they speak for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// Which proxies are believed, and which of their headers. The other header is never read: a proxy that does not write it hands on what
/// its client wrote.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies {
    /// Where they are.
    pub networks: Vec<Network>,
    /// The header.
    pub header: ForwardedHeader,
}

impl TrustedProxies {
    fn trust(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }

    /// The nearest address that is not a trusted proxy's: from the socket, then from the header, from its right end. Where a proxy says
    /// something else than an address, it is the proxy's own.
    fn caller(&self, socket: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut caller = socket.to_canonical();
        if !self.trust(caller) {
            return caller;
        }
        let name = match self.header {
            ForwardedHeader::XForwardedFor => "x-forwarded-for",
            ForwardedHeader::Forwarded => "forwarded",
        };
        let lines: Vec<&str> = headers.get_all(name).map(|value| value.to_str().unwrap_or_default()).collect();
        for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            let hop = match self.header {
                ForwardedHeader::XForwardedFor => address(hop),
                ForwardedHeader::Forwarded => parameter_for(hop).and_then(address),
            };
            let Some(hop) = hop else { return caller };
            caller = hop;
            if !self.trust(caller) {
                return caller;
            }
        }
        caller
    }
}

/// The value of `for` of one element of `Forwarded`.
fn parameter_for(element: &str) -> Option<&str> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(name, _)| name.eq_ignore_ascii_case("for")).map(|(_, value)| value)
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`, with quotes or without.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let plain = || text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    plain().or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

/// The address that a request comes from; none where there is no socket, as in tests.
pub(crate) struct CallerAddress(pub Option<IpAddr>);

impl FromRequest for CallerAddress {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let options = request.app_data::<Data<HttpOptions>>().ok_or(ApiError::Misconfigured);
        let socket = request.peer_addr().map(|socket| socket.ip());
        ready(options.map(|options| Self(socket.map(|socket| options.proxies.caller(socket, request.headers())))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[track_caller]
    fn check(header: ForwardedHeader, socket: &str, headers: &[(&str, &str)], expect: &str) {
        let networks = ["10.0.0.0/8", "2001:db8:ffff::/48"].map(|network| network.parse().expect("a network")).to_vec();
        let request = headers.iter().fold(TestRequest::default(), |request, header| request.append_header(*header)).to_http_request();
        let caller = TrustedProxies { networks, header }.caller(socket.parse().expect("an address"), request.headers());
        assert_eq!(caller.to_string(), expect, "{headers:?}");
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        use ForwardedHeader::XForwardedFor;
        let name = "X-Forwarded-For";
        check(XForwardedFor, "192.0.2.1", &[(name, "198.51.100.7")], "192.0.2.1");
        check(XForwardedFor, "10.0.0.1", &[(name, "198.51.100.7")], "198.51.100.7");
        check(XForwardedFor, "::ffff:10.0.0.1", &[(name, "198.51.100.7")], "198.51.100.7");
        check(XForwardedFor, "10.0.0.1", &[(name, "1.1.1.1, 198.51.100.7, 10.2.3.4")], "198.51.100.7");
        check(XForwardedFor, "10.0.0.1", &[(name, "1.1.1.1"), (name, "198.51.100.7:4711"), (name, "10.1.1.1")], "198.51.100.7");
        check(XForwardedFor, "10.0.0.1", &[(name, "10.9.9.9, 10.2.3.4")], "10.9.9.9");
        check(XForwardedFor, "10.0.0.1", &[(name, "198.51.100.7, unknown")], "10.0.0.1");
        check(XForwardedFor, "10.0.0.1", &[(name, "")], "10.0.0.1");
        check(XForwardedFor, "10.0.0.1", &[], "10.0.0.1");
        check(XForwardedFor, "10.0.0.1", &[("Forwarded", "for=198.51.100.7")], "10.0.0.1");
        check(XForwardedFor, "2001:db8:ffff::1", &[(name, "2001:db8::7")], "2001:db8::7");
    }

    #[test]
    fn the_standard_header_is_read_where_it_is_chosen() {
        use ForwardedHeader::Forwarded;
        check(Forwarded, "10.0.0.1", &[("X-Forwarded-For", "198.51.100.7")], "10.0.0.1");
        check(Forwarded, "10.0.0.1", &[("Forwarded", "for=198.51.100.7;proto=https")], "198.51.100.7");
        check(Forwarded, "10.0.0.1", &[("Forwarded", "proto=http; For=\"[2001:db8::7]:4711\", for=10.0.0.3")], "2001:db8::7");
        check(Forwarded, "10.0.0.1", &[("Forwarded", "for=198.51.100.7, for=_hidden")], "10.0.0.1");
    }

    #[test]
    fn networks() {
        let contains =
            |network: &str, address: &str| network.parse::<Network>().expect("a network").contains(address.parse().expect("an address"));
        assert!(contains("192.0.2.1", "192.0.2.1") && !contains("192.0.2.1", "192.0.2.2"));
        assert!(contains("0.0.0.0/0", "8.8.8.8") && !contains("0.0.0.0/0", "::1") && contains("::/0", "2001:db8::1"));
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "10.0.0.0/"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }
}
