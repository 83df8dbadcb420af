//! Facts that are refused: each with a code that says what to mend, nothing kept.

use crate::harness::client::Client;
use crate::harness::facts::{Fact, assist, news, street};
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, with_app};
use serde_json::{Value, json};

#[test]
fn each_fault_has_its_code() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let other_team = app.team(DONG_DA, "Tổ phường khác");
        let good = || assist(NHON_PHU);
        let body = |pointer: &str, value: Value| good().with(pointer, value);
        let item = |name: &str, value: Value| body(&format!("/body/items/0/{name}"), value);
        let long = "ố".repeat(501);
        let known = |fact: Fact| fact.with("/body/beneficiary/person", "cccd:052191000123");
        let table: Vec<(&str, Fact)> = vec![
            ("fact.kind_unknown", body("/kind", json!("assist.v9"))),
            ("fact.place_unknown", body("/place", json!("63-99999"))),
            (
                "fact.place_unknown",
                body("/place", json!("'; drop table fact")),
            ),
            ("fact.out_of_scope", body("/place", json!(DONG_DA))),
            ("fact.out_of_scope", body("/place", json!(QUY_NHON))),
            ("fact.team_unknown", good().team(other_team)),
            ("fact.team_unknown", good().team(uuid::Uuid::from_u128(5))),
            ("fact.service_unknown", item("service", json!("no_such"))),
            ("fact.outcome_unknown", item("outcome", json!("no_such"))),
            (
                "fact.outcome_unknown",
                good().did("payment_account", "activated"),
            ),
            (
                "fact.service_not_in_force",
                good().did("health_declaration", "declared"),
            ),
            ("fact.items_count", body("/body/items", json!([]))),
            (
                "fact.items_count",
                good().items(&[("payment_account", "opened"); 13]),
            ),
            ("fact.consent_missing", known(good())),
            (
                "fact.consent_missing",
                known(
                    good()
                        .consented()
                        .with("/body/consent/purposes", json!(["follow_up"])),
                ),
            ),
            (
                "fact.consent_missing",
                body("/body/beneficiary/household", json!("house:12/63-21553")),
            ),
            ("fact.text_too_long", body("/body/note", json!(long))),
            ("fact.text_too_long", good().person(&"9".repeat(301))),
            ("fact.text_too_long", item("reason", json!("x".repeat(301)))),
            (
                "fact.text_too_long",
                body("/body/language", json!("x".repeat(41))),
            ),
            (
                "fact.text_too_long",
                good()
                    .consented()
                    .with("/body/consent/text_version", "x".repeat(41)),
            ),
            (
                "fact.malformed",
                good().consented().with("/body/consent/text_version", " "),
            ),
            (
                "fact.malformed",
                good()
                    .consented()
                    .with("/body/consent/purposes", vec!["count_once"; 9]),
            ),
            ("fact.malformed", good().person("   ")),
            ("fact.malformed", body("/seq", json!(-1))),
            ("fact.malformed", body("/seq", json!(1.5))),
            ("fact.malformed", body("/seq", json!("1"))),
            ("fact.malformed", body("/device", json!("my phone"))),
            ("fact.malformed", body("/happened_at", json!("13/10/2024"))),
            ("fact.malformed", body("/happened_at", json!(1_728_781_200))),
            ("fact.malformed", body("/team", json!("tổ 1"))),
            ("fact.malformed", body("/corrects", json!(5))),
            ("fact.malformed", body("/body", json!(null))),
            ("fact.malformed", body("/body", json!([]))),
            ("fact.malformed", body("/body/setting", json!("moon"))),
            (
                "fact.malformed",
                body("/body/beneficiary/kind", json!("robot")),
            ),
            (
                "fact.malformed",
                body("/body/beneficiary/age_band", json!("17")),
            ),
            (
                "fact.malformed",
                body("/body/beneficiary/address", json!("12 Tây Sơn")),
            ),
            ("fact.malformed", body("/body/extra", json!(1))),
            ("fact.malformed", body("/extra", json!(1))),
            ("fact.malformed", item("follow_up_on", json!("ngày mai"))),
            ("fact.malformed", item("channel", json!("fax"))),
            ("fact.malformed", news(NHON_PHU, "javascript:alert(1)")),
            ("fact.malformed", news(NHON_PHU, "")),
            ("fact.malformed", street(NHON_PHU, "Tây Sơn", "busy")),
            (
                "fact.malformed",
                street(NHON_PHU, "Tây Sơn", "operating").with("/body/merchants", -4),
            ),
        ];
        for (code, fact) in &table {
            user.refuses(fact, code);
        }
        let early = app.volunteer("34-21583");
        early.refuses(&assist("34-21583"), "fact.place_not_in_force");
        assert_eq!(app.count("select count(*) from fact"), 0);
        user.counts(&[good()]);
    });
}

#[test]
fn a_day_before_the_campaign_is_refused_with_its_first_day() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        app.province().campaign();
        let eve = assist(NHON_PHU).at("2024-03-02T23:59:59+07:00");
        let refused = user.refuses(&eve, "fact.before_campaign");
        assert!(
            refused["title"].as_str().unwrap().contains("03/03/2024"),
            "{refused}"
        );
        // Midnight in Viet Nam, not in Greenwich.
        user.counts(&[assist(NHON_PHU).at("2024-03-02T17:00:00Z")]);
    });
}

#[test]
fn both_official_forms_of_a_dossier_code_are_accepted_and_others_are_not() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let dossier = |code: &str| assist(NHON_PHU).dossier(Some(code), "online");
        for code in [
            "000.00.12.H08-241012-0001",
            "H08.12-241012-0001",
            "h08.12-241012-000123",
            " H08.12–241012–0002 ",
        ] {
            user.counts(&[dossier(code)]);
        }
        for code in [
            "",
            "12345",
            "H08-241012",
            "H08.12-241342-0001",
            "H08.12-241012-1",
            "0x41",
        ] {
            let refused = user.refuses(&dossier(code), "fact.dossier_code_malformed");
            assert_eq!(refused["facts"]["dossier_code"], code);
        }
        let shown =
            app.count("select count(distinct body -> 'items' -> 0 ->> 'dossier_code') from fact");
        assert_eq!(shown, 4);
    });
}

#[test]
fn a_refused_fact_can_be_mended_and_sent_again_under_its_own_id() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let wrong = assist(NHON_PHU).did("payment_account", "no_such");
        user.refuses(&wrong, "fact.outcome_unknown");
        user.counts(&[wrong.did("payment_account", "opened")]);
    });
}

#[test]
fn decomposed_letters_and_the_icelandic_eth_become_the_vietnamese_ones() {
    with_app(|app| {
        let campaign = app.province().campaign();
        let user = app.volunteer(NHON_PHU);
        let composed = "name:Đặng Thị Huệ/1962";
        let decomposed = "name:\u{110}a\u{323}\u{306}ng Thi\u{323} Hue\u{302}\u{323}/1962";
        let eth = "name:\u{D0}ặng  Thị Huệ/1962";
        for identity in [composed, decomposed, eth] {
            user.counts(&[assist(NHON_PHU)
                .person(identity)
                .with("/body/note", identity)]);
        }
        assert_eq!(campaign.result(&user, PROVINCE, "payment"), 1);
        let notes = app.count("select count(distinct body ->> 'note') from fact");
        assert_eq!(notes, 1);
        let people =
            app.count("select count(distinct body -> 'beneficiary' ->> 'person') from fact");
        assert_eq!(people, 1);
    });
}

/// Where a needle lies in any file of the folder.
fn files_with(app: &TestApp, needle: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(app.folder.itself())
        .expect("it lists")
        .flatten()
    {
        let bytes = std::fs::read(file.path()).expect("it reads");
        if bytes.windows(needle.len()).any(|window| window == needle) {
            found.push(file.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

/// About a database that is a file: left out on PostgreSQL.
mod on_a_file {
    use super::*;

    #[test]
    fn identities_are_in_no_file_and_in_no_answer() {
        with_app(|app| {
            let campaign = app.province().campaign();
            let (user, leader) = (app.volunteer(NHON_PHU), app.leader(NHON_PHU));
            let (citizen, family, company) =
                ("052191000123", "12 Nguyễn Nhạc bí mật", "4100259236");
            let fact = assist(NHON_PHU)
                .person(&format!("cccd:{citizen}"))
                .with(
                    "/body/beneficiary/household",
                    format!("house:{family}/{NHON_PHU}"),
                )
                .with("/body/beneficiary/organisation", format!("tax:{company}"))
                .with("/body/note", "dấu vết để tìm");
            let mut answers = vec![user.post_facts(std::slice::from_ref(&fact))];
            // Refused ones say what is wrong without saying it after.
            let number = fact
                .clone()
                .anew()
                .with("/body/beneficiary/person", json!(52_191_000_123_i64));
            let swapped = fact
                .clone()
                .anew()
                .with("/body/beneficiary/kind", format!("cccd:{citizen}"));
            let extra = fact
                .clone()
                .anew()
                .with(&format!("/body/beneficiary/{citizen}"), 1);
            answers.push(user.post_facts(&[number, swapped, extra]));
            let read = |by: &Client, path: &str| by.get(path);
            answers.push(read(&user, &format!("/api/v1/facts/{}", fact.id())));
            answers.push(read(
                &leader,
                &campaign.path(&format!("facts?indicator=payment&place={NHON_PHU}")),
            ));
            answers.push(read(&user, "/api/v1/changes"));
            for answer in &answers {
                for secret in [citizen, "52191000123", family, company] {
                    assert!(!answer.text().contains(secret), "{}", answer.text());
                }
            }
            let folded = vn::text::fold(family);
            for secret in [citizen, family, &folded, company] {
                assert_eq!(
                    files_with(app, secret.as_bytes()),
                    [] as [String; 0],
                    "{secret}"
                );
            }
            assert!(
                !files_with(app, "dấu vết để tìm".as_bytes()).is_empty(),
                "the search finds what is there"
            );
            let other = assist(NHON_PHU).person("cccd:052191000124");
            user.counts(&[other]);
        });
    }
}
