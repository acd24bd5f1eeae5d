//! What was said in a sample that others know it by: names of servers, sessions of TLS; and what should not be published:
//! logins.
//!
//! Of each kind, at most [`NAMES`] names are kept, those of the lowest hashes, so that which ones does not depend on the
//! order in which they come.

use std::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::xxh3_64;

use super::admission::admissions;
use crate::dissect::{Event, Value};

/// Names of a kind that are kept of one sample, at most.
pub const NAMES: usize = 1024;

/// The longest name that is kept, in bytes: of longer ones, the beginning.
const LONGEST: usize = 255;

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// A server, as a client asks for it when it begins TLS or QUIC, or in HTTP's Host.
    Server,
    /// What is asked of the DNS.
    Question,
    /// What is asked or told on the link: mDNS and LLMNR.
    Local,
    /// A session of TLS that could be taken up again, hashed.
    Session,
}

impl NameKind {
    const ALL: [Self; 4] = [Self::Server, Self::Question, Self::Local, Self::Session];
}

/// A name, with the hash that it is kept by.
type Name = (u64, Box<str>);

/// What was said in a sample.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    names: [BTreeSet<Name>; NameKind::ALL.len()],
    /// How many logins there were, of which protocol, and what showed who one is: `plain`, `md5` and so on.
    pub logins: BTreeMap<(String, String), u64>,
    /// How many exchanges of HTTP hold what else lets one in, by what it is: `cookies` and so on.
    pub admissions: BTreeMap<&'static str, u64>,
    /// Messages of mail that were sent in clear.
    pub mails: u64,
}

impl Said {
    /// Takes a record.
    pub fn take(&mut self, event: &Event) {
        match event.kind.path {
            "ssl" | "quic" => {
                self.text(event, "server_name", NameKind::Server);
                self.sessions(event);
            }
            "http" => {
                self.text(event, "host", NameKind::Server);
                admissions(event).for_each(|what| *self.admissions.entry(what).or_default() += 1);
            }
            "dns" => {
                let local = event.text("transport").is_some_and(|transport| matches!(transport, "mdns" | "llmnr"));
                self.text(event, "query", if local { NameKind::Local } else { NameKind::Question });
            }
            "auth" => {
                let part = |name| event.text(name).unwrap_or("none").to_owned();
                *self.logins.entry((part("service"), part("secret_kind"))).or_default() += 1;
            }
            "smtp" if event.text("mailfrom").is_some() => self.mails += 1,
            _ => {}
        }
    }

    /// Takes what was said in another part of the sample.
    pub fn join(&mut self, other: Self) {
        for (own, names) in self.names.iter_mut().zip(other.names) {
            own.extend(names);
            while own.len() > NAMES {
                own.pop_last();
            }
        }
        self.mails += other.mails;
        for (what, count) in other.admissions {
            *self.admissions.entry(what).or_default() += count;
        }
        for (login, count) in other.logins {
            *self.logins.entry(login).or_default() += count;
        }
    }

    /// Its names of a kind, in the order of their hashes.
    pub fn names(&self, kind: NameKind) -> impl Iterator<Item = &str> {
        let of = NameKind::ALL.iter().position(|other| *other == kind);
        let names = of.and_then(|place| self.names.get(place));
        names.into_iter().flatten().map(|(_, name)| &**name)
    }

    fn text(&mut self, event: &Event, field: &str, kind: NameKind) {
        if let Some(name) = event.text(field) {
            self.name(name, kind);
        }
    }

    fn sessions(&mut self, event: &Event) {
        let Some(Value::List(sessions)) = event.value("sessions") else { return };
        for session in sessions {
            if let Value::Text(session) = session {
                self.name(session, NameKind::Session);
            }
        }
    }

    /// Keeps a name, in small letters and without the dot at its end.
    fn name(&mut self, name: &str, kind: NameKind) {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let end = (0..=name.len().min(LONGEST)).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
        let name = &name[..end];
        let of = NameKind::ALL.iter().position(|other| *other == kind);
        let Some(names) = of.and_then(|place| self.names.get_mut(place)).filter(|_| !name.is_empty()) else { return };
        names.insert((xxh3_64(name.as_bytes()), name.into()));
        if names.len() > NAMES {
            names.pop_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_names_are_kept_does_not_depend_on_their_order() {
        let all: Vec<String> = (0..3 * NAMES).map(|number| format!("host{number}.example")).collect();
        let (mut forwards, mut backwards, mut half) = (Said::default(), Said::default(), Said::default());
        all.iter().for_each(|name| forwards.name(name, NameKind::Server));
        all.iter().rev().for_each(|name| backwards.name(name, NameKind::Server));
        all[..NAMES * 2].iter().for_each(|name| half.name(name, NameKind::Server));
        let mut rest = Said::default();
        all[NAMES * 2..].iter().for_each(|name| rest.name(name, NameKind::Server));
        half.join(rest);
        assert_eq!(forwards.names(NameKind::Server).count(), NAMES);
        assert!(forwards == backwards && forwards == half);
    }

    #[test]
    fn a_name_is_one_however_it_is_written() {
        let mut said = Said::default();
        let long = "ä".repeat(LONGEST);
        for name in ["WWW.Example.org", "www.example.org.", "", &long] {
            said.name(name, NameKind::Question);
        }
        let mut names: Vec<&str> = said.names(NameKind::Question).collect();
        names.sort_by_key(|name| name.len());
        assert_eq!((names[0], names[1].len(), names.len()), ("www.example.org", LONGEST - 1, 2));
    }
}
