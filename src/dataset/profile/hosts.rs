//! Names that machines tell of themselves when they come to a network: in DHCP (RFC 2132, 3.14; RFC 4702) and in NetBIOS'
//! name service (RFC 1002, 4.2.2).

use crate::decode::{Ip, protocol};

/// Where the options of DHCP begin: behind the fixed part and the cookie.
const OPTIONS: usize = 240;

/// RFC 2131, 3.
const COOKIE: [u8; 4] = [99, 130, 83, 99];

/// The name that a packet's sender has, if it says so.
pub(super) fn host_name(ip: &Ip) -> Option<String> {
    if ip.protocol != protocol::UDP {
        return None;
    }
    let payload = || ip.transport().ok().map(|transport| transport.payload);
    match ip.ports()? {
        (67 | 68, 67 | 68) => of_dhcp(payload()?),
        (_, 137) => of_netbios(payload()?),
        _ => None,
    }
}

fn of_dhcp(message: &[u8]) -> Option<String> {
    if message.get(OPTIONS - 4..OPTIONS)? != COOKIE {
        return None;
    }
    let mut options = message.get(OPTIONS..)?;
    loop {
        options = match *options.first()? {
            0 => options.get(1..)?,
            kind => {
                let (option, rest) = options.get(2..)?.split_at_checked(usize::from(*options.get(1)?))?;
                match kind {
                    12 => return text(option),
                    // Flags and two codes stand before the name, which may be in the form of the DNS.
                    81 if option.len() > 3 => return text(option.get(3..)?),
                    255 => return None,
                    _ => rest,
                }
            }
        };
    }
}

/// The name of a registration or a refresh: half-bytes as letters from `A` on, filled with blanks, its purpose last.
fn of_netbios(message: &[u8]) -> Option<String> {
    let operation = (message.get(2)? >> 3) & 0xf;
    if !matches!(operation, 5 | 8 | 9) || *message.get(12)? != 32 {
        return None;
    }
    let letters = message.get(13..45)?;
    let half = |letter: u8| letter.checked_sub(b'A').filter(|half| *half < 16);
    let bytes: Option<Vec<u8>> =
        letters.chunks_exact(2).map(|pair| Some(half(*pair.first()?)? << 4 | half(*pair.get(1)?)?)).collect();
    text(bytes?.get(..15)?)
}

/// Text of letters that can be shown; the lengths of labels are dots.
fn text(bytes: &[u8]) -> Option<String> {
    let shown = |byte: &u8| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' };
    let text: String = bytes.trim_ascii().iter().map(shown).collect();
    let text = text.trim_matches('.');
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_dhcp() {
        let mut message = vec![0; OPTIONS - 4];
        message.extend(COOKIE);
        message.extend([0, 53, 1, 3, 12, 4, b'j', b'a', b'n', b'e', 255]);
        assert_eq!(of_dhcp(&message).as_deref(), Some("jane"));
        (0..message.len() - 1).for_each(|length| assert_eq!(of_dhcp(&message[..length]).is_some(), length >= 250));
        message.truncate(OPTIONS);
        message.extend([81, 8, 4, 0, 0, 4, b'j', b'a', b'n', b'e']);
        assert_eq!(of_dhcp(&message).as_deref(), Some("jane"));
    }

    #[test]
    fn names_in_netbios() {
        let mut message = vec![0; 12];
        message[2] = 0x29;
        message.push(32);
        for byte in b"JANE-PC        \0" {
            message.extend([b'A' + (byte >> 4), b'A' + (byte & 15)]);
        }
        assert_eq!(of_netbios(&message).as_deref(), Some("JANE-PC"));
        message[2] = 1;
        assert_eq!(of_netbios(&message), None, "a question is about others");
    }
}
