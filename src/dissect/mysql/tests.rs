//! Conversations of MySQL, and what is told of them.

use proptest::prelude::*;

use super::opening::looks;
use crate::dissect::Verdict;
use crate::dissect::trial::{
    C, S, borrowed, leaves_others, leaves_random, same_in_bytes, survives, survives_faults, tell, tell_secrets,
    tell_with_gaps,
};
use crate::flow::Side;

/// A packet.
fn packet(sequence: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    [&length[..3], &[sequence], payload].concat()
}

fn greeting(capabilities: u32, plugin: &str) -> Vec<u8> {
    let [a, b, c, d] = capabilities.to_le_bytes();
    let front =
        [b"\x0a8.0.32\0".as_slice(), &[7, 0, 0, 0], b"12345678\0", &[a, b], &[33, 2, 0], &[c, d], &[21], &[0; 10]];
    packet(0, &[front.concat().as_slice(), b"123456789012\0", plugin.as_bytes(), b"\0"].concat())
}

fn login(capabilities: u32, behind: &[u8]) -> Vec<u8> {
    packet(1, &[&capabilities.to_le_bytes(), &[0, 0, 0, 1, 33][..], &[0; 23], behind].concat())
}

const NEW: u32 = 1 << 3 | 1 << 9 | 1 << 15 | 1 << 19;
const OK: &[u8] = &[0, 0, 0, 2, 0, 0, 0];
const EOF: &[u8] = &[0xfe, 0, 0, 2, 0];

fn column(name: &str) -> Vec<u8> {
    let name = [&[u8::try_from(name.len()).unwrap()], name.as_bytes()].concat();
    [b"\x03def\0\0\0".as_slice(), &name, &[0, 12, 33, 0, 0, 1, 0, 0, 253, 0, 0, 0, 0, 0]].concat()
}

/// The answer to a query: a column, rows.
fn rows(first: u8, values: &[&str]) -> Vec<u8> {
    let mut all = vec![vec![1], column("a"), EOF.to_vec()];
    all.extend(values.iter().map(|value| [&[u8::try_from(value.len()).unwrap()], value.as_bytes()].concat()));
    all.push(EOF.to_vec());
    all.iter().zip(first..).flat_map(|(payload, sequence)| packet(sequence, payload)).collect()
}

fn conversation() -> Vec<(Side, Vec<u8>)> {
    let error = b"\xff\x7a\x04#42S02no table";
    vec![
        (S, greeting(NEW, "caching_sha2_password")),
        (C, login(NEW, b"anna\0\x03abcshop\0caching_sha2_password\0")),
        (S, packet(2, b"\xfemysql_native_password\0abcdefghijklmnopqrst\0")),
        (C, packet(3, &[0xab; 20])),
        (S, packet(4, OK)),
        (C, packet(0, b"\x03select a from t")),
        (S, rows(1, &["x", "y", "z"])),
        (C, packet(0, b"\x02other")),
        (S, packet(1, OK)),
        (C, packet(0, b"\x03update u set a=1")),
        (S, packet(1, error)),
        (C, packet(0, b"\x03alter user anna identified by 'geheim'")),
        (S, packet(1, &[0, 2, 0, 2, 0, 0, 0])),
        (C, packet(0, b"\x16select ?")),
        (S, [packet(1, &[0, 9, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]), packet(2, &column("?")), packet(3, EOF)].concat()),
        (S, [packet(4, &column("?")), packet(5, EOF)].concat()),
        (C, packet(0, &[0x17, 9, 0, 0, 0, 0, 1, 0, 0, 0])),
        (S, rows(1, &["q"])),
        (C, [packet(0, &[0x19, 9, 0, 0, 0]), packet(0, b"\x01")].concat()),
    ]
}

#[test]
fn a_login_that_changes_its_way_and_commands() {
    let told = tell((40_000, 3_306), &borrowed(&conversation()));
    let lines = [
        r#"{"_path":"mysql","first":1,"last":1,"version":"8.0.32","protocol":10}"#,
        r#"{"_path":"auth","first":2,"last":5,"service":"mysql","user":"anna","secret_kind":"sha1","database":"shop","mechanism":"mysql_native_password","result":"success","attempt":1}"#,
        r#"{"_path":"mysql","first":2,"last":5,"cmd":"login","arg":"anna","success":true,"response_kind":"ok"}"#,
        r#"{"_path":"mysql","first":6,"last":7,"cmd":"query","arg":"select a from t","success":true,"rows":3,"response_kind":"rows","num_columns":1,"columns":["a"]}"#,
        r#"{"_path":"mysql","first":8,"last":9,"cmd":"init_db","arg":"other","success":true,"rows":0,"response_kind":"ok"}"#,
        r#"{"_path":"mysql","first":10,"last":11,"cmd":"query","arg":"update u set a=1","success":false,"response":"no table","response_kind":"error","error_code":1146,"sqlstate":"42S02"}"#,
        r#"{"_path":"mysql","first":12,"last":13,"cmd":"query","arg":"alter user anna identified by '<secret>'","success":true,"rows":2,"response_kind":"ok"}"#,
        r#"{"_path":"mysql","first":14,"last":16,"cmd":"stmt_prepare","arg":"select ?","success":true,"response_kind":"prepared","num_columns":1,"statement":9}"#,
        r#"{"_path":"mysql","first":17,"last":18,"cmd":"stmt_execute","arg":"select ?","success":true,"rows":1,"response_kind":"rows","num_columns":1,"columns":["a"],"statement":9}"#,
        r#"{"_path":"mysql","first":19,"last":19,"cmd":"stmt_close","arg":"select ?","statement":9}"#,
        r#"{"_path":"mysql","first":19,"last":19,"cmd":"quit"}"#,
    ];
    assert_eq!(told, lines);
    assert!(tell_secrets((40_000, 3_306), &borrowed(&conversation())).concat().contains(&"ab".repeat(20)));
    same_in_bytes((40_000, 3_306), &borrowed(&conversation()));
    // On any port it is MySQL too, and if the server's side was not captured.
    assert_eq!(tell((40_000, 4_000), &borrowed(&conversation())), lines);
    let client: Vec<_> = conversation().into_iter().filter(|(side, _)| *side == C).collect();
    let told = tell((40_000, 4_000), &borrowed(&client)).concat();
    assert!(
        told.contains(r#""user":"anna""#) && told.contains(r#""result":"unknown""#) && told.contains("select a from t")
    );
}

#[test]
fn logins_that_fail_and_such_as_get_no_answer() {
    let denied = b"\xff\x15\x04#28000Access denied";
    let said = [(S, greeting(NEW, "x")), (C, login(NEW, b"a\0\0\0\0")), (S, packet(2, denied))];
    let told = tell((40_000, 3_306), &borrowed(&said));
    assert!(
        told[1].contains(r#""secret_kind":"none","mechanism":"x","result":"failure","server_code":"1045""#),
        "{told:?}"
    );
    let told = tell((40_000, 3_306), &borrowed(&said[..2]));
    assert!(told[1].contains(r#""result":"unknown","attempt":1"#), "{told:?}");
    let blocked = packet(0, b"\xff\x69\x04Host is blocked");
    let told = tell((40_000, 3_306), &[(S, &blocked)]);
    assert_eq!(
        told,
        [
            r#"{"_path":"mysql","first":1,"last":1,"success":false,"response":"Host is blocked","response_kind":"error","error_code":1129}"#
        ]
    );
}

#[test]
fn before_4_1_and_changes_of_user() {
    let old = packet(1, b"\x05\x00\x00\x00\x01otto\0ABCDEFGH\0");
    let change = packet(0, b"\x11berta\0\x02xydb\0\x21\0mysql_clear_password\0");
    let said = [
        (S, packet(0, b"\x0a3.23.58\0\x01\0\0\0abcdefgh\0\x2c\0")),
        (C, old),
        (S, packet(2, OK)),
        (C, change),
        (S, packet(1, b"\xfemysql_clear_password\0")),
        (C, packet(2, b"geheim\0")),
        (S, packet(3, OK)),
    ];
    let told = tell((40_000, 3_306), &borrowed(&said));
    assert!(
        told[1].contains(r#""user":"otto","secret_kind":"nonce","mechanism":"mysql_old_password","result":"success""#)
    );
    let change = r#""user":"berta","secret_kind":"plain","database":"db","mechanism":"mysql_clear_password","result":"success","attempt":2"#;
    assert!(told[3].contains(change), "{told:?}");
    assert!(!told.concat().contains("geheim"));
    assert!(tell_secrets((40_000, 3_306), &borrowed(&said)).concat().contains(r#""secret":"geheim""#));
}

#[test]
fn tls_follows_and_what_is_compressed_is_not_told() {
    let caps = NEW | 1 << 11;
    let said = [(S, greeting(caps, "x")), (C, login(caps, b"")), (C, b"\x16\x03\x01\0\x05hello".to_vec())];
    let told = tell((40_000, 3_306), &borrowed(&said));
    assert_eq!(told[1], r#"{"_path":"mysql","first":2,"last":2,"cmd":"ssl_request"}"#);
    let caps = NEW | 1 << 5;
    let said = [(S, greeting(caps, "x")), (C, login(caps, b"a\0\0\0\0")), (S, packet(2, OK)), (C, vec![9; 50])];
    let told = tell((40_000, 3_306), &borrowed(&said));
    assert!(told.last().unwrap().contains("mysql_compressed_protocol"), "{told:?}");
}

#[test]
fn attributes_of_queries_more_results_and_files() {
    let query = b"\x03\x02\x01\x00\x01\xfe\0\x01a\x03\0\x01b\x01x\x07\0\0\0select 1";
    let more = [rows(1, &["x"]), packet(6, OK)].concat();
    // The flag that another result follows, in the EOF behind the row.
    let place = more.len() - packet(6, OK).len() - 2;
    let more: Vec<u8> = more.iter().enumerate().map(|(at, byte)| if at == place { 8 } else { *byte }).collect();
    let said = [
        (S, greeting(NEW | 1 << 27, "x")),
        (C, login(NEW | 1 << 27, b"a\0\0\0\0")),
        (S, packet(2, OK)),
        (C, packet(0, query)),
        (S, more),
        (C, packet(0, b"\x03\x00\x01load data local infile")),
        (S, packet(1, b"\xfb/etc/passwd")),
        (C, [packet(2, b"root"), packet(3, b"")].concat()),
        (S, packet(4, &[0, 1, 0, 2, 0, 0, 0])),
        (C, packet(0, b"\x09")),
        (S, packet(1, b"Uptime: 1")),
    ];
    let told = tell((40_000, 3_306), &borrowed(&said));
    assert!(
        told[3].contains(r#""first":4,"last":5,"cmd":"query","arg":"select 1","success":true,"rows":1"#),
        "{told:?}"
    );
    assert!(
        told[4].contains(r#""last":9,"cmd":"query","arg":"load data local infile","success":true,"rows":1"#),
        "{told:?}"
    );
    assert!(told[5].contains(r#""cmd":"statistics","success":true,"response":"Uptime: 1","response_kind":"text""#));
}

#[test]
fn conversations_that_were_picked_up_later() {
    let query = packet(0, b"\x03select now()");
    assert_eq!(
        tell((40_000, 3_306), &[(C, &query)]),
        [r#"{"_path":"mysql","first":1,"last":1,"cmd":"query","arg":"select now()"}"#]
    );
    let answer = rows(1, &["x", "y"]);
    assert_eq!(
        tell((40_000, 4_000), &[(S, &answer)]),
        [
            r#"{"_path":"mysql","first":1,"last":1,"success":true,"rows":2,"response_kind":"rows","num_columns":1,"columns":["a"]}"#
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
    survives_faults((40_000, 3_306), &conversation());
}

proptest! {
    #[test]
    fn anything_is_survived(said in proptest::collection::vec((any::<bool>(), proptest::collection::vec(any::<u8>(), 0..60)), 0..12)) {
        survives((40_000, 3_306), false, &said);
    }
}

#[test]
fn who_waits_too_long_does_not_get_the_answer_of_another() {
    let login = [(S, greeting(NEW, "x")), (C, login(NEW, b"a\0\0\0\0")), (S, packet(2, OK))];
    let asked: Vec<u8> = (0..300).flat_map(|n| packet(0, format!("\x03c{n}").as_bytes())).collect();
    let error = |n: u32| packet(1, &[b"\xff\x7a\x04#42S02r", n.to_string().as_bytes()].concat());
    let answers: Vec<u8> = (0..300).flat_map(error).collect();
    let told = tell((40_000, 3_306), &borrowed(&[&login[..], &[(C, asked), (S, answers)]].concat()));
    let both: Vec<_> = told.iter().filter(|line| line.contains(r#""cmd":"query""#) && line.contains("1146")).collect();
    assert_eq!(both.len(), super::MAX_WAITING, "{told:#?}");
    for line in both {
        let number =
            |before: &str| line.split(before).nth(1).and_then(|rest| rest.split('"').next().map(str::to_owned));
        assert_eq!(number(r#""arg":"c"#), number(r#""response":"r"#), "{line}");
    }
}

#[test]
fn a_number_that_is_prepared_anew_is_not_told_with_its_old_text() {
    let prepare = |number: u32, text: &str| {
        let answer = [&[0][..], &number.to_le_bytes(), &[0; 7]].concat();
        [(C, packet(0, &[b"\x16", text.as_bytes()].concat())), (S, packet(1, &answer))]
    };
    let mut said = vec![(S, greeting(NEW, "x")), (C, login(NEW, b"a\0\0\0\0")), (S, packet(2, OK))];
    said.extend((0..300).flat_map(|number| prepare(number, "select old")));
    said.extend(prepare(0, "select new"));
    said.extend([0_u32, 299].map(|number| (C, packet(0, &[b"\x17", &number.to_le_bytes()[..], &[0; 5]].concat()))));
    let told = tell((40_000, 3_306), &borrowed(&said));
    let executed: Vec<_> = told.iter().filter(|line| line.contains("stmt_execute")).collect();
    assert!(executed[0].contains("select new") && !executed[1].contains("select"), "{executed:#?}");
}

/// A packet of the longest kind, of which a few bytes were captured, and how many were not.
fn longest(sequence: u8, front: &[u8]) -> (Vec<u8>, u64) {
    ([&[0xff, 0xff, 0xff, sequence], front].concat(), 0xff_ff_ff - front.len() as u64)
}

#[test]
fn packets_that_go_on_in_the_next_one() {
    let (row, missing) = longest(4, b"\xfd\xff\xff\xffabc");
    let front: Vec<u8> =
        [vec![1], column("a"), EOF.to_vec()].iter().zip(1..).flat_map(|(part, number)| packet(number, part)).collect();
    let (data, more) = longest(0, b"\x18\x09\0\0\0\0\0abc");
    let said = [
        (C, Ok(packet(0, b"\x03select a"))),
        (S, Ok([front, row].concat())),
        (S, Err(missing)),
        (S, Ok([packet(5, b"rest"), packet(6, EOF)].concat())),
        (C, Ok(packet(0, b"\x03select b"))),
        (C, Ok(data)),
        (C, Err(more)),
        (C, Ok(packet(1, b"rest"))),
        (S, Ok(packet(1, OK))),
    ];
    let said: Vec<_> = said.iter().map(|(side, part)| (*side, part.as_deref().map_err(|count| *count))).collect();
    let told = tell_with_gaps((40_000, 3_306), &said);
    let has = |arg: &str, answer: &str| told.iter().any(|line| line.contains(arg) && line.contains(answer));
    assert!(has("select a", r#""last":4,"cmd":"query","arg":"select a","success":true,"rows":1,"#), "{told:#?}");
    assert!(has("select b", r#""response_kind":"ok""#), "{told:#?}");
}

#[test]
fn answers_repeat_no_passwords() {
    let mut said = conversation();
    let sensitive = packet(0, b"\x03SELECT PASSWORD('geheim')");
    let expression = [vec![1], column("PASSWORD('geheim')"), EOF.to_vec()];
    let columns: Vec<u8> = expression.iter().zip(1..).flat_map(|(part, number)| packet(number, part)).collect();
    said.extend([(C, sensitive), (S, [columns, packet(4, EOF)].concat())]);
    said.extend([
        (C, packet(0, b"\x03CREATE USER IF NOT EXIST a IDENTIFIED BY 'geheim'")),
        (S, packet(1, b"\xff\x28\x04#42000You have an error near 'EXIST a IDENTIFIED BY 'geheim'' at line 1")),
    ]);
    let told = tell((40_000, 3_306), &borrowed(&said)).concat();
    assert!(!told.contains("geheim") && told.contains(r#""columns":["PASSWORD('<secret>')"]"#), "{told}");
    assert!(told.contains("You have an error"), "{told}");
}
