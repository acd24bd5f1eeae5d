use proptest::prelude::*;

use super::super::trial::{C, S, same_in_bytes, survives, tell, tell_secrets};
use crate::flow::Side;

const PORTS: (u16, u16) = (40_000, 25);

const MAIL: &[(Side, &[u8])] = &[
    (S, b"220-x.test ESMTP\r\n220 ready\r\n"),
    (C, b"EHLO me\r\n"),
    (S, b"250-x.test\r\n250 PIPELINING\r\n"),
    (C, b"MAIL FROM:<a@x> SIZE=1\r\nRCPT TO:<b@x>\r\nRCPT TO: c@x\r\nDATA\r\n"),
    (S, b"250 ok\r\n250 ok\r\n550 who?\r\n354 go\r\n"),
    (C, b"From: A <a@x>\r\nSubject: one\r\n two\r\n\r\nDATA\r\n..\r\n.\r\nQUIT\r\n"),
    (S, b"250 queued\r\n221 bye\r\n"),
];

#[test]
fn commands_have_their_replies_and_mails_their_headers() {
    let lines = [
        r#"{"_path":"smtp","first":1,"last":1,"reply_code":220,"reply_msg":"x.test ESMTP\nready"}"#,
        r#"{"_path":"smtp","first":2,"last":3,"command":"EHLO","arg":"me","reply_code":250,"reply_msg":"x.test\nPIPELINING"}"#,
        r#"{"_path":"smtp","first":4,"last":5,"command":"MAIL","arg":"FROM:<a@x> SIZE=1","reply_code":250,"reply_msg":"ok"}"#,
        r#"{"_path":"smtp","first":4,"last":5,"command":"RCPT","arg":"TO:<b@x>","reply_code":250,"reply_msg":"ok"}"#,
        r#"{"_path":"smtp","first":4,"last":5,"command":"RCPT","arg":"TO: c@x","reply_code":550,"reply_msg":"who?"}"#,
        r#"{"_path":"smtp","first":5,"last":5,"reply_code":354,"reply_msg":"go"}"#,
        r#"{"_path":"smtp","first":4,"last":7,"command":"DATA","reply_code":250,"reply_msg":"queued","helo":"me","mailfrom":"a@x","rcptto":["b@x","c@x"],"body_len":47,"from":"A <a@x>","subject":"one two"}"#,
        r#"{"_path":"smtp","first":6,"last":7,"command":"QUIT","reply_code":221,"reply_msg":"bye"}"#,
    ];
    assert_eq!(tell(PORTS, MAIL), lines);
    same_in_bytes(PORTS, MAIL);
    // The greeting says what it is on any port.
    assert_eq!(tell((40_000, 4_000), MAIL), lines);
}

#[test]
fn a_mail_may_come_in_parts() {
    let said: &[(Side, &[u8])] = &[
        (S, b"220 x ESMTP\r\n"),
        (C, b"EHLO me\r\nBDAT 12\r\nSubject: x\r\nBDAT 0\r\nBDAT 9 LAST\r\n\r\nQUIT\r\nxQUIT\r\n"),
        (S, b"250 hi\r\n250 1\r\n250 2\r\n250 3\r\n221 bye\r\n"),
    ];
    let told = tell(PORTS, said);
    assert_eq!(told.len(), 6, "{told:#?}");
    assert!(told[4].contains(r#""arg":"9 LAST","reply_code":250,"reply_msg":"3""#), "{}", told[4]);
    assert!(told[4].ends_with(r#""body_len":21,"subject":"x"}"#), "{}", told[4]);
    assert!(told[5].contains(r#""command":"QUIT","reply_code":221"#));
    same_in_bytes(PORTS, said);
    // One that cannot be, and one that the server does not want.
    let said: &[(Side, &[u8])] = &[
        (S, b"220 x ESMTP\r\n"),
        (C, b"BDAT 99999999999999999999 LAST\r\nBDAT 5000\r\n"),
        (S, b"501 no\r\n503 no\r\n"),
        (C, b"QUIT\r\n"),
    ];
    assert_eq!(tell(PORTS, said).len(), 4);
}

#[test]
fn data_that_the_server_does_not_want_is_no_mail() {
    let said: &[(Side, &[u8])] =
        &[(S, b"220 x ESMTP\r\n"), (C, b"DATA\r\n"), (S, b"503 who?\r\n"), (C, b"RSET\r\n"), (S, b"250 ok\r\n")];
    assert_eq!(tell(PORTS, said).len(), 3);
}

#[test]
fn lmtp_answers_for_each_recipient() {
    let said: &[(Side, &[u8])] = &[
        (S, b"220 x LMTP\r\n"),
        (C, b"LHLO me\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\nRCPT TO:<b>\r\nDATA\r\n"),
        (S, b"250 hi\r\n250 1\r\n250 2\r\n250 3\r\n354 go\r\n"),
        (C, b"x: y\r\n\r\n.\r\nQUIT\r\n"),
        (S, b"250 a\r\n452 b\r\n221 bye\r\n"),
    ];
    let told = tell((4_000, 24), said);
    assert!(
        told[6].contains(r#""reply_msg":"a"}"#) && told[7].contains(r#""command":"DATA","reply_code":452"#),
        "{told:#?}"
    );
    assert!(told[8].contains("QUIT"));
}

#[test]
fn every_attempt_to_log_in_is_told() {
    let said: &[(Side, &[u8])] = &[
        (S, b"220 x ESMTP\r\n"),
        (C, b"AUTH PLAIN AGFubmEAZ2VoZWlt\r\n"),
        (S, b"535 no\r\n"),
        (C, b"AUTH LOGIN\r\n"),
        (S, b"334 VXNlcm5hbWU6\r\n"),
        (C, b"YW5uYQ==\r\n"),
        (S, b"334 UGFzc3dvcmQ6\r\n"),
        (C, b"Z2VoZWlt\r\n"),
        (S, b"235 in\r\n"),
        (C, b"AUTH CRAM-MD5\r\n"),
        (S, b"334 PDE+\r\n"),
        (C, b"*\r\n"),
        (S, b"501 so be it\r\n"),
    ];
    let lines = [
        r#"{"_path":"auth","first":2,"last":3,"service":"smtp","user":"anna","secret_kind":"plain","secret":"geheim","mechanism":"PLAIN","result":"failure","server_code":"535","attempt":1}"#,
        r#"{"_path":"auth","first":4,"last":9,"service":"smtp","user":"anna","secret_kind":"plain","secret":"geheim","mechanism":"LOGIN","result":"success","server_code":"235","attempt":2}"#,
        r#"{"_path":"auth","first":10,"last":13,"service":"smtp","secret_kind":"none","mechanism":"CRAM-MD5","result":"failure","server_code":"501","attempt":3}"#,
    ];
    let told = tell_secrets((4_000, 587), said);
    assert_eq!(
        told.iter().filter(|line| line.contains(r#""auth""#)).collect::<Vec<_>>(),
        lines.iter().collect::<Vec<_>>()
    );
    same_in_bytes((4_000, 587), said);
    let told = tell((4_000, 587), said).concat();
    assert!(!told.contains("geheim") && !told.contains("Z2VoZWlt") && !told.contains("AGFubmEA"), "{told}");
    // The client's side alone; and a login that began before the capture.
    let client: Vec<_> = said.iter().filter(|(side, _)| *side == C).copied().collect();
    let told = tell_secrets((4_000, 587), &client);
    assert!(told.concat().contains(r#""secret":"geheim","mechanism":"LOGIN","result":"unknown""#), "{told:#?}");
    let told = tell((4_000, 587), &said[6..9]);
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(!told.concat().to_uppercase().contains("Z2VOZWLT"), "{told:#?}");
}

#[test]
fn tls_or_more_of_the_same_follows_starttls() {
    let mut said: Vec<(Side, &[u8])> = vec![
        (S, b"220 x ESMTP\r\n"),
        (C, b"EHLO a\r\n"),
        (S, b"250 STARTTLS\r\n"),
        (C, b"STARTTLS\r\n"),
        (S, b"220 go\r\n"),
    ];
    said.push((C, b"\x16\x03\x01\0\x05\x01"));
    assert_eq!(tell(PORTS, &said).len(), 3);
    said.pop();
    said.extend([(C, &b"EHLO b\r\n"[..]), (S, b"250 hi\r\n")]);
    let told = tell(PORTS, &said);
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[3].contains(r#""arg":"b""#));
}

#[test]
fn what_is_seen_in_part_is_told() {
    assert_eq!(tell((25, 4_000), &[(C, b"250 ok\r\n")]).len(), 1);
    assert_eq!(tell(PORTS, &[(C, b"RSET\r\n")]).len(), 1);
    assert!(tell((4_000, 4_001), &[(S, b"250 ok\r\n"), (C, b"RSET\r\n")]).is_empty());
    assert!(tell((4_000, 2_121), &[(S, b"220 x FTP\r\n"), (C, b"USER y\r\n")]).concat().contains("ftp"));
    let told = tell((4_000, 4_001), &[(C, b"GET / HTTP/1.1\r\n\r\n")]);
    assert!(told.iter().all(|line| line.contains(r#""_path":"http""#)), "{told:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_is_survived(
        lines in prop::collection::vec((any::<bool>(), "(EHLO|MAIL|RCPT|DATA|BDAT|AUTH|STARTTLS|220|250|334|354|235|\\.)[ -]?[ -~\r\n=0-9]{0,30}\r\n"), 0..40),
        noise in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)), 0..10),
    ) {
        let said: Vec<_> = lines.into_iter().map(|(from, line)| (from, line.into_bytes())).chain(noise).collect();
        survives(PORTS, false, &said);
    }
}

#[test]
fn what_a_server_repeats_of_a_login_is_told_on_demand() {
    let said: &[(Side, &[u8])] = &[
        (S, b"220 x ESMTP\r\n"),
        (C, b"AUTH PLAIN AGJvYgBnZWhlaW0=\r\n"),
        (S, b"500 unrecognized AUTH PLAIN AGJvYgBnZWhlaW0=\r\n"),
    ];
    let told = tell(PORTS, said).concat();
    assert!(!told.contains("AGJvYgBnZWhlaW0") && told.contains("unrecognized AUTH PLAIN <secret>"), "{told}");
    assert!(tell_secrets(PORTS, said).concat().contains("AGJvYgBnZWhlaW0"));
}
