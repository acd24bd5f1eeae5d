//! Queries that wait for their responses.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::message::Message;
use crate::dissect::held::Held;
use crate::flow::{Moment, Side};

/// Queries of one conversation that wait, at most.
const MAX_WAITING: usize = 1_000;

/// Memory that those take, at most, in bytes.
const MAX_COST: usize = 1 << 20;

/// Who has no answer after so many nanoseconds gets none: a number is used again some time.
const MAX_AGE: i64 = 60_000_000_000;

/// Queries without responses so far.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    queries: BTreeMap<u64, Query>,
    /// By whose they are and their numbers.
    places: HashMap<(Side, u16), VecDeque<u64>>,
    count: u64,
    cost: usize,
}

/// A query that waits.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) first: Moment,
    pub(super) last: Moment,
    side: Side,
    id: u16,
    asked: Option<Asked>,
    cost: usize,
    /// None if it was told already.
    pub(super) message: Option<Message>,
}

/// What was asked, in small letters.
type Asked = (String, u16, u16);

impl Waiting {
    /// Adds a query.
    pub(super) fn push(&mut self, side: Side, message: &Message, told: bool, first: Moment, last: Moment) {
        let cost = message.cost;
        let kept = (!told).then(|| message.clone());
        let query = Query { first, last, side, id: message.header.id, asked: asked(message), cost, message: kept };
        self.places.entry((side, query.id)).or_default().push_back(self.count);
        self.queries.insert(self.count, query);
        self.count += 1;
        self.cost += cost;
    }

    /// Takes the query that this message from the other side answers.
    pub(super) fn answered(&mut self, side: Side, message: &Message) -> Option<Query> {
        let asked = asked(message);
        let places = self.places.get(&(side.other(), message.header.id))?;
        let is_it = |place: &&u64| {
            self.queries
                .get(place)
                .is_some_and(|query| asked.is_none() || query.asked.is_none() || query.asked == asked)
        };
        let place = *places.iter().find(is_it)?;
        self.take(place)
    }

    /// Takes one that waits for too long, or behind which too many wait.
    pub(super) fn overdue(&mut self, now: Moment) -> Option<Query> {
        let (place, oldest) = self.queries.first_key_value()?;
        let late = now.time.saturating_sub(oldest.first.time) > MAX_AGE;
        let place = *place;
        (late || self.queries.len() > MAX_WAITING || self.cost > MAX_COST).then(|| self.take(place)).flatten()
    }

    /// Takes the oldest.
    pub(super) fn oldest(&mut self) -> Option<Query> {
        let place = *self.queries.first_key_value()?.0;
        self.take(place)
    }

    fn take(&mut self, place: u64) -> Option<Query> {
        let query = self.queries.remove(&place)?;
        self.cost = self.cost.saturating_sub(query.cost);
        let key = (query.side, query.id);
        if let Some(places) = self.places.get_mut(&key) {
            places.retain(|other| *other != place);
            if places.is_empty() {
                self.places.remove(&key);
            }
        }
        Some(query)
    }
}

impl Held for Waiting {
    fn held(&self) -> usize {
        self.cost
    }
}

fn asked(message: &Message) -> Option<Asked> {
    let question = message.questions.first()?;
    Some((question.told.name.to_ascii_lowercase(), question.kind, question.class))
}
