//! Where several notebooks are while they run: one line at the end of a terminal, nothing elsewhere.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// The notebooks that run.
pub(super) struct Progress {
    terminal: bool,
    colour: bool,
    total: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: usize,
    running: BTreeMap<String, (usize, usize)>,
}

impl Progress {
    pub(super) fn new(total: usize) -> Progress {
        let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        Progress { terminal: out && err, colour: out, total, state: Mutex::default() }
    }

    /// Whether what is printed may have colours.
    pub(super) fn colour(&self) -> bool {
        self.colour
    }

    /// A notebook begins its cell `number` of `total`.
    pub(super) fn cell(&self, name: &str, number: usize, total: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running.insert(name.to_string(), (number, total));
        self.draw(&state);
    }

    /// A notebook is through; `text` is printed for it.
    pub(super) fn done(&self, name: &str, text: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.running.remove(name);
        state.done += 1;
        if self.terminal {
            eprint!("\r\x1b[K");
        }
        // A closed pipe must not stop the tests.
        let _ = std::io::stdout().lock().write_all(text.as_bytes());
        if state.done < self.total {
            self.draw(&state);
        }
    }

    fn draw(&self, state: &State) {
        if self.terminal {
            // Autowrap is off while it is drawn: a line longer than the terminal stays one line.
            eprint!("\r\x1b[K\x1b[?7l{}\x1b[?7h", line(state, self.total));
        }
    }
}

fn line(state: &State, total: usize) -> String {
    let running = state.running.iter().map(|(name, (number, cells))| {
        let short = name.rsplit('/').next().unwrap_or(name);
        format!("{short} [{number}/{cells}]")
    });
    format!("{}/{total}  {}", state.done, running.collect::<Vec<_>>().join("  "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_each_notebook_is() {
        let running = BTreeMap::from([("a/x.ipynb".to_string(), (2, 9)), ("y.ipynb".to_string(), (1, 3))]);
        assert_eq!(line(&State { done: 1, running }, 4), "1/4  x.ipynb [2/9]  y.ipynb [1/3]");
    }
}
