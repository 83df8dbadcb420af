//! A small HTTP client: one connection a request, nothing hidden.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for an answer; only a hang gets there.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(held, _)| held == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|fault| panic!("{fault}: {} {}", self.status, self.text()))
    }

    /// The body of a success.
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{} {}",
            self.status,
            self.text()
        );
        if self.body.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// Status and code of a problem; checks that it is a whole one.
    #[track_caller]
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let body = self.json();
        assert_eq!(body["status"], self.status);
        for sentence in ["title", "next"] {
            let said = body[sentence].as_str().expect("it is said in words");
            assert!(!said.is_empty() && !said.contains('{'), "{body}");
        }
        (
            self.status,
            body["code"].as_str().expect("it has a code").to_owned(),
        )
    }

    /// Fails unless it is this problem.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.problem(), (status, code.to_owned()), "{}", self.text());
        self.json()
    }
}

/// Somebody at a browser or phone.
#[derive(Clone, Debug)]
pub struct Client {
    pub address: SocketAddr,
    pub cookie: Option<String>,
    pub headers: Vec<(String, String)>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            cookie: None,
            headers: vec![("x-causo".to_owned(), "1".to_owned())],
        }
    }

    pub fn with_cookie(&self, cookie: &str) -> Self {
        Self {
            cookie: Some(cookie.to_owned()),
            ..self.clone()
        }
    }

    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut other = self.without_header(name);
        other.headers.push((name.to_owned(), value.to_owned()));
        other
    }

    pub fn without_header(&self, name: &str) -> Self {
        let mut other = self.clone();
        other.headers.retain(|(held, _)| held != name);
        other
    }

    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, Some(body))
    }

    pub fn put(&self, path: &str, body: &Value) -> Reply {
        self.send("PUT", path, Some(body))
    }

    pub fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, None)
    }

    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let bytes = body.map(|body| body.to_string().into_bytes());
        self.send_bytes(method, path, bytes.as_deref())
    }

    pub fn send_bytes(&self, method: &str, path: &str, body: Option<&[u8]>) -> Reply {
        self.try_send(method, path, body)
            .unwrap_or_else(|fault| panic!("{method} {path}: {fault}"))
    }

    /// The same where no answer is an answer: the process may be gone.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        body: Option<&[u8]>,
    ) -> std::io::Result<Reply> {
        let mut stream = self.open(method, path, body.map(<[u8]>::len))?;
        stream.write_all(body.unwrap_or_default())?;
        read(stream)
    }

    /// Sends the head of a request and leaves the rest to the caller.
    pub fn open(
        &self,
        method: &str,
        path: &str,
        length: Option<usize>,
    ) -> std::io::Result<TcpStream> {
        let mut stream = connected(self.address)?;
        stream.write_all(self.head(method, path, length, "close").as_bytes())?;
        Ok(stream)
    }

    fn head(&self, method: &str, path: &str, length: Option<usize>, connection: &str) -> String {
        let mut head = format!(
            "{method} {} HTTP/1.1\r\nconnection: {connection}\r\n",
            encoded(path)
        );
        let mut line = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        if !self.headers.iter().any(|(name, _)| name == "host") {
            line("host", &self.address.to_string());
        }
        if let Some(cookie) = &self.cookie {
            line("cookie", &format!("causo_session={cookie}"));
        }
        if let Some(length) = length {
            line("content-length", &length.to_string());
            if !self.headers.iter().any(|(name, _)| name == "content-type") {
                line("content-type", "application/json");
            }
        }
        for (name, value) in &self.headers {
            line(name, value);
        }
        head.push_str("\r\n");
        head
    }

    /// Opens a stream of server-sent events.
    pub fn events(&self, path: &str) -> Events {
        let stream = self.open("GET", path, None).expect("the server is there");
        let mut reader = BufReader::new(stream);
        let (status, _) = head(&mut reader).expect("it answers");
        assert_eq!(status, 200);
        Events(reader)
    }
}

/// Letters beyond ASCII in an address travel as percent signs.
fn encoded(path: &str) -> String {
    path.bytes()
        .map(|byte| match byte {
            b' ' | 128.. => format!("%{byte:02X}"),
            _ => char::from(byte).to_string(),
        })
        .collect()
}

fn connected(address: SocketAddr) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A connection kept from one request to the next, as proxies keep theirs.
pub struct Kept(BufReader<TcpStream>);

impl Kept {
    pub fn open(address: SocketAddr) -> std::io::Result<Self> {
        connected(address).map(|stream| Self(BufReader::new(stream)))
    }

    /// Whether the server has not closed it while nobody used it.
    pub fn is_open(&self) -> bool {
        let stream = self.0.get_ref();
        stream.set_nonblocking(true).expect("it can be looked at");
        let seen = stream.peek(&mut [0]);
        stream.set_nonblocking(false).expect("it can be used again");
        seen.is_err_and(|fault| fault.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// Waits for what comes next; whether it is the end.
    pub fn ends(&mut self) -> bool {
        self.0.read(&mut [0]).is_ok_and(|bytes| bytes == 0)
    }

    /// Asks on it as `client`.
    pub fn post(&mut self, client: &Client, path: &str, body: &Value) -> std::io::Result<Reply> {
        let body = body.to_string();
        let head = client.head("POST", path, Some(body.len()), "keep-alive");
        self.0.get_mut().write_all((head + &body).as_bytes())?;
        read_from(&mut self.0)
    }
}

/// Reads a whole answer.
pub fn read(stream: TcpStream) -> std::io::Result<Reply> {
    read_from(&mut BufReader::new(stream))
}

fn read_from(mut reader: &mut BufReader<TcpStream>) -> std::io::Result<Reply> {
    let (status, headers) = head(&mut reader)?;
    let find = |name: &str| {
        headers
            .iter()
            .find(|(held, _)| held == name)
            .map(|(_, value)| value.clone())
    };
    let mut body = Vec::new();
    if find("transfer-encoding").is_some() {
        while let Some(mut chunk) = chunk(&mut reader)? {
            body.append(&mut chunk);
        }
    } else if let Some(length) = find("content-length").and_then(|length| length.parse().ok()) {
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
    } else if status != 204 {
        reader.read_to_end(&mut body)?;
    }
    Ok(Reply {
        status,
        headers,
        body,
    })
}

fn broken(why: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::UnexpectedEof, why.to_owned())
}

fn line(reader: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(broken("the answer ends early"));
    }
    Ok(line.trim_end().to_owned())
}

fn head(reader: &mut impl BufRead) -> std::io::Result<(u16, Vec<(String, String)>)> {
    let first = line(reader)?;
    let status = first
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let mut headers = Vec::new();
    loop {
        let line = line(reader)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    Ok((status.ok_or_else(|| broken(&first))?, headers))
}

fn chunk(reader: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let length = usize::from_str_radix(&line(reader)?, 16).map_err(|_| broken("chunk"))?;
    let mut bytes = vec![0; length + 2];
    reader.read_exact(&mut bytes)?;
    bytes.truncate(length);
    Ok((length > 0).then_some(bytes))
}

/// Events as they arrive.
pub struct Events(BufReader<TcpStream>);

impl Events {
    /// Waits for the next `tally` and gives its revision.
    pub fn tally(&mut self) -> i64 {
        let begun = std::time::Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE, "nothing is told any more");
            let bytes = chunk(&mut self.0)
                .expect("the stream is open")
                .expect("it goes on");
            let text = String::from_utf8(bytes).expect("it is text");
            if !text.contains("event: tally") {
                continue;
            }
            let data = text.lines().find_map(|line| line.strip_prefix("data: "));
            let data: Value = serde_json::from_str(data.expect("it has data")).expect("it is JSON");
            return data["rev"].as_i64().expect("it has a revision");
        }
    }

    /// Waits until the server ends it, properly.
    pub fn end(mut self) {
        while chunk(&mut self.0).expect("the stream is whole").is_some() {}
    }
}
