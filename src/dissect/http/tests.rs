use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::super::trial::{C, S, lines, same_in_bytes, survives, tell, tell_secrets, tell_with_gaps, told_with_gaps};
use super::super::{Events, Limits, Opening, Session, Verdict};
use super::body::tests::gzip;
use crate::dissect::sasl::tests::ntlm_message;
use crate::flow::{Moment, Side};

const PORTS: (u16, u16) = (40_000, 80);

/// Members of a record that are not of interest to most tests.
fn without_headers(told: &[String]) -> Vec<String> {
    let strip = |line: &String| {
        let mut line = line.clone();
        for list in [",\"request_headers\":[", ",\"response_headers\":["] {
            if let Some(start) = line.find(list) {
                let end = start + line[start..].find(']').unwrap();
                line.replace_range(start..=end, "");
            }
        }
        line
    };
    told.iter().map(strip).collect()
}

#[test]
fn an_exchange_has_all_its_parts() {
    let said: &[(_, &[u8])] = &[
        (C, b"POST /a?b=c HTTP/1.1\r\nHost: x.example:81\r\nUser-Agent: u/1\r\nReferer: http://r/\r\nOrigin: http://o\r\n"),
        (C, b"Via: 1.1 p\r\nContent-Type: text/Plain; charset=x\r\nContent-Length: 5\r\n\r\nhel"),
        (C, b"lo"),
        (S, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 404 Not Found\r\nX: 1\r\nX:  2\r\n 3\r\nContent-type: a/b\r\n"),
        (S, b"Content-length: 4\r\n\r\n\xff\0ab"),
    ];
    let line = r#"{"_path":"http","first":1,"last":5,"trans_depth":1,"method":"POST","host":"x.example:81","uri":"/a?b=c","version":"1.1","referrer":"http://r/","user_agent":"u/1","origin":"http://o","request_body_len":5,"response_body_len":4,"status_code":404,"status_msg":"Not Found","response_version":"1.0","info_code":100,"info_msg":"Continue","proxied":["VIA -> 1.1 p"],"orig_mime_types":["text/plain"],"resp_mime_types":["a/b"],"request_headers":[{"name":"Host","value":"x.example:81"},{"name":"User-Agent","value":"u/1"},{"name":"Referer","value":"http://r/"},{"name":"Origin","value":"http://o"},{"name":"Via","value":"1.1 p"},{"name":"Content-Type","value":"text/Plain; charset=x"},{"name":"Content-Length","value":"5"}],"response_headers":[{"name":"X","value":"1"},{"name":"X","value":"2 3"},{"name":"Content-type","value":"a/b"},{"name":"Content-length","value":"4"}],"req_body":"hello","resp_body":"/wBhYg==","resp_body_encoding":"base64","body_complete":true}"#;
    assert_eq!(tell(PORTS, said), [line]);
    same_in_bytes(PORTS, said);
    // A port is no condition.
    assert_eq!(tell((5_000, 6_000), said), [line]);
}

#[test]
fn requests_may_come_before_the_responses_to_others() {
    let said: &[(_, &[u8])] = &[
        (C, b"GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\n"),
        (S, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n"),
        (C, b"\r\nget /3 HTTP/1.1\r\n\r\n"),
        (S, b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"),
        (C, b"PROPFIND /4 HTTP/1.1\r\n\r\n"),
        (S, b"HTTP/1.1 304\r\nContent-Length: 9\r\n\r\n"),
        (C, b"GET /5 HTTP/1.1\r\n\r\n"),
        (S, b"HTTP/1.1 200 OK\r\n\r\nuntil"),
        (S, b" the end"),
    ];
    let told = without_headers(&tell(PORTS, said));
    let lines = [
        r#"{"_path":"http","first":1,"last":2,"trans_depth":1,"method":"GET","uri":"/1","version":"1.1","request_body_len":0,"response_body_len":5,"status_code":200,"status_msg":"OK","response_version":"1.1","response_trailers":[{"name":"T","value":"1"}],"resp_body":"abcde","transfer_encoding":["chunked"],"body_complete":true}"#,
        r#"{"_path":"http","first":1,"last":4,"trans_depth":2,"method":"HEAD","uri":"/2","version":"1.1","request_body_len":0,"response_body_len":0,"status_code":200,"status_msg":"OK","response_version":"1.1","body_complete":true}"#,
        r#"{"_path":"http","first":3,"last":4,"trans_depth":3,"method":"get","uri":"/3","version":"1.1","request_body_len":0,"response_body_len":0,"status_code":204,"status_msg":"No Content","response_version":"1.1","body_complete":true}"#,
        r#"{"_path":"http","first":5,"last":6,"trans_depth":4,"method":"PROPFIND","uri":"/4","version":"1.1","request_body_len":0,"response_body_len":0,"status_code":304,"response_version":"1.1","body_complete":true}"#,
        r#"{"_path":"http","first":7,"last":9,"trans_depth":5,"method":"GET","uri":"/5","version":"1.1","request_body_len":0,"response_body_len":13,"status_code":200,"status_msg":"OK","response_version":"1.1","resp_body":"until the end"}"#,
    ];
    assert_eq!(told, lines);
    same_in_bytes(PORTS, said);
}

#[test]
fn one_side_alone_is_told() {
    let told = tell(PORTS, &[(C, b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n")]);
    assert_eq!(told.len(), 2);
    assert!(told[0].contains(r#""uri":"/1""#) && told[0].contains(r#""body_complete":true"#));
    assert!(told[1].contains(r#""host":"x""#) && told[1].contains(r#""body_complete":false"#));
    let told = tell(PORTS, &[(S, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Oh\r\n")]);
    assert!(told[0].contains(r#""trans_depth":1,"version":"1.1","response_body_len":2,"status_code":200"#), "{told:?}");
    assert!(told[1].contains(r#""trans_depth":2"#) && told[1].contains(r#""status_code":500"#));
}

#[test]
fn a_request_of_http_0_9() {
    let told = tell(PORTS, &[(C, b"GET /x y\r\n"), (S, b"<html>"), (S, b"\n")]);
    let line = r#"{"_path":"http","first":1,"last":3,"trans_depth":1,"method":"GET","uri":"/x y","request_body_len":0,"response_body_len":7,"request_headers":[],"response_headers":[],"resp_body":"<html>\n"}"#;
    assert_eq!(told, [line]);
    let told = tell((40_000, 6_379), &[(C, b"GET /x\r\n"), (S, b"$-1\r\n")]);
    assert!(!told.concat().contains("http"), "{told:?}");
}

#[test]
fn secrets_are_told_only_on_demand() {
    let said: &[(_, &[u8])] = &[
        (C, b"GET /1 HTTP/1.1\r\nAuthorization: Basic YW5uYTpnZWhlaW0=\r\nCookie: id=geheim\r\n\r\n"),
        (S, b"HTTP/1.1 401 No\r\nContent-Length: 0\r\nset-cookie: s=geheim\r\n\r\n"),
        (C, b"GET /2 HTTP/1.1\r\nAuthorization: Basic YW5uYTpnZWhlaW0=\r\n\r\n"),
        (S, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (C, b"GET /3 HTTP/1.1\r\nAuthorization: Basic YW5uYTpnZWhlaW0=\r\n\r\n"),
        (S, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        (C, b"GET /4 HTTP/1.1\r\nProxy-Authorization: Digest username=\"b,b\", response=\"geheim\"\r\n\r\n"),
        (S, b"HTTP/1.1 502 Oh\r\nContent-Length: 0\r\n\r\n"),
        (C, b"GET /5 HTTP/1.1\r\nAuthorization: Bearer geheim\r\n\r\n"),
    ];
    let told = tell(PORTS, said);
    assert!(!told.concat().contains("geheim") && !told.concat().contains("YW5u"), "{told:?}");
    assert!(told.concat().contains(r#"[{"name":"Authorization"},{"name":"Cookie"}]"#));
    let auths: Vec<_> = told.iter().filter(|line| line.contains(r#""_path":"auth""#)).collect();
    let lines = [
        r#"{"_path":"auth","first":1,"last":2,"service":"http","user":"anna","secret_kind":"plain","mechanism":"basic","result":"failure","server_code":"401","attempt":1}"#,
        r#"{"_path":"auth","first":3,"last":4,"service":"http","user":"anna","secret_kind":"plain","mechanism":"basic","result":"success","server_code":"200","attempt":2}"#,
        r#"{"_path":"auth","first":7,"last":8,"service":"http","user":"b,b","secret_kind":"md5","mechanism":"digest","result":"error","server_code":"502","attempt":3}"#,
        r#"{"_path":"auth","first":9,"last":9,"service":"http","secret_kind":"token","mechanism":"bearer","result":"unknown","attempt":4}"#,
    ];
    assert_eq!(auths, lines.iter().collect::<Vec<_>>());
    let urls: &[(_, &[u8])] = &[
        (C, b"GET http://anna:geheim@x/a@b HTTP/1.1\r\nReferer: https://b:geheim@y\r\nX-Api-Key: geheim\r\nForwarded: for=\"//d:geheim@v\"\r\n\r\n"),
        (S, b"HTTP/1.1 302 x\r\nLocation: //c:geheim@z/?a:b@c\r\n\r\n"),
    ];
    let told = tell(PORTS, urls).concat();
    assert!(!told.contains("geheim"), "{told}");
    assert!(told.contains(r#""uri":"http://anna@x/a@b""#) && told.contains(r#""referrer":"https://b@y""#), "{told}");
    assert!(told.contains(r#""value":"//c@z/?a:b@c""#), "{told}");
    assert_eq!(tell_secrets(PORTS, urls).concat().matches("geheim").count(), 7);
    let told = tell_secrets(PORTS, said).concat();
    assert!(told.contains(r#""password":"geheim""#) && told.contains(r#""value":"id=geheim""#));
    assert!(told.contains(r#""secret":"geheim""#));
}

/// As over SMTP and others.
#[test]
fn ntlm_tells_user_and_answer() {
    let text = STANDARD.encode(ntlm_message());
    let request = format!("GET / HTTP/1.1\r\nAuthorization: Negotiate {text}\r\n\r\n");
    let told = tell_secrets(PORTS, &[(C, request.as_bytes()), (S, b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")]);
    let auth = r#"{"_path":"auth","first":1,"last":2,"service":"http","user":"D\\us","secret_kind":"ntlm","secret":"01ff","mechanism":"ntlm","result":"failure","server_code":"401","attempt":1}"#;
    assert_eq!(told[1], auth);
}

#[test]
fn tunnels_and_upgrades_are_recognised_anew() {
    let said: &[(_, &[u8])] = &[
        (C, b"CONNECT x:80 HTTP/1.1\r\n\r\n"),
        (S, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
        (C, b"GET /inside HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
        (S, b"HTTP/1.1 101 Switching\r\n\r\n\x81\x05hello"),
        (C, b"\x81\x85abcdefghi"),
    ];
    let told = without_headers(&tell(PORTS, said));
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains(r#""uri":"/inside""#) && told[1].contains(r#""status_code":101"#));
    same_in_bytes(PORTS, said);
    // One that was refused goes on.
    let told = tell(
        PORTS,
        &[
            (C, b"CONNECT x:80 HTTP/1.1\r\n\r\n"),
            (S, b"HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nno"),
            (C, b"GET / HTTP/1.1\r\n\r\n"),
            (S, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
        ],
    );
    assert_eq!(told.len(), 2, "{told:?}");
}

/// Tells a conversation with gaps, which was picked up somewhere.
fn with_gaps(said: &[(Side, Result<&[u8], u64>)]) -> Vec<String> {
    let told = told_with_gaps(Session::new(PORTS, false, false, &Limits::default()), said);
    without_headers(&told).into_iter().filter(|line| line.contains(r#""_path":"http""#)).collect()
}

/// What stands behind a gap is no beginning, although the conversation's first packet was seen.
#[test]
fn a_conversation_without_its_first_segment_is_recognised_later() {
    let told = tell_with_gaps(
        PORTS,
        &[
            (C, Err(30)),
            (C, Ok(b"Host: x\r\n\r\n")),
            (S, Ok(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")),
            (C, Ok(b"GET /2 HTTP/1.1\r\n\r\n")),
            (S, Ok(b"HTTP/1.1 201 OK\r\nContent-Length: 2\r\n\r\nok")),
        ],
    );
    let of = |text: &str| told.iter().filter(|line| line.contains(text)).count();
    assert_eq!((of(r#""status_code":200"#), of(r#""uri":"/2""#)), (1, 1), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("/2") && line.contains("201")), "{told:#?}");
}

#[test]
fn a_body_goes_on_behind_a_gap() {
    let told = with_gaps(&[
        (C, Ok(b"GET /1 HTTP/1.1\r\n\r\n")),
        (S, Ok(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nabc")),
        (S, Err(10)),
        (S, Ok(b"7654321")),
        (C, Ok(b"GET /2 HTTP/1.1\r\n\r\n")),
        (S, Ok(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\na")),
        (S, Err(10)),
        (S, Ok(b"b\r\n0\r\n\r\n")),
    ]);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains(r#""response_body_len":20"#) && told[0].contains(r#""resp_body":"abc","body_complete":false"#)
    );
    assert!(told[1].contains(r#""response_body_len":12"#) && told[1].contains(r#""status_code":200"#));
}

#[test]
fn a_message_is_found_behind_a_gap() {
    let told = with_gaps(&[
        (C, Ok(b"GET /1 HTTP/1.1\r\nHost: a\r\n")),
        (C, Err(10)),
        (C, Ok(b"z\r\n\r\nGET /2 HTTP/1.1\r\n\r\n")),
        (S, Ok(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1.")),
        (S, Ok(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n2.")),
        (S, Err(1_000)),
        (S, Ok(b"binary\r\n\x01\x02HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n")),
        (C, Ok(b"GET /3 HTTP/1.1\r\n\r\n")),
        (S, Ok(b"HTTP/1.1 503 y\r\nContent-Length: 0\r\n\r\n")),
    ]);
    let uris: Vec<_> = told.iter().map(|line| (line.find(r#""uri""#).is_some(), line.contains(r#":false}"#))).collect();
    // What is asked behind a gap has no response before the client has waited for one.
    let expected = [(true, true), (false, true), (true, false), (false, false), (true, false)];
    assert_eq!(uris, expected, "{told:#?}");
    assert!(told[4].contains(r#""status_code":503"#));
}

#[test]
fn a_response_behind_a_lost_one_answers_nothing_that_was_asked_before() {
    let ok =
        |body: &'static str| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes();
    let (two, three) = (ok("two"), ok("three"));
    let told = with_gaps(&[
        (C, Ok(b"GET /1 HTTP/1.1\r\n\r\n")),
        (C, Ok(b"GET /2 HTTP/1.1\r\n\r\n")),
        (S, Err(41)),
        (S, Ok(&two)),
        (C, Ok(b"GET /3 HTTP/1.1\r\n\r\n")),
        (S, Ok(&three)),
    ]);
    let parts: Vec<_> = told.iter().map(|line| (line.contains(r#""uri""#), line.contains("status_code"))).collect();
    assert_eq!(parts, [(true, false), (true, false), (false, true), (true, true)], "{told:#?}");
    // Only one waits, and another one may have been sent before its response.
    let told = with_gaps(&[(C, Ok(b"GET /1 HTTP/1.1\r\n\r\n")), (S, Err(30)), (S, Ok(&two))]);
    assert_eq!(told.len(), 2, "{told:#?}");
    // The rest of a body is missing, and no more: the next response is that of the request behind.
    let told = with_gaps(&[
        (C, Ok(b"GET /1 HTTP/1.1\r\n\r\n")),
        (S, Ok(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\none")),
        (C, Ok(b"GET /2 HTTP/1.1\r\n\r\n")),
        (S, Err(6)),
        (S, Ok(&two)),
    ]);
    assert!(told.iter().all(|line| line.contains(r#""uri""#) && line.contains("status_code")), "{told:#?}");
}

#[test]
fn a_connection_is_picked_up_anywhere() {
    let told = with_gaps(&[
        (S, Ok(&[7; 3_000])),
        (S, Ok(&[7; 3_000])),
        (C, Ok(b"GET /later HTTP/1.1\r\n\r\n")),
        (S, Ok(b"HTTP/1.1 204 x\r\n\r\n")),
        (C, Ok(b"GET /last HTTP/1.1\r\n\r\n")),
        (S, Ok(b"HTTP/1.1 205 x\r\nContent-Length: 0\r\n\r\n")),
    ]);
    // Whether the first response is to what was asked before is not known.
    assert!(told[1].contains(r#""uri":"/later""#) && told[0].contains(r#""status_code":204"#), "{told:?}");
    assert!(told[2].contains(r#""uri":"/last""#) && told[2].contains(r#""status_code":205"#), "{told:?}");
}

#[test]
fn what_makes_no_sense_is_weird() {
    let told = tell(PORTS, &[
        (C, b"POST / HTTP/1.1\r\nContent-Length: -1\r\nno header\r\n\r\nGET /2 HTTP/1.1\r\n\r\nnonsense\r\nGET /3 HTTP/1.1\r\n\r\n"),
        (S, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2"),
    ]);
    let weird: Vec<_> = told.iter().filter(|line| line.contains("weird")).collect();
    for name in ["bad_content_length", "header_without_colon", "no_request_line", "bad_chunk_size"] {
        assert_eq!(weird.iter().filter(|line| line.contains(name)).count(), 1, "{name}: {weird:?}");
    }
    assert_eq!(told.iter().filter(|line| line.contains(r#""uri""#)).count(), 3, "{told:?}");
}

/// A client that does not wait for its proxy.
#[test]
fn what_follows_connect_early_is_not_lost() {
    let connect = b"CONNECT a:21 HTTP/1.1\r\n\r\n";
    let early = [&connect[..], b"USER anna\r\n"].concat();
    let said: &[(_, &[u8])] =
        &[(C, &early), (S, b"HTTP/1.1 200 x\r\n\r\n220 ready\r\n"), (S, b"331 ?\r\n"), (C, b"PASS x\r\n")];
    let told = tell(PORTS, said);
    assert!(told[0].contains(r#""method":"CONNECT""#) && !told.concat().contains("weird"), "{told:?}");
    assert!(told.iter().any(|line| line.contains(r#""first":1,"last":3,"command":"USER""#)), "{told:?}");
    same_in_bytes(PORTS, said);
    // The proxy does not go there: it was a request.
    let early = [&connect[..], b"GET /early HTTP/1.1\r\n\r\n"].concat();
    let no = b"HTTP/1.1 403 x\r\nContent-Length: 0\r\n\r\n";
    let said: &[(_, &[u8])] = &[(C, &early), (S, no), (S, b"HTTP/1.1 204 x\r\n\r\n")];
    let told = tell(PORTS, said);
    assert!(told.len() == 2 && told[1].contains(r#""uri":"/early""#) && told[1].contains("204"), "{told:?}");
    same_in_bytes(PORTS, said);
    // Nothing is kept without bound.
    let said: &[(_, &[u8])] = &[(C, connect), (C, &b"x".repeat(100_000)), (S, b"HTTP/1.1 200 x\r\n\r\n")];
    assert!(tell(PORTS, said).concat().contains("no_request_line"));
}

#[test]
fn many_headers_and_long_lines_are_bounded() {
    let mut request = b"GET / HTTP/1.1\r\n".to_vec();
    for number in 0..100_000 {
        request.extend(format!("h{number}: {number}\r\n").bytes());
    }
    request.extend(b"long: ");
    request.resize(request.len() + (4 << 20), b'x');
    request.extend(b"\r\n\r\n");
    let told = tell(PORTS, &[(C, &request), (S, b"HTTP/1.1 204 x\r\n\r\n")]);
    assert_eq!(told.len(), 2);
    assert!(told.concat().contains("too_many_headers") && told.concat().len() < 100_000);
}

#[test]
fn many_requests_without_responses_are_bounded() {
    let requests = b"GET / HTTP/1.1\r\n\r\n".repeat(5_000);
    let mut session = Session::new(PORTS, false, true, &Limits::default());
    let mut out = Events::default();
    session.data(C, &requests, Moment::default(), &mut out);
    assert_eq!(out.drain().count(), 5_000 - super::MAX_WAITING);
    // The responses to those that were told are told alone.
    session.data(S, &b"HTTP/1.1 204 x\r\n\r\n".repeat(5_000), Moment::default(), &mut out);
    let told = lines(&mut out);
    assert_eq!(told.iter().filter(|line| line.contains(r#""uri""#)).count(), super::MAX_WAITING);
    assert!(told.last().unwrap().contains(r#""trans_depth":5000,"method""#), "{:?}", told.last());
}

#[test]
fn others_are_not_http() {
    let verdict = |client: &[u8], server: &[u8], ports| {
        super::looks(&Opening {
            originator: client,
            responder: server,
            ports,
            datagrams: false,
            from_start: true,
            addresses: None,
        })
    };
    let openings: [(&[u8], &[u8]); 12] = [
        (b"OPTIONS rtsp://x/ RTSP/1.0\r\n", b""),
        (b"INVITE sip:a@b SIP/2.0\r\n", b""),
        (b"", b"ICY 200 OK\r\n"),
        (b"", b"RTSP/1.0 200 OK\r\n"),
        (b"EHLO x\r\n", b"220 y ESMTP\r\n"),
        (b"USER anna\r\n", b"220 y\r\n"),
        (b"*1\r\n$4\r\nPING\r\n", b""),
        (b"GET key\r\n", b"$-1\r\n"),
        (b"\x16\x03\x01\x02\0\x01", b""),
        (b"SSH-2.0-x\r\n", b"SSH-2.0-y\r\n"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b""),
        (b"CONNECT x\0y", b""),
    ];
    for (client, server) in openings {
        for ports in [PORTS, (4_000, 5_000)] {
            assert_eq!(verdict(client, server, ports), Verdict::No, "{}", String::from_utf8_lossy(client));
        }
    }
    // Nor is anything behind the first bytes of a request that could be something else.
    assert_eq!(verdict(b"GET", b"", PORTS), Verdict::Perhaps);
    assert_eq!(verdict(&[b'A'; 200], b"", PORTS), Verdict::No);
    // The server may be the one who is taken for the client.
    let reversed = verdict(b"HTTP/1.1 200 OK\r\n", b"", (80, 4_000));
    assert_eq!(reversed, Verdict::Yes(Side::Responder));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn anything_is_survived(said in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..100)), 0..8)) {
        survives(PORTS, false, &said);
    }

    #[test]
    fn what_is_almost_http_is_survived(
        place in 0_usize..400, byte: u8, cut in 0_usize..400, gap in any::<bool>(),
    ) {
        let client = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\n\r\n".to_vec();
        let mut server = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n18\r\n".to_vec();
        server.extend(gzip(b"abcd"));
        server.extend(b"\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
        let mut said = vec![(false, client), (true, server)];
        let (_, bytes) = &mut said[place % 2];
        let place = place / 2 % bytes.len();
        bytes[place] = byte;
        let rest = bytes.split_off(cut % bytes.len());
        let side = said[0].1.len() < 80;
        if gap { said.push((!side, Vec::new())); }
        said.push((!side, rest));
        survives(PORTS, false, &said);
    }
}

/// The capture cut it off: a version is missing too.
#[test]
fn a_first_line_that_is_cut_is_told() {
    let told = tell_with_gaps(
        (40_000, 80),
        &[
            (C, Ok(&b"GET /1 HTTP/1.1\r\n\r\nGET /second?x"[..])),
            (C, Err(90)),
            (S, Ok(&b"HTTP/1.1 200 O"[..])),
            (S, Err(9)),
        ],
    );
    let told = told.concat();
    assert!(told.contains(r#""method":"GET","uri":"/second?x""#), "{told}");
    assert!(told.contains(r#""status_code":200"#) && told.contains(r#""status_msg":"O""#), "{told}");
}

#[test]
fn what_makes_no_sense_tells_no_secrets() {
    let said: &[(Side, &[u8])] =
        &[(C, b"GET / HTTP/1.1\r\nAuthorization Basic YW5uYTpnZWhlaW0=\r\nnonsense\r\nHost: x\r\n\r\n")];
    let told = tell(PORTS, said).concat();
    assert!(told.contains(r#""addl":"nonsense""#) && told.matches("header_without_colon").count() == 2, "{told}");
    assert!(!told.contains("YW5uYTpn"), "{told}");
    assert!(tell_secrets(PORTS, said).concat().contains("YW5uYTpn"));
}

#[test]
fn of_too_many_logins_it_is_told_that_there_are() {
    let request = |n: u32| format!("GET / HTTP/1.1\r\nAuthorization: Bearer {n}\r\n\r\n");
    let said: String = (0..10_002).map(request).collect();
    let told = tell(PORTS, &[(C, said.as_bytes())]);
    let many = |what: &str| told.iter().filter(|line| line.contains(what)).count();
    assert_eq!((many(r#""_path":"auth""#), many("too_many_logins")), (10_000, 1));
}
