//! Records, lines and bounds, whatever the chunks.

use super::*;

/// Cells, line, count of cells, and the flags of a record.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    cells: Vec<String>,
    count: usize,
    line: u64,
    too_long: bool,
    unclosed: bool,
}

fn see(record: &RawRecord<'_>) -> Seen {
    Seen {
        cells: record
            .iter()
            .map(|cell| String::from_utf8_lossy(cell).into_owned())
            .collect(),
        count: record.cells,
        line: record.line,
        too_long: record.too_long,
        unclosed: record.unclosed,
    }
}

fn scan(text: &str, chunk_len: usize, scanner: &mut Scanner) -> Vec<Seen> {
    let mut seen = Vec::new();
    for mut chunk in text.as_bytes().chunks(chunk_len) {
        while !chunk.is_empty() {
            let (used, complete) = scanner.feed(chunk);
            chunk = &chunk[used..];
            if complete {
                seen.push(see(&scanner.record()));
            }
        }
    }
    if scanner.finish() {
        seen.push(see(&scanner.record()));
    }
    assert!(!scanner.finish());
    seen
}

/// Scans in chunks of every size, which must make no difference.
fn records(text: &str, skip_line: bool, max_len: usize) -> Vec<Seen> {
    let whole = scan(
        text,
        text.len().max(1),
        &mut Scanner::new(b',', skip_line, max_len),
    );
    for chunk_len in 1..text.len() {
        let cut = scan(text, chunk_len, &mut Scanner::new(b',', skip_line, max_len));
        assert_eq!(cut, whole, "in chunks of {chunk_len}");
    }
    whole
}

fn lines(text: &str) -> Vec<u64> {
    records(text, false, 100)
        .iter()
        .map(|seen| seen.line)
        .collect()
}

#[test]
fn lines_are_counted_for_every_line_end() {
    assert_eq!(lines("a\nb\nc"), [1, 2, 3]);
    assert_eq!(lines("a\r\nb\r\nc\r\n"), [1, 2, 3]);
    assert_eq!(lines("a\rb\rc\r"), [1, 2, 3]);
    assert_eq!(lines("\n\r\n\ra\n\n\nb"), [4, 7]);
    assert_eq!(lines("\"a\nb\r\nc\rd\",x\ny"), [1, 5]);
    assert_eq!(lines("\"\r\n\"\r\n\"\n\r\"\n\rx"), [1, 3, 7]);
    assert_eq!(lines("\"a\r\",b\n\"c\r\"\r\nd"), [1, 3, 5]);
    assert_eq!(lines(""), [0; 0]);
}

#[test]
fn quotes_hold_anything() {
    let seen = records("\"a,b\",\"c \"\"d\"\"\",\"e\nf\",g\"h\n", false, 100);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].cells, ["a,b", "c \"d\"", "e\nf", "g\"h"]);
    assert!(!seen[0].unclosed);
}

#[test]
fn the_last_record_needs_no_line_end() {
    for text in ["a,b", "a,\"b\"", "a,b\r", "a,b\r\n", "a,b\n\n\n"] {
        let seen = records(text, false, 100);
        assert_eq!(seen.len(), 1, "{text:?}");
        assert_eq!(seen[0].cells, ["a", "b"], "{text:?}");
        assert!(!seen[0].unclosed, "{text:?}");
    }
    assert_eq!(records("a,", false, 100)[0].cells, ["a", ""]);
    assert_eq!(records("\"\"", false, 100)[0].cells, [""]);
}

#[test]
fn a_quote_that_stays_open_is_noticed() {
    let seen = records("a,b\n1,\"2\n3,4\n", false, 100);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].cells, ["1", "2\n3,4\n"]);
    assert_eq!(seen[1].line, 2);
    assert!(seen[1].unclosed && !seen[1].too_long);
    assert!(records("a,\"", false, 100)[0].unclosed);
    assert!(records("\"a\"\"", false, 100)[0].unclosed);
}

#[test]
fn a_skipped_line_is_counted() {
    let seen = records("sep=,\r\na,b\r\n", true, 100);
    assert_eq!((seen.len(), seen[0].line), (1, 2));
    assert_eq!(records("sep=,", true, 100), []);
}

#[test]
fn a_record_beyond_the_bound_is_cut_and_the_next_is_not() {
    let seen = records(
        "12,345678\n12,3456789,0\n\"12345\n6\n789\",\"0\"\na,b\n",
        false,
        8,
    );
    let flags: Vec<bool> = seen.iter().map(|seen| seen.too_long).collect();
    assert_eq!(flags, [false, true, true, false]);
    assert_eq!(seen[1].count, 3);
    assert_eq!(seen[3].cells, ["a", "b"]);
    assert_eq!(seen[3].line, 6);
}

#[test]
fn an_open_quote_takes_no_more_than_the_bound() {
    let mut scanner = Scanner::new(b',', false, 10_000);
    assert_eq!(scanner.feed(b"a,\"b"), (4, false));
    for _ in 0..1000 {
        let chunk = [b"x,\r\n".as_slice(); 250].concat();
        assert_eq!(scanner.feed(&chunk), (1000, false));
    }
    assert!(scanner.finish());
    assert!(scanner.bytes.capacity() < 20_100);
    let record = scanner.record();
    assert!(record.unclosed && record.too_long);
    assert_eq!((record.cells, record.line), (2, 1));
}

#[test]
fn cells_beyond_the_bound_are_counted() {
    let text = format!("{}x\na,b\n", "y,".repeat(3 * MAX_CELLS));
    let mut scanner = Scanner::new(b',', false, 1 << 20);
    let seen = scan(&text, 10_000, &mut scanner);
    assert_eq!(seen[0].count, 3 * MAX_CELLS + 1);
    assert_eq!(seen[0].cells.len(), MAX_CELLS);
    assert_eq!(seen[1].cells, ["a", "b"]);
    assert_eq!(scanner.ends.len(), MAX_CELLS);
}

#[test]
fn a_byte_order_mark_within_the_text_is_text() {
    assert_eq!(records("\u{feff}a,b", false, 100)[0].cells[0], "\u{feff}a");
}
