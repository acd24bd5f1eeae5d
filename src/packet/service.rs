//! Names of services by port and protocol, as IANA registers them.
//!
//! Source: IANA, Service Name and Transport Protocol Port Number Registry, July 2026; `scripts/services` writes the table.

use std::sync::LazyLock;

/// A line for each port and name: port, name, protocols, a tab between them.
const REGISTRY: &str = include_str!("services.txt");

/// The protocols that have ports of their own there, by number.
const PROTOCOLS: [(u8, &str); 4] = [(6, "tcp"), (17, "udp"), (132, "sctp"), (33, "dccp")];

/// The protocol and port of each name, in ascending order.
static SERVICES: LazyLock<Vec<((u8, u16), &'static str)>> = LazyLock::new(|| {
    let mut services: Vec<_> = REGISTRY.lines().filter_map(of_line).flatten().collect();
    services.sort_unstable();
    services
});

fn of_line(line: &'static str) -> Option<impl Iterator<Item = ((u8, u16), &'static str)>> {
    let mut parts = line.split('\t');
    let port = parts.next()?.parse().ok()?;
    let name = parts.next()?;
    Some(parts.filter_map(move |part| {
        let (number, _) = PROTOCOLS.iter().find(|(_, protocol)| *protocol == part)?;
        Some(((*number, port), name))
    }))
}

/// The service that is registered for a port of this IP protocol; none also where the protocol has no ports.
pub fn service_name(protocol: u8, port: u16) -> Option<&'static str> {
    let at = SERVICES.binary_search_by_key(&(protocol, port), |(key, _)| *key).ok()?;
    SERVICES.get(at).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_by_port_and_protocol() {
        for (protocol, port, name) in [
            (6, 80, Some("http")),
            (17, 53, Some("domain")),
            (6, 113, Some("ident")),
            (17, 113, Some("auth")),
            (17, 443, Some("https")),
            (132, 36412, Some("s1-control")),
            (6, 36412, None),
            (6, 6379, Some("redis")),
            (17, 6379, None),
            (1, 80, None),
            (6, 0, None),
        ] {
            assert_eq!(service_name(protocol, port), name, "{protocol} {port}");
        }
    }

    #[test]
    fn each_line_is_understood_and_no_port_has_two_names() {
        let lines = REGISTRY.lines().count();
        assert_eq!(REGISTRY.lines().filter_map(of_line).filter_map(|mut names| names.next()).count(), lines);
        assert!(SERVICES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(SERVICES.len() > 11_000, "{}", SERVICES.len());
    }
}
