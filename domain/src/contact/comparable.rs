//! What filters and the search box look at: copies of a contact's texts and values, made anew at every write.

use super::patch::{has_own_name, is_nameless};
use crate::{attribute::Attributes, text, value::Value};
use entity::{attribute::AttributeType, contact};
use serde_json::{Map, Value as Json};

type ReadText = fn(&contact::Model) -> Option<&str>;

/// The built-in texts that filters compare folded, with their key in the document. An attribute's key there is its id.
const TEXTS: [(&str, ReadText); 9] = [
    ("name", |contact| Some(&contact.display_name)),
    ("firstName", |contact| contact.first_name.as_deref()),
    ("lastName", |contact| contact.last_name.as_deref()),
    ("username", |contact| contact.username.as_deref()),
    ("title", |contact| contact.title.as_deref()),
    ("account", |contact| contact.account.as_deref()),
    ("email", |contact| contact.email.as_deref()),
    ("country", |contact| contact.country.as_deref()),
    ("language", |contact| contact.language.as_deref()),
];

/// A search text of this length takes no more custom texts and addresses: they are not found by the search box (a filter finds them).
const SEARCHED: usize = 4_000;

/// However long it is.
const WHOLE: usize = usize::MAX;

/// The contact's texts and values as filters compare them.
pub(crate) fn document(contact: &contact::Model, attributes: &Attributes) -> Json {
    let texts = TEXTS
        .iter()
        .filter_map(|(key, read)| Some(((*key).to_owned(), text::fold(read(contact)?).into())));
    let mut document: Map<String, Json> = texts.collect();
    let values = contact.attributes.as_object().into_iter().flatten();
    for (id, json) in values {
        let attribute = id.parse().ok().map(entity::id::AttributeId);
        let Some(attribute) = attribute.and_then(|id| attributes.by_id(id)) else {
            continue;
        };
        if let Some(value) = Value::from_stored(attribute.r#type, json) {
            document.insert(id.clone(), value.comparable());
        }
    }
    Json::Object(document)
}

/// What the search box looks into: words, each after a space, folded as `document` has them. A contact's own fields stand in it whole,
/// however long they are, and so does what is shown for a name: filters on them look here first.
pub(super) struct Searched {
    /// Names and custom texts.
    pub(super) open: String,
    /// The e-mail address, the phone number with `+` and as it is dialled at home, and the addresses: some may not see them.
    pub(super) reach: String,
}

impl Searched {
    pub(super) fn new(
        contact: &contact::Model,
        document: &Json,
        addresses: &[String],
        attributes: &Attributes,
    ) -> Self {
        let folded = |key: &str| document.get(key).and_then(Json::as_str);
        let mut open = Words::default();
        // What else stands in for a name is in `reach`.
        if has_own_name(contact) || (is_nameless(contact) && addresses.is_empty()) {
            open.add(folded("name"), WHOLE);
        }
        for key in ["firstName", "lastName", "username", "account"] {
            open.add(folded(key), WHOLE);
        }
        for attribute in attributes.iter() {
            if attribute.r#type == AttributeType::Text {
                open.add(folded(&attribute.id.0.to_string()), open.left());
            }
        }
        let mut reach = Words::default();
        reach.add(folded("email"), WHOLE);
        reach.add_number(contact.phone.as_deref(), WHOLE);
        let phone = contact.phone.as_ref();
        let others = addresses.iter().filter(|address| Some(*address) != phone);
        for (n, address) in others.enumerate() {
            // The first one may stand in for a name.
            let most = if n == 0 { WHOLE } else { reach.left() };
            reach.add_number(Some(address), most);
        }
        Self {
            open: open.0,
            reach: reach.0,
        }
    }
}

/// Words, each after a space.
#[derive(Default)]
struct Words(String);

impl Words {
    /// How many more characters there is room for.
    fn left(&self) -> usize {
        SEARCHED.saturating_sub(self.0.len())
    }

    /// So many characters of it at most.
    fn add(&mut self, text: Option<&str>, most: usize) {
        let mut left = most;
        for word in text.into_iter().flat_map(str::split_whitespace) {
            if left == 0 {
                break;
            }
            self.0.push(' ');
            self.0
                .extend(word.chars().take(left).inspect(|_| left -= 1));
        }
    }

    /// A phone number or whatever else an address is: as it is dialled at home, and as it is.
    fn add_number(&mut self, number: Option<&str>, most: usize) {
        if let Some(number) = number {
            self.add(crate::phone::national(number).as_deref(), most);
            self.add(Some(&text::fold(number)), most);
        }
    }
}
