//! Splits that follow each other in time: what is learned from comes before what is asked.

use std::collections::BTreeMap;

use super::{Place, Plan};
use crate::packet::SampleId;
use crate::time::Timestamp;

/// A sample's id, and the times of its first and its last packet, if they have any.
pub type Span = (SampleId, Option<(Timestamp, Timestamp)>);

/// Where each sample goes: the splits in their order, the challenge behind them, cut where their shares end.
///
/// A cut is the moment at which the first sample behind it begins. A sample that begins before a cut and goes on up to
/// it, or ends less than `gap` nanoseconds before it, is in no split, and neither is one without times.
pub(super) fn assign(plan: &Plan, spans: &[Span], gap: i64) -> Vec<Place> {
    let starts = starts(spans);
    let parts = plan.parts();
    let cuts: Vec<Option<Timestamp>> = firsts(&parts, starts.len()).map(|number| starts.get(number).copied()).collect();
    let place = |(_, span): &Span| {
        let Some((first, last)) = *span else { return Place::None };
        let passed = cuts.iter().take_while(|cut| cut.is_some_and(|cut| cut <= first)).count();
        let next = cuts.get(passed).copied().flatten();
        match next.is_some_and(|next| last >= next || next.0 - last.0 < i128::from(gap)) {
            true => Place::None,
            false => parts[passed].0,
        }
    };
    spans.iter().map(place).collect()
}

/// Moments at which a part begins in the midst of samples that begin then: how many these are, and the last part that
/// begins so. All of them are on its side of the cut, whatever its share.
pub fn ties(plan: &Plan, spans: &[Span]) -> Vec<(Place, u64)> {
    let (starts, parts) = (starts(spans), plan.parts());
    let mut ties = BTreeMap::new();
    for (number, (place, _)) in firsts(&parts, starts.len()).zip(&parts[1..]) {
        let Some(cut) = starts.get(number) else { continue };
        let (from, to) = (starts.partition_point(|start| start < cut), starts.partition_point(|start| start <= cut));
        if from < number {
            ties.insert(*cut, (*place, (to - from) as u64));
        }
    }
    ties.into_values().collect()
}

/// When samples begin, in order.
fn starts(spans: &[Span]) -> Vec<Timestamp> {
    let mut starts: Vec<Timestamp> = spans.iter().filter_map(|(_, span)| span.map(|(first, _)| first)).collect();
    starts.sort_unstable();
    starts
}

/// For each part but the first, which of so many samples is its first by its share.
fn firsts(parts: &[(Place, u128)], samples: usize) -> impl Iterator<Item = usize> {
    let total: u128 = parts.iter().map(|(_, weight)| weight).sum();
    let weights = parts[..parts.len() - 1].iter().map(|(_, weight)| weight);
    let before = weights.scan(0, |before, weight| {
        *before += weight;
        Some(*before)
    });
    before.map(move |before| rounded(samples as u128 * before, total))
}

/// `amount` / `of`, to the nearest.
fn rounded(amount: u128, of: u128) -> usize {
    usize::try_from((2 * amount + of) / (2 * of)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(id: u64, first: i128, last: i128) -> Span {
        (SampleId(id), Some((Timestamp(first), Timestamp(last))))
    }

    fn plan(ratio: &str, challenge: Option<&str>) -> Plan {
        Plan::new(ratio.parse().unwrap(), challenge.map(|share| share.parse().unwrap()), 1)
    }

    #[test]
    fn the_earlier_part_trains() {
        let spans: Vec<Span> = (0..10).map(|n| span(n, 100 - 10 * i128::from(n), 100 - 10 * i128::from(n))).collect();
        let places = assign(&plan("train=70,test=30", None), &spans, 0);
        let train = |place: &Place| *place == Place::Split(0);
        assert!(places[3..].iter().all(train) && !places[..3].iter().any(train), "{places:?}");
        let places = assign(&plan("train=75,test=25", Some("20")), &spans, 0);
        assert_eq!(places[..2], [Place::Challenge; 2]);
        assert_eq!(places[2..4], [Place::Split(1); 2]);
    }

    #[test]
    fn what_spans_a_cut_or_comes_too_close_is_in_neither() {
        let spans = [
            span(1, 0, 10),
            span(2, 20, 95),
            span(3, 30, 100),
            span(4, 100, 300),
            (SampleId(5), None),
            span(6, 110, 120),
        ];
        let places = |gap| assign(&plan("train=60,test=40", None), &spans, gap);
        let [train, test, none] = [Place::Split(0), Place::Split(1), Place::None];
        assert_eq!(places(0), [train, train, none, test, none, test]);
        assert_eq!(places(5), [train, train, none, test, none, test]);
        assert_eq!(places(6), [train, none, none, test, none, test]);
    }

    #[test]
    fn ties_are_where_a_cut_parts_samples_of_one_moment() {
        let plan = plan("train=50,test=50", Some("25"));
        let ties_of = |starts: &[i128]| {
            let spans: Vec<Span> = (1..).zip(starts).map(|(id, &start)| span(id, start, start)).collect();
            ties(&plan, &spans)
        };
        // Of eight, train and test have three each.
        assert_eq!(ties_of(&[1, 2, 3, 4, 5, 6, 7, 8]), []);
        assert_eq!(ties_of(&[1, 2, 4, 4, 5, 6, 7, 8]), [(Place::Split(1), 2)]);
        assert_eq!(ties_of(&[1, 2, 3, 4, 4, 4, 7, 8]), []);
        assert_eq!(ties_of(&[1, 3, 3, 3, 5, 7, 7, 7]), [(Place::Split(1), 3), (Place::Challenge, 3)]);
        assert_eq!(ties_of(&[7; 8]), [(Place::Challenge, 8)]);
        assert_eq!(ties_of(&[]), []);
    }

    proptest! {
        #[test]
        fn nothing_of_a_later_part_is_before_the_gap(
            times in prop::collection::vec((0_i128..1000, 0_i128..50), 1..60), gap in 0_i64..30
        ) {
            let spans: Vec<Span> = times.iter().enumerate().map(|(n, &(first, length))| span(n as u64, first, first + length)).collect();
            let plan = plan("train=5,validation=2,test=3", Some("10"));
            let places = assign(&plan, &spans, gap);
            let parts: Vec<Place> = plan.parts().iter().map(|(place, _)| *place).collect();
            let rank = |place: Place| parts.iter().position(|part| *part == place);
            for (one, a) in spans.iter().zip(&places) {
                for (other, b) in spans.iter().zip(&places) {
                    if let (Some(a), Some(b)) = (rank(*a), rank(*b)) && a < b {
                        let apart = other.1.unwrap().0.0 - one.1.unwrap().1.0;
                        prop_assert!(apart > 0 && apart >= i128::from(gap));
                    }
                }
            }
        }
    }
}
