use proptest::prelude::*;

use super::super::Limits;
use super::super::trial::{C, S, same_in_bytes, survives, tell, tell_datagrams, tell_with};
use super::message::{Message, Style};
use super::name::Fault;
use super::record::EdnsOption;

/// A message, of which the first question is for the address of `www.example`.
fn message(id: u16, flags: u16, counts: [u16; 4], records: &[&[u8]]) -> Vec<u8> {
    let mut message = Vec::new();
    for number in [id, flags].into_iter().chain(counts) {
        message.extend(number.to_be_bytes());
    }
    if counts[0] > 0 {
        message.extend(b"\x03www\x07example\0\0\x01\0\x01");
    }
    message.extend(records.concat());
    message
}

/// A record of the name of the question.
fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let mut record = b"\xc0\x0c".to_vec();
    record.extend(kind.to_be_bytes());
    record.extend(b"\0\x01\0\0\0\x3c");
    record.extend((data.len() as u16).to_be_bytes());
    record.extend(data);
    record
}

fn framed(message: &[u8]) -> Vec<u8> {
    [&(message.len() as u16).to_be_bytes()[..], message].concat()
}

/// The text of a record's data.
fn text(kind: u16, data: &[u8]) -> String {
    let message = message(1, 0x8180, [1, 1, 0, 0], &[&record(kind, data)]);
    let read = Message::read(&message, Style::default()).unwrap();
    read.sections[0][0].told.data.clone()
}

const QUERY: &str = r#"{"_path":"dns","first":1,"last":1,"transport":"udp","trans_id":7,"query":"www.example","qclass":1,"qclass_name":"C_INTERNET","qtype":1,"qtype_name":"A","opcode":0,"opcode_name":"QUERY","AA":false,"TC":false,"RD":true,"RA":false,"Z":false,"AD":false,"CD":false,"rejected":false,"saw_query":true,"saw_reply":false,"questions":[{"name":"www.example","type":"A","class":"IN"}],"answer_records":[],"authorities":[],"additionals":[]}"#;

const BOTH: &str = r#"{"_path":"dns","first":1,"last":2,"transport":"udp","trans_id":7,"rtt":0.001000000,"query":"www.example","qclass":1,"qclass_name":"C_INTERNET","qtype":1,"qtype_name":"A","opcode":0,"opcode_name":"QUERY","rcode":0,"rcode_name":"NOERROR","AA":false,"TC":false,"RD":true,"RA":true,"Z":false,"AD":false,"CD":false,"answers":["192.0.2.1"],"TTLs":[60],"rejected":false,"saw_query":true,"saw_reply":true,"questions":[{"name":"www.example","type":"A","class":"IN"}],"answer_records":[{"name":"www.example","type":"A","class":"IN","ttl":60,"data":"192.0.2.1"}],"authorities":[{"name":"www.example","type":"NS","class":"IN","ttl":60,"data":"ns.example"},{"name":"www.example","type":"NS","class":"IN","ttl":60,"data":"ns2.example"}],"additionals":[{"name":".","type":"OPT","class":"1232","ttl":32768,"data":"\\# 8 0008000400010000"}],"edns":{"udp_size":1232,"ext_rcode":0,"version":0,"do":true,"options":[{"code":8,"name":"ECS","data":"0.0.0.0/0/0"}]},"request":{"flags":256,"additionals":[{"name":".","type":"OPT","class":"512","ttl":0,"data":"\\# 0"}],"edns":{"udp_size":512,"ext_rcode":0,"version":0,"do":false,"options":[]}}}"#;

fn conversation() -> [Vec<u8>; 2] {
    let query = message(7, 0x0100, [1, 0, 0, 1], &[b"\0\0\x29\x02\0\0\0\0\0\0\0"]);
    let records: [&[u8]; 4] = [
        &record(1, &[192, 0, 2, 1]),
        &record(2, b"\x02ns\xc0\x10"),
        &record(2, b"\x03ns2\xc0\x10"),
        b"\0\0\x29\x04\xd0\0\0\x80\0\0\x08\0\x08\0\x04\0\x01\0\0",
    ];
    [query, message(7, 0x8180, [1, 1, 2, 1], &records)]
}

#[test]
fn a_query_has_its_response() {
    let [query, response] = conversation();
    assert_eq!(tell_datagrams((40_000, 53), &[(C, &query), (S, &response)]), [BOTH]);
    assert_eq!(tell_datagrams((40_000, 40_001), &[(C, &query), (S, &response)]), [BOTH], "at any port");
    let plain = message(7, 0x0100, [1, 0, 0, 0], &[]);
    assert_eq!(tell_datagrams((40_000, 53), &[(C, &plain)]), [QUERY]);
}

#[test]
fn queries_are_told_apart() {
    let [query, response] = conversation();
    let other =
        |message: &[u8]| message.iter().map(|byte| if *byte == b'w' { b'v' } else { *byte }).collect::<Vec<_>>();
    let told = tell_datagrams(
        (53, 53),
        &[(C, &other(&query)), (C, &query), (S, &response), (S, &response), (C, &other(&response))],
    );
    let pairs: Vec<_> =
        told.iter().map(|line| (line.contains("saw_query\":true"), line.contains("saw_reply\":true"))).collect();
    assert_eq!(pairs, [(true, true), (false, true), (false, true), (true, false)]);
}

#[test]
fn a_stream_is_cut_anywhere() {
    let [query, response] = conversation().map(|message| framed(&message));
    let two = [&query[..], &query[..]].concat();
    let said: &[(_, &[u8])] = &[(C, &two), (S, &response), (S, &response)];
    let told = tell((40_000, 53), said);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0], BOTH.replace("udp\",", "tcp\","));
    same_in_bytes((40_000, 53), said);
    same_in_bytes((40_000, 40_001), said);
}

#[test]
fn a_gap_hides_no_message_behind_it() {
    let [query, response] = conversation().map(|message| framed(&message));
    let survivors = survives(
        (40_000, 53),
        false,
        &[
            (false, query.clone()),
            (true, response[..20].to_vec()),
            (true, Vec::new()),
            (true, response[30..].to_vec()),
            (false, query),
            (true, response),
        ],
    );
    // Both pairs, the gap, and two faults: the message that is cut off makes one, and has no answers.
    assert_eq!(survivors, 4);
}

#[test]
fn multicast_has_bits_of_its_own() {
    let question = b"\x05_http\x04_tcp\x05local\0\0\x0c\x80\x01";
    let mut query = message(0, 0, [0, 0, 0, 0], &[question]);
    query[5] = 1;
    let mut answer = message(
        0,
        0x8400,
        [0, 1, 0, 0],
        &[b"\x05_http\x04_tcp\x05local\0\0\x0c\x80\x01\0\0\0\x0a\0\x0b\x08B\xc3\xbcro 1.\xc0\x0c"],
    );
    answer[10] = 0;
    let told = tell_datagrams((5353, 5353), &[(C, &query), (C, &answer)]).join("\n");
    assert!(
        told.contains(r#""questions":[{"name":"_http._tcp.local","type":"PTR","class":"IN","unicast_response":true}]"#),
        "{told}"
    );
    let record = r#"[{"name":"_http._tcp.local","type":"PTR","class":"IN","ttl":10,"cache_flush":true,"data":"Büro 1\\.._http._tcp.local"}]"#;
    assert!(told.contains(record) && told.matches("\"transport\":\"mdns\"").count() == 2, "{told}");
}

#[test]
fn data_are_text() {
    for (kind, data, want) in [
        (6, &b"\x01a\0\x01b\0\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05"[..], "a b 1 2 3 4 5"),
        (11, b"\x01\x02\x03\x04\x06\x80\x40", "1.2.3.4 6 0 9"),
        (13, b"\x03x\"y\x01z", r#""x\"y" "z""#),
        (15, b"\0\x0a\xc0\x0c", "10 www.example"),
        (16, b"\x03a b\x02\xff\n", r#""a b" "\255\010""#),
        (28, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], "2001:db8::1"),
        (
            29,
            b"\0\x12\x16\x13\x8b\x36\x9c\x88\x80\x28\x72\x90\0\x98\x9a\xe8",
            "52 15 28.392 N 0 44 10.768 E 11.28m 1m 10000m 10m",
        ),
        (33, b"\0\x01\0\x02\0\x50\0", "1 2 80 ."),
        (35, b"\0\x01\0\x02\x01u\x07E2U+sip\x02!x\0", r#"1 2 "u" "E2U+sip" "!x" ."#),
        (42, b"\0\x01\x08\x81\x0a\0\x02\x08\x01\xff", "!1:10.0.0.0/8 2:ff00::/8"),
        (43, b"\0\x01\x08\x02\xab\xcd", "1 8 2 abcd"),
        (
            46,
            b"\0\x01\x08\x02\0\0\0\x3c\x5e\x0b\xe1\x00\x5e\x0b\xe1\x01\0\x05\0abc",
            "A 8 2 60 20200101000000 20200101000001 5 . YWJj",
        ),
        (47, b"\0\0\x06\x40\x01\0\0\0\x03", ". A MX RRSIG NSEC"),
        (50, b"\x01\0\0\x01\0\x05abcde\0\x01\x40", "1 0 1 - C5H66P35 A"),
        (
            64,
            b"\0\x01\0\0\x01\0\x06\x02h2\x02h3\0\x03\0\x02\x01\xbb\0\x04\0\x04\x01\x02\x03\x04",
            r#"1 . alpn="h2,h3" port=443 ipv4hint=1.2.3.4"#,
        ),
        (108, &[0, 1, 2, 3, 4, 255], "00-01-02-03-04-ff"),
        (257, b"\x80\x05issueca.example", r#"128 issue "ca.example""#),
        (65_280, b"\x01\x02", "\\# 2 0102"),
        (1, b"\x01\x02", "\\# 2 0102"),
        (1, b"", ""),
    ] {
        assert_eq!(text(kind, data), want, "type {kind}");
    }
}

#[test]
fn what_can_be_read_is_told() {
    let mut response = message(7, 0x8180, [1, 40, 0, 65_535], &[&record(1, &[1, 2, 3, 4]), &record(28, &[1])]);
    response.extend(b"\xc0");
    let told = tell_datagrams((40_000, 53), &[(S, &response)]);
    assert_eq!(told.len(), 3);
    assert!(told[0].contains(r#""dns_record_malformed","addl":"AAAA www.example""#), "{}", told[0]);
    assert!(told[1].contains(r#""dns_message_ends_early","addl":"answer 2""#), "{}", told[1]);
    assert!(told[2].contains(r#""answers":["1.2.3.4","\\# 1 01"]"#), "{}", told[2]);
}

#[test]
fn the_seed_has_its_own_shape_without_its_faults() {
    let [_, response] = conversation();
    let limits = Limits { seed_dns: true, ..Limits::default() };
    let told = tell_with(&limits, (40_000, 53), true, &[(S, &response)]).concat();
    let want = r#"{"_path":"dns","first":1,"last":1,"is_orig":false,"header":{"id":7,"qr":1,"opcode":"QUERY","aa":0,"tc":0,"rd":1,"ra":1,"rcode":"NOERROR","num_of_questions":1,"num_of_answers":1,"num_of_authority":2,"num_of_additional":1},"questions":[{"qname":"www.example.","qtype":"A","qclass":"IN"}],"answers":[{"rname":"www.example.","rtype":"A","rclass":1,"ttl":60,"rdata":"192.0.2.1"}],"authority":[{"rname":"www.example.","rtype":"NS","rclass":1,"ttl":60,"rdata":"ns.example."},{"rname":"www.example.","rtype":"NS","rclass":1,"ttl":60,"rdata":"ns2.example."}],"additional":[{"rname":".","rtype":"OPT","rclass":1232,"ttl":32768,"rdata":"\\# 8 0008000400010000"}]}"#;
    assert_eq!(told, want);
}

#[test]
fn each_message_can_be_a_record() {
    let [query, response] = conversation();
    let limits = Limits { dns_messages: true, ..Limits::default() };
    let told = tell_with(&limits, (40_000, 53), true, &[(C, &query), (S, &response)]);
    assert_eq!(told.len(), 2);
    assert!(told[1].contains(r#""first":2,"last":2"#) && told[1].contains("\"rtt\":0.001000000"), "{}", told[1]);
}

#[test]
fn circles_and_bombs_are_bounded() {
    let circle = message(7, 0x8180, [2, 0, 0, 0], &[b"\xc0\x1d\0\x01\0\x01"]);
    assert_eq!(Message::read(&circle, Style::default()).unwrap().faults[0].0, Fault::Loop);
    // A name of 250 bytes, and pointers to it.
    let name = [&b"\x31"[..], &[b'x'; 49]].concat().repeat(5);
    let mut bomb = message(7, 0x8180, [0, 65_535, 0, 0], &[&name, b"\0\0\x01\0\x01\0\0\0\0\0\0"]);
    while bomb.len() < 65_000 {
        bomb.extend(b"\xc0\x0c\0\x02\0\x01\0\0\0\0\0\x02\xc0\x0c");
    }
    let read = Message::read(&bomb, Style::default()).unwrap();
    assert_eq!(read.faults.last().unwrap().0, Fault::Bomb);
    assert!(read.cost < 2 << 20, "{}", read.cost);
    // Of little, less is made.
    bomb.truncate(1_400);
    assert_eq!(Message::read(&bomb, Style::default()).unwrap().faults.last().unwrap().0, Fault::Bomb);
    let told = tell_datagrams((53, 40_000), &[(C, &bomb)]);
    let length: usize = told.iter().map(String::len).sum();
    assert!(told.concat().contains("dns_message_makes_too_much_text") && length < 100 * bomb.len(), "{length}");
}

/// Options of 4 bytes, each of which makes much more.
#[test]
fn options_are_bounded() {
    let options = b"\0\x0c\0\0".repeat(16_000);
    let opt = [&b"\0\0\x29\x02\0\0\0\0\0"[..], &(options.len() as u16).to_be_bytes(), &options].concat();
    let read = Message::read(&message(7, 0x0100, [1, 0, 0, 1], &[&opt]), Style::default()).unwrap();
    assert_eq!(read.faults.last().map(|(fault, _)| *fault), Some(Fault::Bomb));
    let few = [&b"\0\0\x29\x02\0\0\0\0\0\0\x50"[..], &options[..80]].concat();
    let read = Message::read(&message(7, 0x0100, [1, 0, 0, 1], &[&few]), Style::default()).unwrap();
    let edns = read.edns.unwrap();
    let takes = edns.options.len() * size_of::<EdnsOption>() + edns.options.len() * "PADDING".len();
    assert!(read.faults.is_empty() && edns.options.len() == 20 && read.cost > takes, "{}", read.cost);
}

#[test]
fn too_many_queries_do_not_wait() {
    let said: Vec<(bool, Vec<u8>)> = (0..3_000).map(|id| (false, message(id, 0x0100, [1, 0, 0, 0], &[]))).collect();
    assert_eq!(survives((40_000, 53), true, &said), 3_000);
}

#[test]
fn others_are_not_taken() {
    for said in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"220 mail ESMTP\r\n",
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
        b"SSH-2.0-x\r\n",
        &[0; 40],
    ] {
        let told = [tell((40_000, 40_001), &[(C, said)]), tell_datagrams((40_000, 40_001), &[(C, said)])];
        assert!(!told.concat().concat().contains(r#""_path":"dns""#), "{told:?}");
    }
    let query = conversation()[0].clone();
    assert!(tell_datagrams((137, 137), &[(C, &query)]).is_empty());
}

#[test]
fn bodies_of_http_are_told() {
    let [query, response] = conversation();
    let head = |start: &str, length| {
        format!("{start}\r\nHost: x\r\nContent-Type: application/dns-message\r\nContent-Length: {length}\r\n\r\n")
    };
    let post = [head("POST /dns-query HTTP/1.1", query.len()).as_bytes(), &query].concat();
    let ok = [head("HTTP/1.1 200 OK", response.len()).as_bytes(), &response].concat();
    let told = tell((40_000, 80), &[(C, &post), (S, &ok)]);
    assert!(told.iter().any(|line| *line == BOTH.replace("udp\",", "https\",")), "{told:?}");
    let get = b"GET /q?a&dns=AAcBAAABAAAAAAAAA3d3dwdleGFtcGxlAAABAAE HTTP/1.1\r\nHost: x\r\n\r\n";
    let told = tell((40_000, 80), &[(C, get)]).concat();
    assert!(told.contains(&QUERY[40..].replace("udp\",", "https\",")), "{told}");
}

#[test]
fn names_that_cannot_be_read_make_no_other_protocol_of_it() {
    let query = message(7, 0x0100, [0, 0, 0, 0], &[b"\xc0\x0c\0\x01\0\x01"]);
    let query = [&query[..5], b"\x01", &query[6..]].concat();
    let told = tell_datagrams((40_000, 53), &[(C, &query)]);
    assert!(told.len() == 2 && told[0].contains(r#""dns_name_in_circles","addl":"question 0""#), "{told:?}");
    assert!(tell_datagrams((40_000, 40_001), &[(C, &query)]).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn anything_is_survived(said in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..80)), 0..8)) {
        survives((40_000, 53), true, &said);
        survives((40_000, 53), false, &said);
        // Random bytes are no DNS.
        prop_assert_eq!(survives((40_000, 40_001), true, &said), 0);
    }

    #[test]
    fn what_is_nearly_dns_is_survived(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let [query, mut response] = conversation();
        for (place, byte) in changes {
            *place.get_mut(&mut response) = byte;
        }
        let framed = [(false, framed(&query)), (true, framed(&response)), (true, response.clone())];
        prop_assert!(survives((40_000, 53), false, &framed) <= 40);
        prop_assert!(survives((40_000, 53), true, &[(false, query), (true, response)]) <= 20);
    }
}
