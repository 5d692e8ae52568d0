//! Descriptions and refusals, whatever the chunks.

use super::super::{Encoding, Fault, MAX_COLUMNS, MAX_PROBLEMS, RefusalCode};
use super::*;

fn inspected(file: &[u8]) -> Result<Inspection, Refusal> {
    inspect(file).expect("slices can be read")
}

fn described(file: &[u8]) -> Inspection {
    inspected(file).expect("the file is fine")
}

fn encoding(file: &[u8]) -> Encoding {
    described(file).layout.encoding
}

/// The code of the refusal and the header that it names.
fn refused(file: &[u8]) -> (RefusalCode, Option<String>) {
    let refusal = inspected(file).expect_err("the file is refused");
    assert!(refusal.message.ends_with('.'));
    (refusal.code, refusal.header)
}

#[test]
fn the_encoding_shows_anywhere_in_the_file() {
    let ascii = format!("näme,x\n{}", "plain,1\n".repeat(100_000)).replace('ä', "a");
    assert_eq!(encoding(ascii.as_bytes()), Encoding::Utf8);
    for (row, expected) in [
        ("Zoë,1\n".as_bytes(), Encoding::Utf8),
        (b"Zo\xeb,1\n", Encoding::Windows1252),
    ] {
        let inspection = described(&[ascii.as_bytes(), row].concat());
        assert_eq!(inspection.layout.encoding, expected);
        assert_eq!(
            (inspection.row_count, inspection.problem_count),
            (100_001, 0)
        );
    }
}

#[test]
fn the_head_is_read_in_the_encoding_that_shows_later() {
    let file = [
        b"Stra\xdfe,x\nM\xfcnchen,1\n".as_slice(),
        &b"a,1\n".repeat(100_000),
    ]
    .concat();
    let inspection = described(&file);
    assert_eq!(inspection.headers, ["Straße", "x"]);
    assert_eq!(inspection.sample_rows[0], ["München", "1"]);
    assert_eq!(inspection.sample_rows.len(), 5);
}

#[test]
fn a_damaged_row_does_not_garble_the_others() {
    let damaged = [&b"a\n"[..], &"für\n".repeat(30).into_bytes(), b"f\xfcr\n"].concat();
    let inspection = described(&damaged);
    assert_eq!(inspection.layout.encoding, Encoding::Utf8);
    assert_eq!(inspection.problem_count, 1);
    assert_eq!(
        inspection.problems[0].fault,
        Fault::TextNotDecodable { cell: 0 }
    );
    assert_eq!(
        (inspection.problems[0].row, inspection.problems[0].line),
        (31, 32)
    );
    let mixed = [b"a\n".as_slice(), "für\n".as_bytes(), b"f\xfcr\n"].concat();
    assert_eq!(encoding(&mixed), Encoding::Windows1252);
    assert_eq!(described(&mixed).problem_count, 0);
}

#[test]
fn utf16_in_scripts_without_zero_bytes() {
    let text = "名字,电话\n张伟,13800000000\n王芳,13900000000\n";
    let file: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let inspection = described(&file);
    assert_eq!(inspection.layout.encoding, Encoding::Utf16Be);
    assert_eq!(inspection.headers, ["名字", "电话"]);
}

#[test]
fn files_without_text() {
    for file in [
        "",
        "\u{feff}",
        " ",
        "\r\n\r\n",
        "\u{feff} \n\t\n",
        "sep=;",
        "sep=;\r\n",
        ";;\n;;",
    ] {
        let code = refused(file.as_bytes()).0;
        assert_eq!(code, RefusalCode::EmptyFile, "{file:?}");
    }
    assert_eq!(refused(b"\xff\xfe").0, RefusalCode::EmptyFile);
}

#[test]
fn headers_that_name_nothing() {
    for file in [
        ";;\n1;2;3",
        "a;;c\n1;2;3",
        "a;b;\n1;2;",
        "a; ;c",
        "a;\u{a0}",
    ] {
        assert_eq!(
            refused(file.as_bytes()),
            (RefusalCode::NoHeader, None),
            "{file:?}"
        );
    }
    let refusal = inspected(b"a;b;\n").expect_err("the file is refused");
    assert_eq!(refusal.message, "Column 3 has no header.");
}

#[test]
fn headers_that_are_there_twice() {
    let twice = |header: &str| (RefusalCode::DuplicateHeader, Some(header.to_owned()));
    assert_eq!(refused(b"name,phone,name\n"), twice("name"));
    assert_eq!(
        refused("Größe,\" GRÖSSE\",GRÖßE".as_bytes()),
        twice("GRÖßE")
    );
    assert_eq!(refused(b"\xfc,x,\xdc\n"), twice("Ü"));
}

#[test]
fn too_many_columns() {
    let header = |count: usize| {
        (0..count)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    assert_eq!(
        described(header(MAX_COLUMNS).as_bytes()).headers.len(),
        MAX_COLUMNS
    );
    let code = refused(header(MAX_COLUMNS + 1).as_bytes()).0;
    assert_eq!(code, RefusalCode::TooManyColumns);
    assert_eq!(
        refused(",".repeat(50_000).as_bytes()).0,
        RefusalCode::EmptyFile
    );
}

#[test]
fn files_of_other_kinds() {
    for file in [
        b"PK\x03\x04\x14\0\x06\0".as_slice(),
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xd0\xcf\x11\xe0\xa1\xb1",
        b"\xff\xd8\xff\xe0",
        b"\xff\xfe\0\0a\0\0\0",
        b"\0\0\xfe\xff\0\0\0a",
        b"a,b\n1,\0\n",
        b"\0",
        b"a\0\0\0,\0\0\0",
        b"\x01\x02\x03\x04abc",
        b"\xef\xbb\xbf<!DOCTYPE html><html>",
        b"  <html><table>",
        b"a,\"b\n1,2\n",
        b"\xef\xbb\xbfa,b\xff\n",
    ] {
        assert_eq!(refused(file).0, RefusalCode::NotCsv, "{file:?}");
    }
}

#[test]
fn a_nul_far_into_the_file_ends_the_inspection() {
    let mut inspector = Inspector::sized(8, 100);
    inspector.push(b"a,b\n1,2\n3,4\n");
    assert_eq!(inspector.refusal(), None);
    inspector.push(b"5,\0");
    assert!(inspector.refusal().is_some());
    inspector.push(b"6\n");
    let refusal = inspector.finish().expect_err("the file is refused");
    assert_eq!(refusal.code, RefusalCode::NotCsv);
}

#[test]
fn problems_are_bounded_and_counted() {
    let file = format!("a,b\n{}", "1\n".repeat(1000));
    let inspection = described(file.as_bytes());
    assert_eq!(inspection.problems.len(), MAX_PROBLEMS);
    assert_eq!(
        (inspection.problem_count, inspection.row_count),
        (1000, 1000)
    );
    assert_eq!(inspection.problems[19].line, 21);
}

#[test]
fn samples_are_cut() {
    let long = "😀".repeat(250);
    let inspection = described(format!("a,b\n{long},{}\n", "x".repeat(200)).as_bytes());
    assert_eq!(
        inspection.sample_rows[0][0],
        format!("{}…", "😀".repeat(200))
    );
    assert_eq!(inspection.sample_rows[0][1], "x".repeat(200));
    assert_eq!(inspection.quote, b'"');
    let longest = inspection.longest_row.expect("there is a row");
    assert_eq!((longest.row, longest.line, longest.bytes), (1, 2, 1200));
}

#[test]
fn a_header_alone_is_a_file() {
    let inspection = described(b"a;b");
    assert_eq!((inspection.row_count, inspection.longest_row), (0, None));
    assert_eq!(inspection.layout.delimiter, b';');
}

#[test]
fn names_of_encodings_can_be_stored() {
    for name in ["UTF-8", "UTF-16LE", "UTF-16BE", "Windows-1252"] {
        let encoding: Encoding = name.parse().expect("is known");
        assert_eq!(encoding.to_string(), name);
    }
    assert!("KOI8-R".parse::<Encoding>().is_err());
}

fn pushed(file: &[u8], chunk_len: usize) -> Result<Inspection, Refusal> {
    let mut inspector = Inspector::sized(16, 40);
    file.chunks(chunk_len)
        .for_each(|chunk| inspector.push(chunk));
    inspector.finish()
}

proptest::proptest! {
    /// The head is tiny here, so that the cuts fall behind it.
    #[test]
    fn chunks_make_no_difference(
        beginning in proptest::sample::select(vec![
            &b"a;b\n"[..], b"sep=,\r\na,b\r\n", b"\xef\xbb\xbfa,b\r", b"\xff\xfea\0;\0b\0\n\0", b"\0a\0,\0b\0\r", b""]),
        rest in proptest::collection::vec(
            proptest::sample::select(b"ab,;\"\"\r\n\n\xc3\xbc\xff\xd8\x81\0".to_vec()), 0..120),
        chunk_len in 1_usize..30,
    ) {
        let file = [beginning, &rest].concat();
        let whole = pushed(&file, file.len().max(1));
        proptest::prop_assert_eq!(&pushed(&file, 1), &whole);
        proptest::prop_assert_eq!(&pushed(&file, chunk_len), &whole);
    }
}
