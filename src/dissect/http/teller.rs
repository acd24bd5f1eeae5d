//! Tells exchanges, and the logins in them.

use super::credentials::attempts;
use super::message::Message;
use super::record::{Exchange, Http, holds_secret};
use crate::dissect::Limits;
use crate::dissect::dns::https;
use crate::dissect::held::Held;
use crate::dissect::login::{Attempts, Outcome};
use crate::dissect::record::Events;

/// Tells the exchanges of one conversation.
#[derive(Debug)]
pub(in crate::dissect) struct Teller {
    limits: Limits,
    attempts: Attempts,
    /// What the last login that succeeded was with.
    logged_in: Option<String>,
}

impl Held for Teller {
    fn held(&self) -> usize {
        self.logged_in.held()
    }
}

impl Teller {
    pub(in crate::dissect) fn new(limits: &Limits) -> Self {
        Self { limits: limits.clone(), attempts: Attempts::default(), logged_in: None }
    }

    /// True if a line that made no sense may be told: it holds no secret, or secrets are told.
    pub(super) fn may_tell(&self, line: &str) -> bool {
        self.limits.secrets || !holds_secret(line)
    }

    /// Tells one; nothing if nothing of it was seen.
    pub(in crate::dissect) fn tell(&mut self, exchange: Exchange, out: &mut Events) {
        let Exchange { request, response, .. } = &exchange;
        let Some(first) = request.as_ref().or(response.as_ref()).map(|message| message.first) else { return };
        let last = [request, response].into_iter().flatten().map(|message| message.last);
        let last = last.max_by_key(|last| last.packet).unwrap_or(first);
        let status = response.as_ref().and_then(|response| response.start.status);
        let attempts = request.as_ref().map(|request| attempts(request, status, self.limits.secrets));
        let names = names(&exchange);
        out.push(first, last, Http::of(exchange, self.limits.secrets));
        for (auth, same) in attempts.into_iter().flatten() {
            let succeeded = auth.result == Outcome::Success;
            // The same again with every request is no new login.
            if succeeded && self.logged_in.as_ref() == Some(&same) {
                continue;
            }
            self.logged_in = succeeded.then_some(same);
            self.attempts.tell(first, last, auth, out);
        }
        let [asked, answered] = names;
        https::tell(asked, answered, &self.limits, out);
    }
}

/// The messages of the DNS that stand in an exchange: query and response.
fn names(exchange: &Exchange) -> [Option<https::Body>; 2] {
    let body = |message: &Option<Message>| {
        let message = message.as_ref()?;
        let is_of_dns = message.header("content-type").is_some_and(|kind| kind.eq_ignore_ascii_case(https::MEDIA_TYPE));
        let bytes = match message.start.method.as_str() {
            "GET" => https::in_target(&message.start.uri)?,
            _ if is_of_dns => message.body.seen().to_vec(),
            _ => return None,
        };
        Some(https::Body { bytes, first: message.first, last: message.last })
    };
    [body(&exchange.request), body(&exchange.response)]
}
