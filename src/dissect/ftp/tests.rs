use proptest::prelude::*;

use super::super::trial::{C, S, lines, same_in_bytes, survives, tell, tell_secrets, tell_with_gaps};
use super::super::{Events, Limits, Session};
use crate::flow::Moment;

#[test]
fn commands_have_their_replies() {
    let told = tell(
        (40_000, 21),
        &[
            (S, b"220-hello\r\n there\r\n220 ready\r\n"),
            (C, b"USER anna\r\nPASS pw\r\n"),
            (S, b"331 password\r\n530 no\r\n"),
            (C, b"USER anna\r\n"),
            (S, b"331 password\r\n"),
            (C, b"PASS other\r\n"),
            (S, b"230 in\r\n"),
            (C, b"RETR /a b\r\n"),
            (S, b"150 opening\r\n"),
            (S, b"226 done\r\n"),
            (C, b"QUIT\r\n"),
        ],
    );
    let lines = [
        r#"{"_path":"ftp","first":1,"last":1,"reply_code":220,"reply_msg":"hello\n there\nready"}"#,
        r#"{"_path":"ftp","first":2,"last":3,"command":"USER","arg":"anna","reply_code":331,"reply_msg":"password","user":"anna"}"#,
        r#"{"_path":"auth","first":2,"last":3,"service":"ftp","user":"anna","secret_kind":"plain","result":"failure","server_code":"530","attempt":1}"#,
        r#"{"_path":"ftp","first":2,"last":3,"command":"PASS","reply_code":530,"reply_msg":"no","user":"anna"}"#,
        r#"{"_path":"ftp","first":4,"last":5,"command":"USER","arg":"anna","reply_code":331,"reply_msg":"password","user":"anna"}"#,
        r#"{"_path":"auth","first":4,"last":7,"service":"ftp","user":"anna","secret_kind":"plain","result":"success","server_code":"230","attempt":2}"#,
        r#"{"_path":"ftp","first":6,"last":7,"command":"PASS","reply_code":230,"reply_msg":"in","user":"anna"}"#,
        r#"{"_path":"ftp","first":9,"last":9,"reply_code":150,"reply_msg":"opening","user":"anna"}"#,
        r#"{"_path":"ftp","first":8,"last":10,"command":"RETR","arg":"/a b","reply_code":226,"reply_msg":"done","user":"anna"}"#,
        r#"{"_path":"ftp","first":11,"last":11,"command":"QUIT","user":"anna"}"#,
    ];
    assert_eq!(told, lines);
}

#[test]
fn secrets_are_told_only_on_demand() {
    let said: &[(_, &[u8])] = &[(C, b"USER x\r\nPASS geheim\r\n"), (S, b"331 ?\r\n230 in\r\n")];
    assert!(!tell((4_000, 21), said).concat().contains("geheim"));
    assert_eq!(tell_secrets((4_000, 21), said).concat().matches("geheim").count(), 2);
}

#[test]
fn a_password_that_the_server_repeats_is_not_told() {
    let said: &[(_, &[u8])] =
        &[(C, b"USER anna\r\nPASS geheim\r\n"), (S, b"331 ?\r\n501-PASS geheim: what? geheimnis\r\n501 no\r\n")];
    let told = tell((4_000, 21), said);
    assert!(told.concat().contains(r#""reply_msg":"PASS <secret>: what? geheimnis\nno""#), "{told:?}");
    assert!(tell_secrets((4_000, 21), said).concat().contains("PASS geheim: what?"));
}

#[test]
fn tls_follows_auth() {
    let told =
        tell((4_000, 2_121), &[(S, b"220 x\r\n"), (C, b"AUTH TLS\r\n"), (S, b"234 go\r\n"), (C, b"\x16\x03\x01\0")]);
    assert_eq!(told.len(), 2, "{told:?}");
}

#[test]
fn mail_is_no_ftp() {
    let told = tell((4_000, 2_525), &[(S, b"220 x ESMTP\r\n"), (C, b"EHLO y\r\n"), (S, b"250 x\r\n")]);
    assert!(!told.concat().contains("ftp"), "{told:?}");
}

#[test]
fn data_goes_where_it_is_said() {
    let said: &[(_, &[u8])] = &[
        (C, b"PORT 10,0,0,1,4,210\r\nEPRT |2|fe80::1|6275|\r\nPASV\r\nEPSV\r\nPORT 1234\r\n"),
        (S, b"200 ok\r\n200 ok\r\n227 In (172,23,0,2,82,9).\r\n229 In (|||38141|)\r\n501 no\r\n"),
    ];
    let told = tell((4_000, 21), said);
    let channels = [
        r#""data_channel.passive":false,"data_channel.resp_h":"10.0.0.1","data_channel.resp_p":1234}"#,
        r#""data_channel.passive":false,"data_channel.resp_h":"fe80::1","data_channel.resp_p":6275}"#,
        r#""data_channel.passive":true,"data_channel.resp_h":"172.23.0.2","data_channel.resp_p":21001}"#,
        r#""data_channel.passive":true,"data_channel.resp_p":38141}"#,
        r#""reply_msg":"no"}"#,
    ];
    assert_eq!(told.len(), channels.len());
    for (line, channel) in told.iter().zip(channels) {
        assert!(line.ends_with(channel), "{line}");
    }
    same_in_bytes((4_000, 21), said);
}

#[test]
fn the_ends_of_data_connections_are_known() {
    let said: &[(_, &[u8])] = &[
        (C, b"PORT 10,0,0,1,4,210\r\nPASV\r\nEPSV\r\nCWD sub\r\n"),
        (S, b"200 ok\r\n227 In (172,23,0,2,82,9).\r\n229 In (|||38141|)\r\n250 ok\r\n"),
    ];
    let mut session =
        Session::new((4_000, 21), false, true, &Limits::default()).between([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
    let (mut out, at) = (Events::default(), Moment::default());
    said.iter().for_each(|(side, bytes)| session.data(*side, bytes, at, &mut out));
    let told = lines(&mut out);
    let channels = [
        r#""data_channel.passive":false,"data_channel.orig_h":"10.0.0.2","data_channel.resp_h":"10.0.0.1","data_channel.resp_p":1234}"#,
        r#""data_channel.passive":true,"data_channel.orig_h":"10.0.0.1","data_channel.resp_h":"172.23.0.2","data_channel.resp_p":21001}"#,
        r#""data_channel.passive":true,"data_channel.orig_h":"10.0.0.1","data_channel.resp_h":"10.0.0.2","data_channel.resp_p":38141}"#,
        r#""reply_msg":"ok","cwd":"./sub"}"#,
    ];
    assert_eq!(told.len(), channels.len());
    for (line, channel) in told.iter().zip(channels) {
        assert!(line.ends_with(channel), "{line}");
    }
}

#[test]
fn the_end_of_a_line_behind_a_gap_is_no_command() {
    let said: &[(_, Result<&[u8], u64>)] = &[
        (S, Ok(b"220 ready\r\n")),
        (C, Ok(b"USER anna\r\n")),
        (S, Ok(b"331 password\r\n")),
        (C, Err(3)),
        (C, Ok(b"SS hidden\r\n")),
        (S, Ok(b"230 in\r\n")),
        (C, Ok(b"\xff\xf4\xff\xf2PASS hidden\r\n")),
        (S, Ok(b"503 no\r\n")),
        (C, Err(6)),
        (C, Ok(b"PWD\r\n")),
        (S, Ok(b"257 /\r\n")),
        (C, Ok(b"SYST\r\n")),
        (S, Ok(b"215 UNIX\r\n")),
    ];
    let told = tell_with_gaps((4_000, 21), said).join("\n");
    assert!(!told.contains("hidden") && !told.contains(r#""SS""#), "{told}");
    assert!(told.contains(r#""command":"PASS","reply_code":503"#), "{told}");
    // What is missing may have been a command, asked together with this one.
    assert!(told.contains(r#""command":"PWD","user"#), "{told}");
    assert!(told.contains(r#""command":"SYST","reply_code":215"#), "{told}");
}

#[test]
fn who_waits_too_long_does_not_get_the_reply_of_another() {
    let said: &[(_, &[u8])] = &[(S, b"220 ready\r\n"), (C, b"USER anna\r\n"), (S, b"331 password\r\n")];
    let many = [b"PWD\r\n".repeat(1_000), b"QUIT\r\n".to_vec()].concat();
    let replies = [b"257 /\r\n".repeat(1_000), b"221 bye\r\n".to_vec()].concat();
    let told = tell((4_000, 21), &[said, &[(C, &many), (S, &replies)]].concat());
    let of = |what: &str| told.iter().filter(|line| line.contains(what)).count();
    assert_eq!((of(r#""command":"QUIT","reply_code":221"#), of(r#""command":"PWD","reply_code":257"#)), (1, 999));
}

#[test]
fn a_conversation_may_be_seen_in_part() {
    assert_eq!(tell((21, 4_000), &[(C, b"226 done\r\n")]).len(), 1);
    assert_eq!(tell((4_000, 21), &[(C, b"QUIT\r\n")]).len(), 1);
    assert_eq!(tell((4_000, 2_121), &[(S, b"220 ProFTPD ready\r\n")]).len(), 1);
    assert!(tell((4_000, 2_121), &[(S, b"220 ready\r\n")]).is_empty());
    let (dot, longest) = (b"x".repeat(70_000), b"220-x\r\n".repeat(20_000));
    assert_eq!(tell((4_000, 21), &[(S, &longest), (C, &dot)]).len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_is_survived(
        lines in prop::collection::vec((any::<bool>(), "(USER|PASS|AUTH|PORT|EPRT|220|227|229|234|331)[ -][ -~|,()\r\n]{0,30}"), 0..30),
        noise in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)), 0..10),
    ) {
        let said: Vec<_> = lines.into_iter().map(|(from, line)| (from, line.into_bytes())).chain(noise).collect();
        survives((4_000, 21), false, &said);
    }
}
