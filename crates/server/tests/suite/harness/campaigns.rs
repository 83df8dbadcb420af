//! The Bình Định campaign of 2024, and questions about how it stands.

use super::client::Client;
use super::people::User;
use serde_json::{Value, json};
use uuid::Uuid;

fn count(unit: &str, filters: Value) -> Value {
    json!({"kind": "count", "measure": measure(unit, filters)})
}

fn measure(unit: &str, filters: Value) -> Value {
    json!({"unit": unit, "count": "distinct", "all_of": filters})
}

pub fn indicator(code: &str, definition: Value, target: Option<i64>) -> Value {
    json!({"code": code, "name": format!("Chỉ tiêu {code}"), "short_name": code, "definition": definition, "target": target})
}

/// Every indicator shape of the plan, with small targets.
pub fn indicators() -> Vec<Value> {
    let supported = json!([{"services": ["dvc_account", "dvc_signin"], "outcomes": ["registered", "linked", "transacted"]}]);
    let streets = measure("street", json!([{"statuses": ["operating"]}]));
    let mut activated = indicator(
        "vneid",
        count(
            "person",
            json!([{"services": ["vneid_l1", "vneid_l2"], "outcomes": ["activated"]}]),
        ),
        Some(100),
    );
    activated["deadline"] = json!("2024-06-30");
    vec![
        indicator(
            "active_rate",
            json!({"kind": "ratio", "target_permille": 400, "denominator": {"kind": "measure", "measure": measure("account", supported)},
                "numerator": measure("account", json!([{"services": ["dvc_account", "dvc_signin"], "outcomes": ["transacted"]}]))}),
            None,
        ),
        indicator(
            "dossiers",
            count(
                "dossier",
                json!([{"services": ["dvc_dossier"], "outcomes": ["submitted"], "channel": "online"}]),
            ),
            Some(660),
        ),
        indicator(
            "news",
            json!({"kind": "per_unit", "measure": measure("post", json!([{"kinds": ["post.v1"]}])), "unit_level": "commune", "minimum": 6}),
            None,
        ),
        indicator(
            "households",
            count(
                "household",
                json!([
                {"services": ["vneid_l1", "vneid_l2"], "outcomes": ["activated", "registered"]},
                {"services": ["dvc_outreach"], "stages": ["informed", "self_service", "referred"]}]),
            ),
            Some(1600),
        ),
        indicator(
            "payment",
            count(
                "person",
                json!([{"services": ["payment_account"], "outcomes": ["opened"]}]),
            ),
            Some(1000),
        ),
        indicator(
            "dsig_rate",
            json!({"kind": "ratio", "target_permille": 100, "denominator": {"kind": "figure", "figure": "population_14"},
                "numerator": measure("person", json!([{"services": ["dsig"], "outcomes": ["issued"], "age_14_plus": true}]))}),
            None,
        ),
        activated,
        indicator(
            "streets",
            json!({"kind": "per_unit", "measure": streets, "unit_level": "district", "minimum": 1}),
            None,
        ),
        indicator(
            "street_cover",
            json!({"kind": "per_unit", "measure": streets, "unit_level": "commune", "minimum": 1}),
            None,
        ),
        indicator(
            "visits",
            json!({"kind": "count", "measure": {"unit": "assist", "count": "sum", "all_of": [{}]}}),
            None,
        ),
    ]
}

/// A campaign to make.
pub fn plan(place: &str, indicators: &[Value]) -> Value {
    json!({
        "code": format!("k-{}", super::facts::new_id().simple()), "name": "Tuổi trẻ tiên phong chuyển đổi số", "theme": "",
        "issuing_document": {"number": "225-KH/TWĐTN-CTTN", "issued_on": "2024-02-01", "issuer": "Tỉnh đoàn", "title": "Kế hoạch"},
        "place_id": place, "starts_on": "2024-03-03", "ends_on": "2024-12-31", "indicators": indicators,
    })
}

impl User {
    /// Makes the whole campaign in the province.
    #[track_caller]
    pub fn campaign(&self) -> Campaign {
        self.design(&plan(super::PROVINCE, &indicators()))
    }

    /// Makes a campaign as planned.
    #[track_caller]
    pub fn design(&self, plan: &Value) -> Campaign {
        let made = self.post("/api/v1/campaigns", plan).ok();
        Campaign(
            made["id"]
                .as_str()
                .and_then(|id| id.parse().ok())
                .expect("it has an id"),
        )
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Campaign(pub Uuid);

impl Campaign {
    pub fn path(self, rest: &str) -> String {
        format!("/api/v1/campaigns/{}/{rest}", self.0)
    }

    #[track_caller]
    pub fn progress(self, by: &Client, place: &str) -> Value {
        by.get(&self.path(&format!("progress?place={place}"))).ok()
    }

    /// How one indicator of a place stands.
    #[track_caller]
    pub fn standing(self, by: &Client, place: &str, code: &str) -> Value {
        self.standing_on(by, place, code, "2024-10-13")
    }

    #[track_caller]
    pub fn standing_on(self, by: &Client, place: &str, code: &str, on: &str) -> Value {
        let body = by
            .get(&self.path(&format!("progress?place={place}&on={on}")))
            .ok();
        let all = body["indicators"].as_array().expect("a list");
        all.iter()
            .find(|one| one["code"] == code)
            .expect("the indicator is there")
            .clone()
    }

    #[track_caller]
    pub fn result(self, by: &Client, place: &str, code: &str) -> i64 {
        self.standing(by, place, code)["result"]
            .as_i64()
            .expect("a number")
    }

    /// Everything the list behind a number holds, over all its pages.
    #[track_caller]
    pub fn facts(self, by: &Client, question: &str) -> (Vec<Value>, i64) {
        let mut found = Vec::new();
        let mut after = String::new();
        loop {
            let page = by.get(&self.path(&format!("facts?{question}{after}"))).ok();
            found.extend(page["facts"].as_array().expect("a list").iter().cloned());
            match page["next"].as_i64() {
                Some(next) => after = format!("&after={next}"),
                None => return (found, page["total"].as_i64().expect("a number")),
            }
        }
    }
}
