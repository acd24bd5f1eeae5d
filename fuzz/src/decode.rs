//! Packets of any link type, down to the transport header.

use pcapml::decode;
use pcapml::packet::LinkType;

/// Two bytes of link type, one that says how much longer the packet was than what is captured, and the packet.
pub fn layers(data: &[u8]) {
    let Some((&[high, low, more], packet)) = data.split_first_chunk() else { return };
    let link_type = LinkType(u16::from_be_bytes([high, low]));
    let wire = packet.len() as u32 + u32::from(more);
    let outside = decode::layers(link_type, packet, wire);
    let inside = decode::innermost(link_type, packet, wire);
    for layers in [outside, inside] {
        let _ = layers.addresses();
        let Some(ip) = layers.ip() else { continue };
        assert!(ip.payload.len() <= packet.len());
        let _ = (ip.ports(), ip.icmp());
        if let Ok(transport) = ip.transport() {
            assert!(transport.payload.len() as u64 <= u64::from(transport.payload_length).max(packet.len() as u64));
        }
    }
}
