//! Numbers that are written in two ways: networks of some countries put a digit in or leave it out. For finding a contact alone; no number is ever
//! rewritten.

/// The other ways in which an E.164 number may be written: the ninth digit of Brazil's mobile phones, the 9 behind +54 of Argentina's, the 1 behind +52
/// of Mexico's.
pub(super) fn variants(number: &str) -> Vec<String> {
    let mut others = Vec::new();
    if let Some(rest) = number.strip_prefix("+55") {
        match (rest.len(), rest.as_bytes().get(2)) {
            (11, Some(b'9')) => others.push(format!("+55{}{}", &rest[..2], &rest[3..])),
            (10, Some(b'6'..=b'9')) => others.push(format!("+55{}9{}", &rest[..2], &rest[2..])),
            _ => {}
        }
    }
    for (country, digit, short) in [("+54", '9', 10), ("+52", '1', 10)] {
        let Some(rest) = number.strip_prefix(country) else {
            continue;
        };
        match rest.strip_prefix(digit) {
            Some(bare) if bare.len() == short => others.push(format!("{country}{bare}")),
            _ if rest.len() == short => others.push(format!("{country}{digit}{rest}")),
            _ => {}
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_leads_to_the_other() {
        for (one, other) in [
            ("+5511987654321", "+551187654321"),
            ("+5491123456789", "+541123456789"),
            ("+5215512345678", "+525512345678"),
        ] {
            assert_eq!(variants(one), [other]);
            assert_eq!(variants(other), [one]);
        }
        for same in ["+4915112345678", "+551133334444", "+14155550100", "+55", ""] {
            assert_eq!(variants(same), Vec::<String>::new(), "{same}");
        }
    }
}
