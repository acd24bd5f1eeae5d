//! The formats that are known: one table, from which detection, reading, help and manual are made.
//!
//! The names of columns are those of published files, in lower case, as they are compared without regard to case and
//! blanks around them. Each entry names its source and its traps.

use super::columns::Role;
use super::times::Clock::{Daytime, Marked};
use super::times::DurationUnit::{self, Microseconds, Milliseconds, Seconds};
use super::times::Form::{self, DayFirst, Epoch, YearFirst};

/// A known format of flow records.
#[derive(Debug)]
pub struct Preset {
    /// What it is called.
    pub name: &'static str,
    /// What else it may be called.
    pub aliases: &'static [&'static str],
    /// One line for help and manual.
    pub doc: &'static str,
    /// The columns by their roles, each with every name that it has had.
    pub(super) columns: &'static [(Role, &'static [&'static str])],
    /// The columns of files that come without a header.
    pub(super) implied: &'static [&'static str],
    /// How times are written.
    pub(super) times: &'static [Form],
    /// The years of the records, where they tell this format from others with the same columns.
    pub(super) years: Option<(i16, i16)>,
    /// Where the clock stood; `UTC` also where nobody can know.
    pub(super) zone: &'static str,
    /// The unit of durations; `None` if the tool's versions differ.
    pub(super) duration: Option<DurationUnit>,
    pub(super) traits: Traits,
}

/// What else is peculiar to a format.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Traits {
    /// `-` is an empty field, also for labels.
    pub(super) unset: bool,
    /// Type and code of ICMP stand where others have ports, and mean something there.
    pub(super) icmp_ports: bool,
    /// Protocol 0 says "neither TCP nor UDP".
    pub(super) zero_is_unknown: bool,
    /// Names of protocols that are not listed are of rare protocols, not mistakes.
    pub(super) any_protocol: bool,
    /// The label of records whose label is empty and whose flag is 0.
    pub(super) unflagged: Option<&'static str>,
    /// A block of totals follows the records.
    pub(super) summary: bool,
}

const NO_TRAITS: Traits = Traits {
    unset: false,
    icmp_ports: false,
    zero_is_unknown: false,
    any_protocol: false,
    unflagged: None,
    summary: false,
};

/// CICFlowMeter marks what is neither TCP nor UDP with protocol 0.
const CIC: Traits = Traits { zero_is_unknown: true, ..NO_TRAITS };

/// Argus names protocols as its machine's /etc/protocols does.
const ARGUS: Traits = Traits { any_protocol: true, unset: true, ..NO_TRAITS };

/// The names and one-line descriptions of the presets, in the order in which they are tried.
pub fn presets() -> impl Iterator<Item = (&'static str, &'static str)> {
    PRESETS.iter().map(|preset| (preset.name, preset.doc))
}

impl Preset {
    /// The preset of this name or alias.
    pub fn of_name(name: &str) -> Option<&'static Self> {
        let same = |known: &str| known.eq_ignore_ascii_case(name);
        PRESETS.iter().find(|preset| same(preset.name) || preset.aliases.iter().any(|alias| same(alias)))
    }
}

/// All of them; of several with the same columns, the special ones stand before the general one.
pub(super) static PRESETS: &[Preset] = &[
    // Sharafaldin et al., "Toward Generating a New Intrusion Detection Dataset" (ICISSP 2018): GeneratedLabelledFlows,
    // 85 columns. Times are of New Brunswick, minutes only (but for Monday, which has seconds), and the clock has 12
    // hours without AM and PM: "7/7/2017 8:59" is 11:59 UTC, where Friday's capture begins, "1:02" is after noon.
    Preset {
        name: "cic2017",
        aliases: &["cic-ids2017", "cicids2017"],
        doc: "CIC-IDS2017, GeneratedLabelledFlows (TrafficLabelling): 12-hour clock without AM/PM, hours 1-7 are afternoon; Halifax time, whole minutes",
        columns: &[
            (Role::Source, &["source ip"]),
            (Role::SourcePort, &["source port"]),
            (Role::Destination, &["destination ip"]),
            (Role::DestinationPort, &["destination port"]),
            (Role::Protocol, &["protocol"]),
            (Role::Start, &["timestamp"]),
            (Role::Duration, &["flow duration"]),
            (Role::Label, &["label"]),
        ],
        implied: &[],
        times: &[DayFirst(Daytime)],
        years: Some((2017, 2017)),
        zone: "America/Halifax",
        duration: Some(Microseconds),
        traits: CIC,
    },
    // CSE-CIC-IDS2018 (registry.opendata.aws/cse-cic-ids2018): of ten files only Thuesday-20-02-2018 has addresses.
    // Header lines are repeated in the middle; the 12-hour clock is the trap of 2017 again. Halifax, as in 2017: what the
    // schedule has at 10:32 on 14 February is in the captures from 14:33 UTC (intrusion-detection.distrinet-research.be).
    Preset {
        name: "cic2018",
        aliases: &["cse-cic-ids2018", "cic-ids2018", "cicids2018"],
        doc: "CSE-CIC-IDS2018, Thuesday-20-02-2018, the only file with addresses: 12-hour clock without AM/PM, hours 1-7 are afternoon; Halifax time",
        columns: SRC_IP,
        implied: &[],
        times: &[DayFirst(Daytime)],
        years: Some((2018, 2018)),
        zone: "America/Halifax",
        duration: Some(Microseconds),
        traits: CIC,
    },
    // Engelen, Rimmer, Joosen, "Troubleshooting an Intrusion Detection Dataset" (WTMC 2021); Liu et al., "Error
    // Prevalence in NIDS Datasets" (CNS 2022): both datasets with a mended CICFlowMeter, 2017-07-07 11:59:50.315195.
    Preset {
        name: "cic-engelen",
        aliases: &["cic-liu", "cic2017-improved", "cic2018-improved"],
        doc: "corrected CIC-IDS2017 and CSE-CIC-IDS2018 of Engelen et al. 2021 and Liu et al. 2022: YYYY-MM-DD hh:mm:ss.ffffff, UTC",
        columns: SRC_IP,
        implied: &[],
        times: &[YearFirst],
        years: Some((2017, 2018)),
        zone: "UTC",
        duration: Some(Microseconds),
        traits: CIC,
    },
    // github.com/ahlashkari/CICFlowMeter: FlowFeature.java (Src IP) and, before 2018, FlowGenerator.java (Source IP).
    // CIC-DDoS2019 (Source IP, 2018-12-01 10:51:39.813448) is read by this one; its zone is not stated.
    Preset {
        name: "cicflowmeter",
        aliases: &["cic", "cicflowmeter-java", "iscxflowmeter"],
        doc: "CICFlowMeter (Java): dd/MM/yyyy hh:mm:ss AM/PM in the local time of the machine that ran it, taken as UTC without --timezone",
        columns: CICFLOWMETER,
        implied: &[],
        times: &[DayFirst(Marked), YearFirst],
        years: None,
        zone: "UTC",
        duration: Some(Microseconds),
        traits: CIC,
    },
    // github.com/hieulw/cicflowmeter: flow_duration was in seconds, then 1e6 times that, then seconds again.
    Preset {
        name: "cicflowmeter-py",
        aliases: &["pycicflowmeter", "cicflowmeter-python"],
        doc: "cicflowmeter (Python): local time of the machine, taken as UTC without --timezone; needs --duration-unit, as some versions write s and some us",
        columns: &[
            (Role::Source, &["src_ip"]),
            (Role::SourcePort, &["src_port"]),
            (Role::Destination, &["dst_ip"]),
            (Role::DestinationPort, &["dst_port"]),
            (Role::Protocol, &["protocol"]),
            (Role::Start, &["timestamp"]),
            (Role::Duration, &["flow_duration"]),
            (Role::Label, &["label"]),
        ],
        implied: &[],
        times: &[YearFirst, DayFirst(Marked)],
        years: None,
        zone: "UTC",
        duration: None,
        traits: CIC,
    },
    // Moustafa and Slay, "UNSW-NB15" (MilCIS 2015): NUSW-NB15_GT.csv, made by IXIA. The last column is called ".".
    Preset {
        name: "unsw-gt",
        aliases: &["unsw-nb15-gt", "nusw-nb15_gt"],
        doc: "UNSW-NB15 ground truth (NUSW-NB15_GT.csv): attacks only, the label is the attack category",
        columns: &[
            (Role::Source, &["source ip"]),
            (Role::SourcePort, &["source port"]),
            (Role::Destination, &["destination ip"]),
            (Role::DestinationPort, &["destination port"]),
            (Role::Protocol, &["protocol"]),
            (Role::Start, &["start time"]),
            (Role::End, &["last time"]),
            (Role::Label, &["attack category"]),
        ],
        implied: &[],
        times: &[Epoch(Seconds)],
        years: None,
        zone: "UTC",
        duration: Some(Seconds),
        traits: ARGUS,
    },
    // The same dataset's UNSW-NB15_1.csv to _4.csv: no header, but a BOM; ports in hex (0x000b) or "-"; blanks around
    // categories; benign records have none, and are "Normal" in the authors' training set.
    Preset {
        name: "unsw-nb15",
        aliases: &["unsw"],
        doc: "UNSW-NB15_1.csv to _4.csv (49 columns without a header): the label is attack_cat, or Normal",
        columns: &[
            (Role::Source, &["srcip"]),
            (Role::SourcePort, &["sport"]),
            (Role::Destination, &["dstip"]),
            (Role::DestinationPort, &["dsport"]),
            (Role::Protocol, &["proto"]),
            (Role::Start, &["stime"]),
            (Role::End, &["ltime"]),
            (Role::Label, &["attack_cat"]),
            (Role::Flag, &["label"]),
        ],
        implied: &UNSW,
        times: &[Epoch(Seconds)],
        years: None,
        zone: "UTC",
        duration: Some(Seconds),
        traits: Traits { unflagged: Some("Normal"), ..ARGUS },
    },
    // Garcia et al., "An empirical comparison of botnet detection methods" (Computers & Security 2014): Argus's ra,
    // which prints local time. No statement of the zone was found; the captures were made at CTU in Prague.
    Preset {
        name: "ctu13",
        aliases: &["ctu-13", "binetflow"],
        doc: "CTU-13 .binetflow (Argus): local time, taken as Prague's without --timezone",
        columns: &[
            (Role::Source, &["srcaddr"]),
            (Role::SourcePort, &["sport"]),
            (Role::Destination, &["dstaddr"]),
            (Role::DestinationPort, &["dport"]),
            (Role::Protocol, &["proto"]),
            (Role::Start, &["starttime"]),
            (Role::Duration, &["dur"]),
            (Role::Label, &["label"]),
        ],
        implied: &[],
        times: &[YearFirst, Epoch(Seconds)],
        years: None,
        zone: "Europe/Prague",
        duration: Some(Seconds),
        traits: ARGUS,
    },
    ZEEK,
    // nfstream.org, NFlow attributes; label columns are its users' own.
    Preset {
        name: "nfstream",
        aliases: &[],
        doc: "NFStream's CSV with a label column, or any other column by --label-column",
        columns: &[
            (Role::Source, &["src_ip"]),
            (Role::SourcePort, &["src_port"]),
            (Role::Destination, &["dst_ip"]),
            (Role::DestinationPort, &["dst_port"]),
            (Role::Protocol, &["protocol"]),
            (Role::Start, &["bidirectional_first_seen_ms"]),
            (Role::End, &["bidirectional_last_seen_ms"]),
            (Role::Label, &["label"]),
        ],
        implied: &[],
        times: &[Epoch(Milliseconds)],
        years: None,
        zone: "UTC",
        duration: Some(Milliseconds),
        traits: NO_TRAITS,
    },
    // github.com/phaag/nfdump: output_csv.c (ts,te,td,sa,...; since 1.7 firstSeen,duration,...) and output_csv_fast.c
    // (firstSeen,lastSeen in ms since 1970).
    Preset {
        name: "netflow",
        aliases: &["nfdump"],
        doc: "nfdump's CSV (1.6: ts,te,td,sa,da,...; 1.7: firstSeen,duration,...) with a label column; local time, taken as UTC without --timezone",
        columns: &[
            (Role::Source, &["sa", "srcaddr"]),
            (Role::SourcePort, &["sp", "srcport"]),
            (Role::Destination, &["da", "dstaddr"]),
            (Role::DestinationPort, &["dp", "dstport"]),
            (Role::Protocol, &["pr", "proto"]),
            (Role::Start, &["ts", "firstseen"]),
            (Role::End, &["te", "lastseen"]),
            (Role::Duration, &["td", "duration"]),
            (Role::Label, &["label"]),
        ],
        implied: &[],
        times: &[YearFirst, Epoch(Milliseconds)],
        years: None,
        zone: "UTC",
        duration: Some(Seconds),
        traits: Traits { summary: true, any_protocol: true, ..NO_TRAITS },
    },
];

/// docs.zeek.org, base/protocols/conn: TSV or JSON (epoch s, epoch ms or ISO 8601). IoT-23 and later CTU captures
/// (conn.log.labeled) put "tunnel_parents   label   detailed-label" into the last column, divided by three blanks.
pub(super) const ZEEK: Preset = Preset {
    name: "zeek",
    aliases: &["bro", "conn.log", "iot23", "iot-23"],
    doc: "Zeek conn.log as TSV or JSON lines, with a label column; conn.log.labeled of IoT-23 and other CTU captures",
    columns: &[
        (Role::Source, &["id.orig_h", "id_orig_h"]),
        (Role::SourcePort, &["id.orig_p", "id_orig_p"]),
        (Role::Destination, &["id.resp_h", "id_resp_h"]),
        (Role::DestinationPort, &["id.resp_p", "id_resp_p"]),
        (Role::Protocol, &["proto"]),
        (Role::Start, &["ts"]),
        (Role::Duration, &["duration"]),
        (Role::Label, &["label"]),
    ],
    implied: &[],
    times: &[Epoch(Seconds), Epoch(Milliseconds), YearFirst],
    years: None,
    zone: "UTC",
    duration: Some(Seconds),
    traits: Traits { unset: true, icmp_ports: true, ..NO_TRAITS },
};

/// The newer spelling of CICFlowMeter, since 2018.
const SRC_IP: &[(Role, &[&str])] = &[
    (Role::Source, &["src ip"]),
    (Role::SourcePort, &["src port"]),
    (Role::Destination, &["dst ip"]),
    (Role::DestinationPort, &["dst port"]),
    (Role::Protocol, &["protocol"]),
    (Role::Start, &["timestamp"]),
    (Role::Duration, &["flow duration"]),
    (Role::Label, &["label"]),
];

/// Both spellings of CICFlowMeter.
const CICFLOWMETER: &[(Role, &[&str])] = &[
    (Role::Source, &["src ip", "source ip"]),
    (Role::SourcePort, &["src port", "source port"]),
    (Role::Destination, &["dst ip", "destination ip"]),
    (Role::DestinationPort, &["dst port", "destination port"]),
    (Role::Protocol, &["protocol"]),
    (Role::Start, &["timestamp"]),
    (Role::Duration, &["flow duration"]),
    (Role::Label, &["label"]),
];

/// The columns of UNSW-NB15_1.csv to _4.csv, by NUSW-NB15_features.csv.
const UNSW: [&str; 49] = [
    "srcip",
    "sport",
    "dstip",
    "dsport",
    "proto",
    "state",
    "dur",
    "sbytes",
    "dbytes",
    "sttl",
    "dttl",
    "sloss",
    "dloss",
    "service",
    "Sload",
    "Dload",
    "Spkts",
    "Dpkts",
    "swin",
    "dwin",
    "stcpb",
    "dtcpb",
    "smeansz",
    "dmeansz",
    "trans_depth",
    "res_bdy_len",
    "Sjit",
    "Djit",
    "Stime",
    "Ltime",
    "Sintpkt",
    "Dintpkt",
    "tcprtt",
    "synack",
    "ackdat",
    "is_sm_ips_ports",
    "ct_state_ttl",
    "ct_flw_http_mthd",
    "is_ftp_login",
    "ct_ftp_cmd",
    "ct_srv_src",
    "ct_srv_dst",
    "ct_dst_ltm",
    "ct_src_ltm",
    "ct_src_dport_ltm",
    "ct_dst_sport_ltm",
    "ct_dst_src_ltm",
    "attack_cat",
    "Label",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_complete_and_can_be_named() {
        let mut names = Vec::new();
        for preset in PRESETS {
            names.push(preset.name);
            names.extend(preset.aliases);
            assert!(preset.doc.len() > 20 && !preset.doc.ends_with('.'), "{}", preset.name);
            assert!(preset.zone.parse::<super::super::Zone>().is_ok(), "{}", preset.name);
            let has = |role| preset.columns.iter().any(|(known, _)| *known == role);
            for role in [Role::Source, Role::Destination, Role::Protocol, Role::Start, Role::Label] {
                assert!(has(role), "{}", preset.name);
            }
            assert!(has(Role::End) || has(Role::Duration), "{}", preset.name);
            let lower = preset.columns.iter().flat_map(|(_, names)| *names).all(|name| *name == name.to_lowercase());
            assert!(lower && !preset.times.is_empty(), "{}", preset.name);
            assert_eq!(Preset::of_name(&preset.name.to_uppercase()).map(|found| found.name), Some(preset.name));
        }
        names.extend(["auto", "columns"]);
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "a name is used twice");
        assert_eq!(presets().count(), PRESETS.len());
    }
}
