//! The parts of Office Open XML that sheets of lines need, as text.

use super::lines::{Cell, Form};
use super::words::WORDS;
use std::fmt::{Arguments, Display, Write as _};
use std::ops::RangeInclusive;
use time::{Date, Time};

/// What the parts are. The sheets, of which nobody knows the number yet, are what is
/// not said to be something else.
pub const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>"#;

/// Where to begin.
pub const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// How cells look: [`PLAIN`] and the others are places in `cellXfs`.
pub const STYLES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="3"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="hh:mm"/><numFmt numFmtId="166" formatCode="dd/mm/yyyy hh:mm"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="166" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#;

const PLAIN: u8 = 0;
const HEADING: u8 = 1;
const DAY: u8 = 2;
const TIME: u8 = 3;
const MOMENT: u8 = 4;

const LETTERS: RangeInclusive<char> = 'A'..='Z';

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews>"#;
/// Excel adds this to the characters of a column.
const PADDING: f64 = 0.710_937_5;

/// A cell's letter and row.
type At<'a> = (char, &'a str);

/// Path of a sheet, counted from one.
pub fn sheet_path(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

/// Where the parts of a workbook of as many sheets lie.
pub fn workbook_relationships(sheets: usize) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#,
    );
    let mut add = |id: usize, what: &str, target: &str| {
        put(
            &mut xml,
            format_args!(
                r#"<Relationship Id="rId{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{what}" Target="/{target}"/>"#
            ),
        );
    };
    for number in 1..=sheets {
        add(number, "worksheet", &sheet_path(number));
    }
    add(sheets + 1, "styles", "xl/styles.xml");
    xml.push_str("</Relationships>");
    xml
}

/// Letter of the last column.
fn last(form: &Form) -> char {
    LETTERS
        .zip(&form.columns)
        .last()
        .map_or('A', |(letter, _)| letter)
}

/// Names sheets of lines, which have so many rows, and after them the one about the file.
pub fn workbook(form: &Form, rows: &[u32]) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><bookViews><workbookView/></bookViews><sheets>"#,
    );
    let lines = (1..=rows.len()).map(|number| sheet_name(form, number));
    let last = last(form);
    let names: Vec<String> = lines.chain([WORDS.about.sheet.clone()]).collect();
    for (number, name) in (1..).zip(&names) {
        put(
            &mut xml,
            format_args!(r#"<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>"#),
        );
    }
    xml.push_str("</sheets><definedNames>");
    for (at, (rows, name)) in rows.iter().zip(&names).enumerate() {
        put(
            &mut xml,
            format_args!(
                r#"<definedName name="_xlnm._FilterDatabase" localSheetId="{at}" hidden="1">'{name}'!$A$1:${last}${rows}</definedName>"#
            ),
        );
    }
    xml.push_str("</definedNames></workbook>");
    xml
}

fn sheet_name(form: &Form, number: usize) -> String {
    match number {
        1 => form.sheet.clone(),
        _ => format!("{} {number}", form.sheet),
    }
}

/// Begins a sheet of lines with the headings, which stay where they are.
pub fn begin_sheet(xml: &mut String, form: &Form, number: usize) {
    let selected = if number == 1 {
        r#" tabSelected="1""#
    } else {
        ""
    };
    put(
        xml,
        format_args!(
            r#"{HEAD}<sheetView{selected} workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/></sheetView></sheetViews>"#
        ),
    );
    put_widths(xml, form.columns.iter().map(|(_, width)| *width));
    xml.push_str(r#"<sheetData><row r="1">"#);
    for (column, (heading, _)) in LETTERS.zip(&form.columns) {
        put_text(xml, (column, "1"), HEADING, heading);
    }
    xml.push_str("</row>");
}

/// Ends a sheet of lines that has so many rows.
pub fn end_sheet(xml: &mut String, form: &Form, rows: u32) {
    let last = last(form);
    put(
        xml,
        format_args!(r#"</sheetData><autoFilter ref="A1:{last}{rows}"/></worksheet>"#),
    );
}

/// A row of a sheet of lines, counted from one.
pub fn row(xml: &mut String, number: u32, line: &[Cell<'_>]) {
    let row = number.to_string();
    put(xml, format_args!(r#"<row r="{row}">"#));
    for (column, cell) in LETTERS.zip(line) {
        put_cell(xml, (column, &row), *cell);
    }
    xml.push_str("</row>");
}

/// The sheet about the file, its rows by their names.
pub fn about(form: &Form, rows: &[(&str, Cell<'_>)]) -> String {
    let mut xml = format!(r#"{HEAD}<sheetView workbookViewId="0"/></sheetViews>"#);
    put_widths(&mut xml, [18.0, 60.0]);
    xml.push_str("<sheetData>");
    for (number, (name, cell)) in (1..).zip(rows) {
        let row: &str = &i32::to_string(&number);
        put(&mut xml, format_args!(r#"<row r="{row}">"#));
        put_text(&mut xml, ('A', row), HEADING, name);
        put_cell(&mut xml, ('B', row), *cell);
        xml.push_str("</row>");
    }
    let row = (rows.len() + 2).to_string();
    put(&mut xml, format_args!(r#"<row r="{row}">"#));
    put_text(&mut xml, ('A', &row), PLAIN, &form.note);
    xml.push_str("</row></sheetData></worksheet>");
    xml
}

fn put_widths(xml: &mut String, widths: impl IntoIterator<Item = f64>) {
    xml.push_str("<cols>");
    for (number, width) in (1..).zip(widths) {
        let width = width + PADDING;
        put(
            xml,
            format_args!(r#"<col min="{number}" max="{number}" width="{width}" customWidth="1"/>"#),
        );
    }
    xml.push_str("</cols>");
}

fn put_cell(xml: &mut String, at: At<'_>, cell: Cell<'_>) {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => put_text(xml, at, PLAIN, text),
        Cell::Number(n) => put_number(xml, at, PLAIN, n),
        Cell::Day(day) => put_number(xml, at, DAY, days(day)),
        Cell::Time(time) => put_number(xml, at, TIME, part_of_day(time)),
        Cell::Moment(moment) => {
            let serial = f64::from(days(moment.date())) + part_of_day(moment.time());
            put_number(xml, at, MOMENT, serial);
        }
    }
}

/// Text of this type is never a formula, whatever it begins with.
fn put_text(xml: &mut String, (column, row): At<'_>, style: u8, text: &str) {
    let space = if text.trim() == text {
        ""
    } else {
        r#" xml:space="preserve""#
    };
    put(
        xml,
        format_args!(r#"<c r="{column}{row}" s="{style}" t="inlineStr"><is><t{space}>"#),
    );
    put_escaped(xml, text);
    xml.push_str("</t></is></c>");
}

fn put_number(xml: &mut String, (column, row): At<'_>, style: u8, value: impl Display) {
    put(
        xml,
        format_args!(r#"<c r="{column}{row}" s="{style}"><v>{value}</v></c>"#),
    );
}

/// Letters that XML cannot hold are spelt as Excel spells them, `_x0007_`, and so is the
/// first of what would be taken for such a spelling.
fn put_escaped(xml: &mut String, text: &str) {
    // Nothing to look at letter by letter: U+FFFE and U+FFFF begin with EF.
    let special = |byte: u8| byte < b' ' || matches!(byte, b'&' | b'<' | b'>' | b'_' | 0xef);
    if !text.bytes().any(special) {
        xml.push_str(text);
        return;
    }
    for (at, c) in text.char_indices() {
        match c {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '\t' | '\n' => xml.push(c),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => {
                put(xml, format_args!("_x{:04X}_", u32::from(c)));
            }
            '_' if is_spelling(text.as_bytes().get(at..at + 7)) => xml.push_str("_x005F_"),
            _ => xml.push(c),
        }
    }
}

/// Whether it reads like `_x0007_`.
fn is_spelling(bytes: Option<&[u8]>) -> bool {
    matches!(bytes, Some([b'_', b'x', digits @ .., b'_']) if digits.iter().all(u8::is_ascii_hexdigit))
}

/// Days as Excel counts them, from the end of 1899.
fn days(day: Date) -> i32 {
    day.to_julian_day() - 2_415_019
}

/// To the second.
fn part_of_day(time: Time) -> f64 {
    let (hour, minute, second) = time.as_hms();
    let seconds = (u32::from(hour) * 60 + u32::from(minute)) * 60 + u32::from(second);
    f64::from(seconds) / 86_400.0
}

fn put(xml: &mut String, text: Arguments<'_>) {
    // Memory takes it.
    let _ = xml.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::super::lines::FORM;
    use super::*;

    #[test]
    fn the_columns_have_letters_and_the_last_is_z() {
        assert_eq!(last(&FORM), 'Z');
        assert!(FORM.columns.len() <= LETTERS.count());
    }

    #[test]
    fn names_of_sheets_need_no_escaping() {
        for name in [&FORM.sheet, &WORDS.about.sheet] {
            assert!(!name.contains(['&', '<', '>', '"', '\'', '[', ']', ':', '*', '?', '/', '\\']));
            assert!(name.chars().count() <= 28, "Excel's 31 less the number");
        }
    }

    #[test]
    fn any_text_is_text_in_xml() {
        for (text, wanted) in [
            (
                "Đường <Nguyễn Huệ> & \"chợ\"",
                "Đường &lt;Nguyễn Huệ&gt; &amp; \"chợ\"",
            ),
            ("a\tb\nc\rd", "a\tb\nc_x000D_d"),
            (
                "\0\u{7}\u{1b}\u{fffe}\u{ffff}",
                "_x0000__x0007__x001B__xFFFE__xFFFF_",
            ),
            (
                "_x000D_ _x000d_ _xyz_ _x12345_",
                "_x005F_x000D_ _x005F_x000d_ _xyz_ _x12345_",
            ),
            ("__x0041_ _x0041 _xđ41_", "__x005F_x0041_ _x0041 _xđ41_"),
            ("ｆｕｌｌ 👍 \u{feff}", "ｆｕｌｌ 👍 \u{feff}"),
        ] {
            let mut xml = String::new();
            put_escaped(&mut xml, text);
            assert_eq!(xml, wanted);
        }
        let mut xml = String::new();
        put_text(&mut xml, ('A', "1"), PLAIN, " =1+1");
        let wanted =
            r#"<c r="A1" s="0" t="inlineStr"><is><t xml:space="preserve"> =1+1</t></is></c>"#;
        assert_eq!(xml, wanted);
    }
}
