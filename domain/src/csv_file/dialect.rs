//! Which character stands between the cells, found from the first lines.

use super::scanner::Scanner;

/// The character around cells that hold delimiters, quotes or line ends. Spreadsheets use no other.
pub const QUOTE: u8 = b'"';

/// What is looked for where no `sep=` says it. Of equals the first wins: the rarer a character is in prose, the less
/// likely it stands in every line by chance.
const CANDIDATES: [u8; 3] = [b'\t', b';', b','];

/// What a `sep=` line may name.
const NAMED: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many records the candidates are tried on.
const TRIED: usize = 100;

/// How records are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) has_sep_line: bool,
}

/// Finds the dialect from the head of the text; `whole` says that there is no more of it.
pub(super) fn detect(head: &[u8], whole: bool) -> Dialect {
    if let Some(delimiter) = named(head) {
        return Dialect {
            delimiter,
            has_sep_line: true,
        };
    }
    let mut best = (b',', 0);
    for delimiter in CANDIDATES {
        let score = score(head, whole, delimiter);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    Dialect {
        delimiter: best.0,
        has_sep_line: false,
    }
}

/// The delimiter that a first line such as `sep=;` names, for Excel alone. Some writers quote the line.
fn named(head: &[u8]) -> Option<u8> {
    let line = head
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .next()
        .unwrap_or_default();
    let line = line
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
        .unwrap_or(line);
    let (key, delimiter) = line.split_at_checked(4)?;
    match delimiter {
        [delimiter] if key.eq_ignore_ascii_case(b"sep=") && NAMED.contains(delimiter) => {
            Some(*delimiter)
        }
        _ => None,
    }
}

/// How well the delimiter explains the head: the boundaries it makes in the header, times the share of rows that have
/// as many. So ten columns with a few broken rows beat two columns that a comma in each line happens to make.
fn score(head: &[u8], whole: bool, delimiter: u8) -> u64 {
    let mut scanner = Scanner::new(delimiter, false, head.len());
    let mut counts = Vec::new();
    let mut used = 0;
    while counts.len() < TRIED {
        let (read, complete) = scanner.feed(&head[used..]);
        used += read;
        if complete {
            counts.push(scanner.record().cells as u64);
        } else {
            // A record that the end of the head cuts off says nothing, unless it is all there is.
            if (whole || counts.is_empty()) && scanner.finish() {
                counts.push(scanner.record().cells as u64);
            }
            break;
        }
    }
    match counts.split_first() {
        None => 0,
        Some((header, [])) => (header - 1) * 1000,
        Some((header, rows)) => {
            let same = rows.iter().filter(|count| *count == header).count() as u64;
            (header - 1) * same * 1000 / rows.len() as u64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimiter(head: &str) -> char {
        detect(head.as_bytes(), true).delimiter.into()
    }

    #[test]
    fn the_delimiter_that_rows_agree_on_wins() {
        assert_eq!(delimiter("a,b,c\n1,2,3\n"), ',');
        assert_eq!(delimiter("a;b;c\n1,5;2,5;3,5\n"), ';');
        assert_eq!(delimiter("a\tb\n1,2;3\t4\n"), '\t');
        assert_eq!(delimiter("Name, first;Phone\nA, B;1\nC;2\n"), ';');
        assert_eq!(delimiter("\"a;b;c;d\",x\n\"1;2;3;4\",y\n"), ',');
        assert_eq!(delimiter("\"a,\n\n,;,\";b\n\"x,y\";z"), ';');
    }

    #[test]
    fn broken_rows_do_not_hide_the_delimiter() {
        assert_eq!(delimiter("a;b;c;d,e\n1;2;3;4,5\n1;2\n1;2;3;4,5\n"), ';');
        assert_eq!(delimiter("a,b,c\n1,2\n1,2,3,4\n1,2,3\n"), ',');
    }

    #[test]
    fn a_tie_goes_to_what_is_rare_in_prose() {
        assert_eq!(delimiter("a,b;c\n1,2;3\n"), ';');
        assert_eq!(delimiter("a,b\tc"), '\t');
        assert_eq!(delimiter("alone\n1\n"), ',');
        assert_eq!(delimiter(""), ',');
    }

    #[test]
    fn a_cut_off_record_is_ignored() {
        assert_eq!(detect(b"a;b\n1;2\n3,4,5,6,7", false).delimiter, b';');
        assert_eq!(detect(b"a;b;c,d", false).delimiter, b';');
    }

    #[test]
    fn sep_lines() {
        for (line, expected) in [
            ("sep=;", Some(b';')),
            ("SEP=,\r\n", Some(b',')),
            ("Sep=\t\na,b", Some(b'\t')),
            ("sep=|\ra,b", Some(b'|')),
            ("\"sep=;\"\r\n", Some(b';')),
            ("sep=x\n", None),
            ("sep=;;\n", None),
            ("sep=", None),
            ("sep,b\n", None),
            ("", None),
        ] {
            assert_eq!(named(line.as_bytes()), expected, "{line:?}");
        }
    }
}
