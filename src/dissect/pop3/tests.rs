use proptest::prelude::*;

use super::super::trial::{C, S, same_in_bytes, survives, tell, tell_secrets, tell_with_gaps};
use crate::flow::Side;

const PORTS: (u16, u16) = (40_000, 110);

const MAILS: &[(Side, &[u8])] = &[
    (S, b"+OK POP3 ready <1.2@x>\r\n"),
    (C, b"CAPA\r\n"),
    (S, b"+OK\r\nUSER\r\nSTLS\r\n.\r\n"),
    (C, b"USER anna\r\nPASS geheim\r\n"),
    (S, b"+OK\r\n-ERR [AUTH] no\r\n"),
    (C, b"APOP anna c4c9\r\nLIST\r\nLIST 1\r\nRETR 1\r\nQUIT\r\n"),
    (S, b"+OK in\r\n+OK 1\r\n1 5\r\n.\r\n+OK 1 5\r\n+OK 5 octets\r\nSubject: x\r\n\r\n..\r\n.\r\n+OK bye\r\n"),
];

#[test]
fn commands_have_their_replies() {
    let lines = [
        r#"{"_path":"pop3","first":1,"last":1,"status":"OK","reply_msg":"POP3 ready <1.2@x>"}"#,
        r#"{"_path":"pop3","first":2,"last":3,"command":"CAPA","status":"OK","reply_msg":"","lines":2,"body_len":12}"#,
        r#"{"_path":"pop3","first":4,"last":5,"command":"USER","arg":"anna","status":"OK","reply_msg":""}"#,
        r#"{"_path":"auth","first":4,"last":5,"service":"pop3","user":"anna","secret_kind":"plain","result":"failure","server_code":"AUTH","attempt":1}"#,
        r#"{"_path":"pop3","first":4,"last":5,"command":"PASS","status":"ERR","reply_msg":"[AUTH] no"}"#,
        r#"{"_path":"auth","first":6,"last":7,"service":"pop3","user":"anna","secret_kind":"md5","mechanism":"APOP","result":"success","attempt":2}"#,
        r#"{"_path":"pop3","first":6,"last":7,"command":"APOP","arg":"anna","status":"OK","reply_msg":"in"}"#,
        r#"{"_path":"pop3","first":6,"last":7,"command":"LIST","status":"OK","reply_msg":"1","lines":1,"body_len":5}"#,
        r#"{"_path":"pop3","first":6,"last":7,"command":"LIST","arg":"1","status":"OK","reply_msg":"1 5"}"#,
        r#"{"_path":"pop3","first":6,"last":7,"command":"RETR","arg":"1","status":"OK","reply_msg":"5 octets","lines":3,"body_len":18,"subject":"x"}"#,
        r#"{"_path":"pop3","first":6,"last":7,"command":"QUIT","status":"OK","reply_msg":"bye"}"#,
    ];
    assert_eq!(tell(PORTS, MAILS), lines);
    same_in_bytes(PORTS, MAILS);
    assert_eq!(tell((4_000, 4_001), MAILS), lines);
    assert!(tell_secrets(PORTS, MAILS).concat().contains(r#""secret":"<1.2@x> c4c9""#));
}

#[test]
fn logins_by_sasl_are_told() {
    let said: &[(Side, &[u8])] = &[
        (S, b"+OK ready\r\n"),
        (C, b"AUTH PLAIN\r\n"),
        (S, b"+ \r\n"),
        (C, b"AGFubmEAZ2VoZWlt\r\n"),
        (S, b"+OK in\r\n"),
    ];
    let told = tell_secrets(PORTS, said);
    assert_eq!(told.len(), 3);
    assert!(
        told[1].contains(
            r#""user":"anna","secret_kind":"plain","secret":"geheim","mechanism":"PLAIN","result":"success""#
        )
    );
    same_in_bytes(PORTS, said);
    let client: Vec<_> = said.iter().filter(|(side, _)| *side == C).copied().collect();
    assert!(
        tell_secrets(PORTS, &client).concat().contains(r#""secret":"geheim","mechanism":"PLAIN","result":"unknown""#)
    );
}

#[test]
fn redis_is_no_pop3() {
    assert!(!tell((4_000, 6_379), &[(C, b"AUTH x\r\n"), (S, b"+OK\r\n")]).concat().contains("pop3"));
    assert!(!tell((4_000, 6_379), &[(S, b"+OK\r\n"), (S, b"+OK\r\n")]).concat().contains("pop3"));
    assert_eq!(tell((110, 4_000), &[(C, b"-ERR no\r\n")]).len(), 1);
}

#[test]
fn tls_follows_stls() {
    let said: &[(Side, &[u8])] =
        &[(S, b"+OK x\r\n"), (C, b"STLS\r\n"), (S, b"+OK go\r\n"), (C, b"\x16\x03\x01\0\x05\x01")];
    assert_eq!(tell(PORTS, said).len(), 2);
}

#[test]
fn a_password_of_which_the_front_is_missing_or_which_is_repeated_is_not_told() {
    let said: &[(Side, Result<&[u8], u64>)] = &[
        (S, Ok(b"+OK POP3\r\n")),
        (C, Ok(b"USER anna\r\n")),
        (S, Ok(b"+OK\r\n")),
        (C, Err(2)),
        (C, Ok(b"SS geheim\r\n")),
        (S, Ok(b"-ERR\r\n")),
        (C, Ok(b"PASS geheim\r\n")),
        (S, Ok(b"-ERR PASS geheim: no\r\n")),
    ];
    let told = tell_with_gaps((4_000, 110), said).concat();
    assert!(!told.contains("geheim") && told.contains("PASS <secret>: no"), "{told}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_is_survived(
        lines in prop::collection::vec((any::<bool>(), "(USER|PASS|APOP|AUTH|RETR|LIST|STLS|\\+OK|-ERR|\\+|\\.) ?[ -~\r\n=0-9]{0,30}\r\n"), 0..40),
        noise in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)), 0..10),
    ) {
        let said: Vec<_> = lines.into_iter().map(|(from, line)| (from, line.into_bytes())).chain(noise).collect();
        survives(PORTS, false, &said);
    }
}
