//! DNS over HTTPS, where it is not encrypted, or not any more: RFC 8484. An exchange is a query and its response.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::message::{Message, Style};
use super::record::{Dns, SeedDns};
use super::tell_faults;
use crate::dissect::{Events, Limits};
use crate::flow::Moment;

/// The media type of messages.
pub(in crate::dissect) const MEDIA_TYPE: &str = "application/dns-message";

/// The longest message.
const LONGEST: usize = 65_535;

/// A message's bytes, and its first and last packet.
#[derive(Debug, Clone)]
pub(in crate::dissect) struct Body {
    pub(in crate::dissect) bytes: Vec<u8>,
    pub(in crate::dissect) first: Moment,
    pub(in crate::dissect) last: Moment,
}

/// The message that the target of a GET has: the variable `dns`, in base64.
pub(in crate::dissect) fn in_target(target: &str) -> Option<Vec<u8>> {
    let (_, variables) = target.split_once('?')?;
    let text = variables.split('&').find_map(|variable| variable.strip_prefix("dns="))?;
    (text.len() <= 2 * LONGEST).then(|| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()).flatten()
}

/// Tells a query and its response; of what is no message, nothing.
pub(in crate::dissect) fn tell(query: Option<Body>, response: Option<Body>, limits: &Limits, out: &mut Events) {
    let style = Style { multicast: false, dots: limits.seed_dns };
    let read = |body: Option<Body>, is_response: bool| {
        let body = body?;
        let message = Message::read(&body.bytes, style)
            .filter(|message| message.is_something() && message.header.is_response() == is_response)?;
        Some((message, body.first, body.last))
    };
    let (query, response) = (read(query, false), read(response, true));
    for (message, first, last) in [&query, &response].into_iter().flatten() {
        tell_faults(message, *first, *last, out);
    }
    let rtt = query
        .as_ref()
        .zip(response.as_ref())
        .map(|((_, asked, _), (.., answered))| answered.time.saturating_sub(asked.time));
    match (query, response) {
        (query, response) if limits.seed_dns => {
            for (message, first, last) in [query, response].into_iter().flatten() {
                let is_orig = !message.header.is_response();
                out.push(first, last, SeedDns::of(message, is_orig));
            }
        }
        (Some((query, first, _)), Some((response, _, last))) if !limits.dns_messages => {
            out.push_some(first, last, Dns::of(Some(query), Some(response), rtt, "https"));
        }
        (query, response) => {
            if let Some((query, first, last)) = query {
                out.push_some(first, last, Dns::of(Some(query), None, None, "https"));
            }
            if let Some((response, first, last)) = response {
                out.push_some(first, last, Dns::of(None, Some(response), rtt, "https"));
            }
        }
    }
}
