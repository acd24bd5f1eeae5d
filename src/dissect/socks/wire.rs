//! What both sides of SOCKS say, read off the bytes: RFC 1928, 3 to 6; RFC 1929, 2; "SOCKS: A protocol for TCP proxy across
//! firewalls" (version 4) and "SOCKS 4A".

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lack {
    /// More of them must come.
    More,
    /// No message is like that.
    Nonsense,
}

/// The server takes none of the client's methods.
pub(super) const NO_METHOD: u8 = 0xff;

/// The longest user and name of version 4, which are not counted but end with a zero.
const LONGEST: usize = 255;

/// Smaller methods are registered (IANA, "SOCKS Methods"), and from `PRIVATE` on they are anybody's.
const UNASSIGNED: u8 = 10;
const PRIVATE: u8 = 0x80;

/// Bytes that were not read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

/// Where somebody is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: Option<IpAddr>,
    pub(super) name: Option<Vec<u8>>,
    pub(super) port: u16,
}

/// What a client wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) version: u8,
    pub(super) command: u8,
    pub(super) to: Address,
    /// Who wants it, in version 4.
    pub(super) user: Option<Vec<u8>>,
}

/// What the server says to that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) version: u8,
    pub(super) code: u8,
    /// None if it failed: it has no meaning then, and not all servers send it.
    pub(super) bound: Option<Address>,
}

impl<'a> Wire<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], Lack> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or(Lack::More)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Lack> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(Lack::More)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn byte(&mut self) -> Result<u8, Lack> {
        self.array().map(|[byte]| byte)
    }

    /// A byte that is one of these.
    fn one_of(&mut self, allowed: &[u8]) -> Result<u8, Lack> {
        self.byte().and_then(|byte| allowed.contains(&byte).then_some(byte).ok_or(Lack::Nonsense))
    }

    /// Bytes behind their number.
    fn counted(&mut self) -> Result<&'a [u8], Lack> {
        let count = self.byte()?;
        self.take(count.into())
    }

    /// Bytes before a zero.
    fn ended(&mut self) -> Result<&'a [u8], Lack> {
        let end = self.0.iter().take(LONGEST + 1).position(|byte| *byte == 0);
        match end {
            Some(end) => {
                let bytes = self.take(end)?;
                self.byte().map(|_| bytes)
            }
            None if self.0.len() > LONGEST => Err(Lack::Nonsense),
            None => Err(Lack::More),
        }
    }

    /// The methods that a client offers.
    pub(super) fn greeting(&mut self) -> Result<&'a [u8], Lack> {
        self.one_of(&[5])?;
        let count = usize::from(self.byte()?);
        let there = self.0.get(..count).unwrap_or(self.0);
        let is_method = |(place, method): (usize, &u8)| {
            is_method(*method) && there.iter().take(place).all(|earlier| earlier != method)
        };
        if count == 0 || !there.iter().enumerate().all(is_method) {
            return Err(Lack::Nonsense);
        }
        self.take(count)
    }

    /// The method that the server chose.
    pub(super) fn choice(&mut self) -> Result<u8, Lack> {
        self.one_of(&[5])?;
        self.byte().and_then(|method| {
            let can = is_method(method) || method == NO_METHOD;
            can.then_some(method).ok_or(Lack::Nonsense)
        })
    }

    /// What stands behind greetings: a login, a request, or what is said to these.
    pub(super) fn goes_on(&self) -> Result<(), Lack> {
        let can = self.0.first().is_none_or(|next| matches!(next, 1 | 5));
        can.then_some(()).ok_or(Lack::Nonsense)
    }

    /// A user and a password.
    pub(super) fn login(&mut self) -> Result<(&'a [u8], &'a [u8]), Lack> {
        self.one_of(&[1])?;
        Ok((self.counted()?, self.counted()?))
    }

    /// The server's answer to them: 0 is success. Some have the wrong version.
    pub(super) fn verdict(&mut self) -> Result<u8, Lack> {
        self.one_of(&[1, 5])?;
        self.byte()
    }

    /// What a client wants.
    pub(super) fn request(&mut self) -> Result<Request, Lack> {
        match self.one_of(&[4, 5])? {
            4 => self.request_4(),
            version => {
                // The last two are Tor's.
                let command = self.one_of(&[1, 2, 3, 0xf0, 0xf1])?;
                self.one_of(&[0])?;
                Ok(Request { version, command, to: self.address()?, user: None })
            }
        }
    }

    fn request_4(&mut self) -> Result<Request, Lack> {
        let command = self.one_of(&[1, 2])?;
        let port = u16::from_be_bytes(self.array()?);
        let host: [u8; 4] = self.array()?;
        let user = self.ended()?;
        if host == [0; 4] || user.iter().any(u8::is_ascii_control) {
            return Err(Lack::Nonsense);
        }
        // An address that nobody has: a name follows, in version 4A.
        let to = match host {
            [0, 0, 0, _] => Address { host: None, name: Some(self.ended()?.to_vec()), port },
            host => Address { host: Some(Ipv4Addr::from(host).into()), name: None, port },
        };
        Ok(Request { version: 4, command, to, user: Some(user.to_vec()) })
    }

    /// What the server says to that.
    pub(super) fn reply(&mut self) -> Result<Reply, Lack> {
        match self.one_of(&[0, 5])? {
            0 => {
                let code = self.one_of(&[90, 91, 92, 93])?;
                let port = u16::from_be_bytes(self.array()?);
                let host = Ipv4Addr::from(self.array::<4>()?);
                let bound = Address { host: Some(host.into()), name: None, port };
                Ok(Reply { version: 4, code, bound: (code == 90).then_some(bound) })
            }
            version => {
                let code = self.byte()?;
                if code != 0 {
                    return Ok(Reply { version, code, bound: None });
                }
                self.one_of(&[0])?;
                Ok(Reply { version, code, bound: Some(self.address()?) })
            }
        }
    }

    fn address(&mut self) -> Result<Address, Lack> {
        let mut to = Address::default();
        match self.one_of(&[1, 3, 4])? {
            1 => to.host = Some(Ipv4Addr::from(self.array::<4>()?).into()),
            3 => to.name = Some(self.counted()?.to_vec()),
            _ => to.host = Some(Ipv6Addr::from(self.array::<16>()?).into()),
        }
        to.port = u16::from_be_bytes(self.array()?);
        Ok(to)
    }
}

/// True if a client may offer this method.
fn is_method(method: u8) -> bool {
    method < UNASSIGNED || (PRIVATE..NO_METHOD).contains(&method)
}
