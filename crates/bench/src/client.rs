//! A keep-alive HTTP/1.1 client that costs next to nothing: one blocking connection,
//! one write a request.

use crate::Done;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// One connection.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
    cookie: String,
    /// Asks for gzip, as browsers do.
    pub gzip: bool,
    request: Vec<u8>,
    line: String,
    /// The last answer's body.
    pub body: Vec<u8>,
}

impl Client {
    /// Connects; `cookie` is sent with every request.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn connect(address: SocketAddr, cookie: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::with_capacity(64 << 10, stream),
            cookie: cookie.to_owned(),
            gzip: false,
            request: Vec::new(),
            line: String::new(),
            body: Vec::new(),
        })
    }

    /// Signs in with a login of the demonstration; the session's cookie.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn sign_in(address: SocketAddr, login: &str, password: &str) -> Done<String> {
        let mut client = Self::connect(address, "")?;
        let device = uuid::Uuid::from_u128(1);
        let body = serde_json::json!({"login": login, "password": password, "device_id": device});
        client.exchange("POST", "/api/v1/session", body.to_string().as_bytes())?;
        Ok(client.cookie)
    }

    /// Asks for a path; the answer is left in `body`.
    ///
    /// # Errors
    /// When the connection breaks or the answer is not 200.
    pub fn get(&mut self, path: &str) -> Done<()> {
        self.exchange("GET", path, b"")
    }

    /// Sends a body; the answer is left in `body`.
    ///
    /// # Errors
    /// When the connection breaks or the answer is not 200.
    pub fn post(&mut self, path: &str, body: &[u8]) -> Done<()> {
        self.exchange("POST", path, body)
    }

    fn exchange(&mut self, method: &str, path: &str, body: &[u8]) -> Done<()> {
        self.request.clear();
        write!(
            self.request,
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nx-causo: 1\r\ncookie: {}\r\n{}content-type: application/json\r\ncontent-length: {}\r\n\r\n",
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
        let status = self.line.split(' ').nth(1).unwrap_or("").to_owned();
        let mut length = None;
        loop {
            self.read_line()?;
            let Some((name, value)) = self.line.split_once(':') else {
                break;
            };
            match name {
                "content-length" => length = Some(value.trim().parse()?),
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
        if status != "200" {
            let said = String::from_utf8_lossy(&self.body);
            return Err(format!("{method} {path}: {status} {said}").into());
        }
        Ok(())
    }

    fn read(&mut self, length: usize) -> Done<()> {
        let start = self.body.len();
        self.body.resize(start + length, 0);
        self.stream.read_exact(&mut self.body[start..])?;
        Ok(())
    }

    fn read_chunks(&mut self) -> Done<()> {
        loop {
            self.read_line()?;
            let length = usize::from_str_radix(self.line.trim(), 16)?;
            self.read(length)?;
            self.read_line()?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn read_line(&mut self) -> Done<()> {
        self.line.clear();
        self.stream.read_line(&mut self.line)?;
        Ok(())
    }
}
