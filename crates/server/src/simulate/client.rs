//! A keep-alive HTTP/1.1 client that costs next to nothing: one blocking connection,
//! one write a request.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Longest wait for a connection, and for an answer to begin or go on: a server that
/// stands still counts as gone.
const CONNECT_MAX: Duration = Duration::from_secs(2);
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// One connection.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
    /// Sent with every request; an answer may set it.
    pub cookie: String,
    /// Asks for gzip, as browsers do.
    pub gzip: bool,
    request: Vec<u8>,
    line: String,
    /// When the last answer began.
    pub begun_at: Option<Instant>,
    /// The last answer's body.
    pub body: Vec<u8>,
}

impl Client {
    /// Connects; `cookie` is sent with every request.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn connect(address: SocketAddr, cookie: &str) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, CONNECT_MAX)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        stream.set_write_timeout(Some(ANSWER_MAX))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::with_capacity(64 << 10, stream),
            cookie: cookie.to_owned(),
            gzip: false,
            request: Vec::new(),
            line: String::new(),
            begun_at: None,
            body: Vec::new(),
        })
    }

    /// Signs in; the session's cookie.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn sign_in(address: SocketAddr, login: &str, password: &str) -> Result<String> {
        let mut client = Self::connect(address, "")?;
        let device = Uuid::from_u128(1);
        let body = serde_json::json!({"login": login, "password": password, "device_id": device});
        client.post("/api/v1/session", body.to_string().as_bytes())?;
        Ok(client.cookie)
    }

    /// Asks for a path; the answer is left in `body`.
    ///
    /// # Errors
    /// When the connection breaks or the answer is not 200.
    pub fn get(&mut self, path: &str) -> Result<()> {
        let status = self.exchange("GET", path, b"")?;
        self.need_200(path, status)
    }

    /// Sends a body; the answer is left in `body`.
    ///
    /// # Errors
    /// When the connection breaks or the answer is not 200.
    pub fn post(&mut self, path: &str, body: &[u8]) -> Result<()> {
        let status = self.exchange("POST", path, body)?;
        self.need_200(path, status)
    }

    fn need_200(&self, path: &str, status: u16) -> Result<()> {
        if status == 200 {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&self.body);
        Err(Error::other(format!("{path}: {status} {said}")))
    }

    /// Asks and waits; the answer's status, and the answer in `body`.
    ///
    /// # Errors
    /// When the connection breaks; it is of no more use then.
    pub fn exchange(&mut self, method: &str, path: &str, body: &[u8]) -> Result<u16> {
        self.request.clear();
        write!(
            self.request,
            "{method} {path} HTTP/1.1\r\nhost: causo\r\nx-causo: 1\r\ncookie: {}\r\n{}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.cookie,
            if self.gzip {
                "accept-encoding: gzip\r\n"
            } else {
                ""
            },
            body.len()
        )?;
        self.request.extend_from_slice(body);
        self.stream.get_mut().write_all(&self.request)?;
        self.read_line()?;
        self.begun_at = Some(Instant::now());
        let status = self.line.split(' ').nth(1).and_then(|s| s.parse().ok());
        let status = status.ok_or(ErrorKind::UnexpectedEof)?;
        let mut length = None;
        loop {
            self.read_line()?;
            let Some((name, value)) = self.line.split_once(':') else {
                break;
            };
            match name {
                "content-length" => length = value.trim().parse().ok(),
                "set-cookie" => {
                    self.cookie = value.split(';').next().unwrap_or("").trim().to_owned();
                }
                _ => {}
            }
        }
        self.body.clear();
        match length {
            Some(length) => self.read(length)?,
            None => self.read_chunks()?,
        }
        Ok(status)
    }

    fn read(&mut self, length: usize) -> Result<()> {
        let start = self.body.len();
        self.body.resize(start + length, 0);
        self.stream.read_exact(&mut self.body[start..])?;
        Ok(())
    }

    fn read_chunks(&mut self) -> Result<()> {
        loop {
            self.read_line()?;
            let length = usize::from_str_radix(self.line.trim(), 16).map_err(Error::other)?;
            self.read(length)?;
            self.read_line()?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn read_line(&mut self) -> Result<()> {
        self.line.clear();
        self.stream.read_line(&mut self.line)?;
        Ok(())
    }
}
