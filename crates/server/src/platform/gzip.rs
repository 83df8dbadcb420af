//! Answers put together from parts that were compressed before, as one gzip stream.
//!
//! Deflate goes on after a flush at any byte boundary, and the checksum of two texts
//! follows from theirs (RFC 1951, RFC 1952): so what many answers share is compressed
//! once, and only what is each one's own when it is asked for.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use crc32fast::Hasher;
use flate2::{Compress, Compression, FlushCompress, Status};

/// A stretch of text, compressed so that others can stand before and after it.
#[derive(Clone, Debug)]
pub struct Part {
    plain: Vec<u8>,
    deflated: Vec<u8>,
    checksum: Hasher,
}

/// A gzip header without name or time.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
/// An empty last block.
const END: [u8; 2] = [3, 0];

impl Part {
    /// Compresses a text that is kept, so as small as it gets.
    pub fn kept(plain: Vec<u8>) -> Self {
        Self::new(plain, Compression::best())
    }

    /// Compresses a text that is sent once.
    pub fn passing(plain: Vec<u8>) -> Self {
        Self::new(plain, Compression::default())
    }

    fn new(plain: Vec<u8>, level: Compression) -> Self {
        let mut checksum = Hasher::new();
        checksum.update(&plain);
        Self {
            deflated: deflate(&plain, level),
            plain,
            checksum,
        }
    }

    /// What it takes in memory, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.plain.len() + self.deflated.len()
    }
}

/// Ends on a byte boundary without ending the stream, and refers to nothing before it.
fn deflate(plain: &[u8], level: Compression) -> Vec<u8> {
    let mut compress = Compress::new(level, false);
    let mut out = Vec::with_capacity(plain.len() / 4 + 64);
    loop {
        out.reserve(1024);
        let read = usize::try_from(compress.total_in()).unwrap_or(plain.len());
        let rest = plain.get(read..).unwrap_or_default();
        let done = compress.compress_vec(rest, &mut out, FlushCompress::Sync);
        let all_read = usize::try_from(compress.total_in()) == Ok(plain.len());
        // A flush is done once it leaves room.
        if all_read && out.len() < out.capacity() {
            return out;
        }
        debug_assert!(matches!(done, Ok(Status::Ok | Status::BufError)));
    }
}

/// The parts one after the other as a JSON answer, compressed if the asker takes that.
pub fn json(asked: &HeaderMap, parts: &[&Part]) -> Response {
    let takes_gzip = asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| one.trim() == "gzip" || one.trim().starts_with("gzip;q=1"));
    let body = if takes_gzip {
        joined(parts)
    } else {
        parts.iter().flat_map(|part| &part.plain).copied().collect()
    };
    let mut response = Body::from(body).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if takes_gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn joined(parts: &[&Part]) -> Vec<u8> {
    let mut checksum = Hasher::new();
    let mut size_bytes = 0_usize;
    let mut out = HEADER.to_vec();
    for part in parts {
        checksum.combine(&part.checksum);
        size_bytes += part.plain.len();
        out.extend_from_slice(&part.deflated);
    }
    out.extend_from_slice(&END);
    out.extend_from_slice(&checksum.finalize().to_le_bytes());
    // Modulo 2^32, as the format says.
    out.extend_from_slice(&(size_bytes as u32).to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read;

    fn inflated(gzip: &[u8]) -> Vec<u8> {
        let mut plain = Vec::new();
        let mut reader = flate2::bufread::GzDecoder::new(gzip);
        reader.read_to_end(&mut plain).expect("it is sound gzip");
        assert!(reader.into_inner().is_empty(), "one stream, nothing after");
        plain
    }

    proptest! {
        #[test]
        fn parts_are_one_sound_stream(texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..5000), 0..5)) {
            let parts: Vec<Part> = texts.iter().cloned().map(Part::kept).collect();
            let refs: Vec<&Part> = parts.iter().collect();
            prop_assert_eq!(inflated(&joined(&refs)), texts.concat());
        }
    }

    #[test]
    fn a_long_text_comes_back() {
        let text: Vec<u8> = (0..400_000_u32)
            .flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 12).to_le_bytes())
            .collect();
        let (first, second) = (Part::passing(text.clone()), Part::kept(text.clone()));
        let both = inflated(&joined(&[&first, &second]));
        assert_eq!(both, [text.clone(), text].concat());
    }
}
