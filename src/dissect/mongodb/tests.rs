//! Conversations of MongoDB, and what is told of them.

use std::io::Write;

use proptest::prelude::*;

use super::message::{Room, unpack};
use super::opening::looks;
use crate::dissect::Verdict;
use crate::dissect::trial::{
    C, S, borrowed, leaves_others, leaves_random, same_in_bytes, survives, survives_faults, tell, tell_secrets,
};
use crate::flow::Side;

/// A document of these elements.
fn document(elements: &[Vec<u8>]) -> Vec<u8> {
    let inside = elements.concat();
    let length = u32::try_from(inside.len() + 5).unwrap().to_le_bytes();
    [&length[..], &inside, &[0]].concat()
}

fn element(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    [&[kind], name.as_bytes(), &[0], value].concat()
}

fn int(name: &str, value: i32) -> Vec<u8> {
    element(0x10, name, &value.to_le_bytes())
}

fn text(name: &str, value: &str) -> Vec<u8> {
    let length = u32::try_from(value.len() + 1).unwrap().to_le_bytes();
    element(0x02, name, &[&length[..], value.as_bytes(), &[0]].concat())
}

fn binary(name: &str, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap().to_le_bytes();
    element(0x05, name, &[&length[..], &[0], value].concat())
}

fn ok() -> Vec<u8> {
    element(0x01, "ok", &1f64.to_le_bytes())
}

fn message(request: i32, to: i32, opcode: u32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 16).unwrap().to_le_bytes();
    [&length[..], &request.to_le_bytes(), &to.to_le_bytes(), &opcode.to_le_bytes(), body].concat()
}

fn msg(request: i32, to: i32, elements: &[Vec<u8>]) -> Vec<u8> {
    message(request, to, 2013, &[&[0; 5][..], &document(elements)].concat())
}

/// Documents in a section of their own.
fn insert(request: i32) -> Vec<u8> {
    let command = document(&[text("insert", "things"), text("$db", "shop")]);
    let documents = [document(&[int("a", 1)]), document(&[int("a", 2)])].concat();
    let length = u32::try_from(documents.len() + 14).unwrap().to_le_bytes();
    let body = [&[0; 4][..], &[0], &command, &[1], &length, b"documents\0", &documents].concat();
    message(request, 0, 2013, &body)
}

fn conversation() -> Vec<(Side, Vec<u8>)> {
    let done = |done: bool| element(0x08, "done", &[done.into()]);
    let start = [int("saslStart", 1), text("mechanism", "SCRAM-SHA-256"), binary("payload", b"n,,n=an=3Dna,r=x")];
    let go_on = |payload: &[u8]| [int("saslContinue", 1), int("conversationId", 1), binary("payload", payload)];
    let admin = || text("$db", "admin");
    let batch = document(&[element(0x03, "0", &document(&[int("x", 1)])), element(0x03, "1", &document(&[]))]);
    let cursor = document(&[element(0x04, "firstBatch", &batch), int("id", 0)]);
    let key = |code| {
        [element(0x01, "ok", &0f64.to_le_bytes()), text("errmsg", "no"), int("code", code), text("codeName", "No")]
    };
    vec![
        (C, msg(1, 0, &[&start[..], &[admin()]].concat())),
        (S, msg(101, 1, &[int("conversationId", 1), done(false), ok()])),
        (C, msg(2, 0, &[&go_on(b"c=biws,r=xy,p=geheim=")[..], &[admin()]].concat())),
        (S, msg(102, 2, &[int("conversationId", 1), done(true), ok()])),
        (
            C,
            msg(
                3,
                0,
                &[text("find", "things"), element(0x03, "filter", &document(&[int("a", 5)])), text("$db", "shop")],
            ),
        ),
        (S, msg(103, 3, &[element(0x03, "cursor", &cursor), ok()])),
        (C, insert(4)),
        (S, msg(104, 4, &[int("n", 2), ok()])),
        (C, msg(5, 0, &[text("drop", "things"), text("$db", "shop")])),
        (S, msg(105, 5, &key(13))),
        (C, msg(6, 0, &[int("ping", 1), admin()])),
    ]
}

#[test]
fn a_login_and_commands() {
    let told = tell((40_000, 27_017), &borrowed(&conversation()));
    let lines = [
        r#"{"_path":"mongodb","first":1,"last":2,"opcode":"OP_MSG","request_id":1,"reply_opcode":"OP_MSG","reply_id":101,"response_to":1,"database":"admin","command":"saslStart","arg":"{\"saslStart\":1,\"mechanism\":\"SCRAM-SHA-256\",\"$db\":\"admin\"}","success":true,"ok":1}"#,
        r#"{"_path":"auth","first":1,"last":4,"service":"mongodb","user":"an=na","secret_kind":"scram","database":"admin","mechanism":"SCRAM-SHA-256","result":"success","attempt":1}"#,
        r#"{"_path":"mongodb","first":3,"last":4,"opcode":"OP_MSG","request_id":2,"reply_opcode":"OP_MSG","reply_id":102,"response_to":2,"database":"admin","command":"saslContinue","arg":"{\"saslContinue\":1,\"conversationId\":1,\"$db\":\"admin\"}","success":true,"ok":1}"#,
        r#"{"_path":"mongodb","first":5,"last":6,"opcode":"OP_MSG","request_id":3,"reply_opcode":"OP_MSG","reply_id":103,"response_to":3,"database":"shop","collection":"things","command":"find","arg":"{\"find\":\"things\",\"filter\":{\"a\":5},\"$db\":\"shop\"}","success":true,"ok":1,"number_returned":2}"#,
        r#"{"_path":"mongodb","first":7,"last":8,"opcode":"OP_MSG","request_id":4,"reply_opcode":"OP_MSG","reply_id":104,"response_to":4,"database":"shop","collection":"things","command":"insert","arg":"{\"insert\":\"things\",\"$db\":\"shop\"}","documents":2,"success":true,"ok":1,"number_affected":2}"#,
        r#"{"_path":"mongodb","first":9,"last":10,"opcode":"OP_MSG","request_id":5,"reply_opcode":"OP_MSG","reply_id":105,"response_to":5,"database":"shop","collection":"things","command":"drop","arg":"{\"drop\":\"things\",\"$db\":\"shop\"}","success":false,"ok":0,"code":13,"code_name":"No","errmsg":"no"}"#,
        r#"{"_path":"mongodb","first":11,"last":11,"opcode":"OP_MSG","request_id":6,"database":"admin","command":"ping","arg":"{\"ping\":1,\"$db\":\"admin\"}"}"#,
    ];
    assert_eq!(told, lines);
    let secrets = tell_secrets((40_000, 27_017), &borrowed(&conversation())).concat();
    assert!(secrets.contains(r#""secret":"geheim=""#) && secrets.contains("$binary"));
    same_in_bytes((40_000, 27_017), &borrowed(&conversation()));
    assert_eq!(tell((40_000, 4_000), &borrowed(&conversation())), lines);
}

#[test]
fn ways_to_log_in() {
    let denied = [element(0x01, "ok", &0f64.to_le_bytes()), int("code", 18)];
    let external = || text("$db", "$external");
    let plain = [int("saslStart", 1), text("mechanism", "PLAIN"), binary("payload", b"\0anna\0geheim"), external()];
    let x509 = [int("authenticate", 1), text("mechanism", "MONGODB-X509"), text("user", "CN=anna"), external()];
    let old =
        [int("authenticate", 1), text("user", "anna"), text("nonce", "n"), text("key", "geheim"), text("$db", "a")];
    for (asked, told) in [
        (&plain[..], r#""user":"anna","secret_kind":"plain","database":"$external","mechanism":"PLAIN","#),
        (&x509, r#""user":"CN=anna","secret_kind":"none","database":"$external","mechanism":"MONGODB-X509","#),
        (&old, r#""user":"anna","secret_kind":"md5","database":"a","mechanism":"MONGODB-CR","#),
    ] {
        for (reply, result) in [
            (msg(9, 1, &[ok()]), r#""result":"success""#),
            (msg(9, 1, &denied), r#""result":"failure","server_code":"18""#),
            (msg(9, 7, &[ok()]), r#""result":"unknown""#),
        ] {
            let all = tell((40_000, 27_017), &borrowed(&[(C, msg(1, 0, asked)), (S, reply)])).concat();
            assert!(all.contains(&format!("{told}{result}")) && !all.contains("geheim"), "{told}{result}: {all}");
        }
    }
    // Along with the greeting; and servers may take no notice.
    let inside = document(&[
        int("saslStart", 1),
        text("mechanism", "SCRAM-SHA-1"),
        binary("payload", b"n,,n=a,r=x"),
        text("db", "d"),
    ]);
    let hello = msg(1, 0, &[int("hello", 1), element(0x03, "speculativeAuthenticate", &inside), text("$db", "admin")]);
    let all = tell((40_000, 27_017), &borrowed(&[(C, hello.clone())]));
    assert!(
        all[0].contains(
            r#""user":"a","secret_kind":"scram","database":"d","mechanism":"SCRAM-SHA-1","result":"unknown""#
        )
    );
    let all = tell((40_000, 27_017), &borrowed(&[(C, hello), (S, msg(9, 1, &[ok()]))]));
    assert_eq!(all.len(), 1);
}

#[test]
fn older_opcodes() {
    let query = [&[0; 4][..], b"shop.$cmd\0", &[0; 4], &[255; 4], &document(&[int("count", 1)])].concat();
    let find = [&[0; 4][..], b"shop.a.b\0", &[0; 8], &document(&[int("x", 1)])].concat();
    let reply = [&[0; 16][..], &1u32.to_le_bytes(), &document(&[int("n", 4), ok()])].concat();
    let insert = [&[0; 4][..], b"shop.a\0", &document(&[int("x", 1)]), &document(&[])].concat();
    let said = [
        (C, message(1, 0, 2004, &query)),
        (S, message(2, 1, 1, &reply)),
        (C, message(3, 0, 2004, &find)),
        (C, message(4, 0, 2002, &insert)),
    ];
    let told = tell((40_000, 4_000), &borrowed(&said));
    assert_eq!(
        told,
        [
            r#"{"_path":"mongodb","first":1,"last":2,"opcode":"OP_QUERY","request_id":1,"reply_opcode":"OP_REPLY","reply_id":2,"response_to":1,"database":"shop","collection":"$cmd","command":"count","arg":"{\"count\":1}","success":true,"ok":1,"number_returned":1,"number_affected":4}"#,
            r#"{"_path":"mongodb","first":4,"last":4,"opcode":"OP_INSERT","request_id":4,"database":"shop","collection":"a","command":"insert","arg":"{\"x\":1}","documents":2}"#,
            r#"{"_path":"mongodb","first":3,"last":3,"opcode":"OP_QUERY","request_id":3,"database":"shop","collection":"a.b","command":"find","arg":"{\"x\":1}"}"#,
        ]
    );
}

#[test]
fn compressed_messages() {
    let body = [&[0; 5][..], &document(&[int("ping", 1), text("$db", "admin")])].concat();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    zlib.write_all(&body).unwrap();
    let zstd = zstd::encode_all(body.as_slice(), 1).unwrap();
    let length = u8::try_from(body.len()).unwrap();
    let snappy = [&[length, (length - 1) << 2][..], &body].concat();
    for (number, name, packed) in
        [(0, "noop", body.clone()), (1, "snappy", snappy), (2, "zlib", zlib.finish().unwrap()), (3, "zstd", zstd)]
    {
        let size = u32::try_from(body.len()).unwrap().to_le_bytes();
        let inside = [&2013u32.to_le_bytes()[..], &size, &[number], &packed].concat();
        let told = tell((40_000, 27_017), &borrowed(&[(C, message(1, 0, 2012, &inside))])).concat();
        assert!(told.contains(&format!(r#""opcode":"OP_MSG","request_id":1,"compressor":"{name}""#)), "{told}");
        assert!(told.contains(r#""command":"ping""#), "{told}");
    }
}

#[test]
fn passwords_of_users_are_told_only_on_demand() {
    let create = [text("createUser", "anna"), text("pwd", "geheim"), text("$db", "shop")];
    let insert = document(&[text("user", "anna"), text("pwd", "geheim")]);
    let insert =
        [text("insert", "system.users"), element(0x04, "documents", &document(&[element(0x03, "0", &insert)]))];
    for elements in [&create[..], &insert] {
        let said = [(C, msg(1, 0, elements))];
        let told = tell((40_000, 27_017), &borrowed(&said)).concat();
        assert!(told.contains("anna") && !told.contains("geheim"), "{told}");
        assert!(tell_secrets((40_000, 27_017), &borrowed(&said)).concat().contains("geheim"));
    }
}

#[test]
fn what_is_not_unpacked_to_its_end_is_not_told_as_complete() {
    let document = document(&[text("a", &"x".repeat(1_000))]);
    for (count, told) in [(10, r#""documents":10,"#), (1_000, r#""arg_complete":false"#)] {
        let documents = document.repeat(count);
        let section = [&(documents.len() as u32 + 14).to_le_bytes()[..], b"documents\0", &documents].concat();
        let command = self::document(&[text("insert", "things"), text("$db", "shop")]);
        let batch = self::document(&vec![element(0x03, "0", &document); count]);
        let cursor = self::document(&[element(0x04, "firstBatch", &batch), int("id", 0)]);
        let reply = self::document(&[element(0x03, "cursor", &cursor), ok()]);
        let asked = [&[0; 5][..], &command, &[1], &section].concat();
        let said = [(C, 1, 0, asked), (S, 2, 1, [&[0; 5][..], &reply].concat())].map(|(side, number, to, body)| {
            let size = (body.len() as u32).to_le_bytes();
            let packed = zstd::encode_all(body.as_slice(), 1).unwrap();
            (side, message(number, to, 2012, &[&2013_u32.to_le_bytes()[..], &size, &[3], &packed].concat()))
        });
        let line = tell((40_000, 27_017), &borrowed(&said)).concat();
        assert!(line.contains(told), "{line}");
        for field in ["documents\":", "number_returned"] {
            assert_eq!(line.contains(field), count == 10, "{line}");
        }
    }
}

#[test]
fn a_conversation_unpacks_so_much_and_no_more() {
    let packed = zstd::encode_all([b'a'; 300_000].as_slice(), 19).unwrap();
    let body = [&2013_u32.to_le_bytes()[..], &[0; 4], &[3], &packed].concat();
    let mut room = Room::default();
    let mut unpacked = || unpack(&body, &mut room).unwrap().body.map_or(0, |body| body.len());
    assert_eq!(unpacked(), 256 << 10);
    let all: usize = (0..2_000).map(|_| unpacked()).sum();
    assert!((4 << 20..(4 << 20) + 2_001 * 256 * packed.len()).contains(&all), "{all}");
}

#[test]
fn deep_and_long_documents_are_bounded() {
    let deep = (0..2_000).fold(document(&[]), |inside, _| document(&[element(0x03, "a", &inside)]));
    let many: Vec<Vec<u8>> = (0..20_000).map(|number| int("x", number)).collect();
    for said in [msg(1, 0, &[element(0x03, "find", &deep)]), msg(1, 0, &many)] {
        let told = tell((40_000, 27_017), &[(C, &said)]).concat();
        assert!(told.contains(r#""arg_complete":false"#) && told.len() < 40_000, "{}", told.len());
    }
}

#[test]
fn conversations_of_others_are_not_taken() {
    // A few bytes may become the header of a message.
    leaves_others(looks, |verdict| !matches!(verdict, Verdict::Yes(_)));
    leaves_random(looks);
}

#[test]
fn conversations_with_faults_are_survived() {
    survives_faults((40_000, 27_017), &conversation());
}

proptest! {
    #[test]
    fn anything_is_survived(said in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..60)), 0..12)) {
        survives((40_000, 27_017), false, &[&[(false, msg(1, 0, &[int("ping", 1)]))], &said[..]].concat());
    }
}
