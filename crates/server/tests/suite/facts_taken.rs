//! Facts that are taken in: once, whatever happens on the way.

use crate::harness::facts::{Fact, assist, new_id, news, street, void};
use crate::harness::people::batch;
use crate::harness::{AN_NHON, DONG_DA, NHON_PHU, PROVINCE, with_app, with_app_at};
use serde_json::json;
use time::Duration;
use time::macros::datetime;

#[test]
fn each_fact_of_a_batch_gets_its_own_outcome_in_order() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let good = assist(NHON_PHU);
        let facts = [
            good.clone(),
            assist("63-00000"),
            Fact(json!({"id": "not-an-id"})),
            Fact(json!("not even an object")),
            assist(NHON_PHU).with("/seq", "three"),
            assist(NHON_PHU).with("/body/items/0/service", 5),
            void(&assist(NHON_PHU)),
            good.clone(),
            news(NHON_PHU, "https://example.vn/1"),
            street(NHON_PHU, "Đường Tây Sơn", "operating"),
        ];
        let outcomes = user.send_facts(&facts);
        let seen: Vec<&str> = outcomes
            .iter()
            .map(|one| one["outcome"].as_str().unwrap())
            .collect();
        let wanted =
            "counted refused refused refused refused refused held duplicate counted counted";
        assert_eq!(seen.join(" "), wanted);
        assert_eq!(outcomes[2]["id"], json!(null));
        assert_eq!(outcomes[4]["id"], facts[4].0["id"]);
        assert_eq!(app.count("select count(*) from fact"), 3);
    });
}

#[test]
fn a_fact_sent_again_is_a_duplicate_even_when_it_would_not_be_taken_now() {
    with_app(|app| {
        let province = app.province();
        let user = app.volunteer(NHON_PHU);
        let early = assist(NHON_PHU).at("2024-02-01T08:00:00+07:00");
        let late = assist(NHON_PHU);
        user.counts(&[early.clone(), late.clone()]);
        province.campaign();
        let again = user.send_facts(&[early.clone(), late.clone()]);
        assert_eq!(again[0]["outcome"], "duplicate", "{}", again[0]);
        assert_eq!(again[1]["outcome"], "duplicate");
        user.refuses(&early.anew(), "fact.before_campaign");
        // Somebody else who got hold of the id gets no such answer.
        let other = app.volunteer(DONG_DA);
        other.refuses(&late, "fact.out_of_scope");
        let neighbour = app.volunteer(NHON_PHU);
        neighbour.refuses(&late, "fact.conflict");
    });
}

#[test]
fn the_same_id_with_another_body_is_a_conflict_and_the_first_stays() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let first = assist(NHON_PHU).with("/body/note", "bản đầu");
        user.counts(std::slice::from_ref(&first));
        user.refuses(
            &first.clone().with("/body/note", "bản sau"),
            "fact.conflict",
        );
        user.refuses(
            &first.clone().at("2024-10-13T08:00:01+07:00"),
            "fact.conflict",
        );
        // The same moment said in another time zone is the same fact.
        let same = first.clone().at("2024-10-13T01:00:00Z");
        assert_eq!(user.send_facts(&[same])[0]["outcome"], "duplicate");
        let shown = user.get(&format!("/api/v1/facts/{}", first.id())).ok();
        assert_eq!(shown["body"]["note"], "bản đầu");
        let both = assist(NHON_PHU);
        let other = both.clone().with("/body/setting", "desk");
        let outcomes = user.send_facts(&[both, other]);
        assert_eq!(outcomes[0]["outcome"], "counted");
        assert_eq!(outcomes[1]["problem"]["code"], "fact.conflict");
    });
}

#[test]
fn sixty_four_copies_at_once_are_counted_once() {
    with_app(|app| {
        let campaign = app.province().campaign();
        let user = app.volunteer(NHON_PHU);
        let facts: Vec<Fact> = (0..10)
            .map(|n| assist(NHON_PHU).person(&format!("cccd:05219100{n:04}")))
            .collect();
        let body = batch(&facts);
        let counted: i64 = std::thread::scope(|scope| {
            let senders: Vec<_> = (0..64)
                .map(|_| {
                    scope.spawn(|| {
                        let mut reply = user.post("/api/v1/facts", &body);
                        while reply.status == 503 {
                            // All of them are about the same people, so they take turns; a
                            // machine with much else to do tells the last to come again.
                            reply.refused(503, "storage.busy");
                            reply = user.post("/api/v1/facts", &body);
                        }
                        let reply = reply.ok();
                        let outcomes = reply["outcomes"].as_array().unwrap();
                        let of = |name: &str| {
                            outcomes.iter().filter(|one| one["outcome"] == name).count()
                        };
                        assert_eq!(of("counted") + of("duplicate"), 10);
                        i64::try_from(of("counted")).unwrap()
                    })
                })
                .collect();
            senders
                .into_iter()
                .map(|sender| sender.join().unwrap())
                .sum()
        });
        assert_eq!(counted, 10);
        assert_eq!(app.count("select count(*) from fact"), 10);
        assert_eq!(campaign.result(&user, PROVINCE, "payment"), 10);
        assert_eq!(campaign.result(&user, PROVINCE, "visits"), 10);
    });
}

#[test]
fn a_batch_of_five_hundred_is_taken_and_one_more_is_not() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let many: Vec<Fact> = (0..501).map(|_| assist(NHON_PHU)).collect();
        let refused = user
            .post_facts(&many)
            .refused(413, "request.batch_too_long");
        assert_eq!(refused["facts"]["max"], 500);
        assert!(
            refused["title"].as_str().unwrap().contains("500")
                || refused["next"].as_str().unwrap().contains("500")
        );
        assert_eq!(app.count("select count(*) from fact"), 0);
        user.counts(&many[..500]);
        assert_eq!(user.send_facts(&[]).len(), 0);
        // A hundred thousand, small enough to get through the door.
        let crowd = format!("{{\"facts\":[{}0]}}", "0,".repeat(99_999));
        user.send_bytes("POST", "/api/v1/facts", Some(crowd.as_bytes()))
            .refused(413, "request.batch_too_long");
    });
}

#[test]
fn a_chain_of_corrections_is_the_same_in_any_order() {
    with_app(|app| {
        let campaign = app.province().campaign();
        let user = app.volunteer(NHON_PHU);
        let chain = |person: &str| {
            let first = assist(NHON_PHU).person(person);
            let second = assist(NHON_PHU)
                .person(person)
                .did("payment_account", "registered")
                .corrects(&first);
            let third = assist(NHON_PHU)
                .person(person)
                .did("dsig", "issued")
                .corrects(&second);
            [first, second, third]
        };
        let orders = [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ];
        for (n, order) in orders.into_iter().enumerate() {
            let chain = chain(&format!("cccd:05219100{n:04}"));
            let sent: Vec<Fact> = order.map(|at| chain[at].clone()).to_vec();
            if n % 2 == 0 {
                user.counts(&sent);
            } else {
                // One by one: what is held is sent again until nothing is.
                let mut left = sent;
                while !left.is_empty() {
                    left.retain(|fact| {
                        user.send_facts(std::slice::from_ref(fact))[0]["outcome"] == "held"
                    });
                }
            }
            let states: Vec<_> = chain
                .iter()
                .map(|fact| user.get(&format!("/api/v1/facts/{}", fact.id())).ok()["state"].clone())
                .collect();
            assert_eq!(states, ["superseded", "superseded", "live"]);
        }
        assert_eq!(campaign.result(&user, PROVINCE, "payment"), 0);
        assert_eq!(campaign.result(&user, PROVINCE, "visits"), 6);
        let signed = campaign.standing(&user, PROVINCE, "dsig_rate");
        assert_eq!(signed["numerator"], 6);
    });
}

#[test]
fn a_correction_of_an_unknown_fact_is_held_and_counts_once_both_are_there() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let original = assist(NHON_PHU);
        let gone = void(&original);
        let held = user.send_facts(std::slice::from_ref(&gone)).remove(0);
        assert_eq!(held["outcome"], "held");
        assert_eq!(held["needs"], original.0["id"]);
        assert_eq!(app.count("select count(*) from fact"), 0);
        user.counts(std::slice::from_ref(&original));
        user.counts(std::slice::from_ref(&gone));
        let shown = user.get(&format!("/api/v1/facts/{}", original.id())).ok();
        assert_eq!(shown["state"], "voided");
        assert_eq!(shown["superseded_by"], gone.0["id"]);
        // A void can itself be corrected by saying the fact again.
        let after_all = assist(NHON_PHU).corrects(&original);
        user.counts(&[after_all]);
        assert_eq!(app.count("select count(*) from superseded"), 2);
    });
}

#[test]
fn a_long_chain_backwards_does_not_hold_up_the_server() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let mut chain = vec![assist(NHON_PHU)];
        for _ in 1..500 {
            let next = assist(NHON_PHU).corrects(&chain[chain.len() - 1]);
            chain.push(next);
        }
        chain.reverse();
        let begun = std::time::Instant::now();
        user.counts(&chain);
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    });
}

#[test]
fn what_may_be_corrected_by_whom() {
    with_app(|app| {
        let (user, neighbour) = (app.volunteer(NHON_PHU), app.volunteer(NHON_PHU));
        let (leader, elsewhere) = (app.leader(NHON_PHU), app.leader(DONG_DA));
        let facts: Vec<Fact> = (0..4).map(|_| assist(NHON_PHU)).collect();
        user.counts(&facts);
        neighbour.refuses(&void(&facts[0]), "fact.not_yours");
        elsewhere.refuses(&void(&facts[0]).with("/place", DONG_DA), "fact.not_yours");
        user.counts(&[void(&facts[0])]);
        leader.counts(&[void(&facts[1])]);
        user.refuses(
            &news(NHON_PHU, "https://example.vn/x").corrects(&facts[2]),
            "fact.correction_kind",
        );
        let taken_back = void(&facts[3]);
        user.counts(std::slice::from_ref(&taken_back));
        user.refuses(&void(&taken_back), "fact.correction_kind");
        let itself = assist(NHON_PHU);
        user.refuses(&itself.clone().corrects(&itself), "fact.correction_kind");
        user.refuses(
            &void(&facts[2]).with("/corrects", json!(null)),
            "fact.correction_kind",
        );
    });
}

#[test]
fn a_fact_is_read_by_who_recorded_it_and_by_those_above() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let fact = assist(NHON_PHU).person("cccd:052191000123");
        user.counts(std::slice::from_ref(&fact));
        let path = format!("/api/v1/facts/{}", fact.id());
        let shown = user.get(&path).ok();
        assert_eq!(shown["kind"], "assist.v1");
        assert_eq!(shown["happened_at"], "2024-10-13T08:00:00+07:00");
        assert_eq!(shown["place"]["full_name"], "Phường Nhơn Phú");
        assert_eq!(shown["actor"]["id"], user.id.to_string());
        assert_eq!(shown["body"]["beneficiary"]["person"], true);
        for above in [
            app.leader(NHON_PHU),
            app.officer(NHON_PHU),
            app.province(),
            app.admin(),
        ] {
            above.get(&path).ok();
        }
        for other in [
            app.volunteer(NHON_PHU),
            app.leader(DONG_DA),
            app.officer(AN_NHON),
        ] {
            other.get(&path).refused(404, "not_found");
        }
        user.get(&format!("/api/v1/facts/{}", new_id()))
            .refused(404, "not_found");
    });
}

#[test]
fn a_phone_whose_clock_is_off_is_told_by_how_much() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        user.counts(&[assist(NHON_PHU).at("2024-10-13T09:09:59+07:00")]);
        let soon = user.refuses(
            &assist(NHON_PHU).at("2024-10-13T10:00:00+07:00"),
            "fact.future",
        );
        assert_eq!(soon["facts"]["skew_s"], 3600);
        let a_year = user.refuses(
            &assist(NHON_PHU).at("2025-10-13T09:00:00+07:00"),
            "fact.future",
        );
        assert_eq!(a_year["facts"]["skew_s"], 365 * 24 * 3600);
        user.refuses(
            &assist(NHON_PHU).at("9999-12-31T23:59:59+07:00"),
            "fact.future",
        );
        user.refuses(
            &assist(NHON_PHU).at("2023-08-01T09:00:00+07:00"),
            "fact.too_old",
        );
        user.refuses(
            &assist(NHON_PHU).at("0000-01-01T00:00:00+14:00"),
            "fact.too_old",
        );
        user.refuses(
            &assist(NHON_PHU).at("9999-12-31T23:59:59-12:00"),
            "fact.malformed",
        );
        user.counts(&[assist(NHON_PHU).at("2023-10-13T09:00:00+07:00")]);
        app.clock.advance(Duration::HOUR);
        user.counts(&[assist(NHON_PHU).at("2024-10-13T10:00:00+07:00")]);
    });
}

#[test]
fn a_fact_sent_again_is_a_duplicate_though_the_server_now_thinks_it_is_of_tomorrow() {
    with_app(|app| {
        let user = app.volunteer(NHON_PHU);
        let fact = assist(NHON_PHU);
        user.counts(std::slice::from_ref(&fact));
        for hours in [-24, 24] {
            app.clock.advance(Duration::hours(hours));
            let again = user.send_facts(std::slice::from_ref(&fact));
            assert_eq!(again[0]["outcome"], "duplicate", "{}", again[0]);
            app.clock.advance(Duration::hours(-hours));
        }
        app.clock.advance(Duration::hours(-24));
        user.refuses(&fact.anew(), "fact.future");
    });
}

#[test]
fn a_service_is_recorded_only_for_days_on_which_it_was_there() {
    with_app_at(datetime!(2026-07-25 09:00 +7), |app| {
        let user = app.volunteer("34-00004");
        let account = |day: &str| {
            assist("34-00004")
                .did("dvc_account", "registered")
                .at(&format!("{day}T08:00:00+07:00"))
        };
        user.counts(&[account("2026-07-19")]);
        let refused = user.refuses(&account("2026-07-20"), "fact.service_not_in_force");
        assert_eq!(refused["facts"]["day"], "2026-07-20");
    });
}
