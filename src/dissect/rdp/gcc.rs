//! What both sides of RDP say of themselves: [MS-RDPBCGR] 2.2.1.3 and 2.2.1.4, in the user data of T.124 inside T.125.

use super::super::held::Held;
use super::super::text::{lossless, utf16};

/// Blocks of one message, at most.
const MAX_BLOCKS: usize = 32;

/// Channels, at most ([MS-RDPBCGR] 2.2.1.3.4).
const MAX_CHANNELS: usize = 31;

/// What a client says.
#[derive(Debug, Default)]
pub(super) struct ClientData {
    pub(super) width: Option<u16>,
    pub(super) height: Option<u16>,
    pub(super) color_depth: Option<u16>,
    pub(super) keyboard_layout: Option<u32>,
    pub(super) build: Option<u32>,
    pub(super) name: Option<String>,
    pub(super) product_id: Option<String>,
    pub(super) channels: Option<Vec<String>>,
}

/// What a server says.
#[derive(Debug, Default)]
pub(super) struct ServerData {
    pub(super) method: Option<String>,
    pub(super) level: Option<String>,
}

impl Held for ClientData {
    fn held(&self) -> usize {
        self.name.held() + self.product_id.held() + self.channels.held()
    }
}

impl Held for ServerData {
    fn held(&self) -> usize {
        self.method.held() + self.level.held()
    }
}

impl ClientData {
    /// Reads a Connect-Initial.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        let blocks = blocks(data.strip_prefix(&[0x7f, 0x65])?, b"Duca")?;
        let mut client = Self::default();
        for (kind, block) in blocks {
            match kind {
                0xc001 => client.core(block),
                0xc003 => client.channels = Some(channels(block)),
                _ => {}
            }
        }
        Some(client)
    }

    /// [MS-RDPBCGR] 2.2.1.3.2.
    fn core(&mut self, block: &[u8]) {
        (self.width, self.height) = (u16_at(block, 4), u16_at(block, 6));
        self.keyboard_layout = u32_at(block, 12);
        self.build = u32_at(block, 16);
        self.name = block.get(20..52).map(name);
        // The first says no more than that the others count: 8 bits before RDP 5, then the next, and then what is wanted.
        self.color_depth = match (u16_at(block, 136), u16_at(block, 128), u16_at(block, 8)) {
            (Some(high @ 1..), ..) => Some(high),
            (_, Some(0xca00), _) => Some(4),
            (_, Some(0xca02), _) => Some(15),
            (_, Some(0xca03), _) => Some(16),
            (_, Some(0xca04), _) => Some(24),
            (_, _, Some(0xca00)) => Some(4),
            (_, _, Some(_)) => Some(8),
            _ => None,
        };
        self.product_id = block.get(142..206).map(name).filter(|id| !id.is_empty());
    }
}

impl ServerData {
    /// Reads a Connect-Response.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        let blocks = blocks(data.strip_prefix(&[0x7f, 0x66])?, b"McDn")?;
        let mut server = Self::default();
        for (_, block) in blocks.filter(|(kind, _)| *kind == 0x0c02) {
            server.method = u32_at(block, 0).map(|method| match method {
                0 => "None".to_owned(),
                1 => "40bit".to_owned(),
                2 => "128bit".to_owned(),
                8 => "56bit".to_owned(),
                16 => "FIPS".to_owned(),
                other => format!("encryption_method-{other}"),
            });
            server.level = u32_at(block, 4).map(|level| match level {
                0 => "None".to_owned(),
                1 => "Low".to_owned(),
                2 => "Client compatible".to_owned(),
                3 => "High".to_owned(),
                4 => "FIPS".to_owned(),
                other => format!("encryption_level-{other}"),
            });
        }
        Some(server)
    }
}

/// The blocks behind the key of a conference: their kinds and contents. What T.125 has before the key is passed over.
fn blocks<'a>(data: &'a [u8], key: &[u8]) -> Option<impl Iterator<Item = (u16, &'a [u8])> + use<'a>> {
    let place = data.windows(key.len()).position(|window| window == key)?;
    let rest = data.get(place + key.len()..)?;
    // A length as PER has it: two bytes if it does not fit into seven bits.
    let (first, _) = rest.split_first()?;
    let mut rest = rest.get(if first & 0x80 != 0 { 2 } else { 1 }..)?;
    let next = move || {
        let (kind, length) = (u16_at(rest, 0)?, usize::from(u16_at(rest, 2)?));
        let block = rest.get(4..length)?;
        rest = rest.get(length..)?;
        Some((kind, block))
    };
    Some(std::iter::from_fn(next).take(MAX_BLOCKS))
}

/// [MS-RDPBCGR] 2.2.1.3.4: eight bytes of name and four of options each.
fn channels(block: &[u8]) -> Vec<String> {
    let (channels, _) = block.get(4..).unwrap_or_default().as_chunks::<12>();
    let name = |channel: &[u8; 12]| {
        let name = channel.first_chunk::<8>().map_or(&[][..], |name| name);
        lossless(name.split(|byte| *byte == 0).next().unwrap_or_default())
    };
    channels.iter().take(MAX_CHANNELS).map(name).collect()
}

fn u16_at(bytes: &[u8], place: usize) -> Option<u16> {
    bytes.get(place..)?.first_chunk().map(|two| u16::from_le_bytes(*two))
}

fn u32_at(bytes: &[u8], place: usize) -> Option<u32> {
    bytes.get(place..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}

/// A name in UTF-16, up to its first zero.
fn name(bytes: &[u8]) -> String {
    let text = utf16(bytes, u16::from_le_bytes);
    lossless(text.split('\0').next().unwrap_or_default().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_tells_of_itself() {
        let mut core = vec![0; 212];
        for (place, bytes) in
            [(4, &b"\0\x05\0\x04\x01\xca"[..]), (12, b"\x07\x04\0\0\x28\x0a\0\0P\0C\0"), (136, b"\x18\0")]
        {
            core.splice(place..place + bytes.len(), bytes.iter().copied());
        }
        let net = b"\x02\0\0\0rdpdr\0\0\0\0\0\0\0cliprdr\0\0\0\0\0";
        let mut data = b"\x7f\x65\x82\0\0xxDuca\x81\0".to_vec();
        for (kind, block) in [(0xc001_u16, &core[..]), (0xc003, net)] {
            data.extend(kind.to_le_bytes());
            data.extend((block.len() as u16 + 4).to_le_bytes());
            data.extend(block);
        }
        let client = ClientData::read(&data).unwrap();
        assert_eq!((client.width, client.height, client.color_depth), (Some(1280), Some(1024), Some(24)));
        assert_eq!((client.keyboard_layout, client.build), (Some(0x407), Some(2600)));
        assert_eq!((client.name.as_deref(), client.product_id), (Some("PC"), None));
        assert_eq!(client.channels.unwrap(), ["rdpdr", "cliprdr"]);
        for end in 0..data.len() {
            ClientData::read(&data[..end]);
        }
    }

    #[test]
    fn a_server_tells_of_its_encryption() {
        let server = ServerData::read(b"\x7f\x66xxMcDn\x10\x02\x0c\x0c\0\x02\0\0\0\x02\0\0\0").unwrap();
        assert_eq!((server.method.as_deref(), server.level.as_deref()), (Some("128bit"), Some("Client compatible")));
    }
}
