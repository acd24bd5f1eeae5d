//! What a client asked for, and which reply is whose, where replies name nothing and come in order.
//!
//! [`Asked`] pairs them as long as nothing is missing. Where something is, it is not known how many commands or replies
//! were in it: what was asked before still has its replies, everything behind has none. Pairing is known again when the
//! client speaks after the server did, nothing is missing between, and so many replies came as were asked for behind the
//! gap: a client that waits for replies has all of them then. One that was seen not to wait is not trusted in that. No
//! reply is better than that of another command.

use std::collections::VecDeque;

use super::held::Held;
use crate::flow::Moment;

/// Whether the client waits for the replies to what it asked before it asks again.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The server replied since the client spoke last, and nothing is missing between.
    replied: bool,
    /// The client asked again before all replies came, unless they are missing.
    ahead: bool,
    /// It does not wait.
    streams: bool,
    /// It replied to nothing that was asked.
    strayed: bool,
    /// What was asked behind a gap, less the replies there.
    owed: u64,
}

impl Turns {
    /// The client asks, while it is known or not which replies are for what, and `waits` if so for some. True if it must
    /// have all replies to what it asked before.
    pub(super) fn asks(&mut self, known: bool, waits: bool) -> bool {
        let turn = std::mem::take(&mut self.replied);
        self.strayed = false;
        self.ahead |= turn && known && waits;
        turn && !self.streams && self.owed == 0
    }

    /// So many replies are to come of which it is not known what for.
    pub(super) fn owes(&mut self, replies: u64) {
        self.owed = self.owed.saturating_add(replies);
    }

    /// The server replies, to what is known or not, and was found or not.
    pub(super) fn replies(&mut self, known: bool, found: bool) {
        self.replied = true;
        self.strayed |= known && !found;
        self.streams |= std::mem::take(&mut self.ahead);
        self.owed = self.owed.saturating_sub(u64::from(!known));
    }

    /// Some of what the client said is missing.
    pub(super) fn lost_commands(&mut self) {
        self.replied = false;
    }

    /// Of a command that has begun a part is missing. True if it may have been replied to already.
    pub(super) fn lost_part(&self) -> bool {
        self.strayed
    }

    /// Replies are missing, perhaps those that the client had when it asked again.
    pub(super) fn lost_replies(&mut self) {
        (self.replied, self.ahead, self.owed) = (false, false, 0);
    }

    /// Nothing waits.
    fn anew(&mut self) {
        self.owed = 0;
    }
}

/// What waits for replies, in order.
#[derive(Debug)]
pub(super) struct Asked<T> {
    waiting: VecDeque<Waiting<T>>,
    bytes: usize,
    most: usize,
    most_bytes: usize,
    /// What was overdue, and is to be replied to yet.
    unanswered: u64,
    /// Something is missing, and so many that wait stand before it; which replies are for those behind is not known.
    sure: Option<usize>,
    turns: Turns,
}

/// A command that waits.
#[derive(Debug)]
struct Waiting<T> {
    asked: T,
    /// When it was asked: what began before that is no reply to it.
    at: Moment,
    /// How much memory it takes, in bytes.
    size: usize,
}

impl<T> Asked<T> {
    /// At most so many wait, of so many bytes.
    pub(super) fn new(most: usize, most_bytes: usize) -> Self {
        let (waiting, turns) = (VecDeque::new(), Turns::default());
        Self { waiting, bytes: 0, most, most_bytes, unanswered: 0, sure: None, turns }
    }

    /// The client asks again. Those that wait whose replies cannot be known any more.
    pub(super) fn again(&mut self) -> Vec<T> {
        let (known, waits) = (self.is_known(), self.unanswered > 0 || !self.waiting.is_empty());
        let has_all = self.turns.asks(known, waits);
        if has_all && !known { self.give_up() } else { Vec::new() }
    }

    /// Adds what takes so many bytes. Those that cannot wait longer.
    #[must_use]
    pub(super) fn push(&mut self, asked: T, at: Moment, size: usize) -> Vec<T> {
        let mut over = self.again();
        if !self.is_known() {
            self.turns.owes(1);
        }
        self.waiting.push_back(Waiting { asked, at, size });
        self.bytes += size;
        while self.waiting.len() > self.most || self.bytes > self.most_bytes {
            let Some(oldest) = self.oldest() else { break };
            over.push(oldest);
            match &mut self.sure {
                Some(0) => {}
                Some(sure) => {
                    *sure -= 1;
                    self.unanswered += 1;
                }
                None => self.unanswered += 1,
            }
        }
        over
    }

    /// The last one takes so many bytes more.
    pub(super) fn grow(&mut self, more: usize) {
        if let Some(last) = self.waiting.back_mut() {
            last.size += more;
            self.bytes += more;
        }
    }

    /// Takes what a reply that began then is for: none if it waits no longer, was not seen, or is not known.
    pub(super) fn answered(&mut self, began: Moment) -> Option<T> {
        let known = self.sure != Some(0) || self.unanswered > 0;
        let overdue = self.unanswered > 0;
        let found = if self.front(began).is_some() { self.oldest() } else { None };
        self.turns.replies(known, overdue || found.is_some());
        match &mut self.sure {
            _ if overdue => self.unanswered -= 1,
            Some(sure) => *sure -= usize::from(found.is_some()),
            None => {}
        }
        found
    }

    /// What a reply that began then is for.
    pub(super) fn front(&self, began: Moment) -> Option<&T> {
        self.first().filter(|_| self.waiting.front().is_some_and(|front| front.at.packet <= began.packet))
    }

    /// What a reply that begins now is for.
    pub(super) fn first(&self) -> Option<&T> {
        let front = self.waiting.front().filter(|_| self.unanswered == 0 && self.sure != Some(0));
        front.map(|front| &front.asked)
    }

    /// True if none waits, and no reply is to come to what waits no longer.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.unanswered == 0
    }

    /// What was asked last.
    pub(super) fn last(&self) -> Option<&T> {
        self.waiting.back().map(|last| &last.asked)
    }

    /// The same, to be changed.
    pub(super) fn last_mut(&mut self) -> Option<&mut T> {
        self.waiting.back_mut().map(|last| &mut last.asked)
    }

    /// True if it is known which replies are for what is asked next.
    pub(super) fn is_known(&self) -> bool {
        self.sure.is_none()
    }

    /// Some of what the client said is missing.
    pub(super) fn lost_commands(&mut self) {
        self.turns.lost_commands();
        self.sure.get_or_insert(self.waiting.len());
    }

    /// Of a command that has begun a part is missing.
    pub(super) fn lost_part(&mut self) {
        if self.turns.lost_part() || !self.is_known() {
            self.lost_commands();
        }
    }

    /// Replies are missing: those to anything that waits.
    pub(super) fn lost_replies(&mut self) -> Vec<T> {
        let all = self.give_up();
        self.turns.lost_replies();
        self.sure = Some(0);
        all
    }

    /// The next reply is to the last that waits. Those before it, whose replies were not seen.
    pub(super) fn only_last(&mut self) -> Vec<T> {
        let Some(last) = self.waiting.pop_back() else { return Vec::new() };
        let others = self.give_up();
        self.bytes = last.size;
        self.waiting.push_back(last);
        others
    }

    /// Takes everything that waits, whose replies will not come.
    pub(super) fn give_up(&mut self) -> Vec<T> {
        (self.unanswered, self.sure, self.bytes) = (0, None, 0);
        self.turns.anew();
        self.waiting.drain(..).map(|waiting| waiting.asked).collect()
    }

    fn oldest(&mut self) -> Option<T> {
        let oldest = self.waiting.pop_front()?;
        self.bytes = self.bytes.saturating_sub(oldest.size);
        Some(oldest.asked)
    }
}

impl<T> Held for Asked<T> {
    fn held(&self) -> usize {
        self.bytes + self.waiting.capacity() * size_of::<Waiting<T>>()
    }
}
