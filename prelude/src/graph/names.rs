//! Names of nodes: TensorFlow's case-insensitive uniquing, and the record that lets the last call's nodes be
//! renamed or taken back. It knows nothing of nodes.

use std::collections::HashMap;

/// One name handed out: what was asked for, what was given, and what to restore to take it back.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// The name scope it was asked for in, without the trailing slash.
    pub scope: String,
    /// The full name asked for.
    pub wanted: String,
    /// The full name given.
    pub given: String,
    undo: Vec<(String, Option<u32>)>,
}

/// The names in use in a graph.
#[derive(Default, Debug)]
pub(crate) struct Names {
    used: HashMap<String, u32>,
    /// The claims since the last outermost call began.
    pub claims: Vec<Claim>,
}

impl Names {
    /// Hands out `wanted`, or `wanted_1`, `wanted_2`, ... when it is taken in any spelling.
    pub fn claim(&mut self, scope: &str, wanted: &str) -> String {
        let key = wanted.to_lowercase();
        let mut undo = vec![(key.clone(), self.used.get(&key).copied())];
        let mut count = self.used.get(&key).copied().unwrap_or(0);
        self.used.insert(key.clone(), count + 1);
        let mut given = wanted.to_owned();
        if count > 0 {
            let mut candidate = key.clone();
            while self.used.contains_key(&candidate) {
                candidate = format!("{key}_{count}");
                count += 1;
            }
            undo.push((candidate.clone(), None));
            self.used.insert(candidate, 1);
            given = format!("{wanted}_{}", count - 1);
        }
        self.claims.push(Claim { scope: scope.into(), wanted: wanted.into(), given: given.clone(), undo });
        given
    }

    /// Takes back every claim since the last outermost call began, and returns them, oldest first.
    pub fn roll_back(&mut self) -> Vec<Claim> {
        let claims = std::mem::take(&mut self.claims);
        for (key, before) in claims.iter().rev().flat_map(|c| c.undo.iter().rev()) {
            match before {
                Some(count) => self.used.insert(key.clone(), *count),
                None => self.used.remove(key),
            };
        }
        claims
    }
}
