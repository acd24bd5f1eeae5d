//! A file of each preset, with the traps that the published ones have.

use proptest::prelude::*;

use super::*;

const S: i64 = 1_000_000_000;
/// 2017-07-07 00:00 UTC.
const FRIDAY: i64 = 1_499_385_600 * S;

fn parse(text: impl AsRef<[u8]>) -> Result<FlowRecords> {
    FlowRecords::parse(text.as_ref(), &ReadOptions::default())
}

fn parse_as(format: &str, text: &str) -> Result<FlowRecords> {
    FlowRecords::parse(text.as_bytes(), &ReadOptions { format: format.parse()?, ..ReadOptions::default() })
}

fn fault(text: impl AsRef<[u8]>) -> String {
    parse(text).unwrap_err().to_string()
}

/// Line, protocol, ports, start, end and label.
type Short<'a> = (u64, Option<u8>, Option<(u16, u16)>, i64, i64, &'a str);

fn short(found: &FlowRecords) -> Vec<Short<'_>> {
    let row = |record: &FlowRecord| {
        let label = found.labels[record.label as usize].as_str();
        (record.line, record.protocol, record.ports, record.start, record.end, label)
    };
    found.records.iter().map(row).collect()
}

fn odd(found: &FlowRecords) -> Vec<(&'static str, u64, u64)> {
    found.oddities.iter().map(|oddity| (oddity.what, oddity.count, oddity.first_line)).collect()
}

const CIC2017: &[u8] = b"Flow ID, Source IP, Source Port, Destination IP, Destination Port, Protocol, Timestamp, Flow Duration, Fwd Header Length, Fwd Header Length, Label\r\n\
192.168.10.50-172.16.0.1-80-49666-6,172.16.0.1,49666,192.168.10.50,80,6,7/7/2017 8:59,1000000,1,1,BENIGN\r\n\
,,,,,,,,,,\r\n\
192.168.10.50-172.16.0.1-80-49667-6,172.16.0.1,49667,192.168.10.50,80,6,07/07/2017 01:05:07,-1,1,1,Web Attack \x96 XSS\r\n\
8.0.6.4-8.6.0.1-0-0-0,8.6.0.1,0,8.0.6.4,0,0,7/7/2017 12:59,5,1,1, BENIGN \r\n\
,,,,,,,,,,\r\n";

#[test]
fn cic2017_has_blank_rows_half_days_and_windows_dashes() {
    let found = parse(CIC2017).unwrap();
    assert_eq!(found.format, "cic2017");
    let minutes = |hour: i64, minute: i64| FRIDAY + (hour * 60 + minute) * 60 * S;
    assert_eq!(
        short(&found),
        [
            (2, Some(6), Some((49666, 80)), minutes(11, 59), minutes(12, 0) + S - 1, "BENIGN"),
            (4, Some(6), Some((49667, 80)), minutes(16, 5) + 7 * S, minutes(16, 5) + 8 * S - 1, "Web Attack – XSS"),
            (5, None, None, minutes(15, 59), minutes(16, 0) + 5_000 - 1, "BENIGN"),
        ]
    );
    assert_eq!(found.records[0].source, "172.16.0.1".parse::<IpAddr>().unwrap());
    assert_eq!(
        odd(&found),
        [
            ("blank rows", 2, 3),
            ("negative durations: taken as 0", 1, 4),
            ("labels that are not UTF-8: taken as Windows-1252", 1, 4)
        ]
    );
}

#[test]
fn tables_without_addresses_are_refused() {
    for header in [
        " Destination Port, Flow Duration, Total Fwd Packets, Label\n80,1,2,BENIGN\n",
        "Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Label\n80,6,14/02/2018 08:31:01,1,2,Benign\n",
        "id,dur,proto,service,state,ct_srv_src,attack_cat,label\n1,0.1,tcp,-,FIN,1,Normal,0\n",
    ] {
        let message = fault(header);
        assert!(message.starts_with("line 1: these records have no addresses"), "{message}");
        assert!(message.contains("write rules"), "{message}");
    }
    let asked = parse_as("cic2017", " Destination Port, Flow Duration, Label\n80,1,BENIGN\n").unwrap_err().to_string();
    assert!(asked.contains("no addresses"), "{asked}");
}

const CIC2018: &str = "Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Label
172.31.69.25-94.231.103.172-22-45498-6,94.231.103.172,45498,172.31.69.25,22,6,20/02/2018 08:34:07,888751,11,Benign
Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Label
172.31.69.25-18.219.193.20-80-1-6,18.219.193.20,1,172.31.69.25,80,6,20/02/2018 01:00:00,0,1,DDoS attacks-LOIC-HTTP
";

#[test]
fn cic2018_repeats_its_header() {
    let found = parse(CIC2018).unwrap();
    assert_eq!(found.format, "cic2018");
    let morning = 1_519_130_047 * S; // 2018-02-20 12:34:07 UTC
    assert_eq!(
        short(&found),
        [
            (2, Some(6), Some((45498, 22)), morning, morning + 888_751_000 + S - 1, "Benign"),
            (4, Some(6), Some((1, 80)), 1_519_146_000 * S, 1_519_146_001 * S - 1, "DDoS attacks-LOIC-HTTP"),
        ]
    );
    assert_eq!(odd(&found), [("repeated header lines", 1, 3)]);
}

const ENGELEN: &str =
    "id,Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Total Fwd Packet,Label
1,a,192.168.10.5,54865,104.16.207.165,443,6,2017-07-07 11:59:50.315195,3,2,BENIGN
2,b,192.168.10.5,8,104.16.207.165,0,1,2017-07-07 12:00:00.000001,60,2,Infiltration - Attempted
";

#[test]
fn cic_engelen_is_utc_and_exact() {
    let found = parse(ENGELEN).unwrap();
    assert_eq!(found.format, "cic-engelen");
    let first = FRIDAY + 43_190_315_195_000;
    let second = FRIDAY + 43_200 * S + 1_000;
    assert_eq!(
        short(&found),
        [
            (2, Some(6), Some((54865, 443)), first, first + 3_000 + 999, "BENIGN"),
            // CICFlowMeter's ICMP "ports" mean nothing.
            (3, Some(1), None, second, second + 60_000 + 999, "Infiltration - Attempted"),
        ]
    );
}

const CICFLOWMETER: &str = "Flow ID,Src IP,Src Port,Dst IP,Dst Port,Protocol,Timestamp,Flow Duration,Tot Fwd Pkts,Label
a,192.168.1.128,42642,54.69.188.18,443,6,14/11/2023 10:13:21 PM,570361,3,NeedManualLabel
b,fe80::1,5353,ff02::fb,5353,17,14/11/2023 12:00:00 AM,570361,3,NeedManualLabel
";

#[test]
fn cicflowmeter_of_both_spellings_is_read() {
    let found = parse(CICFLOWMETER).unwrap();
    assert_eq!(found.format, "cicflowmeter");
    let first = 1_700_000_001 * S;
    assert_eq!(
        short(&found)[0],
        (2, Some(6), Some((42642, 443)), first, first + 570_361_000 + S - 1, "NeedManualLabel")
    );
    assert_eq!(found.records[1].start, 1_699_920_000 * S);
    assert_eq!(odd(&found), [("labels that are CICFlowMeter's placeholder: the file was not labelled", 2, 2)]);
    let old = CICFLOWMETER.replace("Src", "Source").replace("Dst", "Destination");
    assert_eq!(parse(&old).unwrap().format, "cicflowmeter");
    let ddos2019 = old.replace("14/11/2023 10:13:21 PM", "2018-12-01 10:51:39.813448");
    assert_eq!(parse(&ddos2019).unwrap().format, "cicflowmeter");
    let unmarked = fault(CICFLOWMETER.replace(" PM", "").replace(" AM", ""));
    assert!(unmarked.starts_with("line 2, column 7: Timestamp: '14/11/2023 10:13:21' lacks AM or PM"), "{unmarked}");
}

#[test]
fn a_time_zone_moves_the_records() {
    let options = |zone: &str| ReadOptions { timezone: Some(zone.parse().unwrap()), ..ReadOptions::default() };
    let read = |zone: &str| FlowRecords::parse(CICFLOWMETER.as_bytes(), &options(zone)).unwrap().records[0].start;
    assert_eq!(read("UTC+3"), 1_700_000_001 * S - 3 * 3600 * S);
    assert_eq!(read("America/New_York"), 1_700_000_001 * S + 5 * 3600 * S);
    let epoch = FlowRecords::parse(UNSW_GT.as_bytes(), &options("UTC+3")).unwrap_err().to_string();
    assert!(epoch.starts_with("line 2, column 1: Start time: '1421927414' counts from 1970 UTC"), "{epoch}");
}

const PYTHON: &str = "src_ip,dst_ip,src_port,dst_port,protocol,timestamp,flow_duration,flow_pkts_s,Label
192.168.50.10,192.168.50.20,40001,80,6,2023-11-14 22:13:21,1500000.5,2,x
";

#[test]
fn the_python_cicflowmeter_needs_its_unit() {
    assert!(fault(PYTHON).contains("--duration-unit s or us"));
    let options = ReadOptions { duration_unit: Some(DurationUnit::Microseconds), ..ReadOptions::default() };
    let found = FlowRecords::parse(PYTHON.as_bytes(), &options).unwrap();
    assert_eq!(found.format, "cicflowmeter-py");
    assert_eq!(found.records[0].end, 1_700_000_001 * S + 1_500_000_500 + S - 1);
}

const UNSW_GT: &str = "\u{feff}Start time,Last time,Attack category,Attack subcategory,Protocol,Source IP,Source Port,Destination IP,Destination Port,Attack Name,Attack Reference,.
1421927414,1421927416,Reconnaissance,HTTP,tcp,175.45.176.0,13284,149.171.126.16,80,\"Domino, \"\"x\"\"\",-,.
1421927415,1421927415, Fuzzers ,OSPF,ospf,175.45.176.3,0,149.171.126.18,0,OSPF,-,.
1421927416,1421927415,Exploits,Unix 'r' Service,3pc,175.45.176.3,0,149.171.126.18,0,x,-,.
";

#[test]
fn unsw_gt_has_quotes_blanks_and_rare_protocols() {
    let found = parse(UNSW_GT).unwrap();
    assert_eq!(found.format, "unsw-gt");
    assert_eq!(
        short(&found),
        [
            (2, Some(6), Some((13284, 80)), 1_421_927_414 * S, 1_421_927_417 * S - 1, "Reconnaissance"),
            (3, Some(89), None, 1_421_927_415 * S, 1_421_927_416 * S - 1, "Fuzzers"),
            (4, Some(34), None, 1_421_927_416 * S, 1_421_927_417 * S - 1, "Exploits"),
        ]
    );
    assert_eq!(odd(&found), [("records that end before they start: taken as ending at once", 1, 4)]);
}

/// 49 columns: addresses and ports, the protocol, the times, category and flag.
fn unsw(ends: &str, proto: &str, category: &str, flag: &str) -> String {
    let middle = vec!["0"; 23].join(",");
    let tail = vec!["0"; 17].join(",");
    format!("{ends},{proto},{middle},1424242190,1424242193,{tail},{category},{flag}\n")
}

fn unsw_file() -> String {
    let tcp = "175.45.176.0,13284,149.171.126.16,80";
    let rows = [
        unsw(tcp, "tcp", "", "0"),
        unsw("175.45.176.0,0x000b,149.171.126.16,-", "udp", " Fuzzers ", "1"),
        unsw("175.45.176.0,0x000b,149.171.126.16,0x000c", "udp", "Backdoors", "1"),
        unsw("175.45.176.0,-,149.171.126.16,-", "arp", "", "0"),
        unsw(tcp, "unheard-of", "DoS", "1"),
        unsw(tcp, "tcp", "", "1"),
    ];
    format!("\u{feff}{}", rows.concat())
}

#[test]
fn unsw_nb15_has_no_header_and_hexadecimal_ports() {
    let found = parse(unsw_file()).unwrap();
    assert_eq!(found.format, "unsw-nb15");
    let (start, end) = (1_424_242_190 * S, 1_424_242_194 * S - 1);
    assert_eq!(
        short(&found),
        [
            (1, Some(6), Some((13284, 80)), start, end, "Normal"),
            (3, Some(17), Some((11, 12)), start, end, "Backdoors"),
            (5, None, None, start, end, "DoS"),
        ]
    );
    assert_eq!(
        odd(&found),
        [
            ("records with one port of two: left out", 1, 2),
            ("records that are not of IP (ARP, LLC): left out", 1, 4),
            ("protocol names without a number", 1, 5),
            ("records without a label: left out", 1, 6)
        ]
    );
    let options = ReadOptions { label_column: Some(" LABEL ".to_owned()), ..ReadOptions::default() };
    assert_eq!(FlowRecords::parse(unsw_file().as_bytes(), &options).unwrap().labels, ["0", "1"]);
}

const CTU13: &str = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label
2011/08/10 09:46:53.058760,20.360268,tcp,147.32.3.93,443,  <?>,147.32.84.59,51790,FPA_FRPA,0,0,133,81929,67597,flow=Background-Established-cmpgw-CVUT
2011/08/10 09:46:54.000000,0.000000,icmp,147.32.84.165,0x0008,   ->,147.32.96.69,0x0303,ECO,0,,1,70,70,flow=From-Botnet
2011/08/10 09:46:56.000000,0.000000,arp,00:15:17:2c:e5:2d,,  who,00:21:9b:2e:4f:10,,INT,,,1,60,60,flow=Background
2011/08/10 09:46:57.000000,1.500000,rtp,147.32.84.165,4000,   ->,147.32.96.69,4002,CON,0,0,3,70,70,flow=Background
";

#[test]
fn ctu13_is_prague_time_with_hexadecimal_icmp() {
    let found = parse(CTU13).unwrap();
    assert_eq!(found.format, "ctu13");
    let base = 1_312_962_413 * S; // 07:46:53 UTC
    let first = base + 58_760_000;
    assert_eq!(
        short(&found),
        [
            (
                2,
                Some(6),
                Some((443, 51790)),
                first,
                first + 20_360_268_000 + 999,
                "flow=Background-Established-cmpgw-CVUT"
            ),
            (3, Some(1), None, base + S, base + S + 999, "flow=From-Botnet"),
            (5, Some(17), Some((4000, 4002)), base + 4 * S, base + 5_500_000_999, "flow=Background"),
        ]
    );
    assert_eq!(odd(&found), [("records that are not of IP (ARP, LLC): left out", 1, 4)]);
}

#[test]
fn hours_that_the_clock_showed_twice_are_told() {
    let found = parse(CTU13.replace("2011/08/10 09:46:53", "2011/10/30 02:46:53")).unwrap();
    assert_eq!(found.records[0].start / S, 1_319_935_613);
    assert_eq!(odd(&found)[0].0, "times of a changed clock, shown twice or never: taken as before the change");
}

const ZEEK: &str = "#separator \\x09
#set_separator\t,
#empty_field\t(empty)
#unset_field\t-
#path\tconn
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\tlabel
#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tinterval\tstring
1700000001.435614\tC1\t192.168.1.128\t42642\t54.69.188.18\t443\ttcp\t0.570361\t\"Plural, sight
1700000002.000000\tC2\tfe80::1\t135\tff02::1\t136\ticmp\t-\tNDP
1700000003.000000\tC3\t10.0.0.1\t0\t10.0.0.2\t0\tunknown_transport\t1.000000\tESP
1700000003.000000\tC3\t10.0.0.1\t1\t10.0.0.2\t2\tudp\t1.000000\t-
#close\t2023-11-14-22-14-00
#separator \\x09
#fields\tts\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\tlabel
1700000004.000000\t10.0.0.1\t8\t10.0.0.2\t0\ticmp\t1.000000\tPing
";

#[test]
fn zeek_tables_may_follow_each_other() {
    let found = parse(ZEEK).unwrap();
    assert_eq!(found.format, "zeek");
    let start = 1_700_000_000 * S;
    let first = start + 1_435_614_000;
    assert_eq!(
        short(&found),
        [
            (8, Some(6), Some((42642, 443)), first, first + 570_361_000 + 999, "\"Plural, sight"),
            (9, Some(58), Some((135, 136)), start + 2 * S, start + 2 * S + 999, "NDP"),
            (10, None, None, start + 3 * S, start + 4 * S + 999, "ESP"),
            (15, Some(1), Some((8, 0)), start + 4 * S, start + 5 * S + 999, "Ping"),
        ]
    );
    assert_eq!(odd(&found), [("records without a label: left out", 1, 11)]);
}

const IOT23: &str = "#separator \\x09
#set_separator\t,
#empty_field\t(empty)
#unset_field\t-
#path\tconn
#open\t2019-03-15-14-50-49
#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tduration\ttunnel_parents   label   detailed-label
#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tinterval\tset[string]   string   string
1545403816.962094\tC1\t192.168.1.195\t41040\t185.244.25.235\t80\ttcp\t3.139211\t-   Benign   -
1545403824.181240\tC2\t192.168.1.195\t41040\t185.244.25.235\t80\ttcp\t-\t(empty)   Malicious   C&C-FileDownload
#close\t2019-03-15-14-50-54
";

#[test]
fn iot23_divides_its_last_column_by_blanks() {
    let found = parse(IOT23).unwrap();
    assert_eq!(found.labels, ["Benign", "Malicious"]);
    assert_eq!(found.records[1].start, 1_545_403_824_181_240_000);
    assert_eq!(found.records[1].end, 1_545_403_824_181_240_999);
    let options = ReadOptions { label_column: Some("detailed-label".to_owned()), ..ReadOptions::default() };
    let detailed = FlowRecords::parse(IOT23.as_bytes(), &options).unwrap();
    assert_eq!(detailed.labels, ["C&C-FileDownload"]);
    assert_eq!(odd(&detailed), [("records without a label: left out", 1, 9)]);
}

const ZEEK_JSON: &str = r#"{"ts":1591367999.3,"uid":"C1","id.orig_h":"192.168.4.76","id.orig_p":36844,"id.resp_h":"192.168.4.1","id.resp_p":53,"proto":"udp","duration":0.066851,"label":"dns"}
{"ts":"2020-06-05T14:39:59.512593Z","id.orig_h":"fe80::1","id.orig_p":143,"id.resp_h":"ff02::16","id.resp_p":0,"proto":"icmp","duration":1e-6,"label":"mld"}

{"ts":1591367999512,"id.orig_h":"10.0.0.1","id.orig_p":1,"id.resp_h":"10.0.0.2","id.resp_p":2,"proto":"tcp","label":"ms"}
{"ts":1591367999512,"id.orig_h":"10.0.0.1","id.orig_p":1,"id.resp_h":"10.0.0.2","id.resp_p":2,"proto":"tcp"}
"#;

#[test]
fn zeek_json_has_three_kinds_of_times() {
    let found = parse(ZEEK_JSON).unwrap();
    let second = 1_591_367_999 * S;
    assert_eq!(
        short(&found),
        [
            (1, Some(17), Some((36844, 53)), second + 300_000_000, second + 366_851_000 + 999, "dns"),
            (2, Some(58), Some((143, 0)), second + 512_593_000, second + 512_594_000 + 999, "mld"),
            (4, Some(6), Some((1, 2)), second + 512_000_000, second + 512_999_999, "ms"),
        ]
    );
    assert_eq!(odd(&found), [("blank rows", 1, 3), ("records without a label: left out", 1, 5)]);
    let unlabelled = fault(r#"{"ts":1,"id.orig_h":"10.0.0.1","id.resp_h":"10.0.0.2","proto":"tcp"}"#);
    assert!(unlabelled.starts_with("line 1: there is no column 'label', but id.orig_h"), "{unlabelled}");
    let other = fault(r#"{"timestamp":"2020","event_type":"flow"}"#);
    assert!(other.starts_with("line 1: no known format has these columns: event_type, timestamp"), "{other}");
    let keys = r#""src_ip":"10.0.0.1","src_port":1,"dst_ip":"10.0.0.2","dst_port":2,"protocol":6"#;
    let nfstream = format!(
        r#"{{{keys},"bidirectional_first_seen_ms":1700000000123,"bidirectional_last_seen_ms":1700000000456,"label":"a"}}"#
    );
    assert_eq!(parse(nfstream).unwrap().format, "nfstream");
    let broken = fault("{\"ts\":1,\n");
    assert!(broken.starts_with("line 1: no JSON object: EOF while parsing"), "{broken}");
    let bad = fault(ZEEK_JSON.replace("192.168.4.76", "host"));
    assert!(bad.starts_with("line 1: id.orig_h: 'host' is no IP address"), "{bad}");
}

const NFSTREAM: &str = "id,src_ip,src_mac,src_port,dst_ip,dst_port,protocol,bidirectional_first_seen_ms,bidirectional_last_seen_ms,application_name
0,192.168.1.2,aa,50000,1.1.1.1,443,6,1700000000123,1700000000456,TLS.Cloudflare
";

#[test]
fn nfstream_takes_any_column_for_the_label() {
    let message = fault(NFSTREAM);
    assert!(message.contains("no column 'label', but id, src_ip") && message.contains("--label-column"), "{message}");
    let options = ReadOptions { label_column: Some("Application_Name".to_owned()), ..ReadOptions::default() };
    let found = FlowRecords::parse(NFSTREAM.as_bytes(), &options).unwrap();
    assert_eq!(found.format, "nfstream");
    let start = 1_700_000_000 * S;
    let expected = (2, Some(6), Some((50000, 443)), start + 123_000_000, start + 457_000_000 - 1, "TLS.Cloudflare");
    assert_eq!(short(&found), [expected]);
    let unit = ReadOptions { duration_unit: Some(DurationUnit::Seconds), ..options };
    assert!(FlowRecords::parse(NFSTREAM.as_bytes(), &unit).is_err());
}

const NFDUMP: &str = "ts,te,td,sa,da,sp,dp,pr,flg,label
2023-11-14 22:13:20,2023-11-14 22:13:25,5.123,10.0.2.20,10.0.3.30,51514,1433,TCP,.AP.SF,scan
2023-11-14 22:13:20,2023-11-14 22:13:20,0.000,10.0.2.20,10.0.3.30,0,8.0,ICMP,......,ping
Summary
flows,bytes,packets,avg_bps,avg_pps,avg_bpp
2,65200,18,0,0,0
";

#[test]
fn nfdump_of_every_version_is_read() {
    let start = 1_700_000_000 * S;
    let found = parse(NFDUMP).unwrap();
    assert_eq!(found.format, "netflow");
    assert_eq!(
        short(&found),
        [
            (2, Some(6), Some((51514, 1433)), start, start + 6 * S - 1, "scan"),
            (3, Some(1), None, start, start + S - 1, "ping")
        ]
    );
    assert_eq!(odd(&found), [("nfdump's summaries", 1, 4)]);
    let twice = parse(NFDUMP.repeat(2)).unwrap();
    assert_eq!(twice.records.len(), 4);
    let new = "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,label
2023-11-14 22:13:20.250,0.500,UDP,10.0.2.20,5000,10.0.3.30,53,1,a\n";
    let expected = (2, Some(17), Some((5000, 53)), start + 250_000_000, start + 751_000_000 - 1, "a");
    assert_eq!(short(&parse(new).unwrap()), [expected]);
    let fast = "cnt,af,firstSeen,lastSeen,proto,srcAddr,srcPort,dstAddr,dstPort,label
1,2,1700000000250,1700000000750,17,10.0.2.20,5000,10.0.3.30,53,a\n";
    assert_eq!(short(&parse(fast).unwrap()), [expected]);
}

const OWN: &str = "columns:src=A,dst=b,sport=c,dport=d,proto=e,start=f,end=g,label=h";

#[test]
fn own_columns_and_separators_are_read() {
    let table = "a;B;c;d;e;f;g;h\n10.0.0.1;10.0.0.2;1;2;udp;5.5;2023-11-14T22:13:20Z;x\n";
    let found = parse_as(OWN, table).unwrap();
    assert_eq!((found.format, found.records.len()), ("columns", 1));
    assert_eq!((found.records[0].start, found.records[0].end), (5 * S + S / 2, 1_700_000_001 * S - 1));
    let options =
        ReadOptions { format: OWN.parse().unwrap(), time_format: Some("us".into()), ..ReadOptions::default() };
    let exact = "a,b,c,d,e,f,g,h\n10.0.0.1,10.0.0.2,1,2,6,1700000001435614,1700000002005975,x\n";
    let found = FlowRecords::parse(exact.as_bytes(), &options).unwrap();
    assert_eq!(found.records[0].end, 1_700_000_002_005_975_999);
    let guessed = parse_as(OWN, exact).unwrap_err().to_string();
    assert!(guessed.contains("column 6: f: '1700000001435614' is further from 1970"), "{guessed}");
    let missing = parse_as(OWN, "a,b,c,d,e,f,h\n").unwrap_err().to_string();
    assert!(missing.contains("the header has no column for the end time"), "{missing}");
    assert!(parse_as(OWN, "a,b,c,d,e,f,g,a,h\n").unwrap_err().to_string().contains("'a' stands twice"));
    // Zeek's tables have a header of their own kind.
    let zeek = "columns:src=id.orig_h,dst=id.resp_h,proto=proto,start=ts,duration=duration,label=uid";
    let table = ZEEK.split("#close").next().unwrap();
    let unit = Some(DurationUnit::Seconds);
    let options = ReadOptions { format: zeek.parse().unwrap(), duration_unit: unit, ..ReadOptions::default() };
    assert_eq!(FlowRecords::parse(table.as_bytes(), &options).unwrap().labels, ["C1", "C2", "C3"]);
    // Seconds or microseconds? A guess would be wrong by a million.
    assert!(parse_as(zeek, table).unwrap_err().to_string().contains("in which unit durations are"));
}

#[test]
fn rows_that_are_not_understood_are_errors_with_their_place() {
    for (from, to, message) in [
        ("54.69.188.18", "54.69.188", "line 2, column 4: Dst IP: '54.69.188' is no IP address"),
        ("54.69.188.18", "::1", "line 2, column 4: Dst IP: '::1' is not of the source address's IP version"),
        ("42642", "70000", "line 2, column 3: Src Port: '70000' is no port"),
        (",443,6,", ",443,tpc,", "line 2, column 6: Protocol: 'tpc' is no protocol"),
        ("14/11/2023 10:13:21 PM", "", "line 2, column 7: Timestamp: the time is missing"),
        ("14/11/2023 10:13:21 PM", "31/11/2023 10:13:21 PM", "line 2, column 7: Timestamp: '31/11/2023"),
        ("570361,3,Need", "Infinity,3,Need", "line 2, column 8: Flow Duration: 'Infinity' is no duration"),
        ("570361,3,Need", "9223372036854775,3,Need", "line 2, column 8: Flow Duration: '9223372036854775' is after"),
        (",3,Need", ",Need", "line 2: 9 columns where the header has 10"),
    ] {
        let text = fault(CICFLOWMETER.replacen(from, to, 1));
        assert!(text.starts_with(message), "{text}");
    }
    assert_eq!(fault(""), "the file holds no records");
    assert_eq!(fault("\n \n,,\n"), "the file holds no records");
    assert!(fault("a,b\n1,2\n").starts_with("line 1: no known format has these columns: a, b; name the columns"));
    assert!(fault(b"PK\x03\x04....").contains("unpack it"));
    assert!(fault(b"\xff\xfea\0,\0").contains("UTF-16"));
    assert!(fault("#separator \\x09\n1\t2\n").contains("before the line #fields"));
    assert!(fault("#separator \\x0\n").contains("no line #fields"));
}

#[test]
fn formats_have_names() {
    assert!(matches!("AUTO".parse(), Ok(RecordFormat::Auto)));
    assert!(matches!("iot-23".parse(), Ok(RecordFormat::Preset(preset)) if preset.name == "zeek"));
    assert!(matches!(OWN.parse(), Ok(RecordFormat::Columns(_))));
    let error = "kdd99".parse::<RecordFormat>().unwrap_err().to_string();
    assert!(error.contains("cic2017, cic2018") && error.contains("columns:src="), "{error}");
    let header_only = parse(CIC2018.split_inclusive('\n').next().unwrap()).unwrap();
    assert_eq!(header_only.records, []);
}

#[test]
fn packed_files_are_unpacked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("conn.log.gz");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, ZEEK.as_bytes()).unwrap();
    std::fs::write(&path, packer.finish().unwrap()).unwrap();
    let found = FlowRecords::read(&path, &ReadOptions::default()).unwrap();
    assert_eq!(found, parse(ZEEK).unwrap());
    std::fs::write(&path, "a,b\n").unwrap();
    let error = FlowRecords::read(&path, &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("conn.log.gz: line 1: no known format"), "{error}");
}

#[test]
fn a_record_is_small() {
    assert!(size_of::<FlowRecord>() <= 80);
}

/// Good files, to be spoilt.
fn samples() -> Vec<Vec<u8>> {
    let texts = [CIC2018, ENGELEN, CICFLOWMETER, PYTHON, UNSW_GT, CTU13, ZEEK, IOT23, ZEEK_JSON, NFSTREAM, NFDUMP];
    let mut samples: Vec<Vec<u8>> = texts.into_iter().map(|text| text.as_bytes().to_vec()).collect();
    samples.extend([CIC2017.to_vec(), unsw_file().into_bytes()]);
    samples
}

/// Bytes that mean something somewhere.
const TELLING: &[u8] = b"\0\t\n\r \"#+,-./0123456789:;AEPZ\\ex{}|\x96\xff";

proptest! {
    #[test]
    fn no_bytes_panic(
        which in 0_usize..13,
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(TELLING), 0_u8..3), 0..12),
    ) {
        let mut bytes = samples().swap_remove(which);
        for (index, byte, how) in changes {
            let at = index.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        let unit = Some(DurationUnit::Microseconds);
        for options in [ReadOptions::default(), ReadOptions { duration_unit: unit, ..ReadOptions::default() }] {
            if let Ok(found) = FlowRecords::parse(&bytes, &options) {
                for record in &found.records {
                    prop_assert!(record.start <= record.end);
                    prop_assert!((record.label as usize) < found.labels.len());
                }
            }
        }
    }

    #[test]
    fn no_option_panics(text in ".{0,40}", key in "(src|dst|proto|start|=|,|columns:|%[a-zA-Z.0-9]|[0-9+:-]){0,12}") {
        for text in [&text, &key] {
            let _ = (text.parse::<RecordFormat>().is_ok(), text.parse::<DurationUnit>().is_ok());
            let _ = text.parse::<Zone>().is_ok();
            let options = ReadOptions { time_format: Some(text.clone()), ..ReadOptions::default() };
            let _ = FlowRecords::parse(CTU13.as_bytes(), &options).is_ok();
        }
    }
}
