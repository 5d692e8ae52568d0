//! Rows out of every kind of file, together with the inspection that comes first.

use super::super::{Fault, Inspection, Inspector, inspect};
use super::*;

const NEWLINES: [&str; 3] = ["\r\n", "\n", "\r"];
const ENCODINGS: [(Encoding, bool); 7] = [
    (Encoding::Utf8, false),
    (Encoding::Utf8, true),
    (Encoding::Utf16Le, true),
    (Encoding::Utf16Le, false),
    (Encoding::Utf16Be, true),
    (Encoding::Utf16Be, false),
    (Encoding::Windows1252, false),
];

/// Number, line, cells and fault of a row.
type Row = (u64, u64, Vec<String>, Option<Fault>);

fn encode(text: &str, encoding: Encoding, with_mark: bool) -> Vec<u8> {
    let mut bytes = match with_mark {
        true => encoding.byte_order_mark().to_vec(),
        false => Vec::new(),
    };
    match encoding {
        Encoding::Utf8 => bytes.extend(text.as_bytes()),
        Encoding::Utf16Le => bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
        Encoding::Utf16Be => bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        Encoding::Windows1252 => {
            let (encoded, _, lossy) = encoding_rs::WINDOWS_1252.encode(text);
            assert!(!lossy);
            bytes.extend(encoded.as_ref());
        }
    }
    bytes
}

fn drain(reader: &mut Reader<impl Read>) -> Vec<Row> {
    let mut rows = Vec::new();
    while let Some(record) = reader.read_record().expect("slices can be read") {
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        let gotten = (0..record.len()).map(|column| record.get(column).expect("is there"));
        assert!(gotten.eq(cells.iter()));
        rows.push((record.row(), record.line(), cells, record.fault()));
    }
    rows
}

/// Inspects, then reads as the inspection says.
fn read(file: &[u8]) -> (Inspection, Vec<Row>) {
    let inspection = inspect(file)
        .expect("slices can be read")
        .expect("the file is fine");
    let mut reader = Reader::open(file, inspection.layout).expect("slices can be read");
    let rows = drain(&mut reader);
    assert_eq!(inspection.row_count, rows.len() as u64);
    let faults = rows.iter().filter(|row| row.3.is_some());
    assert_eq!(inspection.problem_count, faults.count() as u64);
    (inspection, rows)
}

fn faults(file: &[u8]) -> Vec<(u64, u64, &'static str)> {
    let (_, rows) = read(file);
    rows.iter()
        .filter_map(|(row, line, _, fault)| fault.map(|fault| (*row, *line, fault.code())))
        .collect()
}

#[test]
fn every_encoding_line_end_and_delimiter() {
    for (encoding, with_mark) in ENCODINGS {
        for newline in NEWLINES {
            for delimiter in [",", ";", "\t", "|"] {
                for has_sep_line in [false, true] {
                    if delimiter != "|" || has_sep_line {
                        check(encoding, with_mark, newline, delimiter, has_sep_line);
                    }
                }
            }
        }
    }
}

fn check(encoding: Encoding, with_mark: bool, newline: &str, delimiter: &str, has_sep_line: bool) {
    let sep = match has_sep_line {
        true => format!("sep={delimiter}\n"),
        false => String::new(),
    };
    let table = "Name;Straße;Größe\n\
        Zoë;\"Am \"\"Tor\"\" 1; links\nhinten\n\";€ 1\n\
        \n\
        ;;\n\
        Max;\"\";2";
    let text = format!("{sep}{table}")
        .replace(';', delimiter)
        .replace('\n', newline)
        .replace("sep=\n", "sep=;");
    let file = encode(&text, encoding, with_mark);
    let context = format!("{encoding} {with_mark} {newline:?} {delimiter:?} {has_sep_line}");
    let (inspection, rows) = read(&file);
    let layout = Layout {
        encoding,
        delimiter: delimiter.as_bytes()[0],
        has_sep_line,
    };
    assert_eq!(inspection.layout, layout, "{context}");
    assert_eq!(inspection.headers, ["Name", "Straße", "Größe"], "{context}");
    let street = format!("Am \"Tor\" 1{delimiter} links{newline}hinten{newline}");
    let first = u64::from(has_sep_line) + 2;
    let row = |row, line, cells: [&str; 3]| (row, line, cells.map(str::to_owned).to_vec(), None);
    let expected = [
        row(1, first, ["Zoë", &street, "€ 1"]),
        row(2, first + 4, ["", "", ""]),
        row(3, first + 5, ["Max", "", "2"]),
    ];
    assert_eq!(rows, expected, "{context}");
    assert_eq!(inspection.sample_rows[0][1], street, "{context}");
}

#[test]
fn rows_of_the_wrong_length() {
    let file = b"a,b\n1\n1,2\n1,2,3\n,\n";
    assert_eq!(
        faults(file),
        [(1, 2, "TOO_FEW_CELLS"), (3, 4, "TOO_MANY_CELLS")]
    );
    let (inspection, rows) = read(file);
    assert_eq!(rows[2].2, ["1", "2", "3"]);
    let messages: Vec<_> = inspection.problems.iter().map(|p| &*p.message).collect();
    assert_eq!(
        messages,
        [
            "This row has 1 cell, the header has 2.",
            "This row has 3 cells, the header has 2."
        ]
    );
}

#[test]
fn undecodable_rows_fail_alone() {
    let marked = b"\xef\xbb\xbfa,b\nx,\xff\n\xc3,\xbc\n\xef\xbf\xbd,\xc3\xbc\n";
    assert_eq!(
        faults(marked),
        [(1, 2, "TEXT_NOT_DECODABLE"), (2, 3, "TEXT_NOT_DECODABLE")]
    );
    let (inspection, rows) = read(marked);
    assert_eq!(inspection.problems[0].header.as_deref(), Some("b"));
    assert_eq!(inspection.problems[1].header.as_deref(), Some("a"));
    assert_eq!(rows[0].2, ["x", "\u{fffd}"]);
    assert_eq!(rows[2].2, ["\u{fffd}", "ü"]);

    let mut utf16 = encode("a,b\nx,\u{fffd}\n", Encoding::Utf16Le, true);
    utf16.extend(0xd83d_u16.to_le_bytes());
    utf16.extend(encode(",y\nz,😀", Encoding::Utf16Le, false));
    assert_eq!(faults(&utf16), [(2, 3, "TEXT_NOT_DECODABLE")]);

    let dos = b"name,city\nM\x81ller,Ulm\nM\xfcller,Ulm\n";
    assert_eq!(faults(dos), [(1, 2, "TEXT_NOT_DECODABLE")]);
}

#[test]
fn an_open_quote_fails_its_row() {
    let file = b"a,b\n1,2\n3,\"4\n5,6\n";
    assert_eq!(faults(file), [(2, 3, "QUOTE_NOT_CLOSED")]);
}

#[test]
fn a_bound_holds_and_the_rest_is_read() {
    let layout = Layout {
        encoding: Encoding::Utf8,
        delimiter: b',',
        has_sep_line: false,
    };
    let long = "ü".repeat(100_000);
    let file = format!("a,b\n1,\"{long}\"\n3,4\n5,\"{long}");
    let mut reader = Reader::bounded(file.as_bytes(), layout, 1000).expect("can be read");
    let rows = drain(&mut reader);
    let faults: Vec<_> = rows.iter().map(|row| row.3).collect();
    assert_eq!(
        faults,
        [Some(Fault::TooLong), None, Some(Fault::QuoteNotClosed)]
    );
    assert!(rows[0].2[1].len() < 1010);
}

#[test]
fn skipping_ends_where_it_should() {
    let file = b"h\n1\n\"2\n2\"\n\n3,x\n4";
    let layout = Layout {
        encoding: Encoding::Utf8,
        delimiter: b',',
        has_sep_line: false,
    };
    for row in 1..=6 {
        let mut all = Reader::open(&file[..], layout).expect("can be read");
        let mut rest = Reader::open(&file[..], layout).expect("can be read");
        rest.skip_to(row).expect("can be read");
        let expected: Vec<Row> = drain(&mut all).into_iter().filter(|r| r.0 >= row).collect();
        assert_eq!(drain(&mut rest), expected);
    }
    let mut reader = Reader::open(&file[..], layout).expect("can be read");
    reader.read_record().expect("can be read");
    assert!(reader.skip_to(1).is_err());
    reader.skip_to(2).expect("it is the next anyway");
    assert_eq!(drain(&mut reader)[0].0, 2);
}

#[test]
fn the_header_is_as_the_file_has_it() {
    let file = b"\" A \",B\n1,2";
    let (inspection, _) = read(file);
    let reader = Reader::open(&file[..], inspection.layout).expect("can be read");
    assert_eq!(reader.header(), [" A ", "B"]);
    assert_eq!(inspection.headers, ["A", "B"]);
    let mut empty = Reader::open(&b""[..], inspection.layout).expect("can be read");
    assert!(empty.header().is_empty());
    assert!(empty.read_record().expect("can be read").is_none());
}

#[test]
fn blank_rows_are_told() {
    let (inspection, _) = read(b"a;b\n ;\n;x\n");
    let mut reader = Reader::open(&b"a;b\n ;\n;x\n"[..], inspection.layout).expect("can be read");
    let mut blank = || {
        let record = reader.read_record().expect("can be read");
        record.expect("is there").is_blank()
    };
    assert!(blank());
    assert!(!blank());
}

/// Fails now and then, and gives a byte at a time.
struct Trickle<'a>(&'a [u8], bool);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(ErrorKind::Interrupted.into());
        }
        let len = self.0.len().min(1);
        self.0.read(&mut buffer[..len])
    }
}

#[test]
fn a_source_may_trickle() {
    for (encoding, with_mark) in ENCODINGS {
        let file = encode("a;b\r\nä;\"b\r\nc\"\r\n€;1\r\n", encoding, with_mark);
        let (inspection, expected) = read(&file);
        let trickled = inspect(Trickle(&file, false)).expect("can be read");
        assert_eq!(trickled, Ok(inspection.clone()));
        let reader = Reader::open(Trickle(&file, false), inspection.layout);
        assert_eq!(drain(&mut reader.expect("can be read")), expected);
    }
}

proptest::proptest! {
    #[test]
    fn what_a_writer_writes_is_read(
        rows in proptest::collection::vec(proptest::collection::vec("[aä,;\"\r\n ]{0,6}", 3), 1..8),
        encoding in 0..ENCODINGS.len(),
        crlf in proptest::bool::ANY,
    ) {
        let mut writer = csv::WriterBuilder::new();
        if crlf {
            writer.terminator(csv::Terminator::CRLF);
        }
        let mut writer = writer.delimiter(b';').from_writer(b"sep=;\r\n".to_vec());
        for row in std::iter::once(&["x", "y", "z"].map(str::to_owned).to_vec()).chain(&rows) {
            writer.write_record(row).expect("vectors can be written");
        }
        let text = String::from_utf8(writer.into_inner().expect("is flushed")).expect("is UTF-8");
        let (encoding, with_mark) = ENCODINGS[encoding];
        let (_, read) = read(&encode(&text, encoding, with_mark));
        let read: Vec<_> = read.into_iter().map(|row| (row.2, row.3)).collect();
        let rows: Vec<_> = rows.into_iter().map(|row| (row, None)).collect();
        proptest::prop_assert_eq!(read, rows);
    }

    #[test]
    fn inspector_and_reader_agree(file in proptest::collection::vec(
        proptest::sample::select(b"ab,;\"\r\n\xc3\xbc\xff\x81".to_vec()), 0..60)) {
        let file = [b"h;k\n".as_slice(), &file].concat();
        let mut inspector = Inspector::new();
        inspector.push(&file);
        if inspector.finish().is_ok() {
            read(&file);
        }
    }
}
