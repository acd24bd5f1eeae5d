//! Records of the DNS, and how messages become them.

use super::super::record::{objects, records};
use super::super::value::Interval;
use super::message::{Message, Question, Resource};
use super::{numbers, types};

records! {
    /// A question to the DNS and its answer; or one of them alone, or one message.
    "dns" Dns {
        /// How it came: udp, tcp, mdns, llmnr, https.
        transport: &'static str,
        /// The number that a query and its response share.
        trans_id: u16 => / "dns.id",
        /// From the query to the response.
        rtt: Option<Interval> => in "s",
        /// The name that is asked for; of several questions, the first one's.
        query: Option<String> => / "dns.question.name",
        /// The number of the class that is asked for.
        qclass: Option<u16>,
        /// Its name, as Zeek has it.
        qclass_name: Option<String> => / "dns.question.class",
        /// The number of the type that is asked for.
        qtype: Option<u16>,
        /// Its name.
        qtype_name: Option<String> => / "dns.question.type",
        /// The number of the operation.
        opcode: u8,
        /// Its name.
        opcode_name: String => / "dns.op_code",
        /// The code of the response, with the upper bits that EDNS has; none without a response.
        rcode: Option<u16>,
        /// Its name.
        rcode_name: Option<String> => / "dns.response_code",
        /// The server is an authority for the name. This and the next six are the response's, or the query's if there is none.
        authoritative: bool => "AA",
        /// The message was cut to fit.
        truncated: bool => "TC",
        /// The server shall ask others.
        recursion_desired: bool => "RD",
        /// The server asks others.
        recursion_available: bool => "RA",
        /// The bit that must be zero.
        reserved: bool => "Z",
        /// All data are authentic.
        authentic: bool => "AD",
        /// Data need not be authentic.
        checking_disabled: bool => "CD",
        /// The data of the answers, as text.
        answers: Option<Vec<String>> => / "dns.answers.data",
        /// How long each answer may be kept.
        ttls: Option<Vec<u32>> => "TTLs" in "s",
        /// The response has no records at all.
        rejected: bool,
        /// A query was seen.
        saw_query: bool,
        /// A response was seen.
        saw_reply: bool,
        /// All questions: name, type, class, and with mDNS unicast_response.
        questions: Vec<DnsQuestion>,
        /// All answers: name, type, class, ttl, data as master files have it, and with mDNS cache_flush.
        answer_records: Vec<DnsResource> => / "dns.answers",
        /// Where authoritative answers can be had, in the same form; of an update, what is updated.
        authorities: Vec<DnsResource>,
        /// What may help, in the same form.
        additionals: Vec<DnsResource>,
        /// What EDNS says: udp_size, ext_rcode, version, do, options.
        edns: Option<Edns>,
        /// What the query had besides questions, where everything else is the response's.
        request: Option<DnsRequest>,
    }

    /// A message of the DNS, as packet_analysis tells it.
    "dns" SeedDns {
        /// It is from the originator of the conversation.
        is_orig: bool,
        /// The header: id, bits, operation, code, how many of what.
        header: SeedHeader,
        /// Questions: qname, qtype, qclass.
        questions: Vec<SeedQuestion>,
        /// Answers: rname, rtype, rclass, ttl, rdata.
        answers: Vec<SeedResource>,
        /// Where authoritative answers can be had.
        authority: Vec<SeedResource>,
        /// What may help.
        additional: Vec<SeedResource>,
    }
}

objects! {
    /// A question.
    DnsQuestion {
        /// The name.
        name: String,
        /// The type.
        kind: String => "type",
        /// The class.
        class: String,
        /// The answer need not go to everybody: mDNS.
        unicast_response: Option<bool>,
    }

    /// A record.
    DnsResource {
        /// The name.
        name: String,
        /// The type.
        kind: String => "type",
        /// The class.
        class: String,
        /// How many seconds it may be kept.
        ttl: u32,
        /// Others of this name and type shall be forgotten: mDNS.
        cache_flush: Option<bool>,
        /// What it says.
        data: String,
    }

    /// What EDNS says.
    Edns {
        /// The largest datagram that its sender can take.
        udp_size: u16,
        /// The upper bits of the code of the response.
        ext_rcode: u8,
        /// Its version.
        version: u8,
        /// Signatures are wanted.
        r#do: bool => "do",
        /// Options, in order.
        options: Vec<EdnsOption>,
    }

    /// An option of EDNS.
    EdnsOption {
        /// Its number.
        code: u16,
        /// Its name.
        name: String,
        /// Its data: hexadecimal digits, but text of ECS and EDE.
        data: String,
    }

    /// What a query had besides questions.
    DnsRequest {
        /// The bits of its header.
        flags: u16,
        /// Its answers.
        answers: Option<Vec<DnsResource>>,
        /// Its authorities.
        authorities: Option<Vec<DnsResource>>,
        /// Its additional records.
        additionals: Option<Vec<DnsResource>>,
        /// Its EDNS.
        edns: Option<Edns>,
    }

    /// A header, as packet_analysis has it.
    SeedHeader {
        /// The number that a query and its response share.
        id: u16,
        /// 1 of a response.
        qr: u8,
        /// The operation.
        opcode: String,
        /// The server is an authority.
        aa: u8,
        /// The message was cut.
        tc: u8,
        /// The server shall ask others.
        rd: u8,
        /// It does.
        ra: u8,
        /// The code of the response.
        rcode: String,
        /// How many questions there are, it says.
        num_of_questions: u16,
        /// How many answers.
        num_of_answers: u16,
        /// How many authorities.
        num_of_authority: u16,
        /// How many additional records.
        num_of_additional: u16,
    }

    /// A question, as packet_analysis has it.
    SeedQuestion {
        /// The name.
        qname: String,
        /// The type.
        qtype: String,
        /// The class.
        qclass: String,
    }

    /// A record, as packet_analysis has it, but that the class is that of the record.
    SeedResource {
        /// The name.
        rname: String,
        /// The type.
        rtype: String,
        /// The number of the class.
        rclass: u16,
        /// How many seconds it may be kept.
        ttl: u32,
        /// What it says.
        rdata: String,
    }
}

impl Dns {
    /// The record of a query, of a response, or of both.
    pub(super) fn of(
        query: Option<Message>,
        response: Option<Message>,
        rtt: Option<i64>,
        transport: &'static str,
    ) -> Option<Self> {
        let (saw_query, saw_reply) = (query.is_some(), response.is_some());
        let (mut main, mut other) = match response {
            Some(response) => (response, query),
            None => (query?, None),
        };
        // Some servers leave the question out.
        if main.questions.is_empty()
            && let Some(other) = &mut other
        {
            main.questions = std::mem::take(&mut other.questions);
        }
        let (header, rcode) = (main.header, main.rcode());
        let first = main.questions.first();
        let (qtype, qclass) = (first.map(|question| question.kind), first.map(|question| question.class));
        let [answers, ..] = &main.sections;
        let has_answers = saw_reply && !answers.is_empty();
        let answer_texts = has_answers.then(|| answers.iter().map(|answer| answer.told.data.clone()).collect());
        let ttls = has_answers.then(|| answers.iter().map(|answer| answer.told.ttl).collect());
        let [answer_records, authorities, additionals] = main.sections.map(told);
        Some(Self {
            transport,
            trans_id: header.id,
            rtt: rtt.map(Interval),
            query: first.map(|question| question.told.name.clone()),
            qclass,
            qclass_name: qclass.map(numbers::zeek_class),
            qtype,
            qtype_name: qtype.map(types::zeek_name),
            opcode: header.opcode(),
            opcode_name: numbers::opcode(header.opcode()),
            rcode: saw_reply.then_some(rcode),
            rcode_name: saw_reply.then(|| numbers::rcode(rcode)),
            authoritative: header.bit(10),
            truncated: header.bit(9),
            recursion_desired: header.bit(8),
            recursion_available: header.bit(7),
            reserved: header.bit(6),
            authentic: header.bit(5),
            checking_disabled: header.bit(4),
            answers: answer_texts,
            ttls,
            rejected: saw_reply && matches!(header.counts, [_, 0, 0, 0]),
            saw_query,
            saw_reply,
            questions: main.questions.into_iter().map(|question| question.told).collect(),
            edns: main.edns,
            answer_records,
            authorities,
            additionals,
            request: other.and_then(DnsRequest::of),
        })
    }
}

impl DnsRequest {
    fn of(query: Message) -> Option<Self> {
        let has_more = query.edns.is_some() || query.sections.iter().any(|section| !section.is_empty());
        let [answers, authorities, additionals] =
            query.sections.map(|section| (!section.is_empty()).then(|| told(section)));
        has_more.then_some(Self { flags: query.header.flags, answers, authorities, additionals, edns: query.edns })
    }
}

impl SeedDns {
    /// The record of a message.
    pub(super) fn of(message: Message, is_orig: bool) -> Self {
        let header = message.header;
        let [num_of_questions, num_of_answers, num_of_authority, num_of_additional] = header.counts;
        let [answers, authority, additional] =
            message.sections.map(|section| section.into_iter().map(SeedResource::of).collect());
        Self {
            is_orig,
            header: SeedHeader {
                id: header.id,
                qr: header.bit(15).into(),
                opcode: numbers::opcode(header.opcode()),
                aa: header.bit(10).into(),
                tc: header.bit(9).into(),
                rd: header.bit(8).into(),
                ra: header.bit(7).into(),
                rcode: numbers::rcode(header.rcode()),
                num_of_questions,
                num_of_answers,
                num_of_authority,
                num_of_additional,
            },
            questions: message.questions.into_iter().map(SeedQuestion::of).collect(),
            answers,
            authority,
            additional,
        }
    }
}

impl SeedQuestion {
    fn of(question: Question) -> Self {
        Self { qname: question.told.name, qtype: question.told.kind, qclass: question.told.class }
    }
}

impl SeedResource {
    fn of(resource: Resource) -> Self {
        let told = resource.told;
        Self { rname: told.name, rtype: told.kind, rclass: resource.class, ttl: told.ttl, rdata: told.data }
    }
}

fn told(section: Vec<Resource>) -> Vec<DnsResource> {
    section.into_iter().map(|resource| resource.told).collect()
}
