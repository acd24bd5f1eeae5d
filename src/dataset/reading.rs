//! What is read bit by bit, and handed out one after the other: samples, or batches of packets.
//!
//! [`Reading`] is whoever asks; a [`Supply`] says how to read on. What was wrong is told when all that could be read was
//! given, and whoever waits for long is asked now and then whether to go on.

use std::collections::VecDeque;
use std::task::Poll;

use crate::error::{Error, Result};

/// Where what is handed out comes from.
pub trait Supply {
    /// What is handed out.
    type Item;

    /// Reads on for a while, or until something is ready; false at the end.
    ///
    /// # Errors
    /// What is wrong with the input. Nothing is read behind it.
    fn read_on(&mut self, ready: &mut VecDeque<Self::Item>) -> Result<bool>;

    /// Nothing more comes, because of the end or of an error: what waits is ready now.
    ///
    /// # Errors
    /// What is wrong with that.
    fn end(&mut self, ready: &mut VecDeque<Self::Item>) -> Result<()>;
}

/// A supply that is being read.
pub struct Reading<S: Supply> {
    supply: S,
    ready: VecDeque<S::Item>,
    ended: bool,
    fault: Option<Error>,
}

impl<S: Supply> Reading<S> {
    pub(super) fn of(supply: S) -> Self {
        Self { supply, ready: VecDeque::new(), ended: false, fault: None }
    }

    /// The next one.
    ///
    /// # Errors
    /// Where the input is faulty, when all before that was given.
    pub fn next_given(&mut self) -> Result<Option<S::Item>> {
        self.next_unless(&mut || Ok(()))
    }

    /// The same; `stop` is asked whether to go on while none comes, which may be long where few samples are selected.
    /// Whoever stopped can ask again.
    ///
    /// # Errors
    /// What `stop` says, too.
    pub fn next_unless(&mut self, stop: &mut dyn FnMut() -> Result<()>) -> Result<Option<S::Item>> {
        loop {
            match self.poll()? {
                Poll::Ready(given) => return Ok(given),
                Poll::Pending => stop()?,
            }
        }
    }

    /// The next one, if reading for a while is enough.
    pub(super) fn poll(&mut self) -> Result<Poll<Option<S::Item>>> {
        if self.ready.is_empty() && !self.ended {
            self.read_on();
        }
        match self.ready.pop_front() {
            Some(given) => Ok(Poll::Ready(Some(given))),
            None if self.ended => self.fault.take().map_or(Ok(Poll::Ready(None)), Err),
            None => Ok(Poll::Pending),
        }
    }

    fn read_on(&mut self) {
        let more = self.supply.read_on(&mut self.ready);
        if matches!(more, Ok(true)) {
            return;
        }
        self.ended = true;
        self.fault = more.err().or(self.supply.end(&mut self.ready).err());
    }
}
