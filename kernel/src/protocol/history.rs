//! The input history: kept in memory, appended to a file in the user's data directory, answered as `history_reply`.
//! A history that cannot be stored is no reason to stop: it then lives for the session only.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::message::Message;

/// The file is cut back to its newest entries when it has grown past twice this number.
const KEEP: usize = 10_000;

#[derive(Clone, Debug, PartialEq)]
struct Entry {
    session: u64,
    line: u64,
    code: String,
}

/// All inputs of this and of earlier sessions, oldest first.
pub struct History {
    entries: Vec<Entry>,
    session: u64,
    file: Option<PathBuf>,
}

impl History {
    /// Reads the earlier sessions from `file`; damaged lines are skipped. Without a file nothing is kept.
    pub fn open(file: Option<PathBuf>) -> History {
        let text = file.as_ref().and_then(|f| std::fs::read_to_string(f).ok()).unwrap_or_default();
        let mut entries: Vec<Entry> = text.lines().filter_map(parse).collect();
        let session = entries.iter().map(|e| e.session).max().unwrap_or(0) + 1;
        if entries.len() > 2 * KEEP {
            entries.drain(..entries.len() - KEEP);
            if let Some(file) = &file {
                let text: String = entries.iter().map(line).collect();
                let _ = crate::files::write_atomically(file, text.as_bytes());
            }
        }
        History { entries, session, file }
    }

    /// Adds the input of an execution.
    pub fn add(&mut self, count: u32, code: &str) {
        let entry = Entry { session: self.session, line: u64::from(count), code: code.to_string() };
        if self.append(&line(&entry)).is_err() {
            self.file = None;
        }
        self.entries.push(entry);
    }

    fn append(&self, line: &str) -> std::io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        if let Some(directory) = file.parent() {
            std::fs::create_dir_all(directory)?;
        }
        // One write, so that the lines of several kernels never mix.
        OpenOptions::new().append(true).create(true).open(file)?.write_all(line.as_bytes())
    }

    /// The inputs of this session, oldest first.
    pub fn session_inputs(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(|e| e.session == self.session).map(|e| e.code.as_str())
    }

    /// The content of the `history_reply` to a `history_request`.
    pub fn reply(&self, request: &Message) -> Value {
        let found = match request.text("hist_access_type") {
            "range" => self.range(request),
            "search" => self.search(request),
            _ => self.tail(self.entries.iter().collect(), request.number("n")),
        };
        let with_output = request.flag("output", false);
        let history: Vec<Value> = found
            .into_iter()
            .map(|e| {
                let input = if with_output { json!([e.code, null]) } else { json!(e.code) };
                json!([e.session, e.line, input])
            })
            .collect();
        json!({"status": "ok", "history": history})
    }

    /// Session 0 is the current one, negative ones count back from it, as in IPython.
    fn range(&self, request: &Message) -> Vec<&Entry> {
        let asked = request.number("session").unwrap_or(0);
        let session = if asked <= 0 { self.session.saturating_add_signed(asked) } else { asked as u64 };
        let start = request.number("start").unwrap_or(0).max(0) as u64;
        let stop = request.number("stop").map_or(u64::MAX, |s| s.max(0) as u64);
        self.entries.iter().filter(|e| e.session == session && (start..stop).contains(&e.line)).collect()
    }

    fn search(&self, request: &Message) -> Vec<&Entry> {
        let pattern = match request.text("pattern") {
            "" => "*",
            pattern => pattern,
        };
        let mut found: Vec<&Entry> = self.entries.iter().filter(|e| matches(pattern, &e.code)).collect();
        if request.flag("unique", false) {
            let mut seen = std::collections::HashSet::new();
            found.reverse();
            found.retain(|e| seen.insert(e.code.as_str()));
            found.reverse();
        }
        self.tail(found, request.number("n"))
    }

    fn tail<'a>(&'a self, mut entries: Vec<&'a Entry>, n: Option<i64>) -> Vec<&'a Entry> {
        if let Some(n) = n {
            entries.drain(..entries.len().saturating_sub(n.max(0) as usize));
        }
        entries
    }
}

fn line(entry: &Entry) -> String {
    format!("{}\n", json!([entry.session, entry.line, entry.code]))
}

fn parse(line: &str) -> Option<Entry> {
    let (session, line, code) = serde_json::from_str(line).ok()?;
    Some(Entry { session, line, code })
}

/// Shell-style matching of the whole text, as IPython's: `*` any text, `?` any character.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star_p, star_t)) = star else { return false };
                star = Some((star_p, star_t + 1));
                p = star_p + 1;
                t = star_t + 1;
            }
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn request(content: Value) -> Message {
        let header = br#"{"msg_id":"1","username":"u","session":"s","msg_type":"history_request","version":"5.3"}"#;
        let empty = Bytes::from_static(b"{}");
        let frames = [Bytes::from_static(header), empty.clone(), empty, content.to_string().into()];
        Message::parse(vec![], &frames).unwrap()
    }

    fn inputs(history: &History, content: Value) -> Vec<String> {
        let reply = history.reply(&request(content));
        let entries = reply["history"].as_array().unwrap();
        entries.iter().map(|e| e[2].as_str().unwrap().to_string()).collect()
    }

    fn sample() -> History {
        let mut history = History::open(None);
        for (i, code) in ["let a = 1;", "a + 1", "let b = 2;", "a + 1"].into_iter().enumerate() {
            history.add(i as u32 + 1, code);
        }
        history
    }

    #[test]
    fn the_three_ways_of_access() {
        let h = sample();
        assert_eq!(inputs(&h, json!({"hist_access_type": "tail", "n": 2})), ["let b = 2;", "a + 1"]);
        let range = json!({"hist_access_type": "range", "session": 0, "start": 1, "stop": 3});
        assert_eq!(inputs(&h, range), ["let a = 1;", "a + 1"]);
        let search = json!({"hist_access_type": "search", "pattern": "let*", "n": 1});
        assert_eq!(inputs(&h, search), ["let b = 2;"]);
        let unique = json!({"hist_access_type": "search", "pattern": "a*", "unique": true});
        assert_eq!(inputs(&h, unique), ["a + 1"]);
    }

    #[test]
    fn outputs_are_asked_for_by_flag() {
        let reply = sample().reply(&request(json!({"hist_access_type": "tail", "n": 1, "output": true})));
        assert_eq!(reply["history"], json!([[1, 4, ["a + 1", null]]]));
    }

    #[test]
    fn the_next_session_sees_the_last_one() {
        let file = std::env::temp_dir().join(format!("flowbook-history-{}.jsonl", std::process::id()));
        let _ = std::fs::remove_file(&file);
        History::open(Some(file.clone())).add(1, "first\nsession");
        std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + "damaged").unwrap();
        let second = History::open(Some(file.clone()));
        assert_eq!(second.session, 2);
        let before = json!({"hist_access_type": "range", "session": -1, "start": 0});
        assert_eq!(inputs(&second, before), ["first\nsession"]);
        std::fs::remove_file(&file).unwrap();
    }

    #[test]
    fn patterns_match_whole_texts() {
        assert!(matches("*", "") && matches("a*c", "abbc") && matches("?b?", "abc") && matches("*b*", "abc"));
        assert!(!matches("b", "abc") && !matches("a*d", "abc") && !matches("?", ""));
    }
}
