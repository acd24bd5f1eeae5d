use proptest::prelude::*;

use super::super::trial::{C, S, same_in_bytes, survives, tell};

const ASKS: &[u8] = b"\x03\0\0\x2a\x25\xe0\0\0\0\0\0Cookie: mstshash=anna\r\n\x01\0\x08\0\x0b\0\0\0";
const TLS: &[u8] = b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x02\x1f\x08\0\x02\0\0\0";
const REFUSED: &[u8] = b"\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0\x03\0\x08\0\x05\0\0\0";

#[test]
fn who_asks_for_what_is_told() {
    let said: &[(_, &[u8])] = &[(C, ASKS), (S, TLS)];
    let want = [
        r#"{"_path":"auth","first":1,"last":2,"service":"rdp","user":"anna","secret_kind":"none","mechanism":"HYBRID","result":"unknown","attempt":1}"#,
        r#"{"_path":"rdp","first":1,"last":2,"cookie":"anna","result":"encrypted","security_protocol":"HYBRID","requested_protocols":["SSL","HYBRID","HYBRID_EX"]}"#,
    ];
    assert_eq!(tell((40_000, 3389), said), want);
    assert_eq!(tell((40_000, 40_001), said), want, "at any port");
    same_in_bytes((40_000, 40_001), said);
    let told = tell((40_000, 3389), &[(C, ASKS), (S, REFUSED)]).concat();
    assert!(told.contains(r#""result":"error","server_code":"HYBRID_REQUIRED_BY_SERVER""#), "{told}");
    let told = tell((40_000, 3389), &[(S, TLS)]).concat();
    assert_eq!(told, r#"{"_path":"rdp","first":1,"last":1,"result":"encrypted","security_protocol":"HYBRID"}"#);
}

#[test]
fn other_users_of_the_transport_are_not_taken() {
    // A controller of a machine; and a request without anything.
    let machine = b"\x03\0\0\x16\x11\xe0\0\0\0\x01\0\xc1\x02\x01\0\xc2\x02\x01\x02\xc0\x01\x0a";
    assert!(tell((40_000, 102), &[(C, machine)]).is_empty());
    let bare = b"\x03\0\0\x0b\x06\xe0\0\0\0\0\0";
    assert!(tell((40_000, 102), &[(C, bare)]).is_empty());
    assert_eq!(tell((40_000, 3389), &[(C, bare)]).len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_is_survived(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), more in prop::collection::vec(any::<u8>(), 0..50)) {
        let mut said = [ASKS, &[3, 0, 0, 40, 2, 0xf0, 0x80], &more].concat();
        for (place, byte) in changes {
            *place.get_mut(&mut said) = byte;
        }
        prop_assert!(survives((40_000, 3389), false, &[(false, said), (true, TLS.to_vec())]) <= 4);
    }
}
