//! What is put together is what a plain list of places says.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A piece that is kept: its offset, and its bytes or how many are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Got {
    Bytes(u64, Vec<u8>, u64),
    Gap(u64, u64),
}

/// A segment of a test: its place, what is captured of it, and how long it is.
#[derive(Debug, Clone)]
struct Step {
    place: i64,
    bytes: Vec<u8>,
    length: u32,
    fin: bool,
    /// Before it, the other side acknowledges everything before this place.
    acknowledged: Option<i64>,
}

const ISN: u32 = u32::MAX - 40;

struct Trial {
    assembler: Assembler,
    got: Vec<Got>,
    packets: u64,
}

impl Trial {
    fn new(overlap: Overlap, limit: usize) -> Self {
        Self { assembler: Assembler::new(overlap, limit), got: Vec::new(), packets: 0 }
    }

    /// One that begins with a SYN.
    fn opened() -> Self {
        let mut trial = Self::new(Overlap::First, 1 << 20);
        trial.syn(ISN);
        trial
    }

    fn raw(&mut self, sequence: u32, (syn, fin): (bool, bool), bytes: &[u8], length: u32) {
        self.packets += 1;
        let at = Moment { time: 0, packet: self.packets };
        let got = &mut self.got;
        let mut handed = |piece: Piece| got.push(keep(piece));
        self.assembler.take(&SegmentBytes { sequence, syn, fin, bytes, length, at }, &mut handed);
    }

    fn syn(&mut self, isn: u32) {
        self.raw(isn, (true, false), b"", 0);
    }

    /// Bytes at a place, where 0 is the first behind the SYN.
    fn at(&mut self, place: i64, bytes: &[u8]) {
        self.raw(number(place), (false, false), bytes, bytes.len() as u32);
    }

    fn step(&mut self, step: &Step) {
        if let Some(place) = step.acknowledged {
            self.assembler.acknowledge(number(place));
        }
        self.raw(number(step.place), (false, step.fin), &step.bytes, step.length);
    }

    fn finish(&mut self) {
        let got = &mut self.got;
        self.assembler.finish(Moment { time: 0, packet: self.packets }, &mut |piece| got.push(keep(piece)));
    }

    /// Everything that was handed out: gaps as dots.
    fn text(&self) -> String {
        let told = |got: &Got| match got {
            Got::Bytes(_, bytes, _) => String::from_utf8_lossy(bytes).into_owned(),
            Got::Gap(_, length) => ".".repeat(*length as usize),
        };
        self.got.iter().map(told).collect()
    }

    fn counts(&self) -> StreamCounts {
        self.assembler.counts()
    }
}

fn keep(piece: Piece) -> Got {
    match piece {
        Piece::Bytes { offset, bytes, at } => Got::Bytes(offset, bytes.to_vec(), at.packet),
        Piece::Gap { offset, length, .. } => Got::Gap(offset, length),
    }
}

fn number(place: i64) -> u32 {
    ISN.wrapping_add(1).wrapping_add(place as u32)
}

#[test]
fn what_is_next_comes_at_once_and_what_is_early_waits() {
    let mut trial = Trial::opened();
    trial.at(0, b"ab");
    trial.at(4, b"ef");
    trial.at(2, b"cd");
    let bytes = |offset, bytes: &[u8], packet| Got::Bytes(offset, bytes.to_vec(), packet);
    assert_eq!(trial.got, [bytes(0, b"ab", 2), bytes(2, b"cd", 4), bytes(4, b"ef", 3)]);
    let StreamCounts { out_of_order, ahead, retransmissions, .. } = trial.counts();
    assert_eq!((out_of_order, ahead, retransmissions, trial.assembler.held()), (1, 1, 0, 0));
}

#[test]
fn what_comes_again_is_told_once() {
    let mut trial = Trial::opened();
    trial.at(0, b"abcd");
    trial.at(0, b"abcd");
    // With more behind it.
    trial.at(2, b"cdef");
    trial.at(8, b"ij");
    // Again while the first wait, wholly and in part.
    trial.at(8, b"ij");
    trial.at(7, b"hijk");
    assert_eq!(trial.text(), "abcdef");
    trial.at(6, b"g");
    assert_eq!(trial.text(), "abcdefghijk");
    let counts = trial.counts();
    assert_eq!((counts.retransmissions, counts.overlap_bytes, counts.overlap_conflict), (2, 2 + 2 + 2, 0));
    assert_eq!((counts.ahead, counts.out_of_order, counts.bytes), (1, 2, 11));
}

#[test]
fn of_two_versions_the_first_counts_or_the_last() {
    for (overlap, text) in [(Overlap::First, "abcdefgh"), (Overlap::Last, "abcXYZgh")] {
        let mut trial = Trial::new(overlap, 1 << 20);
        trial.syn(ISN);
        trial.at(2, b"cdefgh");
        trial.at(3, b"XYZ");
        trial.at(0, b"ab");
        // What was handed out stays.
        trial.at(0, b"QQ");
        assert_eq!(trial.text(), text);
        assert_eq!((trial.counts().overlap_conflict, trial.counts().overlap_bytes), (3, 3));
    }
}

#[test]
fn gaps_are_told_when_nothing_will_fill_them() {
    let mut trial = Trial::opened();
    trial.at(0, b"ab");
    trial.at(4, b"ef");
    trial.assembler.acknowledge(number(6));
    assert_eq!(trial.text(), "ab");
    trial.at(6, b"gh");
    assert_eq!(trial.text(), "ab..efgh");
    // Too late.
    trial.at(2, b"cd");
    trial.at(10, b"kl");
    trial.assembler.acknowledge(number(15));
    trial.finish();
    assert_eq!(trial.text(), "ab..efgh..kl...");
    let counts = trial.counts();
    assert_eq!((counts.missed, counts.gaps, counts.retransmissions), (7, 3, 1));
}

#[test]
fn an_acknowledged_fin_is_no_missing_byte() {
    for fin_seen in [true, false] {
        let mut trial = Trial::opened();
        trial.raw(number(0), (false, fin_seen), b"abc", 3);
        trial.assembler.acknowledge(number(4));
        assert_eq!(trial.assembler.is_over(), fin_seen);
        trial.finish();
        assert_eq!(trial.text(), "abc");
    }
}

#[test]
fn an_end_is_where_nothing_follows() {
    let mut trial = Trial::opened();
    trial.at(0, b"abcdef");
    // An end in what has come already is none.
    trial.raw(number(2), (false, true), b"", 0);
    assert!(!trial.assembler.is_over());
    trial.raw(number(8), (false, true), b"ij", 2);
    assert!(!trial.assembler.is_over());
    trial.at(10, b"more");
    trial.at(6, b"ghijkl");
    assert!(trial.assembler.is_over());
    trial.raw(number(10), (false, true), b"", 0);
    assert_eq!((trial.text().as_str(), trial.counts().strays), ("abcdefghij", 1));
}

#[test]
fn keep_alives_bring_nothing() {
    let mut trial = Trial::opened();
    trial.at(-1, b"\0");
    trial.at(0, b"abc");
    trial.at(2, b"\0");
    trial.at(2, b"");
    // A probe of a closed window holds the next byte, which then comes again with more.
    trial.at(3, b"d");
    trial.at(3, b"d");
    trial.at(3, b"def");
    assert_eq!(trial.text(), "abcdef");
    let counts = trial.counts();
    assert_eq!((counts.keep_alives, counts.retransmissions, counts.overlap_bytes), (3, 0, 1));
}

#[test]
fn a_stream_is_picked_up_where_it_is_seen_first() {
    let mut trial = Trial::new(Overlap::First, 1 << 20);
    trial.at(1_000, b"cd");
    trial.at(998, b"ab");
    trial.at(998, b"abcdef");
    assert_eq!((trial.text().as_str(), trial.counts().early, trial.counts().retransmissions), ("cdef", 1, 0));
    assert_eq!(trial.counts().overlap_bytes, 2);
}

#[test]
fn data_may_come_with_the_syn_and_before_it() {
    let mut trial = Trial::new(Overlap::First, 1 << 20);
    trial.raw(ISN, (true, false), b"ab", 2);
    trial.raw(ISN, (true, false), b"ab", 2);
    trial.at(2, b"cd");
    assert_eq!((trial.text().as_str(), trial.counts().retransmissions), ("abcd", 1));
    let mut trial = Trial::new(Overlap::First, 1 << 20);
    trial.at(0, b"ab");
    trial.syn(ISN);
    trial.at(2, b"cd");
    assert_eq!((trial.text().as_str(), trial.counts().restarts), ("abcd", 0));
}

#[test]
fn another_syn_opens_another_connection() {
    for other in [ISN.wrapping_add(1 << 31), ISN.wrapping_sub(9_999), ISN.wrapping_add(5_000)] {
        let mut trial = Trial::opened();
        trial.at(0, b"ab");
        trial.at(4, b"ef");
        trial.syn(other);
        trial.raw(other.wrapping_add(1), (false, false), b"xyz", 3);
        trial.raw(other.wrapping_add(4), (false, false), b"!", 1);
        assert_eq!((trial.text().as_str(), trial.counts().restarts), ("ab..efxyz!", 1), "{other}");
    }
    // A SYN that nothing follows changes nothing.
    let mut trial = Trial::opened();
    trial.at(0, b"ab");
    trial.syn(77_777);
    trial.at(2, b"cd");
    assert_eq!((trial.text().as_str(), trial.counts().restarts), ("abcd", 0));
}

#[test]
fn numbers_that_jump_are_believed_when_they_go_on() {
    let far = 1_i64 << 30;
    let mut trial = Trial::opened();
    trial.at(0, b"ab");
    trial.at(far, b"xx");
    trial.at(2, b"cd");
    trial.at(far, b"yy");
    trial.at(far + 2, b"ef");
    assert_eq!(trial.got.get(2..), Some(&[Got::Gap(4, 0), Got::Bytes(4, b"ef".to_vec(), 6)][..]));
    assert_eq!((trial.counts().strays, trial.counts().restarts), (2, 1));
    // An acknowledgement with no bytes shows it too.
    trial.at(0, b"");
    trial.at(0, b"gh");
    assert_eq!((trial.text().as_str(), trial.counts().missed), ("abcdefgh", 0));
}

#[test]
fn what_the_capture_cut_off_is_a_gap_unless_it_comes_otherwise() {
    let mut trial = Trial::opened();
    trial.raw(number(0), (false, false), b"ab", 4);
    assert_eq!(trial.text(), "ab..");
    trial.raw(number(8), (false, false), b"ij", 6);
    trial.at(10, b"kl");
    trial.raw(number(8), (false, false), b"ij", 6);
    trial.at(4, b"efgh");
    assert_eq!(trial.text(), "ab..efghijkl..");
    let counts = trial.counts();
    assert_eq!((counts.missed, counts.gaps, counts.retransmissions, counts.ahead), (4, 2, 2, 1));
}

#[test]
fn what_waits_is_limited() {
    let mut trial = Trial::new(Overlap::First, 4_000);
    trial.syn(ISN);
    for piece in 0..10_000 {
        trial.at(piece * 3 + 1, b"x");
        assert!(trial.assembler.held() <= 4_000);
    }
    trial.finish();
    assert_eq!(trial.counts().gaps, 10_000);
    assert_eq!((trial.counts().bytes, trial.counts().missed), (10_000, 19_999));
}

#[test]
fn single_bytes_in_reverse_order_cost_no_more_than_in_order() {
    const MANY: i64 = 100_000;
    let began = std::time::Instant::now();
    let mut trial = Trial::new(Overlap::First, usize::MAX);
    trial.syn(ISN);
    (0..MANY).rev().for_each(|place| trial.at(place, b"x"));
    assert_eq!(trial.counts().bytes, MANY as u64);
    // Every second one first, and then large ones over all of them.
    let mut trial = Trial::new(Overlap::First, usize::MAX);
    trial.syn(ISN);
    (1..MANY / 2).for_each(|place| trial.at(place * 2, b"x"));
    (0..MANY / 1_000).rev().for_each(|place| trial.at(place * 1_000, &[b'x'; 1_000]));
    assert_eq!(trial.counts().bytes, MANY as u64);
    // Empty ones of which the capture says that they were long are not looked through byte by byte.
    (0..MANY).for_each(|_| trial.raw(number(MANY + 1), (false, false), b"", 1 << 28));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

/// The plain way: a list of places.
#[derive(Default)]
struct Plain {
    places: Vec<Place>,
    offset: usize,
    acknowledged: usize,
    end: Option<usize>,
    counts: StreamCounts,
    told: Vec<Option<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Unknown,
    Cut,
    Byte(u8),
}

impl Plain {
    fn edge(&self) -> usize {
        self.places.iter().rposition(|place| *place != Place::Unknown).map_or(0, |last| last + 1).max(self.offset)
    }

    fn take(&mut self, step: &Step, overlap: Overlap) {
        if let Some(place) = step.acknowledged {
            self.acknowledged = self.acknowledged.max(if place > self.offset as i64 { place as usize } else { 0 });
        }
        let (start, edge) = (step.place, self.edge());
        let mut end = start + i64::from(step.length);
        if step.fin && self.end.is_none() && end >= edge as i64 {
            self.end = Some(end as usize);
        }
        end = end.min(self.end.map_or(i64::MAX, |end| end as i64));
        if step.length == 0 {
            return;
        }
        if end <= start {
            self.counts.strays += 1;
            return;
        }
        let places = start.max(0) as usize..end.max(0) as usize;
        let seen = |plain: &Self, place: usize| place < plain.offset || plain.places[place] != Place::Unknown;
        let new = places.clone().filter(|place| !seen(self, *place)).count();
        let again = places.len() - new;
        let waits = places.clone().filter(|place| *place >= self.offset && seen(self, *place)).count();
        self.counts.overlap_bytes += if new > 0 || waits > 0 { again as u64 } else { 0 };
        match () {
            () if new == 0 && end - start == 1 && end == edge as i64 => self.counts.keep_alives += 1,
            () if new == 0 && end <= 0 => self.counts.early += 1,
            () if new == 0 => self.counts.retransmissions += 1,
            () if start > edge as i64 => self.counts.ahead += 1,
            () if start < edge as i64 && start >= self.offset as i64 => self.counts.out_of_order += 1,
            () if start < self.offset as i64 && edge > self.offset => self.counts.out_of_order += 1,
            () => {}
        }
        for place in places {
            let byte = step.bytes.get((place as i64 - start) as usize);
            if place < self.offset {
                continue;
            }
            let now = &mut self.places[place];
            *now = match (*now, byte) {
                (Place::Byte(old), Some(new)) => {
                    self.counts.overlap_conflict += u64::from(old != *new);
                    Place::Byte(if overlap == Overlap::Last { *new } else { old })
                }
                (Place::Unknown | Place::Cut, Some(new)) => Place::Byte(*new),
                (Place::Unknown, None) => Place::Cut,
                (old, None) => old,
            };
        }
        self.walk();
        // What stands behind a hole that the other side has is told.
        while let Some(first) = (self.offset..self.edge()).find(|place| self.places[*place] != Place::Unknown)
            && first <= self.acknowledged
        {
            self.skip(first);
        }
    }

    fn walk(&mut self) {
        while let Some(place) = self.places.get(self.offset).filter(|place| **place != Place::Unknown) {
            self.told.push(match place {
                Place::Byte(byte) => Some(*byte),
                _ => None,
            });
            self.offset += 1;
        }
    }

    fn skip(&mut self, until: usize) {
        self.told.resize(until, None);
        self.offset = until;
        self.walk();
    }

    fn finish(&mut self) {
        while let Some(first) = (self.offset..self.edge()).find(|place| self.places[*place] != Place::Unknown) {
            self.skip(first);
        }
        let seen = match self.end {
            Some(end) => end.min(self.acknowledged),
            None if self.acknowledged == self.offset + 1 => self.offset,
            None => self.acknowledged,
        };
        if seen > self.offset {
            self.told.resize(seen, None);
        }
    }
}

prop_compose! {
    fn step()(
        place in -20_i64..200,
        bytes in vec(prop_oneof![4 => Just(b'a'), 1 => Just(b'b')], 0..30),
        cut in prop_oneof![4 => Just(0_u32), 1 => 0_u32..20],
        fin in prop::bool::weighted(0.03),
        acknowledged in prop::option::weighted(0.2, 0_i64..220),
    ) -> Step {
        let length = bytes.len() as u32 + cut;
        Step { place, bytes, length, fin, acknowledged }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_order_is_what_a_list_of_places_says(steps in vec(step(), 1..40), last in any::<bool>()) {
        let overlap = if last { Overlap::Last } else { Overlap::First };
        let mut trial = Trial::new(overlap, usize::MAX);
        trial.syn(ISN);
        let mut plain = Plain { places: vec![Place::Unknown; 512], ..Plain::default() };
        for step in &steps {
            trial.step(step);
            plain.take(step, overlap);
            let bytes = told(&trial.got);
            prop_assert_eq!(&bytes, &plain.told, "{:?}", step);
        }
        trial.finish();
        plain.finish();
        let bytes = told(&trial.got);
        prop_assert_eq!(&bytes, &plain.told);
        prop_assert_eq!(trial.assembler.held(), 0);
        let missed = bytes.iter().filter(|byte| byte.is_none()).count() as u64;
        let gaps = trial.got.iter().filter(|got| matches!(got, Got::Gap(..))).count() as u64;
        let expected = StreamCounts { bytes: bytes.len() as u64 - missed, missed, gaps, ..plain.counts };
        prop_assert_eq!(trial.counts(), expected);
    }

    #[test]
    fn a_stream_cut_and_mixed_anyhow_comes_out_whole(
        stream in vec(any::<u8>(), 1..400),
        cuts in vec((0_usize..400, 1_usize..60), 0..30),
        seed in any::<u64>(),
        isn in any::<u32>(),
    ) {
        // Some segments anywhere, and all of it in tens.
        let mut segments: Vec<(usize, usize)> = cuts.into_iter().map(|(from, length)| (from.min(stream.len()), length)).collect();
        segments.extend((0..stream.len()).step_by(10).map(|from| (from, 10)));
        let mut order: Vec<usize> = (0..segments.len()).collect();
        order.sort_by_key(|number| xxhash_rust::xxh3::xxh3_64_with_seed(&number.to_le_bytes(), seed));
        let mut trial = Trial::new(Overlap::First, usize::MAX);
        trial.syn(isn);
        for number in order {
            let (from, length) = segments[number];
            let bytes = &stream[from..stream.len().min(from + length)];
            trial.raw(isn.wrapping_add(1 + from as u32), (false, false), bytes, bytes.len() as u32);
        }
        prop_assert_eq!(told(&trial.got), stream.iter().map(|byte| Some(*byte)).collect::<Vec<_>>());
        prop_assert_eq!((trial.counts().missed, trial.counts().overlap_conflict), (0, 0));
    }

    #[test]
    fn anything_stays_within_limits(steps in vec((any::<u32>(), any::<bool>(), any::<bool>(), vec(any::<u8>(), 0..20), any::<u32>(), any::<u32>(), 0..9_u8), 1..100), limit in 0_usize..3_000) {
        let mut trial = Trial::new(Overlap::First, limit);
        for (sequence, syn, fin, bytes, length, acknowledged, near) in steps {
            let near = |number: u32| if near > 0 { number % 2_000 } else { number };
            let length = near(length).max(bytes.len() as u32);
            trial.assembler.acknowledge(near(acknowledged));
            trial.raw(near(sequence), (syn && fin, fin), &bytes, length);
            prop_assert!(trial.assembler.held() <= limit);
        }
        trial.finish();
        contiguous(&trial.got);
    }
}

/// Everything that was handed out, place by place.
fn told(got: &[Got]) -> Vec<Option<u8>> {
    contiguous(got);
    let places = |got: &Got| match got {
        Got::Bytes(_, bytes, _) => bytes.iter().copied().map(Some).collect::<Vec<_>>(),
        Got::Gap(_, length) => vec![None; *length as usize],
    };
    got.iter().flat_map(places).collect()
}

fn contiguous(got: &[Got]) {
    let mut offset = 0;
    for got in got {
        let (begin, length) = match got {
            Got::Bytes(begin, bytes, _) => (*begin, bytes.len() as u64),
            Got::Gap(begin, length) => (*begin, *length),
        };
        let unknown = matches!(got, Got::Gap(_, 0));
        assert!(begin == offset && (length > 0 || unknown), "{got:?} at {offset}");
        offset += length;
    }
}
