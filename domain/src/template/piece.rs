//! Texts with `{{…}}` in them, taken apart.

/// A part of such a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// What stands as it is written; never empty.
    Text(&'a str),
    /// What stands in braces, without the blanks around it; it may be empty.
    Braced(&'a str),
}

/// The parts of a text, in their order; braces that do not close stand for themselves.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    let mut braced = None;
    std::iter::from_fn(move || {
        if let Some(inside) = braced.take() {
            return Some(Piece::Braced(inside));
        }
        let (before, inside, behind) = split(rest).unwrap_or((rest, None, ""));
        rest = behind;
        match (before, inside) {
            ("", inside) => inside.map(Piece::Braced),
            (before, inside) => {
                braced = inside;
                Some(Piece::Text(before))
            }
        }
    })
}

/// What stands before the first braces that close, in them, and behind.
fn split(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let (before, behind) = text.split_once("{{")?;
    let (inside, behind) = behind.split_once("}}")?;
    Some((before, Some(inside.trim()), behind))
}

#[cfg(test)]
mod tests {
    use super::{Piece::*, *};

    #[test]
    fn nothing_of_a_text_is_lost() {
        let of = |text| pieces(text).collect::<Vec<_>>();
        assert_eq!(
            of("Hi {{ a }}{{b}}!"),
            [Text("Hi "), Braced("a"), Braced("b"), Text("!")]
        );
        assert_eq!(of("{{}} {{open"), [Braced(""), Text(" {{open")]);
        assert_eq!(of("}} {{a}}}}"), [Text("}} "), Braced("a"), Text("}}")]);
        assert_eq!(of("{{{a}}}"), [Braced("{a"), Text("}")]);
        assert_eq!(of(""), []);
    }
}
