//! Conversations of Redis, and what is told of them.

use proptest::prelude::*;

use super::opening::looks;
use crate::dissect::trial::{
    C, S, borrowed, leaves_others, leaves_random, same_in_bytes, survives, survives_faults, tell, tell_secrets,
    tell_with, tell_with_gaps,
};
use crate::dissect::{Limits, Verdict};
use crate::flow::Side;

/// A command.
fn command(words: &[&str]) -> Vec<u8> {
    let words = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
    format!("*{}\r\n{}", words.len(), words.collect::<String>()).into_bytes()
}

fn conversation() -> Vec<(Side, Vec<u8>)> {
    vec![
        (C, command(&["AUTH", "falsch"])),
        (S, b"-WRONGPASS invalid username-password pair\r\n".to_vec()),
        (C, command(&["hello", "3", "AUTH", "anna", "geheim", "SETNAME", "x"])),
        (S, b"%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n".to_vec()),
        (C, [command(&["SET", "k", "a b"]), command(&["GET", "k"]), b"PING\r\n".to_vec()].concat()),
        (S, b"+OK\r\n$3\r\na b\r\n+PONG\r\n".to_vec()),
        (C, command(&["LRANGE", "l", "0", "-1"])),
        (S, b"*4\r\n$1\r\nx\r\n:7\r\n$-1\r\n*2\r\n#t\r\n,1.5\r\n".to_vec()),
        (C, command(&["SUBSCRIBE", "c1", "c2"])),
        (S, b">3\r\n$9\r\nsubscribe\r\n$2\r\nc1\r\n:1\r\n>3\r\n$9\r\nsubscribe\r\n$2\r\nc2\r\n:2\r\n".to_vec()),
        (S, b">3\r\n$7\r\nmessage\r\n$2\r\nc1\r\n$2\r\nhi\r\n".to_vec()),
        (C, command(&["CONFIG", "SET", "requirepass", "geheim"])),
        (S, b"|1\r\n+ttl\r\n:5\r\n-NOAUTH Authentication required.\r\n".to_vec()),
        (C, command(&["GET", "none"])),
    ]
}

#[test]
fn what_waits_for_replies_is_bounded() {
    let many = command(&["GET", "k"]).repeat(1_000);
    let long = command(&["SET", "k", &"x".repeat(60_000)]).repeat(100);
    let told = tell((40_000, 6_379), &[(C, &many), (C, &long), (S, b"+OK\r\n")]);
    // The first command was told without a reply long ago: the reply is no other's, and is told alone.
    let answer = told.iter().position(|line| line.contains(r#""reply":"OK""#)).unwrap();
    assert_eq!(told.len(), 1_101);
    assert!((1_000..1_100).contains(&answer), "{answer}");
    assert!(!told[answer].contains("cmd.name"), "{}", told[answer]);
}

#[test]
fn commands_have_their_replies() {
    let told = tell((40_000, 6_379), &borrowed(&conversation()));
    let lines = [
        r#"{"_path":"auth","first":1,"last":2,"service":"redis","secret_kind":"plain","mechanism":"AUTH","result":"failure","server_code":"WRONGPASS","attempt":1}"#,
        r#"{"_path":"redis","first":1,"last":2,"cmd.name":"AUTH","cmd.num_args":1,"success":false,"reply_type":"error","reply":"WRONGPASS invalid username-password pair","reply_len":40}"#,
        r#"{"_path":"auth","first":3,"last":4,"service":"redis","user":"anna","secret_kind":"plain","mechanism":"HELLO","result":"success","attempt":2}"#,
        r#"{"_path":"redis","first":3,"last":4,"cmd.name":"HELLO","cmd.key":"3","cmd.num_args":6,"success":true,"reply_type":"map","reply":"{\"server\":\"redis\"}","reply_len":1}"#,
        r#"{"_path":"redis","first":5,"last":6,"cmd.name":"SET","cmd.key":"k","cmd.value":"a b","cmd.args":["k","a b"],"cmd.num_args":2,"success":true,"reply_type":"simple_string","reply":"OK","reply_len":2}"#,
        r#"{"_path":"redis","first":5,"last":6,"cmd.name":"GET","cmd.key":"k","cmd.args":["k"],"cmd.num_args":1,"success":true,"reply_type":"bulk_string","reply":"a b","reply_len":3}"#,
        r#"{"_path":"redis","first":5,"last":6,"cmd.name":"PING","cmd.args":[],"cmd.num_args":0,"success":true,"reply_type":"simple_string","reply":"PONG","reply_len":4}"#,
        r#"{"_path":"redis","first":7,"last":8,"cmd.name":"LRANGE","cmd.key":"l","cmd.value":"0","cmd.args":["l","0","-1"],"cmd.num_args":3,"success":true,"reply_type":"array","reply":"[\"x\",7,null,[true,\"1.5\"]]","reply_len":4}"#,
        r#"{"_path":"redis","first":9,"last":10,"cmd.name":"SUBSCRIBE","cmd.key":"c1","cmd.value":"c2","cmd.args":["c1","c2"],"cmd.num_args":2,"success":true,"reply_type":"push","reply":"[\"subscribe\",\"c1\",1]","reply_len":3}"#,
        r#"{"_path":"redis","first":10,"last":10,"reply_type":"push","reply":"[\"subscribe\",\"c2\",2]","reply_len":3}"#,
        r#"{"_path":"redis","first":11,"last":11,"reply_type":"push","reply":"[\"message\",\"c1\",\"hi\"]","reply_len":3}"#,
        r#"{"_path":"redis","first":12,"last":13,"cmd.name":"CONFIG","cmd.key":"SET","cmd.num_args":3,"success":false,"reply_type":"error","reply":"NOAUTH Authentication required.","reply_len":31}"#,
        r#"{"_path":"redis","first":14,"last":14,"cmd.name":"GET","cmd.key":"none","cmd.args":["none"],"cmd.num_args":1}"#,
    ];
    assert_eq!(told, lines);
    let secrets = tell_secrets((40_000, 6_379), &borrowed(&conversation())).concat();
    assert_eq!((secrets.matches(r#""secret":"#).count(), secrets.matches("geheim").count()), (2, 3));
    same_in_bytes((40_000, 6_379), &borrowed(&conversation()));
    assert_eq!(tell((40_000, 4_000), &borrowed(&conversation())), lines);
}

#[test]
fn replies_that_are_turned_off_and_tracked_clients() {
    let said = [
        (
            C,
            b"CLIENT REPLY SKIP\r\nSET a 1\r\nGET a\r\nCLIENT REPLY OFF\r\nSET b 2\r\nCLIENT REPLY ON\r\nMONITOR\r\n"
                .to_vec(),
        ),
        (S, b"$1\r\n1\r\n+OK\r\n+OK\r\n+1339518083.107412 [0 127.0.0.1:60866] \"keys\"\r\n".to_vec()),
    ];
    let told = tell((40_000, 6_379), &borrowed(&said));
    let answered = |name: &str| told.iter().any(|line| line.contains(name) && line.contains("success"));
    assert!(answered(r#""cmd.name":"GET""#) && answered(r#""cmd.value":"ON""#) && answered(r#""MONITOR""#), "{told:?}");
    assert!(!answered(r#""cmd.name":"SET""#) && !answered("SKIP") && !answered("OFF"), "{told:?}");
    assert!(told.last().unwrap().contains(r#""first":2,"last":2"#) && told.len() == 8, "{told:?}");
}

#[test]
fn long_values_are_counted_and_deep_ones_refused() {
    let long = format!("${}\r\n{}\r\n", 100_000, "x".repeat(100_000));
    let said = [(C, command(&["GET", "k"])), (S, long.into_bytes())];
    let limits = Limits { body: 10, ..Limits::default() };
    let told = tell_with(&limits, (40_000, 6_379), false, &borrowed(&said));
    let asked = r#""cmd.name":"GET","cmd.key":"k","cmd.args":["k"],"cmd.num_args":1,"success":true,"#;
    let answered = r#""reply":"xxxxxxxxxx","reply_len":100000,"reply_complete":false}"#;
    assert!(told[0].contains(asked) && told[0].ends_with(answered), "{told:?}");
    let said = [(C, command(&["GET", "k"])), (S, b"*1\r\n".repeat(1_000))];
    let told = tell((40_000, 6_379), &borrowed(&said));
    assert!(told[0].contains("redis_too_deep") && told.len() == 2, "{told:?}");
}

#[test]
fn a_command_whose_name_is_missing_is_one() {
    let said = [
        (C, Ok(&b"*2\r\n$10\r\nJ"[..])),
        (C, Err(7)),
        (C, Ok(b"ET\r\n$1\r\nk\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n")),
        (S, Ok(b"+first\r\n+second\r\n")),
    ];
    let told = tell_with_gaps((40_000, 6_379), &said);
    let asked = [r#""last":4,"cmd.args":[],"cmd.num_args":1,"success":true,"#, r#""cmd.name":"GET","#];
    for (line, (asked, reply)) in told[1..].iter().zip(asked.into_iter().zip(["first", "second"])) {
        assert!(line.contains(asked) && line.contains(reply), "{told:#?}");
    }
    assert_eq!(told.len(), 3);
}

#[test]
fn other_protocols_are_not_taken() {
    let said: [&[(Side, &[u8])]; 4] = [
        &[(S, b"+OK POP3 ready\r\n"), (C, b"AUTH\r\n"), (S, b"-ERR no\r\n")],
        &[(C, b"* OK IMAP\r\n")],
        &[(C, b"*3\r\nhello")],
        &[(C, b"GET key\r\n"), (S, b"VALUE key 0 1\r\n")],
    ];
    for said in said {
        assert!(!tell((40_000, 4_000), said).concat().contains("redis"), "{said:?}");
    }
}

#[test]
fn conversations_that_were_picked_up_later() {
    let told = tell((40_000, 6_379), &[(S, b"$2\r\nhi\r\n")]);
    assert_eq!(
        told,
        [
            r#"{"_path":"redis","first":1,"last":1,"success":true,"reply_type":"bulk_string","reply":"hi","reply_len":2}"#
        ]
    );
}

#[test]
fn a_reply_is_not_taken_for_that_of_another_command() {
    let pairs = |told: &[String]| -> Vec<(bool, String)> {
        let reply =
            |line: &String| line.split(r#""reply":""#).nth(1).map(|rest| rest[..1].to_owned()).unwrap_or_default();
        told.iter()
            .filter(|line| line.contains("redis\","))
            .map(|line| (line.contains("cmd.name"), reply(line)))
            .collect()
    };
    let get = command(&["GET", "k"]);
    let ports = (40_000, 6_379);
    // Of three that did not wait for each other, the second is missing.
    let told = tell_with_gaps(
        ports,
        &[
            (C, Ok(&get)),
            (C, Err(10)),
            (C, Ok(&get)),
            (S, Ok(b"$1\r\na\r\n$1\r\nb\r\n")),
            (S, Ok(b"$1\r\nc\r\n")),
            (C, Ok(&get)),
            (S, Ok(b"$1\r\nd\r\n")),
        ],
    );
    let own = |asked, reply: &str| (asked, reply.to_owned());
    let expected = [own(true, "a"), own(false, "b"), own(false, "c"), own(true, ""), own(true, "d")];
    assert_eq!(pairs(&told), expected, "{told:#?}");
    // One is missing that was answered before the next was asked; another one may have been asked with that.
    let told = tell_with_gaps(
        ports,
        &[
            (C, Ok(&get)),
            (S, Ok(b"$1\r\na\r\n$1\r\nb\r\n")),
            (C, Err(10)),
            (C, Ok(&get)),
            (S, Ok(b"$1\r\nc\r\n")),
            (C, Ok(&get)),
            (S, Ok(b"$1\r\nd\r\n")),
        ],
    );
    let expected = [own(true, "a"), own(false, "b"), own(false, "c"), own(true, ""), own(true, "d")];
    assert_eq!(pairs(&told), expected, "{told:#?}");
    // So many that the first does not wait for its reply.
    let many = get.repeat(super::MAX_WAITING + 1);
    let told = tell(ports, &[(C, &many), (S, b"$1\r\na\r\n$1\r\nb\r\n")]);
    assert_eq!(pairs(&told)[..3], [own(true, ""), own(false, "a"), own(true, "b")]);
}

#[test]
fn secrets_are_told_only_on_demand() {
    let said = [
        (C, command(&["CONFIG", "GET", "*"])),
        (S, b"*4\r\n$11\r\nrequirepass\r\n$6\r\ngeheim\r\n$4\r\nport\r\n$4\r\n6379\r\n".to_vec()),
        (S, b"%1\r\n$10\r\nmasterauth\r\n$6\r\ngeheim\r\n".to_vec()),
        (C, command(&["ACL", "SETUSER", "anna", ">geheim"])),
        (C, command(&["MIGRATE", "h", "1", "k", "0", "9", "AUTH", "geheim"])),
        (C, command(&["EVAL", "redis.call('CONFIG','SET','masterauth','geheim')", "0"])),
        (C, command(&["SCRIPT", "LOAD", "redis.call('auth','geheim')"])),
        (C, command(&["MONITOR"])),
        (S, b"+OK\r\n+OK\r\n$1\r\nx\r\n+abc\r\n+OK\r\n".to_vec()),
        (S, b"+1339518083.107412 [0 127.0.0.1:60866] \"auth\" \"anna\" \"geheim\"\r\n".to_vec()),
        (S, b"+1339518083.2 [0 127.0.0.1:60866] \"set\" \"auth\" \"x\"\r\n".to_vec()),
    ];
    let told = tell((40_000, 6_379), &borrowed(&said)).concat();
    assert!(!told.contains("geheim"), "{told}");
    assert!(told.contains(r#"[\"requirepass\",\"<secret>\",\"port\",\"6379\"]"#), "{told}");
    assert!(told.contains(r#"{\"masterauth\":\"<secret>\"}"#) && told.contains(r#"\"set\" \"auth\" \"x\""#), "{told}");
    assert!(told.contains(r#"\"auth\" <secret>"#), "{told}");
    assert_eq!(tell_secrets((40_000, 6_379), &borrowed(&said)).concat().matches("geheim").count(), 9);
}

#[test]
fn conversations_of_others_are_not_taken() {
    leaves_others(looks, |verdict| verdict == Verdict::No);
    leaves_random(looks);
}

#[test]
fn conversations_with_faults_are_survived() {
    survives_faults((40_000, 6_379), &conversation());
}

proptest! {
    #[test]
    fn anything_is_survived(said in proptest::collection::vec((any::<bool>(), "[*$+:%>|0-9a-z\r\n-]{0,40}"), 0..12)) {
        let said: Vec<_> = said.into_iter().map(|(server, text)| (server, text.into_bytes())).collect();
        survives((40_000, 6_379), false, &[&[(false, b"PING\r\n".to_vec())], &said[..]].concat());
    }
}

#[test]
fn an_error_repeats_no_secrets() {
    let said = [
        (C, command(&["CONFIG", "SET", "requirepass", "geheim"])),
        (S, b"-ERR unknown command 'CONFIG', with args beginning with: 'SET' 'requirepass' 'geheim'\r\n".to_vec()),
        (C, command(&["GET", "geheim"])),
        (S, b"-ERR wrong geheim\r\n".to_vec()),
    ];
    let told = tell((40_000, 6_379), &borrowed(&said));
    assert!(told[0].contains("ERR unknown command") && !told[0].contains("geheim"), "{told:#?}");
    assert!(told[1].contains("wrong geheim"), "{told:#?}");
}
