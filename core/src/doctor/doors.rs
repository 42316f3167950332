//! Addresses: whether they are free, whom they let in, and what is believed of those who come.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use super::{Finding, House, error, ok, some, warning};
use crate::web::ops::SERVER;

pub(super) fn listen(house: &House) -> Vec<Finding> {
    vec![free(house, house.settings.listen, "listen")]
}

pub(super) fn ops(house: &House) -> Vec<Finding> {
    let address = house.settings.ops;
    let place = format!("ops: {address}");
    let told = "can be reached from outside, and health and metrics have no lock";
    let mut found = vec![free(house, address, "ops")];
    match reach(address.ip()) {
        Reach::Inside => {}
        Reach::Anywhere => {
            found.push(warning(told).at(place).hint("`127.0.0.1:9090`, or an address of the inner network"))
        }
        Reach::Outside => {
            found.push(error(told).at(place).hint("`127.0.0.1:9090`, or an address of the inner network"))
        }
    }
    found
}

fn free(house: &House, address: SocketAddr, setting: &str) -> Finding {
    let place = format!("{setting}: {address}");
    match TcpListener::bind(address) {
        Ok(_) => ok("is free").at(place),
        Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => match running(house.settings.ops) {
            Some(version) if version == SERVER => ok(format!("is where `{version}` is running")).at(place),
            Some(version) => warning(format!("is where `{version}` is running, and this is `{SERVER}`"))
                .at(place)
                .hint("restart the service to run this version"),
            None => error("is taken by another program")
                .at(place)
                .hint(format!("`ss -ltnp` names it; another address with `--{setting}`")),
        },
        Err(cause) if cause.kind() == io::ErrorKind::PermissionDenied => {
            warning("is a port that not every user may open, nor may you")
                .at(place)
                .hint("`AmbientCapabilities=CAP_NET_BIND_SERVICE` in the unit of the service")
        }
        Err(cause) => error(format!("cannot be listened on: {cause}")).at(place).hint("an address of this machine"),
    }
}

const A_MOMENT: Duration = Duration::from_secs(1);

/// The portal that answers at the side door, by its name and version.
fn running(ops: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&ops, A_MOMENT).ok()?;
    stream.set_read_timeout(Some(A_MOMENT)).ok()?;
    stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    // whoever says nothing for a moment has said enough
    let _ = stream.take(4096).read_to_string(&mut answer);
    let name = answer.lines().find_map(|line| line.strip_prefix("server: "))?;
    name.starts_with("portal/").then(|| name.to_owned())
}

enum Reach {
    Inside,
    /// All addresses of the machine, whichever these are.
    Anywhere,
    Outside,
}

fn reach(address: IpAddr) -> Reach {
    let is_inside = match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    };
    match address {
        _ if is_inside => Reach::Inside,
        address if address.is_unspecified() => Reach::Anywhere,
        _ => Reach::Outside,
    }
}

pub(super) fn public(house: &House) -> Vec<Finding> {
    let settings = house.settings;
    let scheme = settings.public.as_ref().map_or("https", |public| &public.scheme);
    vec![match (scheme, settings.tls.is_some()) {
        ("https", _) => ok("links and redirects say `https`"),
        (_, true) => error("says `http` in links and redirects, and the portal speaks TLS")
            .at("public.scheme")
            .hint("`https`, or leave it out"),
        (_, false) if house.has_live() => {
            let live: Vec<_> = house.live().map(|town| &town.id).collect();
            error(format!("says `http` in links and redirects, and live are {}", some(&live)))
                .at("public.scheme")
                .hint("`https`, or leave it out")
        }
        (_, false) => ok("links and redirects say `http`, which is for trying out"),
    }]
}

pub(super) fn proxies(house: &House) -> Vec<Finding> {
    let settings = house.settings;
    let wide: Vec<_> = settings.proxies.iter().filter(|network| network.prefix_len() < 8).collect();
    let place = "trusted_proxies";
    vec![if !wide.is_empty() {
        error(format!("contains {}, so strangers may choose host and address", some(&wide)))
            .at(place)
            .hint("only your own proxies")
    } else if !settings.proxies.is_empty() {
        ok(format!("{} may say who is asking", some(&settings.proxies)))
    } else if settings.tls.is_some() {
        ok("nobody stands between, the portal speaks TLS itself")
    } else if house.has_live() {
        warning("names nobody, and towns are live without TLS")
            .at(place)
            .hint("name the proxy that does TLS, or give the portal a certificate (`tls` in `portal.yaml`)")
    } else {
        ok("none, and no town is live")
    }]
}
