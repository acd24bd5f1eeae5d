use proptest::prelude::*;

use super::super::trial::{C, S, same_in_bytes, survives, tell, tell_secrets};
use crate::flow::Side;

const PORTS: (u16, u16) = (40_000, 143);

const SAID: &[(Side, &[u8])] = &[
    (S, b"* OK IMAP4rev1 ready\r\n"),
    (C, b"a1 capability\r\n"),
    (S, b"* CAPABILITY IMAP4rev1\r\na1 OK done\r\n"),
    (C, b"a2 LOGIN \"an\\\"na\" {6}\r\n"),
    (S, b"+ go on\r\n"),
    (C, b"geheim\r\n"),
    (S, b"a2 NO [AUTHENTICATIONFAILED] no\r\n"),
    (C, b"a3 AUTHENTICATE PLAIN\r\n"),
    (S, b"+ \r\n"),
    (C, b"AGFubmEAZ2VoZWlt\r\n"),
    (S, b"a3 OK in\r\n"),
    (C, b"a4 APPEND INBOX {2000+}\r\n"),
    (C, &[b'x'; 2_000]),
    (C, b"\r\na5 UID FETCH 1 BODY[]\r\na6 IDLE\r\n"),
    (S, b"a4 OK [APPENDUID 1 2] done\r\n* 1 FETCH (BODY[] {10}\r\na6 OK no\r\n UID 1)\r\na5 OK done\r\n+ idling\r\n"),
    (C, b"DONE\r\n"),
    (S, b"* 2 EXISTS\r\na6 OK idle done\r\n* BYE\r\n"),
];

#[test]
fn commands_have_their_responses() {
    let lines = [
        r#"{"_path":"imap","first":1,"last":1,"tag":"*","result":"OK","response":"IMAP4rev1 ready"}"#,
        r#"{"_path":"imap","first":2,"last":3,"tag":"a1","command":"CAPABILITY","result":"OK","response":"done","untagged":1}"#,
        r#"{"_path":"auth","first":4,"last":7,"service":"imap","user":"an\"na","secret_kind":"plain","result":"failure","server_code":"AUTHENTICATIONFAILED","attempt":1}"#,
        r#"{"_path":"imap","first":4,"last":7,"tag":"a2","command":"LOGIN","arg":"an\"na","result":"NO","response":"[AUTHENTICATIONFAILED] no","untagged":0,"literal_bytes":6}"#,
        r#"{"_path":"auth","first":8,"last":11,"service":"imap","user":"anna","secret_kind":"plain","mechanism":"PLAIN","result":"success","attempt":2}"#,
        r#"{"_path":"imap","first":8,"last":11,"tag":"a3","command":"AUTHENTICATE","arg":"PLAIN","result":"OK","response":"in","untagged":0}"#,
        r#"{"_path":"imap","first":12,"last":15,"tag":"a4","command":"APPEND","arg":"INBOX {2000+}","result":"OK","response":"[APPENDUID 1 2] done","untagged":0,"literal_bytes":2000}"#,
        r#"{"_path":"imap","first":14,"last":15,"tag":"a5","command":"UID FETCH","arg":"1 BODY[]","result":"OK","response":"done","untagged":1}"#,
        r#"{"_path":"imap","first":14,"last":17,"tag":"a6","command":"IDLE","result":"OK","response":"idle done","untagged":1}"#,
        r#"{"_path":"imap","first":17,"last":17,"tag":"*","result":"BYE","response":""}"#,
    ];
    assert_eq!(tell(PORTS, SAID), lines);
    same_in_bytes(PORTS, SAID);
    assert_eq!(tell((4_000, 4_001), SAID), lines);
    assert_eq!(tell_secrets(PORTS, SAID).concat().matches(r#""secret":"geheim""#).count(), 2);
}

#[test]
fn a_literal_that_is_refused_does_not_come() {
    let said: &[(Side, &[u8])] = &[
        (S, b"* OK x\r\n"),
        (C, b"a APPEND x {99999}\r\n"),
        (S, b"a NO too big\r\n"),
        (C, b"b NOOP\r\n"),
        (S, b"b OK done\r\n"),
    ];
    let told = tell(PORTS, said);
    assert_eq!(told.len(), 3);
    assert!(told[1].contains(r#""result":"NO""#) && told[2].contains("NOOP"), "{told:#?}");
    same_in_bytes(PORTS, said);
}

#[test]
fn tls_follows_starttls() {
    let said: &[(Side, &[u8])] =
        &[(S, b"* OK x\r\n"), (C, b"1 STARTTLS\r\n"), (S, b"1 OK go\r\n"), (C, b"\x16\x03\x01\0\x05\x01")];
    assert_eq!(tell(PORTS, said).len(), 2);
}

#[test]
fn what_is_seen_in_part_is_told() {
    assert_eq!(tell((143, 4_000), &[(C, b"a9 OK done\r\n")]).len(), 1);
    assert_eq!(tell(PORTS, &[(C, b"a9 NOOP\r\n")]).len(), 1);
    assert_eq!(tell((4_000, 4_001), &[(C, b"x1 LOGIN a b\r\n"), (S, b"x1 NO no\r\n")]).len(), 2);
    assert!(tell((4_000, 4_001), &[(C, b"x1 LOGIN a b\r\n"), (S, b"500 what?\r\n")]).is_empty());
    let told = tell((4_000, 4_001), &[(C, b"GET / HTTP/1.1\r\n\r\n")]);
    assert!(told.iter().all(|line| line.contains(r#""_path":"http""#)), "{told:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_is_survived(
        lines in prop::collection::vec((any::<bool>(), "([ab*+] |)(LOGIN|AUTHENTICATE|UID|OK|NO|BAD|BYE|STARTTLS) ?[ -~\r\n\"0-9]{0,30}(\\{[0-9]{1,3}\\+?\\}|)\r\n"), 0..40),
        noise in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)), 0..10),
    ) {
        let said: Vec<_> = lines.into_iter().map(|(from, line)| (from, line.into_bytes())).chain(noise).collect();
        survives(PORTS, false, &said);
    }
}

#[test]
fn what_a_server_repeats_of_a_login_is_told_on_demand() {
    let said: &[(Side, &[u8])] = &[
        (S, b"* OK x\r\n"),
        (C, b"a LOGIN bob geheim\r\nb AUTHENTICATE PLAIN AGJvYgBnZWhlaW0=\r\n"),
        (S, b"a BAD unknown command LOGIN bob geheim\r\nb BAD AUTHENTICATE PLAIN AGJvYgBnZWhlaW0=\r\n"),
    ];
    let told = tell(PORTS, said).concat();
    assert!(!told.contains("geheim") && !told.contains("AGJv") && told.contains("LOGIN bob <secret>"), "{told}");
}
