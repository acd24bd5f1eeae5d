//! How `cic` spells its columns: CICFlowMeter 4, or the CSV files of the datasets that earlier versions made.

/// A spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// CICFlowMeter 4's.
    #[default]
    Own,
    /// CIC-IDS2017's.
    Cic2017,
    /// CSE-CIC-IDS2018's.
    Cic2018,
}

impl Names {
    /// How a column of this name is spelled.
    pub fn of(self, name: &'static str) -> &'static str {
        let known = SPELLINGS.iter().find(|(own, ..)| *own == name);
        match (self, known) {
            (Self::Cic2017, Some((_, name, _))) | (Self::Cic2018, Some((_, _, name))) => name,
            _ => name,
        }
    }
}

/// The columns that are spelled otherwise: CICFlowMeter 4, CIC-IDS2017, CSE-CIC-IDS2018.
const SPELLINGS: &[(&str, &str, &str)] = &[
    ("Src IP", "Source IP", "Src IP"),
    ("Src Port", "Source Port", "Src Port"),
    ("Dst IP", "Destination IP", "Dst IP"),
    ("Dst Port", "Destination Port", "Dst Port"),
    ("Total Fwd Packet", "Total Fwd Packets", "Tot Fwd Pkts"),
    ("Total Bwd packets", "Total Backward Packets", "Tot Bwd Pkts"),
    ("Total Length of Fwd Packet", "Total Length of Fwd Packets", "TotLen Fwd Pkts"),
    ("Total Length of Bwd Packet", "Total Length of Bwd Packets", "TotLen Bwd Pkts"),
    ("Fwd Packet Length Max", "Fwd Packet Length Max", "Fwd Pkt Len Max"),
    ("Fwd Packet Length Min", "Fwd Packet Length Min", "Fwd Pkt Len Min"),
    ("Fwd Packet Length Mean", "Fwd Packet Length Mean", "Fwd Pkt Len Mean"),
    ("Fwd Packet Length Std", "Fwd Packet Length Std", "Fwd Pkt Len Std"),
    ("Bwd Packet Length Max", "Bwd Packet Length Max", "Bwd Pkt Len Max"),
    ("Bwd Packet Length Min", "Bwd Packet Length Min", "Bwd Pkt Len Min"),
    ("Bwd Packet Length Mean", "Bwd Packet Length Mean", "Bwd Pkt Len Mean"),
    ("Bwd Packet Length Std", "Bwd Packet Length Std", "Bwd Pkt Len Std"),
    ("Flow Bytes/s", "Flow Bytes/s", "Flow Byts/s"),
    ("Flow Packets/s", "Flow Packets/s", "Flow Pkts/s"),
    ("Fwd IAT Total", "Fwd IAT Total", "Fwd IAT Tot"),
    ("Bwd IAT Total", "Bwd IAT Total", "Bwd IAT Tot"),
    ("Fwd Header Length", "Fwd Header Length", "Fwd Header Len"),
    ("Bwd Header Length", "Bwd Header Length", "Bwd Header Len"),
    ("Fwd Packets/s", "Fwd Packets/s", "Fwd Pkts/s"),
    ("Bwd Packets/s", "Bwd Packets/s", "Bwd Pkts/s"),
    ("Packet Length Min", "Min Packet Length", "Pkt Len Min"),
    ("Packet Length Max", "Max Packet Length", "Pkt Len Max"),
    ("Packet Length Mean", "Packet Length Mean", "Pkt Len Mean"),
    ("Packet Length Std", "Packet Length Std", "Pkt Len Std"),
    ("Packet Length Variance", "Packet Length Variance", "Pkt Len Var"),
    ("FIN Flag Count", "FIN Flag Count", "FIN Flag Cnt"),
    ("SYN Flag Count", "SYN Flag Count", "SYN Flag Cnt"),
    ("RST Flag Count", "RST Flag Count", "RST Flag Cnt"),
    ("PSH Flag Count", "PSH Flag Count", "PSH Flag Cnt"),
    ("ACK Flag Count", "ACK Flag Count", "ACK Flag Cnt"),
    ("URG Flag Count", "URG Flag Count", "URG Flag Cnt"),
    ("CWR Flag Count", "CWE Flag Count", "CWE Flag Count"),
    ("ECE Flag Count", "ECE Flag Count", "ECE Flag Cnt"),
    ("Average Packet Size", "Average Packet Size", "Pkt Size Avg"),
    ("Fwd Segment Size Avg", "Avg Fwd Segment Size", "Fwd Seg Size Avg"),
    ("Bwd Segment Size Avg", "Avg Bwd Segment Size", "Bwd Seg Size Avg"),
    ("Fwd Bytes/Bulk Avg", "Fwd Avg Bytes/Bulk", "Fwd Byts/b Avg"),
    ("Fwd Packet/Bulk Avg", "Fwd Avg Packets/Bulk", "Fwd Pkts/b Avg"),
    ("Fwd Bulk Rate Avg", "Fwd Avg Bulk Rate", "Fwd Blk Rate Avg"),
    ("Bwd Bytes/Bulk Avg", "Bwd Avg Bytes/Bulk", "Bwd Byts/b Avg"),
    ("Bwd Packet/Bulk Avg", "Bwd Avg Packets/Bulk", "Bwd Pkts/b Avg"),
    ("Bwd Bulk Rate Avg", "Bwd Avg Bulk Rate", "Bwd Blk Rate Avg"),
    ("Subflow Fwd Packets", "Subflow Fwd Packets", "Subflow Fwd Pkts"),
    ("Subflow Fwd Bytes", "Subflow Fwd Bytes", "Subflow Fwd Byts"),
    ("Subflow Bwd Packets", "Subflow Bwd Packets", "Subflow Bwd Pkts"),
    ("Subflow Bwd Bytes", "Subflow Bwd Bytes", "Subflow Bwd Byts"),
    ("FWD Init Win Bytes", "Init_Win_bytes_forward", "Init Fwd Win Byts"),
    ("Bwd Init Win Bytes", "Init_Win_bytes_backward", "Init Bwd Win Byts"),
    ("Fwd Act Data Pkts", "act_data_pkt_fwd", "Fwd Act Data Pkts"),
    ("Fwd Seg Size Min", "min_seg_size_forward", "Fwd Seg Size Min"),
];
