//! Zalo's Official Account: what people write to it comes in by a signed webhook, answers go
//! out by its interface, under tokens that are renewed. A refresh token can be used once, so it
//! is renewed by one node at a time, and no pair is used before it is written.
//!
//! No sandbox was tried. What is said here of Zalo's interface was compared on 23 November 2026
//! with its document hub as others quote it: `docs.zaloplatforms.com/docs/OA/`, pages
//! `phu-luc/ma-loi` (codes), `bat-dau/xac-thuc-va-uy-quyen-cho-ung-dung-new` (tokens) and
//! `tin-nhan/tin-tu-van/…` (messages). Zalo's page about signatures could not be found.

use super::carrier::{self, Unsent};
use crate::App;
use crate::args;
use crate::features::notifications::push::{seal, unseal};
use crate::platform::blocking;
use crate::platform::db::Tx;
use crate::platform::problem::{AppError, AppResult};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use domain::ids::PlaceId;
use domain::questions::QUESTION_CHARS_MAX;
use ring::hmac;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use ureq::Agent;

/// How long after something a user did we write to them. Zalo takes messages for seven days, but
/// after 48 hours at a price (`tin-nhan/tong-quan`), and nobody is to pay without knowing.
pub const WINDOW: Duration = Duration::hours(48);
/// Where Zalo calls us.
pub const WEBHOOK: &str = "/zalo/webhook";
/// How long a refresh token holds: three months. (An access token holds 25 hours, as its answer
/// says.)
const REFRESH_HOLDS: Duration = Duration::days(90);
/// One that was not used for so long is renewed, so that a quiet month loses nothing.
const REFRESH_AGE_MAX: Duration = Duration::days(30);
/// A token that ends sooner than this is renewed before it is used.
const ACCESS_LEFT_MIN: Duration = Duration::minutes(5);
/// For how long one node may be renewing.
const LEASE: Duration = Duration::minutes(1);
/// How long Zalo may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// How old an event may be; what came before is kept longer than that, so none comes twice.
const EVENT_AGE_MAX: Duration = Duration::days(1);
/// What the interface says of a token that holds no more (`phu-luc/ma-loi`): "Access token is
/// invalid", "access_token is expired or removed".
const TOKEN_ENDED: &[i64] = &[-216, -220];
/// What it says of users that it lets nobody write to now (`phu-luc/ma-loi`): who does not follow
/// the account, blocked its invitation, is banned or away for 45 days, did nothing for seven days
/// (in two wordings), or wants none of these messages.
const UNREACHABLE: &[i64] = &[-213, -217, -227, -230, -232, -244];
/// Too many calls a minute (`phu-luc/gioi-han-toc-do-api`). It is the only code that is known to
/// pass when tokens are renewed: the pages name none of a refresh token that holds no more, so
/// every other one means that.
const TOO_OFTEN: i64 = -32;

/// How an official account is reached.
pub struct Config {
    /// The application's id.
    pub app_id: String,
    /// Its secret, for renewing tokens.
    pub app_secret: String,
    /// The account's secret, that webhooks are signed with.
    pub oa_secret: String,
    /// A refresh token to begin with.
    pub refresh_token: String,
    /// Whose account it is: where questions from it are asked about.
    pub place: PlaceId,
    /// Where Zalo is; for tests, on this machine.
    pub at: Hosts,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "zalo::Config({}, {})", self.app_id, self.place)
    }
}

/// Zalo's servers.
#[derive(Clone, Debug)]
pub enum Hosts {
    /// The world's.
    World,
    /// Both at this address, over plain HTTP.
    Loopback(String),
}

impl Hosts {
    fn token(&self) -> String {
        match self {
            Self::World => "https://oauth.zaloapp.com/v4/oa/access_token".to_owned(),
            Self::Loopback(at) => format!("{at}/v4/oa/access_token"),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::World => "https://openapi.zalo.me/v3.0/oa/message/cs".to_owned(),
            Self::Loopback(at) => format!("{at}/v3.0/oa/message/cs"),
        }
    }
}

/// An official account of the installation's.
pub struct Zalo {
    config: Config,
    /// What tokens are sealed under.
    secret: [u8; 32],
    agent: Agent,
}

impl fmt::Debug for Zalo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.config.fmt(f)
    }
}

/// Tokens as they are kept.
struct Pair {
    number: i64,
    access: Option<(String, OffsetDateTime)>,
    refresh: String,
    refresh_until: OffsetDateTime,
    leased_until: Option<OffsetDateTime>,
    broken: Option<String>,
}

/// What may be done with the tokens there are.
enum Turn {
    /// This one holds.
    Use(i64, String),
    /// It is ours to renew them.
    Renew(i64, String),
    /// Not now.
    Wait(Unsent),
}

#[derive(Debug, Deserialize)]
struct Renewed {
    access_token: String,
    refresh_token: String,
    /// Seconds; Zalo says it as text.
    expires_in: Value,
}

impl Zalo {
    /// Reads nothing and calls nobody yet.
    pub fn new(config: Config, secret: &[u8; 32]) -> Self {
        let world = matches!(config.at, Hosts::World);
        let agent = Agent::config_builder()
            .https_only(world)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .user_agent("causo")
            .build();
        Self {
            config,
            secret: *secret,
            agent: agent.into(),
        }
    }

    /// Where questions from it are asked about.
    pub fn place(&self) -> &PlaceId {
        &self.config.place
    }

    /// Sends a text to a user, within the hours in which they may be written to.
    ///
    /// # Errors
    /// The storage's; inside, why it did not go out.
    pub async fn send(
        &self,
        app: &Arc<App>,
        user: &str,
        text: &str,
    ) -> AppResult<Result<(), Unsent>> {
        let (whose, now) = (user.to_owned(), app.clock.now());
        let open = app
            .db
            .glance(move |tx| Ok(carrier::may_write(tx, &whose, now)?))
            .await?;
        if !open {
            return Ok(Err(Unsent::Window));
        }
        let mut stale = None;
        // Once more with new tokens, if Zalo knows better than we when the old ones end.
        for _ in 0..2 {
            let (number, access) = match self.access(app, stale).await? {
                Ok(held) => held,
                Err(why) => return Ok(Err(why)),
            };
            let body = json!({"recipient": {"user_id": user}, "message": {"text": text}});
            let (agent, url) = (self.agent.clone(), self.config.at.message());
            let answer = blocking(move || {
                let asked = agent.post(&url).header("access_token", &access);
                said(
                    asked
                        .header("content-type", "application/json")
                        .send(body.to_string()),
                )
            })
            .await?;
            let error = match answer {
                Ok(answer) => answer["error"].as_i64(),
                Err(why) => return Ok(Err(Unsent::Later(why))),
            };
            match error {
                Some(0) => return Ok(Ok(())),
                Some(error) if TOKEN_ENDED.contains(&error) => stale = Some(number),
                Some(error) if UNREACHABLE.contains(&error) => return Ok(Err(Unsent::Window)),
                other => return Ok(Err(Unsent::Later(format!("Zalo answers {other:?}")))),
            }
        }
        Ok(Err(Unsent::Later("Zalo takes no token of ours".to_owned())))
    }

    /// Renews tokens that nobody has used for long.
    ///
    /// # Errors
    /// The storage's.
    pub async fn stay_alive(&self, app: &Arc<App>) -> AppResult<()> {
        let now = app.clock.now();
        let sql = "select pair from zalo_token where refresh_until <= $1 and broken is null";
        let old: Option<i64> = app
            .db
            .glance(move |tx| {
                let before = now + REFRESH_HOLDS - REFRESH_AGE_MAX;
                Ok(tx.one(sql, args![before], |row| row.get(0))?)
            })
            .await?;
        if old.is_some() {
            // What hinders it hinders the next message, too, and is told then.
            let _ = self.access(app, old).await?;
        }
        Ok(())
    }

    /// A token that holds, and which pair it is of; never that of the pair `stale`.
    async fn access(
        &self,
        app: &Arc<App>,
        stale: Option<i64>,
    ) -> AppResult<Result<(i64, String), Unsent>> {
        let (now, whole) = (app.clock.now(), Arc::clone(app));
        let turn = app
            .db
            .write(move |tx| match &whole.zalo {
                Some(zalo) => zalo.turn(tx, stale, now),
                None => Err(AppError::not_found()),
            })
            .await?;
        let (number, refresh) = match turn {
            Turn::Use(number, access) => return Ok(Ok((number, access))),
            Turn::Wait(why) => return Ok(Err(why)),
            Turn::Renew(number, refresh) => (number, refresh),
        };
        let answer = self.renewed(refresh).await?;
        let now = app.clock.now();
        let (kept, outcome) = match answer {
            Ok(Ok(new)) => {
                let access = new.access_token.clone();
                (Kept::New(new), Ok((number + 1, access)))
            }
            Ok(Err(why)) => {
                tracing::error!(why, "Zalo takes our refresh token no more: give a new one");
                (Kept::Broken(why), Err(Unsent::Later("no token".to_owned())))
            }
            Err(why) => (Kept::Old, Err(Unsent::Later(why))),
        };
        let whole = Arc::clone(app);
        app.db
            .write(move |tx| match &whole.zalo {
                Some(zalo) => zalo.keep(tx, number, kept, now),
                None => Err(AppError::not_found()),
            })
            .await?;
        Ok(outcome)
    }

    /// Looks at the tokens, and takes the lease when they have to be renewed.
    fn turn(&self, tx: &mut Tx<'_>, stale: Option<i64>, now: OffsetDateTime) -> AppResult<Turn> {
        tx.hold(&[*b"zalo tokens.    "])?;
        let pair = self.pair(tx, now)?;
        if let Some(why) = pair.broken {
            return Ok(Turn::Wait(Unsent::Later(why)));
        }
        if let Some((access, until)) = pair.access
            && until - now > ACCESS_LEFT_MIN
            && Some(pair.number) != stale
        {
            return Ok(Turn::Use(pair.number, self.open(&access)?));
        }
        if pair.leased_until.is_some_and(|until| until > now) {
            let why = "another node renews the tokens".to_owned();
            return Ok(Turn::Wait(Unsent::Later(why)));
        }
        if pair.refresh_until <= now {
            tracing::error!("Zalo's refresh token has ended: give a new one");
            return Ok(Turn::Wait(Unsent::Later(
                "the refresh token has ended".to_owned(),
            )));
        }
        tx.execute(
            "update zalo_token set leased_until = $1 where id = 1",
            args![now + LEASE],
        )?;
        Ok(Turn::Renew(pair.number, self.open(&pair.refresh)?))
    }

    /// The tokens there are; those of the configuration when it names new ones.
    fn pair(&self, tx: &mut Tx<'_>, now: OffsetDateTime) -> AppResult<Pair> {
        let seed: [u8; 32] = Sha256::digest(self.config.refresh_token.as_bytes()).into();
        let refresh = self.close(&self.config.refresh_token)?;
        tx.execute(
            "insert into zalo_token (id, seed, refresh, refresh_until, pair) values (1, $1, $2, $3, 0)
             on conflict (id) do update set seed = excluded.seed, access = null, access_until = null,
               refresh = excluded.refresh, refresh_until = excluded.refresh_until, pair = zalo_token.pair + 1,
               leased_until = null, broken = null where zalo_token.seed <> excluded.seed",
            args![&seed[..], &refresh, now + REFRESH_HOLDS],
        )?;
        let found = tx.one(
            "select pair, access, access_until, refresh, refresh_until, leased_until, broken from zalo_token where id = 1",
            args![],
            |row| {
                let access: Option<String> = row.get(1)?;
                let until: Option<OffsetDateTime> = row.get(2)?;
                Ok(Pair {
                    number: row.get(0)?,
                    access: access.zip(until),
                    refresh: row.get(3)?,
                    refresh_until: row.get(4)?,
                    leased_until: row.get(5)?,
                    broken: row.get(6)?,
                })
            },
        )?;
        found.ok_or_else(|| AppError::Internal("the tokens are gone".to_owned()))
    }

    /// Asks Zalo for new tokens: the new ones, why it refuses for good, or why it did not answer.
    async fn renewed(&self, refresh: String) -> AppResult<Result<Result<Renewed, String>, String>> {
        let (agent, url) = (self.agent.clone(), self.config.at.token());
        let (app_id, app_secret) = (self.config.app_id.clone(), self.config.app_secret.clone());
        let answer = blocking(move || {
            let form = [
                ("refresh_token", refresh.as_str()),
                ("app_id", app_id.as_str()),
                ("grant_type", "refresh_token"),
            ];
            said(
                agent
                    .post(&url)
                    .header("secret_key", &app_secret)
                    .send_form(form),
            )
        })
        .await?;
        Ok(answer.and_then(|answer| {
            let error = answer["error"].as_i64();
            if error == Some(TOO_OFTEN) {
                return Err("Zalo is called too often".to_owned());
            }
            let refused = |_| format!("Zalo refuses the refresh token: {error:?}");
            Ok(serde_json::from_value(answer).map_err(refused))
        }))
    }

    /// Writes down what came of renewing the pair `number`, unless there is a newer one.
    fn keep(&self, tx: &mut Tx<'_>, number: i64, kept: Kept, now: OffsetDateTime) -> AppResult<()> {
        match kept {
            Kept::New(new) => {
                let holds_s = match &new.expires_in {
                    Value::String(text) => text.parse().unwrap_or(0),
                    other => other.as_i64().unwrap_or(0),
                };
                let (access, refresh) = (
                    self.close(&new.access_token)?,
                    self.close(&new.refresh_token)?,
                );
                tx.execute(
                    "update zalo_token set access = $2, access_until = $3, refresh = $4, refresh_until = $5,
                       pair = pair + 1, leased_until = null where id = 1 and pair = $1",
                    args![
                        number,
                        &access,
                        now + Duration::seconds(holds_s),
                        &refresh,
                        now + REFRESH_HOLDS
                    ],
                )?;
            }
            Kept::Broken(why) => {
                tx.execute(
                    "update zalo_token set broken = $2, leased_until = null where id = 1 and pair = $1",
                    args![number, &why],
                )?;
            }
            Kept::Old => {
                tx.execute(
                    "update zalo_token set leased_until = null where id = 1 and pair = $1",
                    args![number],
                )?;
            }
        }
        Ok(())
    }

    fn close(&self, token: &str) -> AppResult<String> {
        seal(&self.secret, SEALED_FOR, token.as_bytes())
            .map_err(|_| AppError::Internal("a token cannot be sealed".to_owned()))
    }

    fn open(&self, sealed: &str) -> AppResult<String> {
        let plain = unseal(&self.secret, SEALED_FOR, sealed).ok();
        let plain = plain.and_then(|plain| String::from_utf8(plain).ok());
        plain.ok_or_else(|| AppError::Internal("a token cannot be read".to_owned()))
    }

    /// Whether Zalo signed a call: SHA-256 over the application's id, the body as it came, its
    /// moment and the account's secret, so `hainh.me/zalo-api-php-webhook-callback-official-account.html`
    /// and several public programs; Zalo's own page could not be found, and some say HMAC, which
    /// would fail here. How long it takes tells nothing of the right one.
    fn signed(&self, body: &[u8], moment: &str, headers: &HeaderMap) -> bool {
        let given = headers
            .get("x-zevent-signature")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("mac="))
            .unwrap_or_default();
        let digest = Sha256::new()
            .chain_update(&self.config.app_id)
            .chain_update(body)
            .chain_update(moment)
            .chain_update(&self.config.oa_secret)
            .finalize();
        let wanted: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.secret);
        let wanted = hmac::sign(&key, wanted.as_bytes());
        hmac::verify(&key, given.to_ascii_lowercase().as_bytes(), wanted.as_ref()).is_ok()
    }
}

/// What tokens are sealed for.
const SEALED_FOR: &[u8] = b"zalo_token";

/// What came of renewing.
enum Kept {
    New(Renewed),
    Broken(String),
    Old,
}

/// What Zalo answers, or why it does not.
fn said(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value, String> {
    let mut answer = answer.map_err(|fault| fault.to_string())?;
    let status = answer.status().as_u16();
    if status >= 500 || status == 429 {
        return Err(format!("status {status}"));
    }
    let text = answer.body_mut().read_to_string();
    let text = text.map_err(|fault| fault.to_string())?;
    serde_json::from_str(&text).map_err(|_| format!("status {status}, not JSON"))
}

/// What Zalo tells us.
#[derive(Debug, Deserialize)]
struct Event {
    event_name: String,
    /// Milliseconds, as text.
    timestamp: String,
    sender: Option<User>,
    /// Who follows.
    follower: Option<User>,
    message: Option<Said>,
}

#[derive(Debug, Deserialize)]
struct User {
    id: String,
}

#[derive(Debug, Deserialize)]
struct Said {
    msg_id: String,
    text: Option<String>,
}

/// Takes what Zalo tells us, each message once, and answers at once; what it means is for later.
pub async fn hear(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> AppResult<StatusCode> {
    let zalo = app.zalo.as_ref().ok_or_else(AppError::not_found)?;
    let event: Event =
        serde_json::from_slice(&body).map_err(|_| AppError::problem("zalo.signature"))?;
    if !zalo.signed(&body, &event.timestamp, &headers) {
        return Err(AppError::problem("zalo.signature"));
    }
    let now = app.clock.now();
    let at = event.timestamp.parse().ok();
    let at = at
        .and_then(crate::platform::db::from_unix_ms)
        .unwrap_or(now);
    let who = match event.event_name.as_str() {
        "follow" => event.follower.or(event.sender),
        name if name.starts_with("user_send_") => event.sender,
        // What we sent ourselves, what they read, what they left.
        _ => None,
    };
    let Some(user) = who.filter(|_| now - at < EVENT_AGE_MAX) else {
        return Ok(StatusCode::OK);
    };
    let (key, text) = match event.message {
        Some(said) => (said.msg_id, said.text),
        None => (
            format!("{}:{}:{}", event.event_name, user.id, event.timestamp),
            None,
        ),
    };
    let text = text.map(|text| text.chars().take(QUESTION_CHARS_MAX).collect::<String>());
    let text = text.filter(|_| event.event_name == "user_send_text");
    app.db
        .write(move |tx| {
            let new = tx.execute(
                "insert into zalo_event (key, user_id, text, at, done) values ($1, $2, $3, $4, $5) on conflict (key) do nothing",
                args![&key, &user.id, text.as_deref(), now, text.is_none()],
            )?;
            if new == 1 {
                tx.execute(
                    "insert into zalo_user (id, acted_at) values ($1, $2)
                     on conflict (id) do update set acted_at = excluded.acted_at where zalo_user.acted_at < excluded.acted_at",
                    args![&user.id, at.min(now)],
                )?;
                carrier::wake(tx, &user.id, now)?;
            }
            Ok(StatusCode::OK)
        })
        .await
}
