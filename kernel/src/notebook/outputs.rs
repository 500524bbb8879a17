//! Gathers what cells show into the outputs a notebook stores: streams joined, displays updated in place.

use serde_json::{Map, Value, json};

use super::{lines, stored_bundle};
use crate::evaluator::{CellError, Output, Stream};
use crate::mime;
use crate::protocol::stream_name;

enum Stored {
    Text(Stream, String),
    Display { data: Map<String, Value>, metadata: Value, id: String },
    Result { data: Map<String, Value>, count: u32 },
    Error(CellError),
}

/// The outputs of all cells of a run.
#[derive(Default)]
pub struct Outputs {
    cells: Vec<Vec<Stored>>,
    clear_before_next: bool,
}

impl Outputs {
    /// Begins the next cell.
    pub fn begin_cell(&mut self) {
        self.cells.push(Vec::new());
        self.clear_before_next = false;
    }

    /// Adds an output of the current cell. `count` is the cell's execution count.
    pub fn add(&mut self, output: Output, count: u32) {
        if let Output::UpdateDisplay(data, id) = &output {
            self.update(id, &mime::to_json(data), &mime::metadata(data));
            return;
        }
        let Some(cell) = self.cells.last_mut() else { return };
        if let Output::ClearOutput(wait) = output {
            self.clear_before_next = wait;
            if !wait {
                cell.clear();
            }
            return;
        }
        if std::mem::take(&mut self.clear_before_next) {
            cell.clear();
        }
        match output {
            Output::Stream(stream, text) => match cell.last_mut() {
                Some(Stored::Text(last, before)) if *last == stream => before.push_str(&text),
                _ => cell.push(Stored::Text(stream, text)),
            },
            Output::Display(data, id) => {
                cell.push(Stored::Display { data: mime::to_json(&data), metadata: mime::metadata(&data), id });
            }
            Output::Result(data) => cell.push(Stored::Result { data: mime::to_json(&data), count }),
            Output::UpdateDisplay(..) | Output::ClearOutput(_) => {}
        }
    }

    /// Adds the error the current cell ended with.
    pub fn fail(&mut self, error: CellError) {
        if let Some(cell) = self.cells.last_mut() {
            cell.push(Stored::Error(error));
        }
    }

    /// The outputs of every cell begun, in nbformat's form.
    pub fn into_cells(self) -> Vec<Vec<Value>> {
        self.cells.into_iter().map(|cell| cell.into_iter().map(stored).collect()).collect()
    }

    fn update(&mut self, id: &str, new: &Map<String, Value>, size: &Value) {
        for output in self.cells.iter_mut().flatten() {
            match output {
                Stored::Display { data, metadata, id: shown } if shown == id => {
                    data.clone_from(new);
                    metadata.clone_from(size);
                }
                _ => {}
            }
        }
    }
}

// The keys stand in alphabetical order, as nbformat writes them.
fn stored(output: Stored) -> Value {
    match output {
        Stored::Text(stream, text) => {
            json!({"name": stream_name(stream), "output_type": "stream", "text": lines(&text)})
        }
        Stored::Display { data, metadata, .. } => {
            json!({"data": stored_bundle(data), "metadata": metadata, "output_type": "display_data"})
        }
        Stored::Result { data, count } => json!({
            "data": stored_bundle(data), "execution_count": count, "metadata": {}, "output_type": "execute_result"
        }),
        Stored::Error(e) => {
            json!({"ename": e.name, "evalue": e.value, "output_type": "error", "traceback": e.traceback})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &str) -> Output {
        Output::Stream(Stream::Stdout, t.to_string())
    }

    fn plain(t: &str) -> Vec<(String, Vec<u8>)> {
        vec![("text/plain".to_string(), t.as_bytes().to_vec())]
    }

    fn gather(outputs: Vec<Output>) -> Vec<Value> {
        let mut gathered = Outputs::default();
        gathered.begin_cell();
        outputs.into_iter().for_each(|o| gathered.add(o, 7));
        gathered.into_cells().remove(0)
    }

    #[test]
    fn text_of_one_stream_is_joined_until_another_output_comes() {
        let err = Output::Stream(Stream::Stderr, "e".to_string());
        let names: Vec<Value> = gather(vec![text("a"), text("b\n"), text("c"), err, text("d")]);
        assert_eq!(names[0]["text"], json!(["ab\n", "c"]));
        assert_eq!(names[1]["name"], "stderr");
        assert_eq!(names[2]["text"], json!(["d"]));
    }

    #[test]
    fn clearing_waits_when_told_to() {
        assert_eq!(gather(vec![text("a"), Output::ClearOutput(false)]), Vec::<Value>::new());
        assert_eq!(gather(vec![text("a"), Output::ClearOutput(true)]).len(), 1);
        let replaced = gather(vec![text("a"), Output::ClearOutput(true), text("b")]);
        assert_eq!(replaced[0]["text"], json!(["b"]));
    }

    #[test]
    fn updates_reach_earlier_cells() {
        let mut gathered = Outputs::default();
        gathered.begin_cell();
        gathered.add(Output::Display(plain("0%"), "bar".to_string()), 1);
        gathered.begin_cell();
        gathered.add(Output::UpdateDisplay(plain("100%"), "bar".to_string()), 2);
        let cells = gathered.into_cells();
        assert_eq!(cells[0][0]["data"], json!({"text/plain": ["100%"]}));
        assert!(cells[1].is_empty());
    }

    #[test]
    fn results_carry_their_count() {
        let expected = json!({
            "data": {"text/plain": ["3"]}, "execution_count": 7, "metadata": {}, "output_type": "execute_result"
        });
        assert_eq!(gather(vec![Output::Result(plain("3"))]), [expected]);
    }
}
