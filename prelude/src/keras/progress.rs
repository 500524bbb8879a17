//! Keras' progress bar: one line that is written over itself. Only text is made here, from the times it is told.

use std::io::Write;
use std::time::Instant;

/// A figure with its name.
pub(super) type Logs = Vec<(String, f64)>;

/// How much is printed: `verbose=`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verbose {
    /// Nothing.
    Silent,
    /// A bar that updates in place.
    Bar,
    /// One line for each epoch.
    Line,
}

impl From<u8> for Verbose {
    fn from(level: u8) -> Verbose {
        match level {
            0 => Verbose::Silent,
            2 => Verbose::Line,
            _ => Verbose::Bar,
        }
    }
}

const WIDTH: usize = 20;
/// Seconds between two updates at least.
const INTERVAL: f64 = 0.05;

/// The bar of one epoch.
pub(super) struct Progress {
    target: usize,
    verbose: Verbose,
    began: Instant,
    last: f64,
    after_first: Option<f64>,
    width: usize,
}

impl Progress {
    pub fn new(target: usize, verbose: Verbose) -> Progress {
        Progress { target, verbose, began: Instant::now(), last: f64::NEG_INFINITY, after_first: None, width: 0 }
    }

    /// Whether an update would be printed now, so that figures need not be made for nothing.
    pub fn is_due(&mut self, current: usize) -> bool {
        let now = self.began.elapsed().as_secs_f64();
        if current == 1 && self.after_first.is_none() {
            self.after_first = Some(now);
        }
        self.verbose == Verbose::Bar && now - self.last >= INTERVAL
    }

    /// Prints where training is.
    pub fn update(&mut self, current: usize, logs: &Logs, finalize: bool) {
        let now = self.began.elapsed().as_secs_f64();
        if let Some(text) = self.text(current, logs, finalize, now) {
            print!("{text}");
            // What cannot be printed is not worth ending a training for.
            let _ = std::io::stdout().flush();
        }
    }

    /// What an update at `now` seconds prints, if anything.
    fn text(&mut self, current: usize, logs: &Logs, finalize: bool, now: f64) -> Option<String> {
        let step = self.step_duration(current, now);
        let text = match self.verbose {
            Verbose::Silent => return None,
            Verbose::Line if !finalize => return None,
            Verbose::Line => {
                let count = self.count(current);
                format!("{count} - {now:.0}s -{}{}\n", format_step(step), figures(logs))
            }
            Verbose::Bar if now - self.last < INTERVAL && !finalize => return None,
            Verbose::Bar => self.bar(current, logs, finalize, now, step),
        };
        self.last = now;
        Some(text)
    }

    fn count(&self, current: usize) -> String {
        let digits = self.target.max(1).to_string().len();
        format!("{current:digits$}/{}", self.target)
    }

    fn bar(&mut self, current: usize, logs: &Logs, finalize: bool, now: f64, step: f64) -> String {
        let done = WIDTH * current / self.target.max(1);
        let count = self.count(current);
        let green = if done > 0 { format!("\x1b[32m{}\x1b[0m", "━".repeat(done)) } else { String::new() };
        let grey = format!("\x1b[37m{}\x1b[0m", "━".repeat(WIDTH - done));
        let time = if finalize { format!("{now:.0}s") } else { eta(step * (self.target - current) as f64) };
        let rest = format!("{}{}", format_step(step), figures(logs));
        let visible = count.chars().count() + 1 + WIDTH + 1 + time.chars().count() + rest.chars().count();
        let erased = "\u{8}".repeat(self.width);
        let blanks = " ".repeat(self.width.saturating_sub(visible));
        let end = if finalize { "\n" } else { "" };
        self.width = visible;
        format!("{erased}\r\x1b[1m{count}\x1b[0m {green}{grey} \x1b[1m{time}\x1b[0m{rest}{blanks}{end}")
    }

    /// Seconds a step takes, the first one, which compiles, left out.
    fn step_duration(&mut self, current: usize, now: f64) -> f64 {
        if current == 0 {
            return 0.0;
        }
        let duration = match self.after_first {
            Some(first) if current > 1 => (now - first) / (current - 1) as f64,
            _ => now / current as f64,
        };
        if current == 1 {
            self.after_first = Some(now);
        }
        duration
    }
}

fn eta(seconds: f64) -> String {
    let s = seconds as u64;
    match s {
        3601.. => format!("{}:{:02}:{:02}", s / 3600, s % 3600 / 60, s % 60),
        61.. => format!("{}:{:02}", s / 60, s % 60),
        _ => format!("{s}s"),
    }
}

fn format_step(seconds: f64) -> String {
    if seconds >= 1.0 || seconds == 0.0 {
        format!(" {seconds:.0}s/step")
    } else if seconds >= 1e-3 {
        format!(" {:.0}ms/step", seconds * 1e3)
    } else {
        format!(" {:.0}us/step", seconds * 1e6)
    }
}

fn figures(logs: &Logs) -> String {
    logs.iter().map(|(name, value)| format!(" - {name}: {}", figure(*value))).collect()
}

/// Four digits after the point, in scientific notation when that would show nothing.
fn figure(value: f64) -> String {
    if value.abs() > 1e-3 || value.is_nan() {
        return format!("{value:.4}").replace("NaN", "nan");
    }
    let text = format!("{value:.4e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |e| ('-', e));
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logs(acc: f64, loss: f64) -> Logs {
        vec![("acc".into(), acc), ("loss".into(), loss)]
    }

    /// The bytes Keras 3.15 wrote for one epoch of one step, with its times.
    #[test]
    fn one_step() {
        let mut bar = Progress::new(1, Verbose::Bar);
        let line = "━".repeat(20);
        assert_eq!(
            bar.text(1, &logs(1.0, 0.25), false, 0.193),
            Some(format!(
                "\r\x1b[1m1/1\x1b[0m \x1b[32m{line}\x1b[0m\x1b[37m\x1b[0m \x1b[1m0s\x1b[0m 193ms/step - acc: 1.0000 - loss: 0.2500"
            ))
        );
        let back = "\u{8}".repeat(67);
        assert_eq!(
            bar.text(1, &logs(1.0, 0.25), true, 0.214),
            Some(format!(
                "{back}\r\x1b[1m1/1\x1b[0m \x1b[32m{line}\x1b[0m\x1b[37m\x1b[0m \x1b[1m0s\x1b[0m 214ms/step - acc: 1.0000 - loss: 0.2500\n"
            ))
        );
    }

    /// The bytes Keras 3.15 wrote for 100 steps: an estimate of what is left, small figures in scientific notation,
    /// blanks where the line has become shorter.
    #[test]
    fn many_steps() {
        let mut bar = Progress::new(100, Verbose::Bar);
        let line = "━".repeat(20);
        assert_eq!(
            bar.text(1, &logs(0.0, 0.3198), false, 0.229),
            Some(format!(
                "\r\x1b[1m  1/100\x1b[0m \x1b[37m{line}\x1b[0m \x1b[1m22s\x1b[0m 229ms/step - acc: 0.0000e+00 - loss: 0.3198"
            ))
        );
        let (back, green, grey) = ("\u{8}".repeat(76), "━".repeat(12), "━".repeat(8));
        assert_eq!(
            bar.text(61, &logs(0.0, 0.1313), false, 0.229 + 60.0 * 883e-6),
            Some(format!(
                "{back}\r\x1b[1m 61/100\x1b[0m \x1b[32m{green}\x1b[0m\x1b[37m{grey}\x1b[0m \x1b[1m0s\x1b[0m 883us/step - acc: 0.0000e+00 - loss: 0.1313 "
            ))
        );
        assert_eq!(bar.text(62, &logs(0.0, 0.1), false, 0.29), None, "too soon");
    }

    #[test]
    fn one_line_an_epoch() {
        let mut bar = Progress::new(1, Verbose::Line);
        assert_eq!(bar.text(1, &logs(1.0, 0.25), false, 0.1), None);
        let want = "1/1 - 0s - 203ms/step - acc: 1.0000 - loss: 0.2500\n";
        assert_eq!(bar.text(1, &logs(1.0, 0.25), true, 0.203).as_deref(), Some(want));
    }
}
