//! Numbers as they come, what they are read as, and the phone data as a whole.

use proptest::prelude::*;

use super::plan::Plans;
use super::{Country, E164, PhoneErrorCode, parse, parse_list};
use PhoneErrorCode::{Invalid, Missing, SpecialCharacters, SpreadsheetNumber};

fn country(code: &str) -> Option<Country> {
    (!code.is_empty()).then(|| code.parse().unwrap())
}

#[test]
fn reads_numbers() {
    let table = [
        ("IN", "919876543210", "+919876543210"),
        ("IN", "9876543210", "+919876543210"),
        ("IN", "09876543210", "+919876543210"),
        ("IN", "+91 98765-43210", "+919876543210"),
        ("IN", "(91) 9876543210", "+919876543210"),
        ("IN", "0091 98765 43210", "+919876543210"),
        ("IN", "91 0 98765 43210", "+919876543210"),
        // A mobile number that begins with the country's own code.
        ("IN", "9198765432", "+919198765432"),
        ("IN", "919198765432", "+919198765432"),
        ("IN", "+49 30 901820", "+4930901820"),
        ("DE", "(030) 90 18-20", "+4930901820"),
        ("DE", "030/901820", "+4930901820"),
        ("DE", "49 1512 3456789", "+4915123456789"),
        // Valid in both readings (Emden's code is 4921): the country's code is already in it.
        ("DE", "4921 123456", "+4921123456"),
        ("DE", "+49 (0)30 901820", "+4930901820"),
        ("GB", "+44 (0) 20 7946 0018", "+442079460018"),
        ("IT", "02 36618300", "+390236618300"),
        ("IT", "+39 02 36618300", "+390236618300"),
        ("US", "(202) 555-0123", "+12025550123"),
        ("US", "1-202-555-0123", "+12025550123"),
        ("US", "011 49 30 901820", "+4930901820"),
        ("US", "00 49 30 901820", "+4930901820"),
        // Several countries share +1 and +7.
        ("US", "416 555 0123", "+14165550123"),
        ("CA", "202 555 0123", "+12025550123"),
        ("KZ", "8 912 345 67 89", "+79123456789"),
        ("RU", "8 800 555 35 35", "+78005553535"),
        ("AR", "0343 15 555 1212", "+5493435551212"),
        ("BR", "0 31 85 98765-4321", "+5585987654321"),
        ("", "+800 1234 5678", "+80012345678"),
        ("", "919876543210", "+919876543210"),
        ("", "0049 30 901820", "+4930901820"),
        ("", "tel:+49-30-901820", "+4930901820"),
        (
            "",
            "\u{202a}+49\u{a0}30\u{2011}901820\u{202c}",
            "+4930901820",
        ),
        ("EG", "٠١٠٠١٢٣٤٥٦٧", "+201001234567"),
        ("", "＋４９ ３０ ９０１８２０", "+4930901820"),
    ];
    for (code, raw, expected) in table {
        let number = parse(raw, country(code));
        assert_eq!(
            number.as_ref().map(E164::as_str),
            Ok(expected),
            "{raw} in {code}"
        );
    }
}

#[test]
fn refuses_numbers() {
    let long = "1".repeat(65);
    let table = [
        ("", Missing, "empty"),
        (" \u{feff}", Missing, "empty"),
        ("4.91E+11", SpreadsheetNumber, "spreadsheet"),
        ("4,91e+11", SpreadsheetNumber, "spreadsheet"),
        ("9E11", SpreadsheetNumber, "spreadsheet"),
        ("+9.19877E+11", SpreadsheetNumber, "spreadsheet"),
        ("919876543210.0", SpreadsheetNumber, "spreadsheet"),
        ("919876543210,00", SpreadsheetNumber, "spreadsheet"),
        ("919,876,543,210", SpreadsheetNumber, "spreadsheet"),
        ("9876543210 x123", Invalid, "extension"),
        ("9876543210 ext. 5", Invalid, "extension"),
        ("9876543210;ext=5", Invalid, "extension"),
        ("9876543210#5", Invalid, "extension"),
        ("9876543210, 9876543211", Invalid, "second number"),
        ("987654321O", Invalid, "letters"),
        ("9876543210 home", Invalid, "letters"),
        ("98+76543210", Invalid, "signs"),
        ("++919876543210", Invalid, "signs"),
        ("+", Invalid, "no digits"),
        ("()", Invalid, "no digits"),
        ("12345", Invalid, "IN (+91)"),
        ("98765432101", Invalid, "IN (+91)"),
        ("4915123456789", Invalid, "IN (+91)"),
        ("+91 98765432101", Invalid, "IN (+91)"),
        ("+97233142764978", Invalid, "IN (+91)"),
        ("+0", Invalid, "IN (+91)"),
        (&long, Invalid, "64"),
    ];
    for (raw, code, part) in table {
        let error = parse(raw, country("IN")).unwrap_err();
        assert_eq!(error.code, code, "{raw}");
        assert!(error.message.contains(part), "{raw}: {}", error.message);
    }
}

#[test]
fn lists_take_digits_alone() {
    let india = country("IN");
    for raw in ["919876543210", "9876543210", " 9876543210 ", "09876543210"] {
        assert_eq!(
            parse_list(raw, india).unwrap().as_str(),
            "+919876543210",
            "{raw}"
        );
    }
    let table = [
        ("+919876543210", SpecialCharacters),
        ("(91) 9876543210", SpecialCharacters),
        ("98765 43210", SpecialCharacters),
        ("9876543210x1", SpecialCharacters),
        ("٩٨٧٦٥٤٣٢١٠", SpecialCharacters),
        ("home", SpecialCharacters),
        ("4.91E+11", SpreadsheetNumber),
        ("4,91E+11", SpreadsheetNumber),
        ("919876543210.0", SpreadsheetNumber),
        ("", Missing),
        ("12345", Invalid),
    ];
    for (raw, code) in table {
        assert_eq!(parse_list(raw, india).unwrap_err().code, code, "{raw}");
    }
}

#[test]
fn all_patterns_of_the_data_compile() {
    let mut patterns = Plans::get().all().flat_map(|plan| plan.patterns());
    assert!(patterns.all(|pattern| pattern.regex().is_some()));
    assert!(Plans::get().all().count() > 240);
}

/// The data brings an example of each kind of number in each country.
#[test]
fn reads_every_example_of_the_data() {
    for region in phonenumber::metadata::DATABASE.iter() {
        let descriptors = region.descriptors();
        let kinds = [
            descriptors.mobile(),
            descriptors.fixed_line(),
            descriptors.toll_free(),
            descriptors.voip(),
        ];
        for example in kinds
            .into_iter()
            .flatten()
            .filter_map(|kind| kind.example())
        {
            let expected = format!("+{}{example}", region.country_code());
            let read = |raw: &str, country| parse(raw, country).map(E164::into_string);
            assert_eq!(
                read(&expected, None),
                Ok(expected.clone()),
                "{}",
                region.id()
            );
            if let Ok(country) = region.id().parse::<Country>() {
                let national = read(example, Some(country));
                assert_eq!(national, Ok(expected.clone()), "{country} {example}");
                assert_eq!(
                    read(&expected[1..], Some(country)),
                    Ok(expected),
                    "{country}"
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn never_panics(raw in any::<String>(), digits in "[-+0-9 ().xeE,;=#a-z٣]{0,70}") {
        for country in [None, country("US"), country("AR"), country("DE")] {
            let _ = (parse(&raw, country), parse_list(&raw, country));
            let _ = (parse(&digits, country), parse_list(&digits, country));
        }
    }

    #[test]
    fn what_was_read_reads_the_same_again(digits in "[+]?[0-9]{5,15}", code in "IN|DE|US|BR|AR|MX|RU|IT|GB|HU") {
        if let Ok(number) = parse(&digits, country(&code)) {
            prop_assert_eq!(parse(number.as_str(), None), Ok(number.clone()));
            prop_assert_eq!(parse_list(number.digits(), None), Ok(number));
        }
    }
}

/// Prints what a number costs: run in release with `--ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
#[expect(clippy::print_stdout, reason = "a measurement")]
fn measure() {
    let time = |name: &str, numbers: &[String], code: &str| {
        let country = country(code);
        let begin = std::time::Instant::now();
        let read = numbers
            .iter()
            .filter(|raw| parse(raw, country).is_ok())
            .count();
        let each = begin.elapsed() / u32::try_from(numbers.len()).unwrap();
        println!("{name}: {each:?} each, {read} of {} valid", numbers.len());
    };
    let numbers = |prefix: &str| -> Vec<String> {
        (0..200_000_u64)
            .map(|n| format!("{prefix}98{:08}", n * 49_979_687 % 100_000_000))
            .collect()
    };
    let begin = std::time::Instant::now();
    super::prepare();
    println!("prepare: {:?}", begin.elapsed());
    for _ in 0..2 {
        time("IN, national", &numbers(""), "IN");
        time("IN, with code", &numbers("91"), "IN");
        time("IN, with +", &numbers("+91"), "IN");
        let mixed: Vec<String> = phonenumber::metadata::DATABASE
            .iter()
            .filter_map(|region| {
                Some(format!(
                    "+{}{}",
                    region.country_code(),
                    region.descriptors().mobile()?.example()?
                ))
            })
            .collect();
        time("all countries, once", &mixed, "");
        let many: Vec<String> = mixed.iter().cycle().take(200_000).cloned().collect();
        time("all countries, many", &many, "");
    }
}
