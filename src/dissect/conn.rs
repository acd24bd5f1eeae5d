//! Conversations as Zeek's conn.log has them.

use super::record::records;
use super::value::Interval;

records! {
    /// A conversation: who with whom, for how long, how much, how it ended.
    "conn" Conn {
        /// From the first packet to the last.
        duration: Interval => in "s",
        /// The protocols that were recognised in it, in order, joined by commas.
        service: Option<String> => / "network.protocol",
        /// What the originator sent, without headers; missing bytes included.
        orig_bytes: u64 => / "source.bytes" in "B",
        /// What the responder sent.
        resp_bytes: u64 => / "destination.bytes" in "B",
        /// How it went: S0, S1, SF, REJ, S2, S3, RSTO, RSTR, RSTOS0, RSTRH, SH, SHR, OTH.
        conn_state: &'static str,
        /// The originator is in one of the local networks; unknown if none are named.
        local_orig: Option<bool>,
        /// The responder is.
        local_resp: Option<bool>,
        /// Bytes of TCP that the capture lacks.
        missed_bytes: u64 => in "B",
        /// What happened: S SYN, H SYN and ACK, A ACK, D data, F FIN, R RST, G gap, T retransmission, W window of 0, I and Q
        /// flags that contradict each other; capitals for the originator, `^` if it was turned round.
        history: Option<String>,
        /// Packets of the originator.
        orig_pkts: u64 => / "source.packets",
        /// Bytes of its IP packets, with headers.
        orig_ip_bytes: u64 => in "B",
        /// Packets of the responder.
        resp_pkts: u64 => / "destination.packets",
        /// Bytes of its IP packets.
        resp_ip_bytes: u64 => in "B",
        /// Segments with bytes, none of them new, of both sides.
        retransmissions: Option<u64> => "tcp.retransmissions",
        /// Segments that came before one that stands before them.
        out_of_order: Option<u64> => "tcp.out_of_order",
        /// Bytes that came again.
        overlap_bytes: Option<u64> => "tcp.overlap_bytes" in "B",
        /// Of those that could be compared, bytes that were others.
        overlap_conflict: Option<u64> => "tcp.overlap_conflict" in "B",
        /// Gaps.
        gaps: Option<u64> => "tcp.gaps",
        /// Its first packet is no SYN: the capture began later.
        midstream: Option<bool> => "tcp.midstream",
        /// Why it ended: fin, rst, syn, if another one began between the same ends, idle, active, eof, or resources, if there
        /// were too many at once.
        end_reason: &'static str => / "event.reason",
    }
}
