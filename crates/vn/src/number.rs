//! Numbers and dates as Vietnamese papers print them: `294.021`, `75,6%`, `05/01/2026`.
//!
//! Official documents follow Nghị định 30/2020/NĐ-CP, Phụ lục I: days under 10 and the months 1
//! and 2 get a leading zero in the long date, other months do not.

use time::{Date, Month};

const DECIMAL_PLACES_MAX: u8 = 6;

/// Why a text is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DateError {
    /// Not day/month/year with a four-digit year.
    #[error("a date is written dd/mm/yyyy")]
    Shape,
    /// The right shape, but the calendar has no such day.
    #[error("there is no such day in the calendar")]
    NoSuchDay,
}

/// `294.021`: a dot between thousands.
#[must_use]
pub fn integer(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(&value.unsigned_abs().to_string()))
}

/// `75,6`: rounded half away from zero to `places` (at most 6), with thousands dots.
/// A value that is not a number gives `–`.
#[must_use]
pub fn decimal(value: f64, places: u8) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let places = usize::from(places.min(DECIMAL_PLACES_MAX));
    let scale = 10_f64.powi(i32::try_from(places).unwrap_or(0));
    let rounded = (value.abs() * scale).round() / scale;
    let text = format!("{rounded:.places$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if value < 0.0 && rounded > 0.0 {
        "-"
    } else {
        ""
    };
    let comma = if fraction.is_empty() { "" } else { "," };
    format!("{sign}{}{comma}{fraction}", grouped(whole))
}

/// `75,6%`: `value` is already in hundredths.
#[must_use]
pub fn percent(value: f64, places: u8) -> String {
    format!("{}%", decimal(value, places))
}

/// `part` of `whole` as a percentage, computed on integers and rounded half up, so that two
/// reports never disagree in the last digit. `None` when there is nothing to divide by.
#[must_use]
pub fn percent_of(part: u64, whole: u64, places: u8) -> Option<String> {
    if whole == 0 {
        return None;
    }
    let scale = 10_u128.pow(u32::from(places.min(DECIMAL_PLACES_MAX)));
    let (part, whole) = (u128::from(part), u128::from(whole));
    let scaled = (2 * part * 100 * scale + whole) / (2 * whole);
    let (units, fraction) = (scaled / scale, scaled % scale);
    let places = usize::from(places.min(DECIMAL_PLACES_MAX));
    let tail = if places == 0 {
        String::new()
    } else {
        format!(",{fraction:0places$}")
    };
    Some(format!("{}{tail}%", grouped(&units.to_string())))
}

/// `50.000 ₫`.
#[must_use]
pub fn dong(value: i64) -> String {
    format!("{} ₫", integer(value))
}

const DIGITS: [&str; 10] = [
    "không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín",
];

/// `một triệu hai trăm linh năm nghìn`: a number as it is read aloud and as lists of payments
/// spell it out.
#[must_use]
pub fn in_words(value: i64) -> String {
    let mut words = Vec::new();
    if value < 0 {
        words.push("âm");
    }
    read(&mut words, value.unsigned_abs(), false);
    words.join(" ")
}

/// Reads a number; after something larger its hundreds are said even where there are none.
fn read(words: &mut Vec<&'static str>, value: u64, after: bool) {
    const SCALES: [(u64, &str); 3] = [
        (1_000_000_000, "tỷ"),
        (1_000_000, "triệu"),
        (1_000, "nghìn"),
    ];
    if value == 0 && !after {
        words.push(DIGITS[0]);
        return;
    }
    let (mut left, mut after) = (value, after);
    for (scale, name) in SCALES {
        if left >= scale {
            read(words, left / scale, after);
            words.push(name);
            (left, after) = (left % scale, true);
        }
    }
    let digit = |n: u64| DIGITS[(n % 10) as usize];
    let (hundreds, tens, ones) = (left / 100, left / 10 % 10, left % 10);
    if left > 0 && (hundreds > 0 || after) {
        words.extend([digit(hundreds), "trăm"]);
        if tens == 0 && ones > 0 {
            words.push("linh");
        }
    }
    match tens {
        0 => {}
        1 => words.push("mười"),
        _ => words.extend([digit(tens), "mươi"]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (1.., 5) => words.push("lăm"),
        _ => words.push(digit(ones)),
    }
}

/// `05/01/2026`.
#[must_use]
pub fn date(value: Date) -> String {
    format!(
        "{:02}/{:02}/{:04}",
        value.day(),
        u8::from(value.month()),
        value.year()
    )
}

/// `ngày 05 tháng 01 năm 2026`, `ngày 05 tháng 3 năm 2026` (Nghị định 30/2020/NĐ-CP).
#[must_use]
pub fn long_date(value: Date) -> String {
    let month = u8::from(value.month());
    let month = if month <= 2 {
        format!("{month:02}")
    } else {
        month.to_string()
    };
    format!("ngày {:02} tháng {month} năm {}", value.day(), value.year())
}

/// Reads `05/01/2026`; also `5/1/2026`, `05-01-2026` and `05.01.2026`. Day first, always.
///
/// # Errors
/// [`DateError`]: another shape, or a day the calendar does not have.
pub fn parse_date(raw: &str) -> Result<Date, DateError> {
    let text = crate::text::normalise(raw);
    let parts: Vec<&str> = text.split(['/', '-', '.']).map(str::trim).collect();
    let &[day, month, year] = parts.as_slice() else {
        return Err(DateError::Shape);
    };
    let is_number = |part: &str, len_max: usize| {
        (1..=len_max).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_number(day, 2) || !is_number(month, 2) || !is_number(year, 4) || year.len() != 4 {
        return Err(DateError::Shape);
    }
    let day = day.parse().map_err(|_| DateError::Shape)?;
    let month: u8 = month.parse().map_err(|_| DateError::Shape)?;
    let year = year.parse().map_err(|_| DateError::Shape)?;
    let month = Month::try_from(month).map_err(|_| DateError::NoSuchDay)?;
    Date::from_calendar_date(year, month, day).map_err(|_| DateError::NoSuchDay)
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::date as day;

    #[test]
    fn numbers_carry_dots_and_a_comma() {
        assert_eq!(integer(294_021), "294.021");
        assert_eq!(integer(0), "0");
        assert_eq!(integer(-1_000), "-1.000");
        assert_eq!(integer(i64::MIN), "-9.223.372.036.854.775.808");
        assert_eq!(decimal(75.6, 1), "75,6");
        assert_eq!(decimal(294_021.5, 1), "294.021,5");
        assert_eq!(decimal(-0.04, 1), "0,0");
        assert_eq!(decimal(12.0, 0), "12");
        assert_eq!(decimal(f64::NAN, 1), "–");
        assert_eq!(percent(75.6, 1), "75,6%");
        assert_eq!(dong(50_000), "50.000 ₫");
    }

    #[test]
    fn numbers_are_read_as_people_read_them() {
        for (value, said) in [
            (0, "không"),
            (15, "mười lăm"),
            (21, "hai mươi mốt"),
            (105, "một trăm linh năm"),
            (300_000, "ba trăm nghìn"),
            (1_000_005, "một triệu không trăm linh năm"),
            (
                1_205_010,
                "một triệu hai trăm linh năm nghìn không trăm mười",
            ),
            (52_800_000_000, "năm mươi hai tỷ tám trăm triệu"),
            (1_000_000_000_000, "một nghìn tỷ"),
            (-1_011, "âm một nghìn không trăm mười một"),
        ] {
            assert_eq!(in_words(value), said, "{value}");
        }
    }

    #[test]
    fn shares_are_rounded_half_up_on_integers() {
        assert_eq!(percent_of(12, 15, 1).as_deref(), Some("80,0%"));
        assert_eq!(percent_of(1, 3, 1).as_deref(), Some("33,3%"));
        assert_eq!(percent_of(1, 800, 1).as_deref(), Some("0,1%"));
        assert_eq!(percent_of(1, 8, 0).as_deref(), Some("13%"));
        assert_eq!(percent_of(3, 2, 2).as_deref(), Some("150,00%"));
        assert_eq!(percent_of(1, 0, 1), None);
    }

    #[test]
    fn dates_are_written_day_first() {
        assert_eq!(date(day!(2026 - 01 - 05)), "05/01/2026");
        assert_eq!(long_date(day!(2026 - 01 - 05)), "ngày 05 tháng 01 năm 2026");
        assert_eq!(long_date(day!(2026 - 03 - 26)), "ngày 26 tháng 3 năm 2026");
        assert_eq!(parse_date(" 5/1/2026 "), Ok(day!(2026 - 01 - 05)));
        assert_eq!(parse_date("29/02/2025"), Err(DateError::NoSuchDay));
        assert_eq!(parse_date("01/13/2025"), Err(DateError::NoSuchDay));
        assert_eq!(parse_date("2026-01-05"), Err(DateError::Shape));
        assert_eq!(parse_date("05/01/26"), Err(DateError::Shape));
        assert_eq!(parse_date(""), Err(DateError::Shape));
    }

    /// Reads back what [`in_words`] wrote.
    fn heard(said: &str) -> i64 {
        let (mut whole, mut part, mut below) = (0_i64, 0_i64, 0_i64);
        for word in said
            .split(' ')
            .filter(|word| *word != "linh" && *word != "âm")
        {
            match word {
                "tỷ" => (whole, part, below) = ((whole + part + below) * 1_000_000_000, 0, 0),
                "triệu" => (part, below) = (part + below * 1_000_000, 0),
                "nghìn" => (part, below) = (part + below * 1_000, 0),
                "trăm" => below *= 100,
                "mươi" => below = below / 100 * 100 + below % 100 * 10,
                "mười" => below += 10,
                "mốt" => below += 1,
                "lăm" => below += 5,
                digit => below += DIGITS.iter().position(|known| *known == digit).unwrap() as i64,
            }
        }
        whole + part + below
    }

    proptest! {
        #[test]
        fn a_number_in_words_can_be_heard(value in 0..9_000_000_000_000_i64) {
            prop_assert_eq!(heard(&in_words(value)), value);
        }

        #[test]
        fn a_printed_date_reads_back(days in 0..200_000_i32) {
            let value = Date::from_julian_day(2_400_000 + days).unwrap();
            prop_assert_eq!(parse_date(&date(value)), Ok(value));
        }

        #[test]
        fn a_printed_integer_loses_nothing(value in any::<i64>()) {
            prop_assert_eq!(integer(value).replace('.', "").parse::<i64>().unwrap(), value);
        }
    }
}
