//! libpcap's filters: compiled by libpcap, and run by it with a packet's true length.
//!
//! The one module that talks to libpcap directly. The `pcap` crate compiles; its `BpfProgram::filter` would pass the
//! captured length as the length on the wire, so that `greater 600` misses packets that were cut when captured.
#![allow(unsafe_code, reason = "pcap_offline_filter has no safe binding that takes the length on the wire")]

use std::io::{self, PipeReader, Write};
use std::os::fd::IntoRawFd;
use std::os::raw::{c_int, c_uint};

use pcap::{BpfInstruction, BpfProgram, Capture, Offline};

use super::memory::is_read_unwritten;
use crate::packet::{ByteOrder, Framing, LinkType};

/// Compiles filters for packets of one framing.
pub struct Compiler {
    handle: Capture<Offline>,
}

/// The snap length of the captures that filters are compiled for: what tcpdump takes for no limit.
const SNAP_LENGTH: u32 = 262_144;

/// All link types that libpcap may know.
const LINK_TYPES: std::ops::Range<u16> = 0..400;

/// A filter, compiled for one link type.
pub struct Filter {
    program: BpfProgram,
}

/// One instruction of a compiled filter: `struct bpf_insn` of pcap/bpf.h.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// What to do.
    pub code: u16,
    /// How many instructions to skip if a test holds.
    pub jump_true: u8,
    /// How many if it does not.
    pub jump_false: u8,
    /// The operand.
    pub operand: u32,
}

/// `struct bpf_program` of pcap/bpf.h.
#[repr(C)]
struct RawProgram {
    length: c_uint,
    instructions: *const BpfInstruction,
}

/// `struct pcap_pkthdr` of pcap.h.
#[repr(C)]
struct RawHeader {
    time: libc::timeval,
    captured: u32,
    original: u32,
}

unsafe extern "C" {
    fn pcap_offline_filter(program: *const RawProgram, header: *const RawHeader, packet: *const u8) -> c_int;
}

impl Compiler {
    /// A compiler for packets of this framing.
    ///
    /// libpcap compiles otherwise for files than for live capture: IPv6 behind a NULL header has the numbers of all
    /// systems, and `inbound` is refused. It is therefore given a capture file, the header of which is all that it reads.
    ///
    /// # Errors
    /// What libpcap says.
    pub fn new(framing: Framing) -> Result<Self, String> {
        let file = header_of_a_capture(framing).map_err(|error| error.to_string())?;
        // SAFETY: the descriptor is open, and nobody else has it any more.
        let handle = unsafe { Capture::from_raw_fd(file.into_raw_fd()) }.map_err(said)?;
        Ok(Self { handle })
    }

    /// Compiles a filter of pcap-filter(7).
    ///
    /// # Errors
    /// What libpcap says: a wrong expression, or one that cannot apply to this link type; or if libpcap compiles it into
    /// a program whose answer would be an accident.
    pub fn compile(&self, text: &str) -> Result<Filter, String> {
        let filter = Filter { program: self.handle.compile(text, true).map_err(said)? };
        match is_read_unwritten(filter.instructions()) {
            true => {
                Err("libpcap's program for it reads memory that it never wrote: its answer would be an accident".into())
            }
            false => Ok(filter),
        }
    }
}

/// A pipe that holds the header of a pcap file of this framing.
fn header_of_a_capture(framing: Framing) -> io::Result<PipeReader> {
    let order = framing.byte_order;
    let mut header = Vec::new();
    order.push_u32(&mut header, 0xa1b2_c3d4);
    header.extend_from_slice(match order {
        ByteOrder::Little => &[2, 0, 4, 0],
        ByteOrder::Big => &[0, 2, 0, 4],
    });
    for field in [0, 0, SNAP_LENGTH, u32::from(framing.link_type.0)] {
        order.push_u32(&mut header, field);
    }
    let (reader, mut writer) = io::pipe()?;
    writer.write_all(&header)?;
    Ok(reader)
}

fn said(error: pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(message) => message,
        other => other.to_string(),
    }
}

impl Filter {
    /// Compiles a single filter of pcap-filter(7) for packets of this framing.
    ///
    /// # Errors
    /// What libpcap says: a wrong expression, or one that cannot apply to this link type.
    pub fn compile(text: &str, framing: impl Into<Framing>) -> Result<Self, String> {
        Compiler::new(framing.into())?.compile(text)
    }

    /// True if libpcap accepts a filter for any link type: one that none accepts is a mistake.
    pub fn applies_somewhere(text: &str) -> bool {
        LINK_TYPES.into_iter().any(|link_type| Self::compile(text, LinkType(link_type)).is_ok())
    }

    /// Its program.
    pub fn instructions(&self) -> &[Instruction] {
        let instructions = self.program.get_instructions();
        // SAFETY: `BpfInstruction` is a transparent `bpf_insn`, of which `Instruction` is the layout; the slice is
        // borrowed from `self`, which keeps the program, and any bits are valid numbers.
        unsafe { std::slice::from_raw_parts(instructions.as_ptr().cast(), instructions.len()) }
    }

    /// True if the packet passes: its captured bytes, and its length on the wire.
    #[inline]
    pub fn matches(&self, bytes: &[u8], original_length: u32) -> bool {
        let instructions = self.program.get_instructions();
        let program = RawProgram { length: instructions.len() as c_uint, instructions: instructions.as_ptr() };
        let header = RawHeader {
            time: libc::timeval { tv_sec: 0, tv_usec: 0 },
            captured: bytes.len() as u32,
            original: original_length,
        };
        // SAFETY: `program` points at instructions that libpcap compiled and `self` keeps; the interpreter checks every
        // load against `captured`, which is the length of `bytes`. Neither is kept after the call.
        unsafe { pcap_offline_filter(&raw const program, &raw const header, bytes.as_ptr()) != 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_on_the_wire_counts() {
        let cut = [0_u8; 60];
        let long = Filter::compile("greater 600", LinkType(1)).unwrap();
        assert!(long.matches(&cut, 1500));
        assert!(!long.matches(&cut, 60));
    }

    #[test]
    fn link_types_are_translated_for_the_compiler() {
        let raw_ipv4 = [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        let host = Filter::compile("host 10.0.0.2", LinkType(101)).unwrap();
        assert!(host.matches(&raw_ipv4, 20));
        assert!(Filter::compile("ether host 1:2:3:4:5:6", LinkType(101)).is_err());
        assert!(Filter::compile("host", LinkType(1)).is_err());
    }

    #[test]
    fn filters_are_those_of_files() {
        // NULL with the number of IPv6 on FreeBSD, in either order; tcpdump -r accepts it.
        let mut packet = vec![28, 0, 0, 0, 0x60, 0, 0, 0, 0, 0, 17, 64];
        packet.resize(60, 0);
        let little = Filter::compile("ip6", LinkType(0)).unwrap();
        assert!(little.matches(&packet, 60));
        packet[..4].reverse();
        assert!(!little.matches(&packet, 60));
        let big = Framing::new(LinkType(0), ByteOrder::Big);
        assert!(Filter::compile("ip6", big).unwrap().matches(&packet, 60));
        assert!(Filter::compile("inbound", LinkType(1)).is_err());
    }
}
