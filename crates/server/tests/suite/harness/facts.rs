//! Facts as phones write them.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A fact on the wire.
#[derive(Clone, Debug)]
pub struct Fact(pub Value);

/// Ids in the order they were asked for, shaped like UUIDv7.
pub fn new_id() -> Uuid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let process = u64::from(std::process::id()) << 32;
    Uuid::from_u64_pair(
        0x0192_8000_0000_7000,
        0x8000_0000_0000_0000 | process | number,
    )
}

fn envelope(kind: &str, place: &str, body: Value) -> Fact {
    Fact(json!({
        "id": new_id(), "kind": kind, "happened_at": "2024-10-13T08:00:00+07:00", "place": place, "team": null,
        "device": "01928000-0000-7000-8000-00000000d0d0", "seq": 1, "corrects": null, "body": body,
    }))
}

/// An anonymous visit at a door with one payment account opened.
pub fn assist(place: &str) -> Fact {
    let body = json!({
        "beneficiary": {"kind": "person", "age_band": "18_59"},
        "setting": "door",
        "items": [{"service": "payment_account", "outcome": "opened"}],
    });
    envelope("assist.v1", place, body)
}

/// Takes a fact back.
pub fn void(fact: &Fact) -> Fact {
    let place = fact.0["place"].as_str().expect("a place");
    envelope("void.v1", place, json!({"reason": "ghi nhầm"}))
        .corrects(fact)
        .at("2024-10-13T08:30:00+07:00")
}

pub fn news(place: &str, url: &str) -> Fact {
    envelope(
        "post.v1",
        place,
        json!({"title": "Ra quân", "url": url, "channel": "facebook"}),
    )
}

pub fn street(place: &str, name: &str, status: &str) -> Fact {
    envelope(
        "street.v1",
        place,
        json!({"name": name, "status": status, "merchants": 12}),
    )
}

/// Somebody's coming (`in`) or going (`out`), as they say themselves.
pub fn presence(place: &str, point: Uuid, member: Uuid, direction: &str) -> Fact {
    let way = json!({"kind": "self"});
    envelope(
        "attendance.v1",
        place,
        json!({"member": member, "point": point, "direction": direction, "way": way}),
    )
}

/// A step of the sender's own on a roster.
pub fn step(place: &str, shift: &str, action: &str) -> Fact {
    envelope(
        "roster.v1",
        place,
        json!({"shift": shift, "action": action}),
    )
}

/// A step of an expert's own on a commune's request.
pub fn expert_step(place: &str, request: Uuid, action: &str, note: Option<&str>) -> Fact {
    envelope(
        "expert_step.v1",
        place,
        json!({"request": request, "action": action, "note": note}),
    )
}

/// Time that an expert gave to a request.
pub fn expert_work(place: &str, request: Uuid, minutes: u32) -> Fact {
    envelope(
        "expert_work.v1",
        place,
        json!({"request": request, "minutes": minutes, "done": "Rà soát 30 hồ sơ đất đai", "next": null}),
    )
}

/// Something that a desk without a network did about a ticket.
pub fn ticket_step(place: &str, body: Value) -> Fact {
    envelope("ticket.v1", place, body)
}

/// A suspected scam that a resident told of.
pub fn scam_report(place: &str, scam: &str) -> Fact {
    envelope(
        "scam_report.v1",
        place,
        json!({"scam": scam, "channel": "call", "trace": "0900 123 456", "loss": "no",
            "happened_on": "2024-10-12", "note": "Bảo cập nhật địa chỉ qua điện thoại"}),
    )
}

/// A resident's question, written down on paper; its words are the test's.
pub fn question(place: &str, code: &str, text: &str) -> Fact {
    envelope(
        "question.v1",
        place,
        json!({"source": "paper", "code": code, "text": text}),
    )
}

impl Fact {
    pub fn id(&self) -> &str {
        self.0["id"].as_str().expect("an id")
    }

    /// Puts a value anywhere in the fact.
    pub fn with(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = self.0.pointer_mut(parent).expect("the parent is there");
        parent[name] = value.into();
        self
    }

    pub fn at(self, moment: &str) -> Self {
        self.with("/happened_at", moment)
    }

    pub fn team(self, team: Uuid) -> Self {
        self.with("/team", team.to_string())
    }

    pub fn corrects(self, other: &Fact) -> Self {
        self.with("/corrects", other.id())
    }

    /// With the code that a point with this secret shows at a moment.
    pub fn scanned(self, secret: &[u8], shown_at: time::OffsetDateTime) -> Self {
        let step = domain::attendance::step_of(shown_at);
        let code = domain::attendance::code(secret, step);
        self.with(
            "/body/way",
            json!({"kind": "qr", "step": step, "code": code}),
        )
    }

    /// The same words under another id.
    pub fn anew(self) -> Self {
        self.with("/id", new_id().to_string())
    }

    pub fn items(self, items: &[(&str, &str)]) -> Self {
        let items: Vec<Value> = items
            .iter()
            .map(|(service, outcome)| json!({"service": service, "outcome": outcome}))
            .collect();
        self.with("/body/items", items)
    }

    pub fn did(self, service: &str, outcome: &str) -> Self {
        self.items(&[(service, outcome)])
    }

    /// A dossier that was handed in.
    pub fn dossier(self, code: Option<&str>, channel: &str) -> Self {
        let item = json!({"service": "dvc_dossier", "outcome": "submitted", "dossier_code": code, "channel": channel});
        self.with("/body/items", vec![item])
    }

    pub fn consented(self) -> Self {
        let consent = json!({"text_version": "2024-1", "method": "read_aloud", "purposes": ["count_once"], "at": "2024-10-13T07:59:00+07:00"});
        self.with("/body/consent", consent)
    }

    /// For somebody who agreed to be counted once.
    pub fn person(self, identity: &str) -> Self {
        self.with("/body/beneficiary/person", identity).consented()
    }

    pub fn household(self, identity: &str) -> Self {
        self.with("/body/beneficiary/kind", "household")
            .with("/body/beneficiary/household", identity)
            .consented()
    }
}
