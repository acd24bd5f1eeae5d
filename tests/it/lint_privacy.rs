//! `pcapml lint`: what should perhaps not be published, against what tshark sees; names and sessions that splits share.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::lint_shortcuts::{findings, of_rule, text};
use crate::print::{ipv4, pcap, udp};
use crate::support::{Sandbox, corpus};

/// Labels a capture as one sample.
fn label_all(sandbox: &Sandbox, capture: &str) {
    sandbox.write("rules.csv", "BPF:greater 0,x\n");
    let arguments = ["label", capture, "--labels", "rules.csv", "-o", "l.pcapng", "--force"];
    let run = sandbox.pcapml(arguments);
    assert!(run.status == 0 || run.status == 2, "{capture}: {}", run.err);
}

fn lint(sandbox: &Sandbox) -> Vec<Value> {
    let run = sandbox.pcapml(["lint", "l.pcapng", "--format", "json"]);
    serde_json::from_str(&run.out).unwrap()
}

/// How evidence tells passwords and cookies that tshark shows by its own fields.
const PASSWORDS: [(&str, &str); 5] = [
    (" ftp ", "ftp.request.command == \"PASS\""),
    (" http ", "http.authbasic"),
    (" HTTP with cookies", "http.cookie or http.set_cookie"),
    (" pop3 ", "pop.request.command == \"PASS\""),
    (" smtp ", "smtp.auth.password or smtp.auth.username_password"),
];

#[test]
fn captures_with_passwords_are_those_of_tshark() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let mut names: Vec<_> =
        std::fs::read_dir(corpus.join("dissect/pcaps")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let relevant = |name: &str| PASSWORDS.iter().any(|(protocol, _)| name.starts_with(protocol.trim()));
    let (mut both, mut faults) = (BTreeMap::<&str, u32>::new(), Vec::new());
    for path in names.iter().filter(|path| relevant(path.file_name().unwrap().to_str().unwrap())) {
        let capture = path.to_str().unwrap();
        label_all(&sandbox, capture);
        let found = lint(&sandbox);
        let found = of_rule(&found, "privacy-credentials");
        let evidence = found.first().map_or("", |finding| text(finding, "evidence"));
        // Most captures have none: one run says so.
        let any = PASSWORDS.map(|(_, filter)| format!("({filter})")).join(" or ");
        let any = !sandbox.try_tool("tshark", &["-r", capture, "-Y", &any]).stdout.is_empty();
        for (protocol, filter) in PASSWORDS {
            let theirs = any && !sandbox.try_tool("tshark", &["-r", capture, "-Y", filter]).stdout.is_empty();
            let ours = evidence.contains(protocol);
            if theirs && ours {
                *both.entry(protocol).or_default() += 1;
            } else if theirs || ours {
                faults.push(format!("{protocol} {} tshark {theirs}: {evidence}", path.file_name().unwrap().display()));
            }
        }
    }
    println!("{both:?}");
    assert!(both.get(" ftp ").is_some_and(|count| *count >= 5) && both.contains_key(" smtp "), "{both:?}");
    assert!(both.get(" HTTP with cookies").is_some_and(|count| *count >= 3), "{both:?}");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The report is published: nothing in it may let anybody in.
#[test]
fn passwords_are_not_told() {
    let sandbox = Sandbox::new();
    let request = b"GET / HTTP/1.1\r\nHost: a.example\r\nAuthorization: Basic amFuZTpzM2NyM3Q=\r\n\r\n";
    let mut segment = crate::print::tcp((50000, 80), request);
    segment[13] = 0x18;
    sandbox.write("a.pcap", pcap(101, &[ipv4(6, 64, 0, &segment)]));
    label_all(&sandbox, "a.pcap");
    let told = sandbox.pcapml(["lint", "l.pcapng", "--format", "json"]).expect(0).out;
    assert!(told.contains("1 login with passwords in clear: http 1"), "{told}");
    for secret in ["s3cr3t", "amFuZTpz", "jane"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

/// What lets one in besides passwords: told by what it is, without a word of it.
#[test]
fn tokens_cookies_and_forms_are_found() {
    let sandbox = Sandbox::new();
    let bearer = "GET / HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer s3cr3t\r\n\r\n";
    let cookie = "GET / HTTP/1.1\r\nHost: a.example\r\nCookie: sid=s3cr3t\r\n\r\n";
    let key = "GET / HTTP/1.1\r\nHost: a.example\r\nX-Api-Key: s3cr3t\r\n\r\n";
    let url = "GET /list?page=2&api_key=s3cr3t HTTP/1.1\r\nHost: a.example\r\n\r\n";
    let form = "POST / HTTP/1.1\r\nHost: a.example\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 24\r\n\r\nuser=jane&password=s3cr3t";
    let none = "GET /list?page=2 HTTP/1.1\r\nHost: a.example\r\nUser-Agent: s3cr3t\r\n\r\n";
    for (request, told) in [
        (bearer, "1 login with tokens in clear: http 1"),
        (cookie, "1 exchange of HTTP with cookies"),
        (key, "1 exchange of HTTP with keys in headers"),
        (url, "1 exchange of HTTP with secrets in URLs"),
        (form, "1 exchange of HTTP with secrets in forms"),
        (none, ""),
    ] {
        let mut segment = crate::print::tcp((50000, 80), request.as_bytes());
        segment[13] = 0x18;
        sandbox.write("a.pcap", pcap(101, &[ipv4(6, 64, 0, &segment)]));
        label_all(&sandbox, "a.pcap");
        let found = lint(&sandbox);
        let evidence = of_rule(&found, "privacy-credentials").first().map_or("", |finding| text(finding, "evidence"));
        assert_eq!(evidence, told, "{request}");
        assert!(!format!("{found:?}").contains("s3cr3t"), "{found:#?}");
    }
}

#[test]
fn keys_in_captures_are_found() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let (mut found, mut without) = (0, 0);
    let all = crate::packets::captures(&corpus, 1);
    for path in all.iter().filter(|path| path.components().any(|part| part.as_os_str() == "labelled")) {
        if !std::fs::read(path).unwrap().starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            continue;
        }
        label_all(&sandbox, path.to_str().unwrap());
        let has_secrets = has_keys(&sandbox);
        let findings = lint(&sandbox);
        assert_eq!(!of_rule(&findings, "privacy-secrets").is_empty(), has_secrets, "{}", path.display());
        if has_secrets { found += 1 } else { without += 1 }
    }
    assert!(found > 0 && without > 0, "{found} with keys, {without} without");
}

/// True if a block of type 10 follows others: by a walk of our own over the file.
fn has_keys(sandbox: &Sandbox) -> bool {
    let bytes = std::fs::read(sandbox.path("l.pcapng")).unwrap();
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let mut at = 0;
    while at + 12 <= bytes.len() {
        if number(at) == 10 {
            return true;
        }
        at += number(at + 4) as usize;
    }
    false
}

#[test]
fn what_names_people_and_machines() {
    let sandbox = Sandbox::new();
    let mut packet = ipv4(17, 64, 0, &udp((5000, 443), b"x"));
    packet[16..20].copy_from_slice(&[8, 8, 8, 8]);
    sandbox.write("home/a.pcap", pcap(101, &[packet]));
    sandbox.write("labels.csv", "filename,label,by,from\na.pcap,call,jane.doe@example.org,/home/jane/a\n");
    sandbox.pcapml(["label", "home", "--labels", "labels.csv", "-o", "l.pcapng"]).expect(0);
    let found = findings(&sandbox, "l.pcapng", &[]);
    let evidence = |rule: &str| text(of_rule(&found, rule)[0], "evidence").to_owned();
    assert_eq!(
        evidence("privacy-comment"),
        "labels and fields of 1 sample: a user's directory '/home/jane', an e-mail address 'jane.doe@example.org'"
    );
    assert_eq!(evidence("privacy-address"), "1 of 2 (50.0 %) addresses are public; none of them began a flow");
    assert_eq!(of_rule(&found, "privacy").len(), 2, "{found:#?}");
}

/// Every biflow of captures with TLS a sample, every other one in `test`.
#[test]
fn names_and_sessions_that_splits_share() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let capture = corpus.join("labelled/pcaps/alexa-app.pcapng");
    let label = ["label", capture.to_str().unwrap(), "--by", "flow", "-o", "l.pcapng"];
    sandbox.pcapml(label).expect(0);
    let ids: Vec<String> = crate::support::by_sample(&sandbox.path("l.pcapng")).into_keys().collect();
    let split = |at: usize| ["train", "test"][at % 2];
    let rows: String = ids.iter().enumerate().map(|(at, id)| format!("{id},{}\n", split(at))).collect();
    sandbox.write("splits.csv", format!("sample_id,split\n{rows}"));
    let run = sandbox.pcapml(["lint", "l.pcapng", "--splits", "splits.csv", "--format", "json"]).expect(1);
    let found: Vec<Value> = serde_json::from_str(&run.out).unwrap();
    // The same by tshark: names of ClientHellos, and session ids that both sides may have.
    let fields = [
        "-T",
        "fields",
        "-e",
        "frame.comment",
        "-e",
        "tls.handshake.extensions_server_name",
        "-e",
        "tls.handshake.session_id",
        "-e",
        "http.host",
    ];
    let told = sandbox.tool(
        "tshark",
        &[&["-r", "l.pcapng", "-Y", "tcp and (tls.handshake.type <= 2 or http.host)"][..], &fields].concat(),
    );
    let (mut names, mut sessions) =
        (BTreeMap::<String, BTreeSet<&str>>::new(), BTreeMap::<String, BTreeSet<&str>>::new());
    for line in told.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let at = ids.iter().position(|id| cells[0].starts_with(&format!("{id},"))).unwrap();
        for (of, cell) in [(&mut names, [cells[1], cells[3]].join(",")), (&mut sessions, cells[2].to_owned())] {
            cell.split(',').filter(|name| !name.is_empty()).for_each(|name| {
                of.entry(name.to_lowercase()).or_default().insert(split(at));
            });
        }
    }
    let shared = |of: &BTreeMap<String, BTreeSet<&str>>| of.values().filter(|splits| splits.len() > 1).count();
    let evidence = |rule: &str| text(of_rule(&found, rule)[0], "evidence").to_owned();
    assert!(shared(&names) > 0 && shared(&sessions) > 0);
    let expected = format!("{} names of servers are in several splits; ", shared(&names));
    assert!(evidence("leak-sni").starts_with(&expected), "{expected}{}", evidence("leak-sni"));
    let told: usize = evidence("leak-tls-session").split(' ').next().unwrap().parse().unwrap();
    // Tickets are sessions as well.
    assert!(told >= shared(&sessions), "{told} {}", shared(&sessions));
    for rule in ["leak-sni", "leak-tls-session"] {
        assert!(of_rule(&found, rule).iter().all(|finding| finding["severity"] == "error"));
    }
}

#[test]
fn hostile_captures_are_looked_at_without_harm() {
    let Some(corpus) = corpus() else { return };
    let sandbox = Sandbox::new();
    let mut looked = 0;
    for entry in std::fs::read_dir(corpus.join("hostile/files")).unwrap() {
        let path = entry.unwrap().path();
        let run = sandbox.pcapml(["lint".as_ref(), path.as_os_str(), "--format".as_ref(), "json".as_ref()]);
        assert!((0..=2).contains(&run.status) && !run.err.contains("panicked"), "{}: {}", path.display(), run.err);
        if !run.out.is_empty() {
            assert!(serde_json::from_str::<Vec<Value>>(&run.out).is_ok(), "{}", path.display());
            looked += 1;
        }
    }
    assert!(looked >= 10, "{looked} have labels");
}
