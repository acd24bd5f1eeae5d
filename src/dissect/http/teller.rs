//! Tells exchanges, and the logins in them.

use super::credentials::attempts;
use super::record::{Exchange, Http};
use crate::dissect::login::{MAX_ATTEMPTS, Outcome};
use crate::dissect::record::Events;

/// Tells the exchanges of one conversation.
#[derive(Debug)]
pub(in crate::dissect) struct Teller {
    secrets: bool,
    attempts: u64,
    /// What the last login that succeeded was with.
    logged_in: Option<String>,
}

impl Teller {
    pub(in crate::dissect) fn new(secrets: bool) -> Self {
        Self { secrets, attempts: 0, logged_in: None }
    }

    /// Tells one; nothing if nothing of it was seen.
    pub(in crate::dissect) fn tell(&mut self, exchange: Exchange, out: &mut Events) {
        let Exchange { request, response, .. } = &exchange;
        let Some(first) = request.as_ref().or(response.as_ref()).map(|message| message.first) else { return };
        let last = [request, response].into_iter().flatten().map(|message| message.last);
        let last = last.max_by_key(|last| last.packet).unwrap_or(first);
        let status = response.as_ref().and_then(|response| response.start.status);
        let attempts = request.as_ref().map(|request| attempts(request, status, self.secrets));
        out.push(first, last, Http::of(exchange, self.secrets));
        for (mut auth, same) in attempts.into_iter().flatten() {
            let succeeded = auth.result == Outcome::Success;
            // The same again with every request is no new login.
            if succeeded && self.logged_in.as_ref() == Some(&same) || self.attempts >= MAX_ATTEMPTS {
                continue;
            }
            self.logged_in = succeeded.then_some(same);
            self.attempts += 1;
            auth.attempt = self.attempts;
            out.push(first, last, auth);
        }
    }
}
