//! Conversations of PostgreSQL, and what is told of them.

use proptest::prelude::*;

use super::opening::looks;
use crate::dissect::Verdict;
use crate::dissect::trial::{
    C, S, borrowed, leaves_others, leaves_random, same_in_bytes, survives, survives_faults, tell, tell_secrets,
};
use crate::flow::Side;

/// A message.
fn message(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len() + 4).unwrap().to_be_bytes();
    [&[kind][..], &length, payload].concat()
}

/// A message without a type.
fn startup(code: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len() + 8).unwrap().to_be_bytes();
    [&length[..], &code.to_be_bytes(), payload].concat()
}

fn session() -> Vec<u8> {
    startup(3 << 16, b"user\0anna\0database\0shop\0application_name\0psql\0\0")
}

fn asks(way: u32, more: &[u8]) -> Vec<u8> {
    message(b'R', &[&way.to_be_bytes(), more].concat())
}

fn ready() -> Vec<u8> {
    message(b'Z', b"I")
}

const COLUMN: &[u8] = b"\0\x01id\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

fn conversation() -> Vec<(Side, Vec<u8>)> {
    let error = b"SERROR\0VERROR\0C42P01\0Mno table\0\0";
    vec![
        (C, startup(80_877_103, b"")),
        (S, b"N".to_vec()),
        (C, session()),
        (S, asks(10, b"SCRAM-SHA-256\0\0")),
        (C, message(b'p', b"SCRAM-SHA-256\0\0\0\0\x09n,,n=,r=x")),
        (S, asks(11, b"r=xy,s=AA==,i=4096")),
        (C, message(b'p', b"c=biws,r=xy,p=geheim=")),
        (S, [asks(12, b"v=z"), asks(0, b""), message(b'S', b"server_version\x0016\0"), ready()].concat()),
        (C, message(b'Q', b"select id from t; select 2\0")),
        (
            S,
            [message(b'T', COLUMN), message(b'D', b"\0\0"), message(b'D', b"\0\0"), message(b'C', b"SELECT 2\0")]
                .concat(),
        ),
        (S, [message(b'C', b"SELECT 1\0"), ready()].concat()),
        (
            C,
            [message(b'P', b"s1\0insert into t\0\0\0"), message(b'B', b"\0s1\0\0\0"), message(b'E', b"\0\0\0\0\0")]
                .concat(),
        ),
        (C, message(b'S', b"")),
        (S, [message(b'1', b""), message(b'2', b""), message(b'C', b"INSERT 0 3\0"), ready()].concat()),
        (C, [message(b'P', b"\0drop table x\0\0\0"), message(b'B', b"\0\0\0\0"), message(b'S', b"")].concat()),
        (S, [message(b'E', error), ready()].concat()),
        (S, message(b'N', b"SNOTICE\0Mhello\0\0")),
        (C, message(b'X', b"")),
    ]
}

#[test]
fn what_waits_for_answers_is_bounded() {
    let many = message(b'Q', b"select 1\0").repeat(1_000);
    let long = message(b'Q', &[&b"select ".repeat(8_000)[..], &[0]].concat()).repeat(200);
    let answer = [message(b'C', b"SELECT 77\0"), ready()].concat();
    let told = tell((40_000, 5_432), &[(C, &session()), (S, &asks(0, b"")), (C, &many), (C, &long), (S, &answer)]);
    // So many were told without waiting longer that nobody knows which one this answers.
    let answer = told.iter().find(|line| line.contains("77")).unwrap();
    assert!(!answer.contains("frontend"), "{answer}");
    assert_eq!(told.iter().filter(|line| line.contains("simple_query")).count(), 1_200);
}

#[test]
fn a_login_of_several_messages_and_both_kinds_of_queries() {
    let told = tell((40_000, 5_432), &borrowed(&conversation()));
    let who = r#""user":"anna","database":"shop","application_name":"psql","#;
    let lines = [
        r#"{"_path":"pgsql","first":1,"last":2,"frontend":"ssl_request","success":false,"backend":"ssl_reply","backend_arg":"N"}"#,
        r#"{"_path":"auth","first":3,"last":8,"service":"pgsql","user":"anna","secret_kind":"scram","database":"shop","mechanism":"SCRAM-SHA-256","result":"success","attempt":1}"#,
        r#"{"_path":"pgsql","first":3,"last":8,WHO"frontend":"startup","success":true,"backend":"auth_ok","backend_arg":"SASL,SASLContinue,SASLFinal","parameters":[{"name":"user","value":"anna"},{"name":"database","value":"shop"},{"name":"application_name","value":"psql"}],"server_parameters":[{"name":"server_version","value":"16"}]}"#,
        r#"{"_path":"pgsql","first":9,"last":11,WHO"frontend":"simple_query","frontend_arg":"select id from t; select 2","success":true,"backend":"command_complete","backend_arg":"SELECT 2,SELECT 1","rows":3,"num_columns":1,"columns":["id"]}"#,
        r#"{"_path":"pgsql","first":12,"last":14,WHO"frontend":"parse","frontend_arg":"insert into t","success":true,"statement":"s1"}"#,
        r#"{"_path":"pgsql","first":12,"last":14,WHO"frontend":"bind","success":true,"statement":"s1","portal":""}"#,
        r#"{"_path":"pgsql","first":12,"last":14,WHO"frontend":"execute","frontend_arg":"insert into t","success":true,"backend":"command_complete","backend_arg":"INSERT 0 3","rows":3,"statement":"s1","portal":""}"#,
        r#"{"_path":"pgsql","first":15,"last":16,WHO"frontend":"parse","frontend_arg":"drop table x","success":false,"backend":"error","backend_arg":"SeverityLocalized=ERROR,Severity=ERROR,Code=42P01,Message=no table","statement":"","severity":"ERROR","sqlstate":"42P01","error_message":"no table"}"#,
        r#"{"_path":"pgsql","first":15,"last":15,WHO"frontend":"bind","statement":"","portal":""}"#,
        r#"{"_path":"pgsql","first":17,"last":17,WHO"backend":"notice","backend_arg":"SeverityLocalized=NOTICE,Message=hello","severity":"NOTICE","error_message":"hello"}"#,
        r#"{"_path":"pgsql","first":18,"last":18,WHO"frontend":"terminate"}"#,
    ];
    assert_eq!(told, lines.map(|line| line.replace("WHO", who)));
    assert!(tell_secrets((40_000, 5_432), &borrowed(&conversation())).concat().contains(r#""secret":"geheim=""#));
    same_in_bytes((40_000, 5_432), &borrowed(&conversation()));
    // On any port it is PostgreSQL too.
    assert_eq!(tell((40_000, 4_000), &borrowed(&conversation())).len(), lines.len());
}

#[test]
fn logins_of_each_way() {
    let ok = || [asks(0, b""), ready()].concat();
    let denied = message(b'E', b"SFATAL\0C28P01\0Mno\0\0");
    for (asked, answer, end, told) in [
        (
            asks(3, b""),
            b"pw\0".to_vec(),
            ok(),
            r#""secret_kind":"plain","secret":"pw","database":"shop","mechanism":"cleartext","result":"success","attempt":1"#,
        ),
        (
            asks(5, b"salt"),
            b"md5abc\0".to_vec(),
            denied.clone(),
            r#""secret_kind":"md5","secret":"md5abc","database":"shop","mechanism":"md5","result":"failure","server_code":"28P01""#,
        ),
        (
            asks(7, b""),
            b"token".to_vec(),
            ok(),
            r#""user":"anna","database":"shop","mechanism":"gss","result":"success""#,
        ),
        (asks(9, b""), b"token".to_vec(), denied, r#""database":"shop","mechanism":"sspi","result":"failure""#),
        (
            Vec::new(),
            Vec::new(),
            ok(),
            r#""secret_kind":"none","database":"shop","mechanism":"trust","result":"success""#,
        ),
        (asks(5, b"salt"), b"md5abc\0".to_vec(), Vec::new(), r#""mechanism":"md5","result":"unknown""#),
    ] {
        let mut said = vec![(C, session())];
        said.extend([(S, asked), (C, message(b'p', &answer)), (S, end)]);
        said.retain(|(_, bytes)| !bytes.is_empty() && bytes.as_slice() != message(b'p', b"").as_slice());
        let all = tell_secrets((40_000, 5_432), &borrowed(&said));
        assert!(all.iter().any(|line| line.contains(r#""_path":"auth""#) && line.contains(told)), "{told}: {all:?}");
        assert!(!tell((40_000, 5_432), &borrowed(&said)).concat().contains(r#""secret":"#));
    }
}

#[test]
fn rows_that_are_returned_and_told_in_the_tag_are_counted_once() {
    let row = || message(b'D', b"\0\0");
    let done = |tag: &str| message(b'C', format!("{tag}\0").as_bytes());
    for (answer, rows) in [
        (vec![row(), row(), done("INSERT 0 2")], 2),
        (vec![row(), done("FETCH 1"), done("UPDATE 5"), row(), done("SELECT 1")], 7),
        (vec![done("COPY 4"), done("BEGIN"), row(), row(), done("EXPLAIN")], 6),
    ] {
        let answer = [&answer[..], &[ready()]].concat().concat();
        let told = tell((40_000, 5_432), &[(C, &message(b'Q', b"select 1\0")), (S, &answer)]);
        assert!(told[0].contains(&format!(r#""rows":{rows}"#)), "{rows}: {told:?}");
    }
    // What is cut into portions is counted from the beginning.
    let asked = [message(b'B', b"\0\0\0\0"), message(b'E', b"\0\0\0\0\x02"), message(b'S', b"")].concat();
    let answer = [message(b'2', b""), row(), row(), message(b's', b""), ready()].concat();
    let told = tell((40_000, 5_432), &[(C, &asked), (S, &answer)]);
    assert!(told[1].contains(r#""backend_arg":"SUSPENDED","rows":2"#), "{told:?}");
}

#[test]
fn encryption_and_cancelling() {
    let said = [(C, startup(80_877_103, b"")), (S, b"S".to_vec()), (C, b"\x16\x03\x01\0\x02hi".to_vec())];
    let told = tell((40_000, 5_432), &borrowed(&said));
    assert!(told[0].contains(r#""frontend":"ssl_request","success":true,"backend":"ssl_reply","backend_arg":"S""#));
    let said = [(C, startup(80_877_104, b"")), (S, b"N".to_vec()), (C, session())];
    assert_eq!(tell((40_000, 5_432), &borrowed(&said)).len(), 3);
    let cancel = startup(80_877_102, &[0, 0, 0, 9, 1, 2, 3, 4]);
    assert_eq!(
        tell((40_000, 5_432), &[(C, &cancel)]),
        [r#"{"_path":"pgsql","first":1,"last":1,"frontend":"cancel_request","frontend_arg":"9"}"#]
    );
}

#[test]
fn conversations_that_were_picked_up_later() {
    let query = message(b'Q', b"select 1\0");
    let told = tell((40_000, 4_000), &[(C, &query)]);
    assert_eq!(told, [r#"{"_path":"pgsql","first":1,"last":1,"frontend":"simple_query","frontend_arg":"select 1"}"#]);
    let answer = [message(b'D', b"\0\0"), message(b'C', b"SELECT 1\0"), ready()].concat();
    let told = tell((40_000, 5_432), &[(S, &answer)]);
    assert_eq!(
        told,
        [
            r#"{"_path":"pgsql","first":1,"last":1,"success":true,"backend":"command_complete","backend_arg":"SELECT 1","rows":1}"#
        ]
    );
}

#[test]
fn conversations_of_others_are_not_taken() {
    leaves_others(looks, |verdict| verdict == Verdict::No);
    leaves_random(looks);
}

#[test]
fn conversations_with_faults_are_survived() {
    survives_faults((40_000, 5_432), &conversation());
}

proptest! {
    #[test]
    fn anything_is_survived(said in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..60)), 0..12)) {
        survives((40_000, 5_432), false, &said);
    }
}
