//! Writes pcap files: what they cannot hold is counted, packets are never left out.

use std::io::{self, BufRead, Write};

use super::chunked::{Chunked, Sink};
use super::losses::Losses;
use crate::error::{Error, Result};
use crate::packet::{ByteOrder, Interface, LinkType, Opt, Packet};
use crate::time::{Resolution, Timestamp};

/// The least snap length to state: the largest that libpcap accepts of ordinary link types.
const SNAP_LEN: u32 = 262_144;

/// The 24 bytes at the start of a pcap file of packets like this interface's.
pub fn pcap_header(interface: &Interface, nanoseconds: bool) -> [u8; 24] {
    let magic: u32 = if nanoseconds { 0xa1b2_3c4d } else { 0xa1b2_c3d4 };
    // Never less than libpcap accepts: it cuts packets at what is stated here, and other interfaces may follow.
    let snap_len = interface.snap_len.max(SNAP_LEN);
    let fcs = interface.fcs_length().map_or(0, |octets| 0x0400_0000 | u32::from(octets / 2) << 28);
    let network = u32::from(interface.link_type.0) | fcs;
    let mut header = [0; 24];
    // Version 2.4; the time zone and accuracy fields are 0 in every file.
    let fields = [magic, 2 | 4 << 16, 0, 0, snap_len, network];
    for (field, value) in header.chunks_exact_mut(4).zip(fields) {
        field.copy_from_slice(&value.to_le_bytes());
    }
    header
}

/// Appends a packet record; `nanoseconds` as the file's header says.
#[inline]
pub fn pcap_record(out: &mut Vec<u8>, packet: &Packet, nanoseconds: bool, losses: &mut Losses) {
    let time = packet.time().unwrap_or(Timestamp(0));
    losses.untimed += u64::from(packet.raw_time.is_none());
    let time = losses.clamp(time);
    let seconds = time.seconds() as u32;
    let fraction = match nanoseconds {
        true => time.subsecond_nanos(),
        false => time.subsecond_nanos() / 1_000,
    };
    losses.floored += u64::from(is_finer_than_nanoseconds(packet));
    let captured = packet.bytes.len() as u32;
    let mut header = [0; 16];
    let fields = [seconds, fraction, captured, packet.original_length];
    for (field, value) in header.chunks_exact_mut(4).zip(fields) {
        field.copy_from_slice(&value.to_le_bytes());
    }
    out.extend_from_slice(&header);
    out.extend_from_slice(packet.bytes);
}

/// True if rounding to nanoseconds loses part of this packet's time.
fn is_finer_than_nanoseconds(packet: &Packet) -> bool {
    use Resolution::{Binary, Decimal};
    let Some(raw) = packet.raw_time else { return false };
    match packet.interface.resolution {
        Decimal(0..=9) | Binary(0..=9) => false,
        Decimal(exponent) => {
            10_u128.checked_pow(u32::from(exponent) - 9).is_none_or(|unit| u128::from(raw) % unit != 0 && raw != 0)
        }
        // raw * 10^9 / 2^n is whole exactly if 2^n divides raw * 10^9.
        Binary(exponent) => {
            let scaled = u128::from(raw) * 1_000_000_000;
            raw != 0 && scaled.trailing_zeros() < u32::from(exponent)
        }
    }
}

/// Copies a pcap file of ours that counts microseconds, as one that counts nanoseconds.
///
/// # Errors
/// When reading or writing fails.
pub fn refine(input: &mut impl BufRead, out: &mut impl Write) -> io::Result<()> {
    let mut header = [0; 24];
    input.read_exact(&mut header)?;
    let [_, _, _, _, rest @ ..] = header;
    out.write_all(&0xa1b2_3c4d_u32.to_le_bytes())?;
    out.write_all(&rest)?;
    let mut record = [0; 16];
    let mut packet = Vec::new();
    while !input.fill_buf()?.is_empty() {
        input.read_exact(&mut record)?;
        let order = ByteOrder::Little;
        let micros = order.u32(&record, 4).unwrap_or_default();
        let captured = order.u32(&record, 8).unwrap_or_default();
        if let Some(field) = record.get_mut(4..8) {
            field.copy_from_slice(&(micros * 1_000).to_le_bytes());
        }
        packet.resize(captured as usize, 0);
        input.read_exact(&mut packet)?;
        out.write_all(&record)?;
        out.write_all(&packet)?;
    }
    out.flush()
}

/// A pcap file that is being written.
pub struct PcapWriter<W: Sink> {
    out: Chunked<W>,
    /// The first interface: what the header is of if there is no packet.
    waiting: Option<Interface>,
    /// Count nanoseconds: asked for, or because an interface before the first packet does.
    nanoseconds: bool,
    /// The header's link type, once it is written.
    link_type: Option<LinkType>,
    too_coarse: bool,
    losses: Losses,
}

impl<W: Sink> PcapWriter<W> {
    /// A file without a header yet: it is written before the first packet, in nanoseconds if `nanoseconds` or if any
    /// interface that was announced by then counts so finely.
    pub fn new(out: W, nanoseconds: bool) -> Self {
        Self {
            out: Chunked::new(out),
            waiting: None,
            nanoseconds,
            link_type: None,
            too_coarse: false,
            losses: Losses::default(),
        }
    }

    /// Announces an interface.
    pub fn interface(&mut self, interface: &Interface) {
        self.nanoseconds |= self.link_type.is_none() && !interface.resolution.fits_microseconds();
        self.waiting.get_or_insert_with(|| interface.clone());
    }

    /// True if writing failed because an interface counts nanoseconds and the header, written before, microseconds: it
    /// goes well from the start with `nanoseconds`.
    pub fn was_too_coarse(&self) -> bool {
        self.too_coarse
    }

    fn write_header(&mut self, interface: &Interface) -> LinkType {
        self.out.buffer.extend_from_slice(&pcap_header(interface, self.nanoseconds));
        self.link_type = Some(interface.link_type);
        interface.link_type
    }

    /// Writes a packet; those of its options that `keep` lets through are counted, for pcap has no place for them.
    ///
    /// # Errors
    /// When writing fails; a packet of another link type, or of a finer resolution than the header's.
    #[inline]
    pub fn packet(&mut self, packet: &Packet, keep: impl FnMut(&Opt) -> bool) -> Result<()> {
        self.losses.options += packet.options.filter(keep).count() as u64;
        let interface = packet.interface;
        let link_type = match self.link_type {
            Some(link_type) => link_type,
            None => {
                self.interface(interface);
                self.write_header(interface)
            }
        };
        if link_type != interface.link_type {
            return Err(Error::request(format!(
                "a pcap file holds one link type; this capture has {link_type} and {}",
                interface.link_type
            ))
            .advise("write pcapng, or one file per link type (--per-linktype)"));
        }
        if !self.nanoseconds && !interface.resolution.fits_microseconds() {
            self.too_coarse = true;
            return Err(Error::request(
                "a later interface counts nanoseconds, and the pcap file was begun with microseconds",
            )
            .advise("read from a file instead of a pipe, or write pcapng"));
        }
        pcap_record(&mut self.out.buffer, packet, self.nanoseconds, &mut self.losses);
        Ok(self.out.drain()?)
    }

    /// What the file could not hold so far.
    pub fn losses(&self) -> Losses {
        self.losses
    }

    /// Writes what is left, and gives the output back. A capture without interfaces becomes an empty Ethernet file.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> Result<W> {
        if self.link_type.is_none() {
            let interface = self.waiting.take().unwrap_or_else(no_interface);
            self.write_header(&interface);
        }
        Ok(self.out.finish()?)
    }
}

fn no_interface() -> Interface {
    Interface {
        number: 0,
        link_type: LinkType(1),
        byte_order: ByteOrder::Little,
        snap_len: 0,
        resolution: Resolution::MICROSECONDS,
        states_resolution: false,
        offset: 0,
        options: Vec::new(),
    }
}
