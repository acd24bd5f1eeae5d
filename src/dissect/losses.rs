//! For tests: conversations of which parts are lost. Commands and replies have numbers here, which the protocols do not
//! know of: no command may have the reply of another one.

use proptest::prelude::*;

use super::trial::{C, S, tell_with_gaps};
use crate::flow::Side;

/// A protocol: its port, what is said first, the n-th command and its reply.
struct Spoken {
    port: u16,
    first: Vec<(Side, Vec<u8>)>,
    ask: fn(usize) -> Vec<u8>,
    reply: fn(usize) -> Vec<u8>,
}

fn mysql(sequence: u8, payload: &[u8]) -> Vec<u8> {
    [&[u8::try_from(payload.len()).unwrap(), 0, 0, sequence], payload].concat()
}

fn pgsql(kind: u8, payload: &[u8]) -> Vec<u8> {
    [&[kind, 0, 0, 0, u8::try_from(payload.len() + 4).unwrap()], payload].concat()
}

/// FTP, SMTP, HTTP, POP3, IMAP, Redis, MySQL, PostgreSQL.
fn protocols() -> Vec<Spoken> {
    let greeting = |text: &[u8]| vec![(S, text.to_vec())];
    let old = b"\x0a3.23.58\0\x01\0\0\0abcdefgh\0\x2c\0";
    let startup = b"\0\0\0\x13\0\x03\0\0user\0anna\0\0";
    vec![
        Spoken {
            port: 21,
            first: greeting(b"220 FTP\r\n"),
            ask: |n| format!("DELE c{n}z\r\n").into(),
            reply: |n| format!("250-r{n}z\r\n250 it is\r\n").into(),
        },
        Spoken {
            port: 25,
            first: greeting(b"220 x ESMTP\r\n"),
            ask: |n| format!("VRFY c{n}z\r\n").into(),
            reply: |n| format!("250 r{n}z\r\n").into(),
        },
        Spoken {
            port: 80,
            first: Vec::new(),
            ask: |n| format!("GET /c{n}z HTTP/1.1\r\n\r\n").into(),
            reply: |n| format!("HTTP/1.1 200 r{n}z\r\nContent-Length: 2\r\n\r\nok").into(),
        },
        Spoken {
            port: 110,
            first: greeting(b"+OK POP3\r\n"),
            ask: |n| format!("{} c{n}z\r\n", if n.is_multiple_of(3) { "RETR" } else { "DELE" }).into(),
            reply: |n| {
                format!("+OK r{n}z\r\n{}", if n.is_multiple_of(3) { "a: b\r\n\r\nc\r\n.\r\n" } else { "" }).into()
            },
        },
        Spoken {
            port: 143,
            first: greeting(b"* OK IMAP4rev1\r\n"),
            ask: |n| format!("t{n} SELECT c{n}z\r\n").into(),
            reply: |n| format!("t{n} OK r{n}z\r\n").into(),
        },
        Spoken {
            port: 6_379,
            first: Vec::new(),
            ask: |n| {
                let word = format!("c{n}z");
                format!("*2\r\n$3\r\nGET\r\n${}\r\n{word}\r\n", word.len()).into()
            },
            reply: |n| format!("|1\r\n+ttl\r\n:5\r\n+r{n}z\r\n").into(),
        },
        Spoken {
            port: 3_306,
            first: vec![
                (S, mysql(0, old)),
                (C, mysql(1, b"\x05\x00\x00\x00\x01otto\0ABCDEFGH\0")),
                (S, mysql(2, &[0, 0, 0, 2, 0, 0, 0])),
            ],
            ask: |n| mysql(0, format!("\x03c{n}z").as_bytes()),
            reply: |n| mysql(1, format!("\u{0}\u{0}\u{0}\u{2}\u{0}\u{0}\u{0}r{n}z").as_bytes()),
        },
        Spoken {
            port: 5_432,
            first: vec![(C, startup.to_vec()), (S, [pgsql(b'R', &[0; 4]), pgsql(b'Z', b"I")].concat())],
            ask: |n| match n % 3 {
                0 => pgsql(b'Q', format!("c{n}z\0").as_bytes()),
                _ => [
                    pgsql(b'P', format!("\0c{n}z\0\0\0").as_bytes()),
                    pgsql(b'B', &[0; 4]),
                    pgsql(b'E', &[0; 5]),
                    pgsql(b'S', b""),
                ]
                .concat(),
            },
            reply: |n| {
                let done = [pgsql(b'C', format!("r{n}z\0").as_bytes()), pgsql(b'Z', b"I")].concat();
                if n.is_multiple_of(3) { done } else { [pgsql(b'1', b""), pgsql(b'2', b""), done].concat() }
            },
        },
    ]
}

/// How a client asks.
#[derive(Debug, Clone)]
enum Manner {
    /// So many at once, and then it waits for all replies.
    Groups(Vec<usize>),
    /// It never waits for the last so many.
    Ahead(usize),
}

/// Of so many commands and replies, the order in which they are said: true for commands.
fn order(manner: &Manner, count: usize) -> Vec<(bool, usize)> {
    let mut said = Vec::new();
    match manner {
        Manner::Groups(sizes) => {
            let mut next = 0;
            for size in sizes.iter().cycle().take(count) {
                let group = next..(next + size).min(count);
                said.extend(group.clone().map(|n| (true, n)));
                said.extend(group.map(|n| (false, n)));
                next += size;
            }
        }
        Manner::Ahead(ahead) => {
            said.extend((0..*ahead).map(|n| (true, n)));
            said.extend((*ahead..count).flat_map(|n| [(false, n - ahead), (true, n)]));
            said.extend((count - ahead..count).map(|n| (false, n)));
        }
    }
    said
}

/// What of a piece is lost.
#[derive(Debug, Clone, Copy)]
enum Loss {
    All,
    /// Its front, or what is behind that.
    Front(usize),
    Behind(usize),
}

/// Records as numbers of the command and the reply in them.
fn pairs(spoken: &Spoken, said: &[(bool, usize)], losses: &[(usize, Loss)]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pieces: Vec<(Side, Result<Vec<u8>, u64>)> =
        spoken.first.iter().map(|(side, bytes)| (*side, Ok(bytes.clone()))).collect();
    // A gap is told before the next bytes of its side.
    let mut gaps = [0u64; 2];
    for (place, (asks, n)) in said.iter().enumerate() {
        let (side, mut bytes) = if *asks { (C, (spoken.ask)(*n)) } else { (S, (spoken.reply)(*n)) };
        let whole = bytes.len() as u64;
        let mut behind = 0;
        match losses.iter().find(|(lost, _)| *lost == place).map(|(_, loss)| *loss) {
            Some(Loss::All) => bytes.clear(),
            Some(Loss::Front(many)) => {
                let many = many % bytes.len();
                bytes.drain(..many);
                gaps[side.index()] += many as u64;
            }
            Some(Loss::Behind(many)) => {
                bytes.truncate(many % bytes.len());
                behind = whole - bytes.len() as u64;
            }
            None => {}
        }
        if bytes.is_empty() {
            gaps[side.index()] += whole;
            continue;
        }
        match std::mem::replace(&mut gaps[side.index()], behind) {
            0 => {}
            gap => pieces.push((side, Err(gap))),
        }
        pieces.push((side, Ok(bytes)));
    }
    let pieces: Vec<_> = pieces.iter().map(|(side, piece)| (*side, piece.as_deref().map_err(|gap| *gap))).collect();
    let told = tell_with_gaps((40_000, spoken.port), &pieces);
    let number = |line: &str, letter: char| {
        let mut digits = line.match_indices(letter).filter_map(|(at, _)| line[at + 1..].split_once('z'));
        digits.find_map(|(digits, _)| digits.parse().ok())
    };
    told.iter().map(|line| (number(line, 'c'), number(line, 'r'))).collect()
}

fn check(spoken: &Spoken, manner: &Manner, losses: &[(usize, Loss)]) -> usize {
    let said = order(manner, 16);
    let told = pairs(spoken, &said, losses);
    let both: Vec<_> = told.iter().filter_map(|(asked, replied)| (*asked).zip(*replied)).collect();
    for (asked, replied) in &both {
        assert_eq!(asked, replied, "port {}, {manner:?}, {losses:?}: {told:?}", spoken.port);
    }
    both.len()
}

#[test]
fn what_is_lost_at_any_place_costs_little_and_misleads_nobody() {
    for spoken in protocols() {
        for sizes in [vec![1], vec![2], vec![3, 1]] {
            let most = *sizes.iter().max().unwrap();
            let manner = Manner::Groups(sizes);
            assert_eq!(check(&spoken, &manner, &[]), 16, "{}", spoken.port);
            for place in 0..32 {
                for loss in [Loss::All, Loss::Front(3), Loss::Behind(4)] {
                    let found = check(&spoken, &manner, &[(place, loss)]);
                    // Without its beginning, nobody recognises the protocol.
                    let is_recognised = place > 0 || !spoken.first.is_empty();
                    assert!(
                        !is_recognised || found + 1 + 2 * most >= 16,
                        "{found} of {manner:?}, {place}: {loss:?} at {}",
                        spoken.port
                    );
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_command_has_the_reply_of_another_whatever_is_lost(
        manner in prop_oneof![
            prop::collection::vec(1..5usize, 1..6).prop_map(Manner::Groups),
            (2..5usize).prop_map(Manner::Ahead),
        ],
        losses in prop::collection::vec(
            (0..32usize, prop_oneof![Just(Loss::All), (1..40usize).prop_map(Loss::Front), (1..40usize).prop_map(Loss::Behind)]),
            1..8,
        ),
    ) {
        // Who does not wait must have been seen not to.
        let from = if let Manner::Ahead(ahead) = &manner { ahead + 3 } else { 0 };
        let losses: Vec<_> = losses.into_iter().filter(|(place, _)| *place >= from).collect();
        for spoken in protocols() {
            check(&spoken, &manner, &losses);
        }
    }
}
