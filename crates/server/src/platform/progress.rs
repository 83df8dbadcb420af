//! How far a long command is: a bar on a terminal, a line now and then elsewhere.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write;
use std::time::{Duration, Instant};

/// How often a line is written where there is no terminal.
const PAUSE: Duration = Duration::from_secs(10);

/// Work of a known size.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    told: Instant,
}

impl Progress {
    /// Begins, named in a word or two.
    pub fn start(what: &'static str, size: u64) -> Self {
        let style = ProgressStyle::with_template(
            "{msg:16} {wide_bar} {human_pos}/{human_len} {per_sec} còn {eta}",
        );
        let bar = ProgressBar::new(size)
            .with_message(what)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let told = Instant::now();
        Self { bar, told }
    }

    /// So much more is done.
    pub fn advance(&mut self, by: u64) {
        self.bar.inc(by);
        if self.bar.is_hidden() && self.told.elapsed() > PAUSE {
            self.told = Instant::now();
            let (done, size) = (self.bar.position(), self.bar.length().unwrap_or(0));
            // Nothing can be done when standard error is closed.
            let _ = writeln!(
                std::io::stderr(),
                "{}: {done}/{size}, {:.0}/s",
                self.bar.message(),
                self.bar.per_sec()
            );
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
