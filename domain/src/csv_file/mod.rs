//! Reading any CSV that a spreadsheet makes, in memory that does not grow with the file.
//!
//! A file is read twice. While it is uploaded, its bytes are pushed through an [`Inspector`], which finds out the
//! encoding and the delimiter, counts the rows and either refuses the file as a whole ([`Refusal`]) or describes it
//! ([`Inspection`]). Later a [`Reader`] opened with the [`Layout`] found then yields the rows one by one, each with its
//! number, its line in the source and, where it cannot be taken, the reason ([`Fault`]). Both run the same
//! scanner, so they agree on rows, lines and faults.
//!
//! What the cells mean (columns, types, telephone numbers) is not decided here; nor is anything written.
//!
//! ```
//! use domain::csv_file::{Inspector, Reader};
//!
//! let file = "sep=;\r\nname;phone\r\nZoë;911\r\nMax\r\n".as_bytes();
//! let mut inspector = Inspector::new();
//! for chunk in file.chunks(7) {
//!     inspector.push(chunk);
//! }
//! let inspection = inspector.finish().expect("the file is fine");
//! assert_eq!(inspection.headers, ["name", "phone"]);
//! assert_eq!((inspection.row_count, inspection.problem_count), (2, 1));
//!
//! let mut reader = Reader::open(file, inspection.layout)?;
//! while let Some(record) = reader.read_record()? {
//!     match record.fault() {
//!         None => assert_eq!(record.iter().collect::<Vec<_>>(), ["Zoë", "911"]),
//!         Some(fault) => assert_eq!((record.line(), fault.code()), (4, "TOO_FEW_CELLS")),
//!     }
//! }
//! # Ok::<(), std::io::Error>(())
//! ```

mod binary;
mod dialect;
mod encoding;
mod inspect;
mod inspection;
mod raw_record;
mod reader;
mod record;
mod scanner;
mod survey;
mod transcode;

pub use dialect::QUOTE;
pub use encoding::{Encoding, UnknownEncoding};
pub use inspect::{Inspector, inspect};
pub use inspection::{Inspection, Layout, LongestRow, Problem, Refusal, RefusalCode};
pub use reader::Reader;
pub use record::{Cells, Fault, Record};
pub use scanner::{MAX_CELLS, MAX_RECORD_LEN};
pub use survey::{MAX_COLUMNS, MAX_PROBLEMS, SAMPLE_CHARS, SAMPLE_ROWS};
pub use transcode::DecodingReader;
