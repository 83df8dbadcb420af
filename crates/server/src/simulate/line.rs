//! What simulated phones say to servers, and what they hear.

use super::client::Client;
use super::life::Phone;
use super::token;
use crate::demo::life::wire;
use crate::platform::http::COOKIE;
use crate::platform::problem::AppResult;
use domain::facts::Fact;
use domain::ids::{MemberId, PlaceId, TeamId};
use domain::refusal::Refusal;
use serde::Deserialize;
use std::net::SocketAddr;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Deserialize)]
struct Me {
    member: Named,
    grants: Vec<Grant>,
    #[serde(with = "time::serde::rfc3339")]
    server_time: OffsetDateTime,
}

#[derive(Deserialize)]
struct Named {
    id: Uuid,
}

#[derive(Deserialize)]
struct Grant {
    place: Coded,
    team: Option<Named>,
}

#[derive(Deserialize)]
struct Coded {
    id: PlaceId,
    code: String,
}

impl Me {
    fn phone(self) -> Option<Phone> {
        let grant = self.grants.into_iter().next()?;
        Some(Phone {
            member: MemberId(self.member.id),
            place: grant.place.id,
            code: grant.place.code,
            team: TeamId(grant.team?.id),
        })
    }
}

/// The cookie of a simulated phone, by number.
pub fn cookie(seed: u64, number: usize) -> String {
    format!("{COOKIE}={}", token(seed, number))
}

/// Asks any of the servers whom simulated phones belong to, and what time it is.
///
/// # Errors
/// `simulate.not_signed_in`.
pub fn sign_in(
    nodes: &[SocketAddr],
    seed: u64,
    numbers: std::ops::Range<usize>,
) -> AppResult<(Vec<Phone>, OffsetDateTime)> {
    let (mut phones, mut now) = (Vec::new(), OffsetDateTime::UNIX_EPOCH);
    let mut connection: Option<Client> = None;
    for number in numbers {
        let found = nodes.iter().find_map(|node| {
            let mut client = match connection.take() {
                Some(client) => client,
                None => Client::connect(*node, "").ok()?,
            };
            client.cookie = cookie(seed, number);
            client.get("/api/v1/session").ok()?;
            let me: Me = serde_json::from_slice(&client.body).ok()?;
            connection = Some(client);
            now = me.server_time;
            me.phone()
        });
        phones.push(found.ok_or_else(|| {
            let all: Vec<String> = nodes.iter().map(ToString::to_string).collect();
            let refusal = Refusal::new("simulate.not_signed_in").with("address", all.join(", "));
            refusal.with("number", number)
        })?);
    }
    Ok((phones, now))
}

/// A request with these facts.
pub fn body(facts: &[Fact]) -> Vec<u8> {
    let facts: Vec<_> = facts.iter().map(wire).collect();
    serde_json::json!({ "facts": facts })
        .to_string()
        .into_bytes()
}

/// What became of a fact.
#[derive(Clone, Debug, Deserialize)]
pub struct Outcome {
    /// `counted`, `duplicate`, `held` or `refused`.
    pub outcome: String,
    problem: Option<Problem>,
}

#[derive(Clone, Debug, Deserialize)]
struct Problem {
    code: String,
}

impl Outcome {
    /// Why it was refused.
    pub fn code(&self) -> &str {
        self.problem.as_ref().map_or("", |problem| &problem.code)
    }
}

/// What a phone heard.
#[derive(Debug)]
pub enum Reply {
    /// What became of each fact.
    Done(Vec<Outcome>),
    /// Nothing, or that the server is busy: try again.
    Busy,
    /// Something that a phone does not expect, in words.
    Fault(String),
}

/// A connection to each node, made when it is needed.
#[derive(Debug)]
pub struct Line<'a> {
    nodes: &'a [SocketAddr],
    connections: Vec<Option<Client>>,
}

impl<'a> Line<'a> {
    /// To these nodes.
    pub fn new(nodes: &'a [SocketAddr]) -> Self {
        let connections = nodes.iter().map(|_| None).collect();
        Self { nodes, connections }
    }

    /// Sends `count` facts, as [`body`] words them, to a node: which it is, is the
    /// remainder of `node`.
    pub fn post(&mut self, node: usize, cookie: &str, body: &[u8], count: usize) -> Reply {
        let node = node % self.nodes.len();
        match self.exchange(node, cookie, body) {
            Ok((200, answer)) => read(&answer, count),
            Ok((429 | 500 | 502 | 503 | 504, _)) => Reply::Busy,
            Ok((status, answer)) => {
                Reply::Fault(format!("{status} {}", String::from_utf8_lossy(&answer)))
            }
            Err(_) => {
                self.connections[node] = None;
                Reply::Busy
            }
        }
    }

    fn exchange(
        &mut self,
        node: usize,
        cookie: &str,
        body: &[u8],
    ) -> std::io::Result<(u16, Vec<u8>)> {
        let client = match &mut self.connections[node] {
            Some(client) => client,
            none => none.insert(Client::connect(self.nodes[node], "")?),
        };
        cookie.clone_into(&mut client.cookie);
        let status = client.exchange("POST", "/api/v1/facts", body)?;
        Ok((status, std::mem::take(&mut client.body)))
    }
}

fn read(answer: &[u8], count: usize) -> Reply {
    #[derive(Deserialize)]
    struct Answer {
        outcomes: Vec<Outcome>,
    }
    match serde_json::from_slice::<Answer>(answer) {
        Ok(answer) if answer.outcomes.len() == count => Reply::Done(answer.outcomes),
        _ => Reply::Fault(String::from_utf8_lossy(answer).into_owned()),
    }
}
