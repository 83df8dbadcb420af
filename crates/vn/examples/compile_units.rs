//! Compiles `data/places.csv`, `data/successions.csv` and `data/name-differences.csv` from the
//! two official files and the overlays, with the same readers an import uses:
//!
//! ```text
//! cargo run -p vn --example compile_units -- \
//!     Xa_2025-01-04.csv BangChuyendoiDVHCmoi_cu.csv crates/vn/data \
//!     crates/vn/data/overlay-2025.csv crates/vn/data/overlay-2026.csv
//! ```
//!
//! Rules: a unit in both files takes its name from the GSO list (the list of names), except
//! that the table's capitals are preferred when nothing else differs. Real changes of name or
//! kind are never inferred: they come from an overlay row with its source.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use time::{Date, Month};
use vn::units::{
    Imported, Kind, Manner, PlaceId, Succession, Unit, parse_conversion_table, parse_gso_list,
};

type Fallible<T> = Result<T, Box<dyn Error>>;

fn main() -> Fallible<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [gso, table, out, overlays @ ..] = args.as_slice() else {
        return Err(
            "usage: compile_units <gso list> <conversion table> <output folder> <overlay>…".into(),
        );
    };
    let gso = parse_gso_list(&std::fs::read_to_string(gso)?)?;
    let table = parse_conversion_table(&std::fs::read_to_string(table)?)?;
    describe("GSO list", &gso);
    describe("conversion table", &table);

    let mut compiled = Compiled::merge(&gso, &table);
    for overlay in overlays {
        compiled
            .overlay(&std::fs::read_to_string(overlay)?)
            .map_err(|fault| format!("{overlay}: {fault}"))?;
    }
    compiled.write(Path::new(out))
}

fn describe(name: &str, imported: &Imported) {
    let report = &imported.report;
    println!(
        "{name}: {} rows, {} titles, {} notes repaired, {} units, {} successions, {} warnings",
        report.rows,
        report.titles,
        report.notes_normalised,
        imported.territory.units().len(),
        imported.territory.successions().len(),
        report.warnings.len()
    );
    for warning in &report.warnings {
        println!("  {warning:?}");
    }
}

struct Compiled {
    units: BTreeMap<PlaceId, Vec<Unit>>,
    successions: Vec<Succession>,
    /// Full names of units that differ between the two files: id, GSO list, table.
    differences: Vec<(PlaceId, String, String)>,
}

impl Compiled {
    fn merge(gso: &Imported, table: &Imported) -> Self {
        let country = Unit {
            id: PlaceId::country(),
            kind: Kind::QuocGia,
            name: "Việt Nam".to_owned(),
            parent: None,
            valid_from: None,
            valid_to: None,
        };
        let mut units = BTreeMap::from([(country.id.clone(), vec![country])]);
        for unit in gso.territory.units() {
            units.insert(unit.id.clone(), vec![unit.clone()]);
        }
        let mut differences = Vec::new();
        for unit in table.territory.units() {
            let Some(listed) = units
                .get_mut(&unit.id)
                .and_then(|versions| versions.first_mut())
            else {
                units.insert(unit.id.clone(), vec![unit.clone()]);
                continue;
            };
            let same_letters = listed.name.to_lowercase() == unit.name.to_lowercase();
            if same_letters {
                listed.name.clone_from(&unit.name);
            }
            if !same_letters || listed.kind != unit.kind {
                differences.push((unit.id.clone(), listed.full_name(), unit.full_name()));
            }
        }
        Self {
            units,
            successions: table.territory.successions().to_vec(),
            differences,
        }
    }

    fn overlay(&mut self, text: &str) -> Fallible<()> {
        for (line, record) in (2..).zip(csv::Reader::from_reader(text.as_bytes()).records()) {
            let record = record?;
            let cells: Vec<&str> = record.iter().collect();
            let &[
                action,
                id,
                day,
                kind,
                name,
                new_id,
                manner,
                correct_id,
                source,
            ] = cells.as_slice()
            else {
                return Err(format!("line {line}: nine columns expected").into());
            };
            if source.is_empty() {
                return Err(format!("line {line}: an overlay row needs its source").into());
            }
            let id = PlaceId::parse(id)?;
            let done = match action {
                "change" => self.change(&id, parse_day(day)?, Kind::parse(kind), name),
                "begin" => self
                    .newest(&id)
                    .map(|unit| unit.valid_from = parse_day(day).ok()),
                "end" => self
                    .newest(&id)
                    .map(|unit| unit.valid_to = parse_day(day).ok()),
                "reassign" => {
                    self.reassign(&id, &PlaceId::parse(new_id)?, &PlaceId::parse(correct_id)?)
                }
                "succeed" => self.succeed(id, PlaceId::parse(new_id)?, Manner::parse(manner)),
                _ => None,
            };
            done.ok_or_else(|| format!("line {line}: {action} does not apply"))?;
        }
        Ok(())
    }

    fn newest(&mut self, id: &PlaceId) -> Option<&mut Unit> {
        self.units.get_mut(id)?.last_mut()
    }

    /// Closes the newest version on `day` and opens one with the new kind, and name if given.
    fn change(&mut self, id: &PlaceId, day: Date, kind: Option<Kind>, name: &str) -> Option<()> {
        let versions = self.units.get_mut(id)?;
        let before = versions.last_mut()?;
        let mut after = before.clone();
        before.valid_to = Some(day);
        after.valid_from = Some(day);
        after.kind = kind?;
        if !name.is_empty() {
            name.clone_into(&mut after.name);
        }
        versions.push(after);
        self.differences.retain(|(differing, _, _)| differing != id);
        Some(())
    }

    /// A row printed under the wrong old code.
    fn reassign(&mut self, printed: &PlaceId, new_id: &PlaceId, correct: &PlaceId) -> Option<()> {
        self.units.get(correct)?;
        let row = self
            .successions
            .iter_mut()
            .find(|row| row.old_id == *printed && row.new_id == *new_id)?;
        row.old_id = correct.clone();
        Some(())
    }

    fn succeed(&mut self, old_id: PlaceId, new_id: PlaceId, manner: Option<Manner>) -> Option<()> {
        let manner = manner?;
        let known = self.units.contains_key(&old_id) && self.units.contains_key(&new_id);
        let note = manner.usual_note().to_owned();
        known.then(|| {
            self.successions.push(Succession {
                old_id,
                new_id,
                manner,
                note,
            })
        })
    }

    fn write(mut self, folder: &Path) -> Fallible<()> {
        let mut places = csv::Writer::from_path(folder.join("places.csv"))?;
        places.write_record([
            "id",
            "code",
            "level",
            "kind",
            "name",
            "parent",
            "valid_from",
            "valid_to",
        ])?;
        for unit in self.units.values().flatten() {
            places.write_record([
                unit.id.as_str(),
                unit.code(),
                unit.level().as_str(),
                unit.kind.as_str(),
                &unit.name,
                unit.parent.as_ref().map_or("", PlaceId::as_str),
                &unit.valid_from.map(iso).unwrap_or_default(),
                &unit.valid_to.map(iso).unwrap_or_default(),
            ])?;
        }
        places.flush()?;
        let mut successions = csv::Writer::from_path(folder.join("successions.csv"))?;
        successions.write_record(["old_id", "new_id", "manner", "note"])?;
        self.successions
            .sort_by(|a, b| (&a.old_id, &a.new_id).cmp(&(&b.old_id, &b.new_id)));
        for row in &self.successions {
            let note = if Manner::from_note(&row.note) == Some(row.manner) && is_usual(row) {
                ""
            } else {
                &row.note
            };
            successions.write_record([
                row.old_id.as_str(),
                row.new_id.as_str(),
                row.manner.as_str(),
                note,
            ])?;
        }
        successions.flush()?;
        let mut differences = csv::Writer::from_path(folder.join("name-differences.csv"))?;
        differences.write_record(["id", "gso_list", "conversion_table"])?;
        for (id, listed, printed) in &self.differences {
            differences.write_record([id.as_str(), listed, printed])?;
        }
        differences.flush()?;
        println!(
            "{} places, {} successions, {} name differences",
            self.units.len(),
            self.successions.len(),
            self.differences.len()
        );
        Ok(())
    }
}

fn is_usual(row: &Succession) -> bool {
    vn::text::fold(&row.note) == vn::text::fold(row.manner.usual_note())
}

fn iso(day: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}",
        day.year(),
        u8::from(day.month()),
        day.day()
    )
}

fn parse_day(text: &str) -> Fallible<Date> {
    let mut parts = text.split('-');
    let mut next = || parts.next().ok_or("not a date yyyy-mm-dd");
    let (year, month, day) = (next()?.parse()?, next()?.parse::<u8>()?, next()?.parse()?);
    Ok(Date::from_calendar_date(
        year,
        Month::try_from(month)?,
        day,
    )?)
}
