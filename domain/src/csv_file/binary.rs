//! Telling files that are no CSV at all, so that the answer names what was uploaded.

use super::{Refusal, RefusalCode};

const WORKBOOK: &str = "an Excel workbook or a zip archive; save it as CSV first";
const OLD_WORKBOOK: &str = "an old Excel workbook or another Office document; save it as CSV first";
const ARCHIVE: &str = "a compressed archive; unpack it first";
const IMAGE: &str = "an image";
const MARKUP: &str = "a web page or an XML document; save it as CSV first";

const BEGINNINGS: [(&[u8], &str); 14] = [
    (b"PK\x03\x04", WORKBOOK),
    (b"PK\x05\x06", WORKBOOK),
    (b"\xd0\xcf\x11\xe0", OLD_WORKBOOK),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF87a", IMAGE),
    (b"GIF89a", IMAGE),
    (b"\x1f\x8b", ARCHIVE),
    (b"7z\xbc\xaf", ARCHIVE),
    (b"Rar!\x1a", ARCHIVE),
    (b"\x28\xb5\x2f\xfd", ARCHIVE),
    (b"{\\rtf", "a text document; save it as CSV first"),
    (b"\xff\xfe\0\0", "in UTF-32; save it as UTF-8 first"),
];

const MARKUP_BEGINNINGS: [&str; 4] = ["<!doctype", "<html", "<?xml", "<table"];

/// Refuses a file by its first bytes.
pub(super) fn check_beginning(head: &[u8]) -> Result<(), Refusal> {
    match BEGINNINGS
        .iter()
        .find(|(beginning, _)| head.starts_with(beginning))
    {
        Some((_, what)) => Err(refuse(what)),
        None => Ok(()),
    }
}

/// Refuses what decodes to something other than text: markup, or more control characters than a text ever has.
pub(super) fn check_text(head: &[u8]) -> Result<(), Refusal> {
    check_nul(head)?;
    let controls = head
        .iter()
        .filter(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
        .count();
    if controls > head.len() / 20 {
        return Err(refuse("not text"));
    }
    let text = head.trim_ascii_start();
    let is_markup = MARKUP_BEGINNINGS.iter().any(|beginning| {
        text.get(..beginning.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
    });
    if is_markup {
        return Err(refuse(MARKUP));
    }
    Ok(())
}

/// Refuses text with a NUL in it, wherever it stands: no spreadsheet writes one.
pub(super) fn check_nul(text: &[u8]) -> Result<(), Refusal> {
    if text.contains(&0) {
        return Err(refuse("not text: it has NUL characters in it"));
    }
    Ok(())
}

fn refuse(what: &str) -> Refusal {
    Refusal::new(
        RefusalCode::NotCsv,
        format!("This file is not a CSV file. It is {what}."),
    )
}
