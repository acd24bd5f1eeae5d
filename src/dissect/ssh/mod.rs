//! SSH up to where it is encrypted: banners, algorithms, the server's key. RFC 4253, 4.2, 6, 7, 8; RFC 4419 and 5656 have
//! their answers in the same place. HASSH: github.com/salesforce/hassh.

#[cfg(test)]
mod tests;

use super::held::Held;
use md5::{Digest, Md5};

use super::buffer::Buffer;
use super::record::{Events, objects, records};
use super::text::{hex, lossless};
use super::{Dissector, Limits, Next, Opening, Protocol, Verdict, Weird};
use crate::flow::{Moment, Side, Sides};

/// How SSH is recognised: by a banner.
pub(super) const SSH: Protocol = Protocol { name: "ssh", tcp: true, udp: false, ports: &[22], looks, begin };

/// What stands before a banner, and that, have so many bytes at most.
const MAX_BANNER: usize = 8 << 10;

/// The longest packet. All must take 35 000 bytes (RFC 4253, 6.1), and some take more.
const MAX_PACKET: usize = 256 << 10;

/// Messages of one side before it is encrypted, at most.
const MAX_MESSAGES: u32 = 100;

const KEXINIT: u8 = 20;
const NEWKEYS: u8 = 21;
/// Answers to key exchanges (Diffie-Hellman, elliptic curves; groups that were asked for): the server's key stands first.
const KEX_REPLIES: [u8; 2] = [31, 33];

records! {
    /// The beginning of an SSH connection.
    "ssh" Ssh {
        /// The version that both speak: 1 or 2.
        version: Option<u8>,
        /// The client's banner.
        client: Option<String>,
        /// The server's banner.
        server: Option<String>,
        /// The cipher that they agree on; of two directions, both.
        cipher_alg: Option<String>,
        /// How messages are authenticated.
        mac_alg: Option<String>,
        /// How they are compressed.
        compression_alg: Option<String>,
        /// How keys are exchanged.
        kex_alg: Option<String>,
        /// What kind of key the server shows.
        host_key_alg: Option<String>,
        /// The MD5 fingerprint of that key.
        host_key: Option<String>,
        /// The fingerprint of the client's algorithms.
        hassh: Option<String>,
        /// What that is the MD5 of.
        hassh_algorithms: Option<String> => "hasshAlgorithms",
        /// The fingerprint of the server's algorithms.
        hassh_server: Option<String> => "hasshServer",
        /// What that is the MD5 of.
        hassh_server_algorithms: Option<String> => "hasshServerAlgorithms",
        /// All algorithms that the client offers, best first.
        client_algorithms: Option<SshAlgorithms>,
        /// All algorithms that the server offers.
        server_algorithms: Option<SshAlgorithms>,
    }
}

objects! {
    /// What one side can do.
    SshAlgorithms {
        /// Key exchange.
        kex: Vec<String>,
        /// Kinds of server's keys.
        host_key: Vec<String>,
        /// Ciphers to the server.
        encryption_client_to_server: Vec<String>,
        /// Ciphers to the client.
        encryption_server_to_client: Vec<String>,
        /// Authentication to the server.
        mac_client_to_server: Vec<String>,
        /// Authentication to the client.
        mac_server_to_client: Vec<String>,
        /// Compression to the server.
        compression_client_to_server: Vec<String>,
        /// Compression to the client.
        compression_server_to_client: Vec<String>,
    }
}

fn looks(opening: &Opening) -> Verdict {
    let server = opening.server_by_port(SSH.ports);
    let client = server.map_or(Side::Originator, Side::other);
    let mut verdict = Verdict::No;
    for said in [opening.originator, opening.responder] {
        if is_banner(said) {
            return Verdict::Yes(client);
        }
        // A server may say something else first.
        if server.is_some() && opening.from_start && said.is_ascii() {
            if said.windows(6).any(|window| window.starts_with(b"\nSSH-") && window.get(1..).is_some_and(is_banner)) {
                return Verdict::Yes(client);
            }
            verdict = Verdict::Perhaps;
        } else if !said.is_empty() && b"SSH-2".starts_with(said) {
            verdict = Verdict::Perhaps;
        }
    }
    verdict
}

fn is_banner(said: &[u8]) -> bool {
    said.starts_with(b"SSH-1") || said.starts_with(b"SSH-2")
}

fn begin(_: &Opening, client: Side, _: &Limits) -> Box<dyn Dissector> {
    Box::new(Conversation { client, speakers: Sides::default(), span: None })
}

/// A connection.
struct Conversation {
    client: Side,
    speakers: Sides<Speaker>,
    /// The first and last packet that something was learnt from.
    span: Option<(Moment, Moment)>,
}

/// What one side said.
#[derive(Default)]
struct Speaker {
    buffer: Buffer,
    banner: Option<String>,
    algorithms: Option<[String; 8]>,
    host_key: Option<String>,
    messages: u32,
    /// What follows is encrypted, or not understood.
    is_over: bool,
}

impl Held for Conversation {
    fn held(&self) -> usize {
        self.speakers.held()
    }
}

impl Dissector for Conversation {
    fn data(&mut self, side: Side, bytes: &[u8], at: Moment, out: &mut Events) -> Next {
        let speaker = self.speakers.of_mut(side);
        if speaker.is_over {
            return Next::Same;
        }
        speaker.buffer.push(bytes, at);
        let span = &mut self.span;
        let mut learnt = |first, last| {
            let (from, _) = *span.get_or_insert((first, last));
            *span = Some((from, last));
        };
        if let Err(name) = speaker.read(&mut learnt) {
            out.push(at, at, Weird { name, addl: None, peer: SSH.name });
            speaker.is_over = true;
        }
        if speaker.is_over {
            speaker.buffer = Buffer::default();
        }
        if self.speakers.both().iter().all(|speaker| speaker.is_over) {
            self.tell(out);
            return Next::Over;
        }
        Next::Same
    }

    fn gap(&mut self, side: Side, _: u64, _: Moment, _: &mut Events) -> Next {
        let speaker = self.speakers.of_mut(side);
        if speaker.is_over {
            return Next::Same;
        }
        *speaker = Speaker { buffer: Buffer::default(), is_over: true, ..std::mem::take(speaker) };
        Next::Same
    }

    fn end(&mut self, at: Moment, out: &mut Events) {
        // A banner without its end.
        for side in [Side::Originator, Side::Responder] {
            let speaker = self.speakers.of_mut(side);
            if speaker.banner.is_some() {
                continue;
            }
            let rest = speaker.buffer.len();
            if let Some(rest) = speaker.buffer.take(rest).filter(|rest| is_banner(rest.bytes)) {
                speaker.banner = Some(lossless(rest.bytes.trim_ascii_end()));
                let (from, _) = *self.span.get_or_insert((rest.first, rest.last));
                self.span = Some((from, at));
            }
        }
        self.tell(out);
    }
}

impl Conversation {
    fn tell(&mut self, out: &mut Events) {
        let Some((first, last)) = self.span.take() else { return };
        let (client, server) = (self.speakers.of(self.client), self.speakers.of(self.client.other()));
        let agreed = |place: usize| agreed(client.list(place)?, server.list(place)?);
        let of_both = |place: usize| match (agreed(place), agreed(place + 1)) {
            (Some(to_server), Some(to_client)) if to_server != to_client => {
                Some(format!("To server: {to_server}, to client: {to_client}"))
            }
            (to_server, to_client) => to_server.or(to_client),
        };
        // Of each direction, the side that speaks counts.
        let hassh_algorithms = client.joined([0, 2, 4, 6]);
        let hassh_server_algorithms = server.joined([0, 3, 5, 7]);
        let ssh = Ssh {
            version: version(client.banner.as_deref(), server.banner.as_deref()),
            client: client.banner.clone(),
            server: server.banner.clone(),
            cipher_alg: of_both(2),
            mac_alg: of_both(4),
            compression_alg: of_both(6),
            kex_alg: agreed(0),
            host_key_alg: agreed(1),
            host_key: server.host_key.clone(),
            hassh: hassh_algorithms.as_ref().map(|text| md5(text.as_bytes(), "")),
            hassh_algorithms,
            hassh_server: hassh_server_algorithms.as_ref().map(|text| md5(text.as_bytes(), "")),
            hassh_server_algorithms,
            client_algorithms: client.algorithms.as_ref().map(SshAlgorithms::of),
            server_algorithms: server.algorithms.as_ref().map(SshAlgorithms::of),
        };
        out.push(first, last, ssh);
    }
}

impl Held for Speaker {
    fn held(&self) -> usize {
        self.buffer.held() + self.banner.held() + self.algorithms.held() + self.host_key.held()
    }
}

impl Speaker {
    /// Reads what is whole; an error is what is wrong.
    fn read(&mut self, learnt: &mut impl FnMut(Moment, Moment)) -> Result<(), &'static str> {
        while self.banner.is_none() {
            let waits = self.buffer.len();
            let Some(line) = self.buffer.line() else {
                return if waits > MAX_BANNER { Err("ssh_banner_too_long") } else { Ok(()) };
            };
            self.messages += 1;
            if is_banner(line.bytes) {
                self.banner = Some(lossless(line.bytes));
                learnt(line.first, line.last);
                // What follows is another protocol.
                self.is_over = line.bytes.starts_with(b"SSH-1") && !line.bytes.starts_with(b"SSH-1.99");
            } else if self.messages > MAX_MESSAGES {
                return Err("ssh_without_banner");
            }
        }
        while !self.is_over {
            let Some((length, _)) = self.buffer.bytes().split_first_chunk::<4>() else { return Ok(()) };
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            if !(2..=MAX_PACKET).contains(&length) {
                return Err("ssh_packet_of_wrong_length");
            }
            let Some(packet) = self.buffer.take(length + 4) else { return Ok(()) };
            let (first, last) = (packet.first, packet.last);
            let payload = payload(packet.bytes).ok_or("ssh_packet_of_wrong_length")?.to_vec();
            self.messages += 1;
            if self.message(&payload)? {
                learnt(first, last);
            }
            self.is_over |= self.messages > MAX_MESSAGES;
        }
        Ok(())
    }

    /// One message; true if it tells something.
    fn message(&mut self, payload: &[u8]) -> Result<bool, &'static str> {
        let Some((kind, body)) = payload.split_first() else { return Err("ssh_packet_of_wrong_length") };
        match *kind {
            KEXINIT => self.algorithms = Some(name_lists(body).ok_or("ssh_algorithms_malformed")?),
            NEWKEYS => self.is_over = true,
            kind if KEX_REPLIES.contains(&kind) && self.host_key.is_none() => match string(body) {
                Some((key, _)) if names_itself(key) => self.host_key = Some(md5(key, ":")),
                _ => return Ok(false),
            },
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn list(&self, place: usize) -> Option<&str> {
        self.algorithms.as_ref()?.get(place).map(String::as_str)
    }

    fn joined(&self, places: [usize; 4]) -> Option<String> {
        let lists: Option<Vec<&str>> = places.into_iter().map(|place| self.list(place)).collect();
        lists.map(|lists| lists.join(";"))
    }
}

impl SshAlgorithms {
    fn of(lists: &[String; 8]) -> Self {
        let names = |list: &String| match list.as_str() {
            "" => Vec::new(),
            list => list.split(',').map(str::to_owned).collect(),
        };
        let [kex, host_key, to_server, to_client, mac_to_server, mac_to_client, zip_to_server, zip_to_client] = lists;
        Self {
            kex: names(kex),
            host_key: names(host_key),
            encryption_client_to_server: names(to_server),
            encryption_server_to_client: names(to_client),
            mac_client_to_server: names(mac_to_server),
            mac_server_to_client: names(mac_to_client),
            compression_client_to_server: names(zip_to_server),
            compression_server_to_client: names(zip_to_client),
        }
    }
}

/// The first of the client's that the server has too: RFC 4253, 7.1.
fn agreed(client: &str, server: &str) -> Option<String> {
    let server: std::collections::HashSet<&str> = server.split(',').collect();
    client.split(',').find(|name| server.contains(name)).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The version that both speak.
fn version(client: Option<&str>, server: Option<&str>) -> Option<u8> {
    let can = |banner: &str, two: bool| {
        let both = banner.starts_with("SSH-1.99");
        both || banner.starts_with("SSH-2") == two
    };
    let banners = || [client, server].into_iter().flatten();
    banners().next()?;
    [2, 1].into_iter().find(|version| banners().all(|banner| can(banner, *version == 2)))
}

/// A packet without its length and padding.
fn payload(packet: &[u8]) -> Option<&[u8]> {
    let (padding, rest) = packet.get(4..)?.split_first()?;
    rest.get(..rest.len().checked_sub(usize::from(*padding))?)
}

/// The first eight lists of KEXINIT: languages follow, which nobody uses.
fn name_lists(body: &[u8]) -> Option<[String; 8]> {
    let mut rest = body.get(16..)?;
    let mut lists = std::array::from_fn(|_| String::new());
    for list in &mut lists {
        let (names, behind) = string(rest)?;
        *list = lossless(names);
        rest = behind;
    }
    Some(lists)
}

/// Bytes with their number before them, and what follows.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// Keys begin with the name of their kind.
fn names_itself(key: &[u8]) -> bool {
    string(key).is_some_and(|(name, _)| !name.is_empty() && name.iter().all(u8::is_ascii_graphic))
}

fn md5(bytes: &[u8], between: &str) -> String {
    let digits: Vec<String> = Md5::digest(bytes).iter().map(|byte| hex(&[*byte])).collect();
    digits.join(between)
}
