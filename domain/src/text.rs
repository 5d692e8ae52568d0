//! Text made comparable: [`fold`] is what search, sorting and text filters see, the same on both databases.
//!
//! Folding is compatibility decomposition, marks off, lower case. Three refinements, each because the plain rule hurts:
//! - A mark goes only where it is an accent (above, below or over a letter, Hebrew points, Arabic vowels). The vowel
//!   signs of Indic scripts, viramas, Thai tone marks and Japanese voicing are marks to Unicode, but letters to a
//!   reader: without them की and का would be equal.
//! - Letters that Unicode does not decompose but that people type without their stroke are spelled out: ß is ss, ø is o.
//! - Invisible format characters (soft hyphen, zero-width space and joiners, directional marks, byte order mark) go:
//!   nobody can type what nobody sees.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

/// How many characters of folded text a slot holds.
pub const SLOT_CHARACTERS: usize = 200;

/// The whole text, folded. Folding twice changes nothing.
#[must_use]
pub fn fold(text: &str) -> String {
    fold_prefix(text, usize::MAX)
}

/// Whether a text shows nothing: it has white space alone, and what is unseen.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    // Most texts begin with something.
    !text.starts_with(|c: char| c.is_ascii_graphic()) && fold(text).trim().is_empty()
}

/// What two short messages are compared by: folded, without the dots, quotes and blanks around it.
#[must_use]
pub fn bare(text: &str) -> String {
    let folded = fold(text);
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    bare.to_owned()
}

/// The first `characters` characters of [`fold`], without folding the rest.
#[must_use]
pub fn fold_prefix(text: &str, characters: usize) -> String {
    if text.is_ascii() {
        let end = text.len().min(characters);
        return text[..end].to_ascii_lowercase();
    }
    fold_unordered(text, characters).unwrap_or_else(|| {
        let kept = text.nfkd().filter(|c| !is_dropped(*c));
        kept.flat_map(Lowered::new).take(characters).collect()
    })
}

/// The text without what surrounds it unseen: white space, zero-width spaces, byte order marks.
#[must_use]
pub fn clean(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
    })
}

/// Character by character, which is several times faster than the decomposition of a whole text. Marks of one letter
/// have an order, which this cannot make: None where there is a mark that stays.
fn fold_unordered(text: &str, characters: usize) -> Option<String> {
    let mut folded = String::with_capacity(text.len());
    let mut left = characters;
    let mut has_mark = false;
    for c in text.chars() {
        if left == 0 || has_mark {
            break;
        }
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
            left -= 1;
            continue;
        }
        decompose_compatible(c, |part| {
            if !is_dropped(part) {
                has_mark |= !part.is_ascii() && canonical_combining_class(part) != 0;
                let before = left;
                folded.extend(Lowered::new(part).take(before).inspect(|_| left -= 1));
            }
        });
    }
    (!has_mark).then_some(folded)
}

fn is_dropped(c: char) -> bool {
    !c.is_ascii() && (is_accent(c) || is_invisible(c))
}

fn is_accent(c: char) -> bool {
    matches!(canonical_combining_class(c), 1 | 10..=36 | 200..=240)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The lower case of one character: nothing allocated, as this runs for every character of a search text.
enum Lowered {
    One(Option<char>),
    Spelled(std::str::Chars<'static>),
    Unicode(std::char::ToLowercase),
}

impl Lowered {
    fn new(c: char) -> Self {
        let spelled = match c {
            _ if c.is_ascii() => return Self::One(Some(c.to_ascii_lowercase())),
            'ß' | 'ẞ' => "ss",
            'æ' | 'Æ' => "ae",
            'œ' | 'Œ' => "oe",
            'þ' | 'Þ' => "th",
            'ø' | 'Ø' => "o",
            'ł' | 'Ł' => "l",
            'đ' | 'Đ' | 'ð' | 'Ð' => "d",
            'ħ' | 'Ħ' => "h",
            'ı' => "i",
            // The final sigma is the same letter: ΟΔΟΣ finds οδος.
            'ς' => "σ",
            _ => return Self::Unicode(c.to_lowercase()),
        };
        Self::Spelled(spelled.chars())
    }
}

impl Iterator for Lowered {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::One(c) => c.take(),
            Self::Spelled(chars) => chars.next(),
            Self::Unicode(chars) => chars.next(),
        }
    }
}

/// Bytes in lower-case hexadecimal digits, two a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_shows_nothing_is_blank() {
        for text in ["", " \n", "\u{200b}", " \u{feff}\u{200d}\u{2060} "] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["a", " . ", "👍", "\u{200b}é", "{{user.name}}", "ー", "…"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn folds() {
        let table = [
            ("Müller", "muller"),
            ("STRAẞE Straße", "strasse strasse"),
            ("İstanbul ISPARTA ılıca", "istanbul isparta ilica"),
            ("Łódź, Đorđe, Ørsted, Æsir", "lodz, dorde, orsted, aesir"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("Ёлка", "елка"),
            ("ﬁne Ⅳ ＡＢＣ ①", "fine iv abc 1"),
            ("مُحَمَّد", "محمد"),
            ("שָׁלוֹם", "שלום"),
            ("Nguyễn Thị", "nguyen thi"),
            ("zero\u{200b}width\u{ad}", "zerowidth"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(fold(text), expected, "{text}");
        }
    }

    #[test]
    fn keeps_marks_that_are_letters() {
        for (one, other) in [("की", "का"), ("がく", "かく"), ("น้ำ", "นา"), ("क्", "क")]
        {
            assert_ne!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn cleans() {
        assert_eq!(clean("\u{feff} a b\u{a0}\t\r\n"), "a b");
        assert_eq!(clean(" \u{200b} "), "");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC*") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn a_prefix_is_a_prefix(text in any::<String>(), length in 0usize..20) {
            let whole: String = fold(&text).chars().take(length).collect();
            prop_assert_eq!(fold_prefix(&text, length), whole);
        }

        #[test]
        fn equivalent_texts_fold_alike(text in "[a-zàéßŁがक़्ดุ่가ẛ̣한]{0,12}|\\PC*") {
            let composed: String = text.nfc().collect();
            prop_assert_eq!(fold(&composed), fold(&text));
            let full: String = text.nfkd().filter(|c| !is_dropped(*c)).flat_map(Lowered::new).collect();
            prop_assert_eq!(fold(&text), full);
        }

        #[test]
        fn case_does_not_matter(text in "[a-zA-ZäöüßÄÖÜéÉñÑ ]*") {
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text));
        }
    }
}
