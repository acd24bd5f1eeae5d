//! Windows of time, found by a moment without looking at each.
//!
//! An augmented interval tree that lies in a sorted array: the middle of a range is its root, and knows the latest end
//! in the range, so that ranges that ended before the moment are passed over. Source: Cormen, Leiserson, Rivest, Stein,
//! Introduction to Algorithms, "Interval trees"; the array form is that of Li and Rong, Bedtk, Bioinformatics 2021.

use std::ops::ControlFlow;

/// Numbered windows, inclusive at both ends.
#[derive(Debug, Clone, Default)]
pub(super) struct Windows<T> {
    /// By first moment, then number.
    windows: Vec<Window<T>>,
}

#[derive(Debug, Clone, Copy)]
struct Window<T> {
    first: T,
    last: T,
    /// The latest `last` of the range of which this window is the middle.
    latest: T,
    number: u32,
}

impl<T: Copy + Ord> Windows<T> {
    /// Windows from the first to the last moment, with their numbers.
    pub(super) fn new(windows: impl IntoIterator<Item = (T, T, u32)>) -> Self {
        let window = |(first, last, number)| Window { first, last, latest: last, number };
        let mut windows: Vec<Window<T>> = windows.into_iter().map(window).collect();
        windows.sort_unstable_by_key(|window| (window.first, window.number));
        windows.shrink_to_fit();
        spread(&mut windows);
        Self { windows }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// Calls `each` with the numbers of the windows that hold the moment, in no promised order.
    #[inline]
    pub(super) fn at(&self, moment: T, mut each: impl FnMut(u32)) {
        let _ = self.overlapping(moment, moment, |_, number| {
            each(number);
            ControlFlow::Continue(())
        });
    }

    /// Calls `each` with the first moments and numbers of the windows that hold a moment between these two, those that
    /// begin last first, until it breaks off.
    #[inline]
    pub(super) fn overlapping(
        &self,
        from: T,
        to: T,
        mut each: impl FnMut(T, u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        visit(&self.windows, from, to, &mut each)
    }
}

/// Tells every middle the latest end of its range.
fn spread<T: Copy + Ord>(windows: &mut [Window<T>]) -> Option<T> {
    let middle = windows.len() / 2;
    let (before, rest) = windows.split_at_mut(middle);
    let (root, after) = rest.split_first_mut()?;
    let below = spread(before).max(spread(after));
    root.latest = below.map_or(root.last, |below| below.max(root.last));
    Some(root.latest)
}

fn visit<T: Copy + Ord>(
    windows: &[Window<T>],
    from: T,
    to: T,
    each: &mut impl FnMut(T, u32) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let (before, rest) = windows.split_at(windows.len() / 2);
    let Some((root, after)) = rest.split_first() else {
        return ControlFlow::Continue(());
    };
    if root.latest < from {
        return ControlFlow::Continue(());
    }
    if root.first <= to {
        visit(after, from, to, each)?;
        if from <= root.last {
            each(root.first, root.number)?;
        }
    }
    visit(before, from, to, each)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_tree_answers_like_a_list(
            list in prop::collection::vec((0_i64..60, 0_i64..20), 0..60),
            moment in -1_i64..90,
            more in 0_i64..9,
        ) {
            let windows: Vec<(i64, i64, u32)> =
                list.iter().zip(0..).map(|(&(first, length), number)| (first, first + length, number)).collect();
            let holds = |&&(first, last, _): &&(i64, i64, u32)| first <= moment && moment <= last;
            let tree = Windows::new(windows.iter().copied());
            let mut found = Vec::new();
            tree.at(moment, |number| found.push(number));
            found.sort_unstable();
            let expected: Vec<u32> = windows.iter().filter(holds).map(|window| window.2).collect();
            prop_assert_eq!(found, expected);
            let mut found = Vec::new();
            let _ = tree.overlapping(moment, moment + more, |first, number| {
                found.push((first, number));
                ControlFlow::Continue(())
            });
            prop_assert!(found.is_sorted_by(|one, other| one >= other));
            let overlaps = |&&(first, last, _): &&(i64, i64, u32)| first <= moment + more && moment <= last;
            prop_assert_eq!(found.len(), windows.iter().filter(overlaps).count());
        }
    }
}
