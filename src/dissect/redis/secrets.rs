//! Secrets in what Redis replies: settings, and commands of others in what MONITOR and SLOWLOG tell.

use super::request::Request;
use super::resp::{Item, inline_items};
use crate::dissect::text::SECRET;
use crate::flow::Moment;

/// Settings whose values are secrets (redis.conf), as CONFIG GET tells them.
const SETTINGS: [&[u8]; 6] = [
    b"requirepass",
    b"masterauth",
    b"primaryauth",
    b"tls-key-file-pass",
    b"tls-client-key-file-pass",
    b"sentinel-pass",
];

/// Takes secrets out of a reply.
pub(super) fn conceal(item: &mut Item) {
    if item.kind == b'+' {
        return monitored(item);
    }
    if is_command(&item.elements) {
        item.elements.iter_mut().skip(1).for_each(hide);
    }
    let mut is_secret = false;
    for element in &mut item.elements {
        if std::mem::take(&mut is_secret) {
            hide(element);
        }
        is_secret = SETTINGS.iter().any(|setting| element.text.eq_ignore_ascii_case(setting));
        conceal(element);
    }
}

/// True if texts are a command with a secret in it.
fn is_command(words: &[Item]) -> bool {
    let is_text = |word: &Item| !word.is_list() && !word.null;
    let command = Item { kind: b'*', length: words.len() as u64, elements: words.to_vec(), ..Item::default() };
    words.len() > 1
        && words.iter().all(is_text)
        && Request::of(command, Moment::default(), Moment::default()).has_secret()
}

/// A line of MONITOR: `1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`.
fn monitored(item: &mut Item) {
    let place = item.text.windows(3).position(|window| window == b"] \"").filter(|_| item.text.starts_with(b"1"));
    let Some((front, command)) = place.and_then(|place| item.text.split_at_checked(place + 2)) else { return };
    if let Some(words) = inline_items(command).filter(|words| is_command(words)) {
        let name = words.first().map(Item::told).unwrap_or_default();
        item.text = [front, format!("\"{name}\" {SECRET}").as_bytes()].concat();
    }
}

fn hide(item: &mut Item) {
    if !item.is_list() && !item.null {
        item.text = SECRET.as_bytes().to_vec();
    }
}
