//! Who says something, in the form in which people are kept.

use super::variant::variants;
use crate::{
    contact::{self, Writer},
    phone, text,
};
use entity::channel::Model as Channel;
use provider::{Incoming, Person};

/// Characters of a profile's name that are kept.
const LONGEST_NAME: usize = 200;
/// Characters of a URL that are kept; a longer one would lead nowhere when it is cut.
const LONGEST_URL: usize = 2_000;

/// By which a message is known again.
pub(super) fn name(said: &Incoming) -> String {
    clean(&said.id, 256)
}

/// Who wrote; none where nothing of it can be an address.
pub(super) fn writer(channel: &Channel, person: &Person) -> Option<Writer> {
    let given = [&person.address, &person.user_id];
    let addresses: Vec<String> = given
        .into_iter()
        .flatten()
        .filter_map(|address| kept(channel, address))
        .collect();
    let first = addresses.first()?;
    let variants = match contact::is_phone_channel(channel.kind) {
        true => variants(first),
        false => Vec::new(),
    };
    let name = person
        .profile_name
        .as_deref()
        .map(|name| clean(name, LONGEST_NAME));
    let url = person.picture_url.as_deref().map(str::trim);
    let url = url.filter(|url| url.starts_with("https://") && url.len() <= LONGEST_URL);
    Some(Writer {
        variants,
        addresses,
        profile_name: name.filter(|name| !text::is_blank(name)),
        avatar_url: url.map(|url| clean(url, LONGEST_URL)),
    })
}

/// An address in the form in which addresses are kept. Channels tell numbers without `+`, and know some that no plan of numbers has: those stay as they are told.
fn kept(channel: &Channel, address: &str) -> Option<String> {
    let address = clean(address, 256);
    let is_number = !address.is_empty() && address.bytes().all(|b| b.is_ascii_digit());
    if contact::is_phone_channel(channel.kind) && is_number {
        let number = format!("+{address}");
        let read = phone::parse(&number, None).map(phone::E164::into_string);
        return Some(read.unwrap_or(number));
    }
    contact::normalise_address(channel.kind, &address, None)
        .ok()
        .or_else(|| Some(address).filter(|address| !address.is_empty()))
}

/// Without NUL, which neither database keeps, and not longer than this.
pub(super) fn clean(text: &str, longest: usize) -> String {
    let text = text.trim().chars().filter(|c| *c != '\0');
    text.take(longest).collect()
}
