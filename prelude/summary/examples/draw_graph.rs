//! Draws the graph of an event file: `cargo run -p flowbook-summary --example draw_graph -- EVENTS > graph.svg`.

use flowbook_summary::proto::{Event, GraphDef, event::What};
use flowbook_summary::{Message, drawing, record::Records};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name an event file")?;
    for record in Records::new(std::io::BufReader::new(std::fs::File::open(path)?)) {
        if let Some(What::GraphDef(graph)) = Event::decode(&record?[..])?.what {
            print!("{}", drawing::svg(&GraphDef::decode(&graph[..])?));
            return Ok(());
        }
    }
    Err("there is no graph in it".into())
}
