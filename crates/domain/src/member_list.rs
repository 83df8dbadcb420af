//! Reading the list of members a branch keeps in a spreadsheet, however it is laid out:
//! titles above, headers in any order and spelling, over one row or two, units as
//! headings between people, signatures below.

use crate::people::{Office, Position};
use crate::vocabulary::vocabulary;
use time::Date;
use vn::phone::{Phone, Repair};
use vn::text::{fold, looks_like_telex, normalise};

/// Headers stand within so many rows.
const HEADER_ROW_MAX: usize = 30;

/// What a cell of a sheet holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Words.
    Text(String),
    /// A number.
    Number(f64),
    /// A day, as spreadsheets keep them.
    Day(Date),
}

impl Cell {
    /// As a person would read it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) => normalise(text),
            Self::Number(n) if n.fract() == 0.0 => format!("{n:.0}"),
            Self::Number(n) => n.to_string(),
            Self::Day(day) => vn::number::date(*day),
        }
    }
}

vocabulary! {
    /// What a column is about.
    Column {
        /// Family, middle and given name.
        Name = "name",
        /// All but the given name.
        Family = "family",
        /// The given name.
        Given = "given",
        /// Day or year of birth.
        Birth = "birth",
        /// Phone number.
        Phone = "phone",
        /// *Chức vụ*.
        Position = "position",
        /// *Đơn vị, chi đoàn*.
        Unit = "unit",
        /// Nothing we keep.
        Skip = "skip",
    }
}

/// How a sheet is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The first row below the headers.
    pub first_row: usize,
    /// The header of each column, as written.
    pub titles: Vec<String>,
    /// What each column is about.
    pub columns: Vec<Column>,
}

fn column_of(title: &str) -> Column {
    let fold = fold(title);
    let plain: String = fold
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let title = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let has = |words: &[&str]| words.iter().any(|word| title.contains(word));
    match title.as_str() {
        "" => Column::Skip,
        "ho" | "ho dem" | "ho lot" | "ho va dem" | "ho va chu lot" | "ho va ten dem" => {
            Column::Family
        }
        "ten" | "ten goi" => Column::Given,
        "nam" | "nu" => Column::Skip,
        "ns" | "nam sinh" => Column::Birth,
        "sdt" | "dt" | "dtdd" => Column::Phone,
        _ if has(&["ho ten", "ho va ten", "ho va va ten", "full name", "hoten"]) => Column::Name,
        _ if has(&[
            "ngay sinh",
            "nam sinh",
            "ngay thang nam sinh",
            "sinh ngay",
            "ngay thang nam",
        ]) =>
        {
            Column::Birth
        }
        _ if has(&["dien thoai", "so dt", "sdt", "di dong", "zalo", "phone"]) => Column::Phone,
        _ if has(&["chuc vu", "chuc danh", "nhiem vu"]) => Column::Position,
        _ if has(&[
            "don vi",
            "chi doan",
            "to dan pho",
            "khu pho",
            "to doi",
            "noi sinh hoat",
        ]) =>
        {
            Column::Unit
        }
        _ => Column::Skip,
    }
}

/// Finds the headers: the row that names most of what we keep, with a name among it.
/// What it leaves open may stand in the row below, under merged cells.
pub fn layout(rows: &[Vec<Cell>]) -> Option<Layout> {
    let named =
        |row: &[Cell]| -> Vec<Column> { row.iter().map(|cell| column_of(&cell.text())).collect() };
    let known = |columns: &[Column]| columns.iter().filter(|one| **one != Column::Skip).count();
    let is_named = |columns: &[Column]| {
        columns.contains(&Column::Name)
            || (columns.contains(&Column::Family) && columns.contains(&Column::Given))
    };
    let rows = rows.get(..rows.len().min(HEADER_ROW_MAX)).unwrap_or(rows);
    let (at, _) = rows
        .iter()
        .enumerate()
        .map(|(at, row)| (at, named(row)))
        .filter(|(_, columns)| is_named(columns))
        .max_by_key(|(at, columns)| (known(columns), std::cmp::Reverse(*at)))?;
    let head = rows.get(at)?;
    let below: &[Cell] = rows.get(at + 1).map_or(&[], Vec::as_slice);
    // A second row of headers says "Nam" and "Nữ", or "Họ" and "Tên", and no number.
    let is_head = below.iter().any(|cell| {
        let text = fold(&cell.text());
        matches!(text.as_str(), "nam" | "nu" | "ho" | "ten" | "ho dem")
    }) && !below
        .iter()
        .any(|cell| matches!(cell, Cell::Number(_) | Cell::Day(_)));
    let width = head.len().max(below.len());
    let (mut titles, mut columns) = (Vec::new(), Vec::new());
    let mut above = String::new();
    for column in 0..width {
        let cell = |row: &[Cell]| row.get(column).map(Cell::text).unwrap_or_default();
        let (upper, lower) = (cell(head), cell(below));
        // A merged cell keeps its words in its first column.
        if !upper.is_empty() {
            above = upper.clone();
        }
        let own = column_of(&upper);
        let (title, meant) = match is_head && !lower.is_empty() {
            true => match column_of(&lower) {
                Column::Skip => (format!("{above} {lower}"), column_of(&above)),
                found => (lower, found),
            },
            false => (upper, own),
        };
        titles.push(title);
        columns.push(meant);
    }
    Some(Layout {
        first_row: at + 1 + usize::from(is_head),
        titles,
        columns,
    })
}

vocabulary! {
    /// Something repaired or doubted, worth a look before it is stored.
    Doubt {
        /// The name seems to be unfinished typing.
        Telex = "telex",
        /// The name is one word.
        OneWord = "one_word",
        /// A number from before 2018 got today's prefix.
        OldPrefix = "old_prefix",
        /// A phone number got its leading zero back.
        ZeroAdded = "zero_added",
        /// The position is none we know.
        Position = "position",
    }
}

vocabulary! {
    /// Why a row cannot be stored.
    Fault {
        /// No name.
        NameMissing = "name_missing",
        /// Not a year or a day of birth.
        Birth = "birth",
        /// Not a phone number of a person.
        Phone = "phone",
        /// The same person stands further up.
        Twice = "twice",
    }
}

/// A person as a row tells of them.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Full name.
    pub name: String,
    /// Year of birth.
    pub birth_year: Option<i64>,
    /// Phone number.
    pub phone: Option<Phone>,
    /// What they are in their team.
    pub position: Option<Position>,
    /// What they are in their unit.
    pub office: Option<Office>,
    /// Their unit, as written, in their row or in a heading above.
    pub unit: String,
    /// What was repaired or is doubtful.
    pub doubts: Vec<Doubt>,
    /// Why it cannot be stored.
    pub fault: Option<Fault>,
}

/// The people of a sheet, each with the number of its row from 1.
pub fn people(
    rows: &[Vec<Cell>],
    first_row: usize,
    columns: &[Column],
    today: Date,
) -> Vec<(usize, Row)> {
    let mut heading = String::new();
    let mut found = Vec::new();
    for (at, cells) in rows.iter().enumerate().skip(first_row) {
        let texts: Vec<String> = cells.iter().map(Cell::text).collect();
        let filled: Vec<&String> = texts.iter().filter(|text| !text.is_empty()).collect();
        match filled.as_slice() {
            [] => {}
            [first, ..] if is_end(first) => break,
            // The numbers of the columns below their headers: (1) (2) (3).
            all if all.len() > 2
                && all
                    .iter()
                    .all(|text| text.trim_matches(['(', ')']).parse::<u8>().is_ok()) => {}
            _ if is_heading(&filled) => heading = unit_of(&filled),
            _ => {
                let mut row = read(cells, columns, today);
                if row.unit.is_empty() {
                    row.unit.clone_from(&heading);
                }
                found.push((at + 1, row));
            }
        }
    }
    let mut seen: Vec<(String, Option<i64>, Option<Phone>)> = Vec::new();
    for (_, row) in &mut found {
        let who = (fold(&row.name), row.birth_year, row.phone.clone());
        if row.fault.is_none() && seen.contains(&who) {
            row.fault = Some(Fault::Twice);
        }
        seen.push(who);
    }
    found
}

/// Sums and signatures: nobody stands below.
fn is_end(text: &str) -> bool {
    let fold = fold(text);
    let ends = [
        "tong cong",
        "tong so",
        "danh sach nay",
        "nguoi lap",
        "t m ",
        "tm ",
        "tm.",
        "noi nhan",
        "xac nhan",
        "ngay ... thang",
    ];
    ends.iter().any(|end| fold.starts_with(end))
}

/// A line of a unit between its people: "I. Chi đoàn khu phố 1".
fn is_heading(filled: &[&String]) -> bool {
    let words = filled.iter().map(|text| fold(text)).collect::<Vec<_>>();
    let unit = |text: &String| {
        [
            "chi doan",
            "khu pho",
            "thon ",
            "to ",
            "doi ",
            "phan doan",
            "ban ",
        ]
        .iter()
        .any(|word| format!("{text} ").contains(word))
    };
    match words.as_slice() {
        [only] => unit(only),
        [number, name] => is_roman(number) && unit(name),
        _ => false,
    }
}

fn is_roman(text: &str) -> bool {
    let text = text.trim_end_matches(['.', ')']);
    !text.is_empty() && text.bytes().all(|b| matches!(b, b'i' | b'v' | b'x'))
}

fn unit_of(filled: &[&String]) -> String {
    let text = filled.last().map_or("", |text| text.as_str());
    match text.split_once(['.', ')']) {
        Some((number, rest)) if is_roman(&fold(number)) || number.parse::<u8>().is_ok() => {
            normalise(rest)
        }
        _ => text.trim_end_matches(':').to_owned(),
    }
}

fn read(cells: &[Cell], columns: &[Column], today: Date) -> Row {
    let all = |wanted: Column| {
        let both = columns.iter().zip(cells);
        both.filter(move |(column, cell)| **column == wanted && !cell.text().is_empty())
            .map(|(_, cell)| cell)
    };
    let first = |wanted: Column| all(wanted).next().map(Cell::text).unwrap_or_default();
    let mut row = Row {
        unit: first(Column::Unit),
        ..Row::default()
    };
    let whole = first(Column::Name);
    row.name = match whole.is_empty() {
        true => normalise(&format!(
            "{} {}",
            first(Column::Family),
            first(Column::Given)
        )),
        // "Họ và tên" over two columns: the given name stands in the second.
        false => normalise(&format!("{whole} {}", first(Column::Given))),
    };
    if row.name == row.name.to_uppercase() {
        row.name = capitalised(&row.name);
    }
    if row.name.chars().filter(|c| c.is_alphabetic()).count() < 2 {
        row.fault = Some(Fault::NameMissing);
    } else if !row.name.contains(' ') {
        row.doubts.push(Doubt::OneWord);
    }
    if looks_like_telex(&row.name) {
        row.doubts.push(Doubt::Telex);
    }
    match all(Column::Birth)
        .next()
        .map(|cell| birth_year(cell, today))
    {
        Some(None) => row.fault = row.fault.or(Some(Fault::Birth)),
        year => row.birth_year = year.flatten(),
    }
    phone(&mut row, &first(Column::Phone));
    position(&mut row, &first(Column::Position));
    row
}

/// "NGUYỄN THỊ HẠNH" as people write it in a sentence.
fn capitalised(name: &str) -> String {
    let words = name.split(' ').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().into_iter();
        first.chain(letters.flat_map(char::to_lowercase)).collect()
    });
    words.collect::<Vec<String>>().join(" ")
}

/// The year out of a day in either style, a year alone, or a day as spreadsheets count.
fn birth_year(cell: &Cell, today: Date) -> Option<i64> {
    let year = match cell {
        Cell::Day(day) => i64::from(day.year()),
        Cell::Number(n) if (1900.0..2100.0).contains(n) => integer(*n)?,
        // Days since the end of 1899, shown as a number by mistake.
        Cell::Number(n) if (5000.0..60_000.0).contains(n) => 1900 + integer(*n / 365.25)?,
        Cell::Number(_) | Cell::Empty => return None,
        Cell::Text(text) => {
            let digits: Vec<&str> = text
                .split(|c: char| !c.is_ascii_digit())
                .filter(|part| !part.is_empty())
                .collect();
            let four = digits.iter().find(|part| part.len() == 4);
            match (four, digits.as_slice()) {
                (Some(year), [_] | [_, _] | [_, _, _]) => year.parse().ok()?,
                (None, [_, _, year]) if year.len() == 2 => {
                    let short: i64 = year.parse().ok()?;
                    let now = i64::from(today.year());
                    let near = now - now % 100 + short;
                    if near > now { near - 100 } else { near }
                }
                _ => return None,
            }
        }
    };
    (1900..=i64::from(today.year()))
        .contains(&year)
        .then_some(year)
}

fn integer(n: f64) -> Option<i64> {
    format!("{:.0}", n.trunc()).parse().ok()
}

fn phone(row: &mut Row, raw: &str) {
    // Of several numbers in a cell the first is taken.
    let raw = raw.split([',', ';', '/', '\n']).next().unwrap_or("");
    let raw = raw.trim_start_matches('\'').trim();
    if raw.is_empty() {
        return;
    }
    match Phone::parse_noting(raw) {
        Ok((phone, repair)) => {
            row.phone = Some(phone);
            row.doubts.extend(repair.map(|repair| match repair {
                Repair::OldPrefixConverted => Doubt::OldPrefix,
                Repair::LeadingZeroAdded => Doubt::ZeroAdded,
            }));
        }
        Err(_) => row.fault = row.fault.or(Some(Fault::Phone)),
    }
}

fn position(row: &mut Row, raw: &str) {
    let fold = fold(raw);
    let has = |word: &str| fold.contains(word);
    match () {
        () if fold.is_empty() => {}
        () if has("pho bi thu") => row.office = Some(Office::DeputySecretary),
        () if has("bi thu chi bo") => row.office = Some(Office::PartyCell),
        () if has("bi thu") => row.office = Some(Office::Secretary),
        () if has("truong thon") || has("to truong to dan pho") => {
            row.office = Some(Office::HamletHead);
        }
        () if has("to truong") || has("doi truong") => row.position = Some(Position::Leader),
        () if has("to pho") || has("doi pho") => row.position = Some(Position::Deputy),
        () if has("vien") || has("uy vien") || has("uv") => {}
        () => row.doubts.push(Doubt::Position),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    const TODAY: Date = date!(2024 - 10 - 13);

    fn sheet(text: &str) -> Vec<Vec<Cell>> {
        let cell = |raw: &str| match (raw.trim(), raw.trim().parse::<f64>()) {
            ("", _) => Cell::Empty,
            (raw, Ok(n)) if !raw.starts_with('0') => Cell::Number(n),
            (raw, _) => Cell::Text(raw.to_owned()),
        };
        let line = |line: &str| line.split('|').map(cell).collect();
        text.trim().lines().map(line).collect()
    }

    fn told(text: &str) -> Vec<(usize, Row)> {
        let rows = sheet(text);
        let layout = layout(&rows).expect("it has headers");
        people(&rows, layout.first_row, &layout.columns, TODAY)
    }

    #[test]
    fn a_list_with_titles_sections_and_a_signature_is_read() {
        let found = told(
            "ĐOÀN PHƯỜNG NHƠN PHÚ|||||
DANH SÁCH ĐOÀN VIÊN||||||
||||||
Stt|HỌ VÀ TÊN|Ngày sinh|Số ĐT|Chức vụ|Ghi chú
(1)|(2)|(3)|(4)|(5)|(6)
I|Chi đoàn khu phố 1||||
1|Nguyễn Thị Hạnh|05/06/2001|0912345678|Bí thư|
2|TRẦN VĂN ĐẠT|1999|912345679|Đoàn viên|
II. Chi đoàn khu phố 2|||||
3|Lê Minh|6-5-98|01686123456|Phó Bí thư|x
Tổng cộng: 3 đồng chí|||||
|Nguyễn Văn Ký||||",
        );
        assert_eq!(found.len(), 3);
        let (line, first) = &found[0];
        assert_eq!(
            (*line, first.name.as_str(), first.birth_year),
            (7, "Nguyễn Thị Hạnh", Some(2001))
        );
        assert_eq!(first.office, Some(Office::Secretary));
        assert_eq!(first.unit, "Chi đoàn khu phố 1");
        let (_, second) = &found[1];
        assert_eq!(
            (second.name.as_str(), second.birth_year),
            ("Trần Văn Đạt", Some(1999))
        );
        assert_eq!(second.doubts, [Doubt::ZeroAdded]);
        let (_, third) = &found[2];
        assert_eq!(
            (third.birth_year, third.unit.as_str()),
            (Some(1998), "Chi đoàn khu phố 2")
        );
        assert_eq!(third.doubts, [Doubt::OldPrefix]);
        assert_eq!(
            third.phone.as_ref().map(Phone::e164).as_deref(),
            Some("+84386123456")
        );
    }

    #[test]
    fn names_apart_and_births_under_two_headers_are_joined() {
        let found = told(
            "TT|Họ và tên||Ngày sinh||Đơn vị|SĐT
|Họ|Tên|Nam|Nữ||
1|Nguyễn Thị|Hạnh||2001|Tổ 1|
2|Trần|Đạt|1999||Tổ 2|",
        );
        let names: Vec<_> = found
            .iter()
            .map(|(_, row)| (row.name.as_str(), row.birth_year, row.unit.as_str()))
            .collect();
        assert_eq!(
            names,
            [
                ("Nguyễn Thị Hạnh", Some(2001), "Tổ 1"),
                ("Trần Đạt", Some(1999), "Tổ 2")
            ]
        );
    }

    #[test]
    fn headers_are_known_in_any_order_case_and_without_marks() {
        let rows = sheet("so dien thoai|NAM SINH|ho ten\n0912345678|2000|Lê An");
        let found = layout(&rows).expect("it has headers");
        assert_eq!(found.columns, [Column::Phone, Column::Birth, Column::Name]);
        assert_eq!(layout(&sheet("a|b\n1|2")), None);
    }

    #[test]
    fn what_cannot_be_stored_says_why_and_what_is_doubtful_is_kept() {
        let found = told(
            "Họ tên|Năm sinh|Điện thoại|Chức vụ
Nguyễn An|khoảng 20|0912345678|
Nguyễn Ân|2000|12345|
|2000|0912345678|
Nguyeenx Anh|2000||Thủ quỹ
Nguyễn Bình|2000||
Nguyễn Bình|2000||
Hạnh|2030||",
        );
        let faults: Vec<_> = found.iter().map(|(_, row)| row.fault).collect();
        use Fault::{Birth, NameMissing, Phone, Twice};
        let wanted = [
            Some(Birth),
            Some(Phone),
            Some(NameMissing),
            None,
            None,
            Some(Twice),
            Some(Birth),
        ];
        assert_eq!(faults, wanted);
        assert_eq!(found[3].1.doubts, [Doubt::Telex, Doubt::Position]);
    }

    #[test]
    fn births_are_years_whatever_their_style() {
        for (cell, year) in [
            (Cell::Text("05/06/2001".to_owned()), Some(2001)),
            (Cell::Text("12/31/2001".to_owned()), Some(2001)),
            (Cell::Text("2001-06-05".to_owned()), Some(2001)),
            (Cell::Text("5.6.01".to_owned()), Some(2001)),
            (Cell::Text("5/6/87".to_owned()), Some(1987)),
            (Cell::Text("2001".to_owned()), Some(2001)),
            (Cell::Number(2001.0), Some(2001)),
            (Cell::Number(37_047.0), Some(2001)),
            (Cell::Day(date!(2001 - 06 - 05)), Some(2001)),
            (Cell::Text("không rõ".to_owned()), None),
            (Cell::Number(12.0), None),
        ] {
            assert_eq!(birth_year(&cell, TODAY), year, "{cell:?}");
        }
    }
}
