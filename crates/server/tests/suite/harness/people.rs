//! Members with a role on a place, signed in without the slow password.

use super::client::{Client, Reply};
use super::facts::Fact;
use super::{PROVINCE, TestApp};
use causo::features::members::{NewMember, Role, create, store};
use causo::features::teams;
use causo::platform::clock::Clock;
use causo::platform::db::Tx;
use causo::platform::http::token_hash;
use causo::platform::problem::AppResult;
use domain::ids::{DeviceId, MemberId, PlaceId, TeamId};
use domain::people::TeamKind;
use serde_json::{Value, json};
use std::ops::Deref;
use uuid::Uuid;

/// A password and its hash: hashing is slow on purpose, so it is done once.
pub const PASSWORD: &str = "mật khẩu của tôi";
static HASH: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    causo::features::members::password::hash(PASSWORD).expect("it hashes")
});

/// A signed-in member at a device.
#[derive(Clone, Debug)]
pub struct User {
    client: Client,
    pub id: Uuid,
    pub login: String,
}

impl Deref for User {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

/// What a new member is.
#[derive(Clone, Debug)]
pub struct Post {
    pub role: Role,
    pub place: String,
    pub team: Option<Uuid>,
}

/// Makes a member with an open session; the token of the session comes back.
pub fn employ(
    tx: &mut Tx<'_>,
    clock: &Clock,
    post: &Post,
    hash: &str,
) -> AppResult<(Uuid, String, String)> {
    let id = clock.new_id();
    let login = format!("m{}", &id.simple().to_string()[20..]);
    let place = PlaceId::parse(&post.place).expect("a place id");
    create(
        tx,
        &NewMember {
            id: MemberId(id),
            login: &login,
            name: "Nguyễn Thị Ánh",
            password_hash: hash,
            role: post.role,
            place: &place,
            team: post.team.map(TeamId),
            now: clock.now(),
        },
    )?;
    let token = open_session(tx, clock, id)?;
    Ok((id, login, token))
}

/// A session on a device of its own.
pub fn open_session(tx: &mut Tx<'_>, clock: &Clock, member: Uuid) -> AppResult<String> {
    let token = clock.new_id().simple().to_string();
    let device = DeviceId(clock.new_id());
    store::open_session(
        tx,
        &token_hash(&token),
        MemberId(member),
        device,
        clock.now(),
    )?;
    Ok(token)
}

impl TestApp {
    fn hire(&self, post: Post, hash: &str) -> User {
        let (clock, hash) = (self.clock.clone(), hash.to_owned());
        let (id, login, token) = self
            .write(move |tx| employ(tx, &clock, &post, &hash))
            .expect("it is made");
        let client = self.stranger().with_cookie(&token);
        User { client, id, login }
    }

    fn of(&self, role: Role, place: &str) -> User {
        let place = place.to_owned();
        self.hire(
            Post {
                role,
                place,
                team: None,
            },
            "no password",
        )
    }

    pub fn volunteer(&self, place: &str) -> User {
        self.of(Role::Volunteer, place)
    }

    pub fn leader(&self, place: &str) -> User {
        self.of(Role::Leader, place)
    }

    pub fn officer(&self, place: &str) -> User {
        self.of(Role::CommuneOfficer, place)
    }

    pub fn province(&self) -> User {
        self.of(Role::ProvinceOfficer, PROVINCE)
    }

    pub fn admin(&self) -> User {
        self.of(Role::Admin, "VN")
    }

    /// An administrator of less than the country.
    pub fn admin_of(&self, place: &str) -> User {
        self.of(Role::Admin, place)
    }

    /// Somebody whose role is in a team.
    pub fn in_team(&self, role: Role, place: &str, team: Uuid) -> User {
        let (place, team) = (place.to_owned(), Some(team));
        self.hire(Post { role, place, team }, "no password")
    }

    /// A volunteer who can sign in with [`PASSWORD`].
    pub fn with_password(&self, place: &str) -> User {
        let (role, place) = (Role::Volunteer, place.to_owned());
        self.hire(
            Post {
                role,
                place,
                team: None,
            },
            &HASH,
        )
    }

    /// The same member on another device.
    pub fn again(&self, user: &User) -> User {
        let (clock, id) = (self.clock.clone(), user.id);
        let token = self
            .write(move |tx| open_session(tx, &clock, id))
            .expect("it opens");
        User {
            client: self.stranger().with_cookie(&token),
            ..user.clone()
        }
    }

    pub fn team(&self, place: &str, name: &str) -> Uuid {
        let id = self.clock.new_id();
        let (place, name) = (PlaceId::parse(place).expect("a place id"), name.to_owned());
        self.write(move |tx| {
            teams::create(tx, TeamId(id), &name, TeamKind::Youth, &place)?;
            tx.effects.push(causo::platform::db::Effect::Shape);
            Ok(())
        })
        .expect("it is made");
        id
    }
}

/// A batch as a phone sends it.
pub fn batch(facts: &[Fact]) -> Value {
    let facts: Vec<&Value> = facts.iter().map(|fact| &fact.0).collect();
    json!({"device_time": "2024-10-13T09:00:00+07:00", "facts": facts})
}

impl Client {
    pub fn post_facts(&self, facts: &[Fact]) -> Reply {
        self.post("/api/v1/facts", &batch(facts))
    }

    /// The outcomes of a batch, one for each fact.
    #[track_caller]
    pub fn send_facts(&self, facts: &[Fact]) -> Vec<Value> {
        let outcomes = self.post_facts(facts).ok()["outcomes"].clone();
        let outcomes = outcomes.as_array().expect("a list").clone();
        assert_eq!(outcomes.len(), facts.len());
        for (fact, outcome) in facts.iter().zip(&outcomes) {
            if outcome["id"] != Value::Null {
                assert_eq!(outcome["id"], fact.0["id"]);
            }
        }
        outcomes
    }

    /// Sends facts that must all be new and kept.
    #[track_caller]
    pub fn counts(&self, facts: &[Fact]) -> Vec<Value> {
        let outcomes = self.send_facts(facts);
        for outcome in &outcomes {
            assert_eq!(outcome["outcome"], "counted", "{outcome}");
        }
        outcomes
    }

    /// Sends one fact that must be refused, and checks that nothing of it was kept.
    #[track_caller]
    pub fn refuses(&self, fact: &Fact, code: &str) -> Value {
        let outcome = self.send_facts(std::slice::from_ref(fact)).remove(0);
        assert_eq!(outcome["outcome"], "refused", "{outcome}");
        let problem = outcome["problem"].clone();
        assert_eq!(problem["code"], code, "{outcome}");
        for sentence in ["title", "next"] {
            let said = problem[sentence].as_str().expect("it is said in words");
            assert!(!said.is_empty() && !said.contains('{'), "{problem}");
        }
        problem
    }
}
