//! The variables of a template: what stands in `{{…}}`.

use super::{Piece, pieces};
use entity::template::Model;

/// What stands in `{{…}}` of a text, each once, in the order of first appearance; without the blanks around it.
pub fn placeholders(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for piece in pieces(text) {
        if let Piece::Braced(name) = piece
            && !name.is_empty()
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    found
}

/// The variables of a template: those of the text by their names (`1`, `first_name`), those above it as `header.1`, those in the URL of the
/// button of number 0 as `button.0.1`.
pub fn variables(template: &Model) -> Vec<String> {
    let header = template.header.as_deref().unwrap_or_default();
    let header = placeholders(header)
        .into_iter()
        .map(|name| format!("header.{name}"));
    let body = placeholders(&template.body).into_iter().map(str::to_owned);
    let buttons = template.button_urls.0.iter().enumerate();
    let buttons = buttons.flat_map(|(n, url)| {
        let names = placeholders(url.as_deref().unwrap_or_default());
        names
            .into_iter()
            .map(move |name| format!("button.{n}.{name}"))
    });
    header.chain(body).chain(buttons).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_variable_is_named_once_and_in_order() {
        assert_eq!(placeholders("{{2}} and {{ 1 }} and {{2}}"), ["2", "1"]);
        assert_eq!(
            placeholders("{{first_name}}, {{}} {{ }} {{open"),
            ["first_name"]
        );
        assert_eq!(placeholders("}} {{a}}}} {{b}}"), ["a", "b"]);
        assert_eq!(placeholders(""), Vec::<&str>::new());
    }
}
