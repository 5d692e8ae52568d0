//! The words of a crowd: names, cities with their places, interests, what notes speak of.

use crate::random::Random;

const FIRST: [&str; 16] = [
    "Anna", "Ben", "Chloe", "David", "Elif", "Finn", "Greta", "Hannah", "Jonas", "Karin", "Lukas",
    "Mira", "Noah", "Priya", "Samuel", "Zoe",
];
/// Beginnings and ends of last names: each joined to each.
const BEGIN: [&str; 30] = [
    "Acker", "Birken", "Brand", "Buchen", "Dorn", "Eichen", "Erlen", "Falken", "Feld", "Fuchs",
    "Gold", "Haber", "Hirsch", "Holz", "Kalten", "Kirch", "Krumm", "Lang", "Linden", "Mohn",
    "Neuen", "Ober", "Rosen", "Roth", "Sand", "Silber", "Stein", "Tannen", "Unter", "Wald",
];
const END: [&str; 30] = [
    "acher", "auer", "bacher", "baum", "berger", "brecht", "brunner", "dorfer", "ecker", "egger",
    "feller", "garten", "haler", "hauser", "heimer", "hofer", "huber", "kamper", "leitner",
    "macher", "maier", "meister", "moser", "reiter", "rieder", "schmid", "steiner", "thaler",
    "wieser", "zinger",
];
/// Beginnings and ends of cities.
const WHERE: [&str; 40] = [
    "Alten", "Aren", "Bad", "Bern", "Bisch", "Blanken", "Bruch", "Burg", "Dillen", "Ebers",
    "Ellen", "Frank", "Frei", "Gelsen", "Glad", "Greven", "Hagen", "Hohen", "Ingel", "Kaisers",
    "Kleve", "Lauter", "Lichten", "Mann", "Marien", "Mosel", "Mühl", "Neun", "Olden", "Peters",
    "Quer", "Rhein", "Schön", "Schwarz", "Sieg", "Stutt", "Thal", "Wester", "Wolfs", "Zwei",
];
const WHAT: [&str; 50] = [
    "ach", "aich", "amt", "angen", "au", "bach", "beck", "berg", "born", "brück", "brunn", "bühl",
    "burg", "büttel", "dorf", "eck", "feld", "fels", "furt", "gart", "graben", "hafen", "hagen",
    "hain", "hausen", "heim", "hof", "holm", "hude", "hütte", "ingen", "kamp", "kirchen", "kreuz",
    "lage", "lar", "loh", "markt", "mühle", "münde", "quell", "rade", "rode", "see", "stadt",
    "stein", "thal", "wald", "weiler", "zell",
];

/// What many like.
pub(crate) const INTERESTS: [&str; 20] = [
    "art",
    "baking",
    "chess",
    "cycling",
    "dance",
    "film",
    "fishing",
    "gardening",
    "hiking",
    "history",
    "music",
    "opera",
    "painting",
    "photography",
    "reading",
    "running",
    "sailing",
    "skiing",
    "tennis",
    "travel",
];
/// Notes begin so …
pub(super) const VERBS: [&str; 6] = [
    "asked about",
    "complained about",
    "praised",
    "wants to hear of",
    "returned",
    "was called because of",
];
/// … and go on so.
pub(crate) const THINGS: [&str; 10] = [
    "the delivery",
    "an invoice",
    "the newsletter",
    "a broken lamp",
    "the summer sale",
    "a gift card",
    "the new app",
    "a late parcel",
    "the opening hours",
    "spare parts",
];

/// How many cities there are.
pub(crate) const CITIES: u64 = (WHERE.len() * WHAT.len()) as u64;
/// How many clubs.
const CLUBS: u64 = 1_000;
/// How many cases notes speak of.
pub(crate) const CASES: u64 = 10_000;

/// A first name.
pub(super) fn first_name(random: &mut Random) -> &'static str {
    random.pick::<&str>(&FIRST)
}

/// A last name, with at least seven letters.
pub(crate) fn last_name(random: &mut Random) -> String {
    format!("{}{}", random.pick(&BEGIN), random.pick(&END))
}

/// A city by its number.
pub(crate) fn city(number: u64) -> String {
    let at = usize::try_from(number).unwrap_or_default();
    let (begin, end) = (at % WHERE.len(), at / WHERE.len() % WHAT.len());
    format!("{}{}", WHERE[begin], WHAT[end])
}

/// Where it lies: latitude and longitude.
pub(crate) fn place(number: u64) -> (f64, f64) {
    let mut random = Random::of(0, number);
    (
        47.5 + 7.5 * random.fraction(),
        6.0 + 9.0 * random.fraction(),
    )
}

/// A club: few like the same.
pub(crate) fn club(random: &mut Random) -> String {
    format!("club {}", 1_000 + random.below(CLUBS))
}
