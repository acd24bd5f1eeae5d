//! MySQL's logins: greeting, login, what follows until the server says OK or not.

use super::packet::{Packet, capability, counted};
use crate::dissect::held::Held;
use crate::dissect::login::Outcome;
use crate::dissect::scan::Scan;
use crate::dissect::text::{hex, lossless};
use crate::flow::Moment;

/// Errors that are a no: access denied, with its kinds; password expired; account locked; user blocked.
const DENIED: [u16; 11] = [1_044, 1_045, 1_130, 1_227, 1_251, 1_524, 1_698, 1_820, 1_862, 3_118, 3_955];

/// A server's greeting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Greeting {
    pub(super) protocol: u8,
    pub(super) version: String,
    pub(super) capabilities: Option<u32>,
    pub(super) plugin: Option<String>,
}

impl Greeting {
    pub(super) fn read(payload: &[u8]) -> Option<Self> {
        let mut scan = Scan::new(payload);
        let protocol = scan.u8().filter(|protocol| matches!(protocol, 9 | 10))?;
        let version = lossless(scan.until_zero()?);
        let mut greeting = Self { protocol, version, capabilities: None, plugin: None };
        if protocol == 10 {
            greeting.read_more(&mut scan);
        }
        Some(greeting)
    }

    fn read_more(&mut self, scan: &mut Scan) -> Option<()> {
        let _thread = scan.u32_le()?;
        let _challenge = scan.take(9)?;
        let low = scan.u16_le()?;
        self.capabilities = Some(low.into());
        let _set_and_status = scan.take(3)?;
        let capabilities = u32::from(low) | u32::from(scan.u16_le()?) << 16;
        self.capabilities = Some(capabilities);
        let length = scan.u8()?;
        let _reserved = scan.take(10)?;
        let _challenge = scan.take(usize::from(length.saturating_sub(8).max(13)))?;
        if capabilities & capability::PLUGIN_AUTH != 0 {
            self.plugin = Some(lossless(scan.text()));
        }
        Some(())
    }
}

/// An attempt to log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Login {
    /// `login` or `change_user`.
    pub(super) command: &'static str,
    pub(super) user: Option<String>,
    pub(super) database: Option<String>,
    pub(super) plugin: Option<String>,
    /// What shows who one is, as it was sent last.
    pub(super) secret: Vec<u8>,
    pub(super) first: Moment,
    pub(super) last: Moment,
}

impl Held for Login {
    fn held(&self) -> usize {
        self.user.held() + self.database.held() + self.plugin.held() + self.secret.held()
    }
}

impl Login {
    /// Reads a client's login; with it, the client's capabilities.
    pub(super) fn read(packet: &Packet) -> Option<(Self, u32)> {
        let mut scan = Scan::new(packet.payload);
        let low = scan.u16_le()?;
        let mut login = Self::new("login", packet);
        if u32::from(low) & capability::PROTOCOL_41 == 0 {
            let _size = scan.take(3)?;
            login.read_old(&mut scan, low.into());
            return Some((login, low.into()));
        }
        let capabilities = u32::from(low) | u32::from(scan.u16_le()?) << 16;
        let _size_set_filler = scan.take(28)?;
        login.read_new(&mut scan, capabilities);
        Some((login, capabilities))
    }

    /// Reads COM_CHANGE_USER.
    pub(super) fn read_change(packet: &Packet, capabilities: Option<u32>) -> Option<Self> {
        let mut scan = Scan::new(packet.payload.get(1..)?);
        let mut login = Self::new("change_user", packet);
        login.user = Some(lossless(scan.text()));
        let length = scan.u8().unwrap_or_default();
        login.secret = scan.take(length.into()).unwrap_or_default().to_vec();
        login.database = Some(lossless(scan.text())).filter(|database| !database.is_empty());
        let _set = scan.u16_le();
        if capabilities.is_none_or(|capabilities| capabilities & capability::PLUGIN_AUTH != 0) {
            login.plugin = Some(lossless(scan.text())).filter(|plugin| !plugin.is_empty());
        }
        Some(login)
    }

    fn new(command: &'static str, packet: &Packet) -> Self {
        let (first, last) = (packet.first, packet.last);
        Self { command, user: None, database: None, plugin: None, secret: Vec::new(), first, last }
    }

    fn read_old(&mut self, scan: &mut Scan, capabilities: u32) {
        self.user = Some(lossless(scan.text()));
        self.secret = scan.text().to_vec();
        if capabilities & capability::CONNECT_WITH_DB != 0 {
            self.database = Some(lossless(scan.text())).filter(|database| !database.is_empty());
        }
        self.plugin = Some("mysql_old_password".to_owned());
    }

    fn read_new(&mut self, scan: &mut Scan, capabilities: u32) -> Option<()> {
        let has = |capability| capabilities & capability != 0;
        self.user = Some(lossless(scan.text()));
        self.secret = if has(capability::PLUGIN_AUTH_LENENC) {
            counted(scan)?.to_vec()
        } else if has(capability::SECURE_CONNECTION) {
            let length = scan.u8()?;
            scan.take(length.into())?.to_vec()
        } else {
            scan.text().to_vec()
        };
        if has(capability::CONNECT_WITH_DB) {
            self.database = Some(lossless(scan.text())).filter(|database| !database.is_empty());
        }
        if has(capability::PLUGIN_AUTH) {
            self.plugin = Some(lossless(scan.text())).filter(|plugin| !plugin.is_empty());
        } else if has(capability::SECURE_CONNECTION) {
            self.plugin = Some("mysql_native_password".to_owned());
        } else {
            self.plugin = Some("mysql_old_password".to_owned());
        }
        Some(())
    }

    /// The server asks for another way.
    pub(super) fn switch(&mut self, packet: &Packet) {
        let mut scan = Scan::new(packet.payload.get(1..).unwrap_or_default());
        let plugin = match scan.is_empty() {
            true => "mysql_old_password".to_owned(),
            false => lossless(scan.text()),
        };
        self.plugin = Some(plugin).filter(|plugin| !plugin.is_empty());
        self.secret.clear();
    }

    /// The client answers: unless it only asks for the server's public key.
    pub(super) fn answer(&mut self, packet: &Packet) {
        self.last = packet.last;
        if !matches!(packet.payload, [1 | 2] | []) {
            self.secret = packet.payload.to_vec();
        }
    }

    /// The kind of the secret, and the secret: as text if it is a password, otherwise in hexadecimal digits.
    pub(super) fn secret(&self) -> (&'static str, Option<String>) {
        let digits = || hex(&self.secret);
        // Clear passwords end with a zero byte; over an open connection, SHA-256 ones are encrypted.
        let clear = self.secret.strip_suffix(&[0]).filter(|text| !text.contains(&0));
        match (self.plugin.as_deref(), clear) {
            _ if self.secret.is_empty() || self.secret == [0] => ("none", None),
            (Some("mysql_clear_password" | "dialog"), _) => ("plain", Some(lossless(clear.unwrap_or(&self.secret)))),
            (Some("mysql_old_password"), _) => ("nonce", Some(lossless(clear.unwrap_or(&self.secret)))),
            (Some("caching_sha2_password" | "sha256_password"), _) => ("sha256", Some(digits())),
            (Some("mysql_native_password"), _) | (None, _) => ("sha1", Some(digits())),
            _ => ("nonce", Some(digits())),
        }
    }
}

/// What an error means for a login.
pub(super) fn outcome(code: u16) -> Outcome {
    if DENIED.contains(&code) { Outcome::Failure } else { Outcome::Error }
}
