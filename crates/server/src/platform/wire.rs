//! Days and instants on the wire, and extractors that answer malformed input with
//! a problem like everything else.

use super::problem::{AppError, AppResult};
use axum::extract::rejection::{FormRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use domain::days::iso;
use domain::facts::rfc3339;
use domain::refusal::Refusal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::Write as _;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};

/// A civil day, `yyyy-mm-dd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

/// A moment, RFC 3339; always sent with Viet Nam's offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant(pub OffsetDateTime);

/// A file's bytes, for the description of the interface.
#[derive(Debug)]
pub struct Binary;

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        iso::serialize(&self.0, out)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(raw: D) -> Result<Self, D::Error> {
        iso::deserialize(raw).map(Self)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&rfc3339(self.0))
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(raw: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(raw)?;
        OffsetDateTime::parse(&raw, &Rfc3339)
            .map(Self)
            .map_err(serde::de::Error::custom)
    }
}

macro_rules! string_schema {
    ($type:ty, $name:literal, $format:expr) => {
        impl utoipa::PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat($format)))
                    .into()
            }
        }
        impl utoipa::ToSchema for $type {
            fn name() -> std::borrow::Cow<'static, str> {
                std::borrow::Cow::Borrowed($name)
            }
        }
    };
}

string_schema!(Day, "Day", KnownFormat::Date);
string_schema!(Instant, "Instant", KnownFormat::DateTime);
string_schema!(Binary, "Binary", KnownFormat::Binary);

/// What tells a browser to keep an answer as a file of this name; without tone marks for
/// programs that read no RFC 6266.
pub fn attachment(name: &str) -> String {
    let folded = vn::text::fold(name);
    let words = folded.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let plain = words.join("-");
    let mut encoded = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            // Memory takes it.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// What a text that somebody had to write says, at most 300 characters of it.
///
/// # Errors
/// `request.validation` with the field when it says nothing.
pub fn said(field: &str, raw: &str) -> AppResult<String> {
    let short: String = raw.chars().take(300).collect();
    match vn::text::normalise(&short) {
        text if text.is_empty() => Err(Refusal::new("request.validation")
            .with("field", field)
            .into()),
        text => Ok(text),
    }
}

/// A JSON body, or reply.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = AppError;
    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(JsonRejection::MissingJsonContentType(_)) => {
                Err(AppError::problem("request.unsupported_media"))
            }
            Err(JsonRejection::BytesRejection(fault)) if fault.status() == 413 => {
                Err(AppError::problem("request.too_large"))
            }
            Err(fault) => Err(Refusal::new("request.malformed")
                .with("why", fault.body_text())
                .into()),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(text) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
            Err(fault) => AppError::Internal(fault.to_string()).into_response(),
        }
    }
}

/// What a form of a page sends.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = AppError;
    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        axum::Form::<T>::from_request(request, state)
            .await
            .map(|sent| Self(sent.0))
            .map_err(|fault: FormRejection| {
                Refusal::new("request.malformed")
                    .with("why", fault.body_text())
                    .into()
            })
    }
}

/// Query parameters.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = AppError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        axum::extract::Query::<T>::from_request_parts(parts, state)
            .await
            .map(|found| Self(found.0))
            .map_err(|fault: QueryRejection| {
                Refusal::new("request.malformed")
                    .with("why", fault.body_text())
                    .into()
            })
    }
}

/// Path parameters; what cannot be read does not exist.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = AppError;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|found| Self(found.0))
            .map_err(|_: PathRejection| AppError::not_found())
    }
}
