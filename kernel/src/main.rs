//! The `flowbook` command. All it does is in the library; here is only the way in.

use std::io::{Read, Write};

use flowbook_kernel::evaluator::{self, Output};

fn main() {
    if evaluator::child_main_if_requested() {
        return;
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let mut e = match evaluator::start() { Ok(e) => e, Err(e) => { eprintln!("{e}"); std::process::exit(1) } };
    for (i, cell) in text.split("\n---\n").enumerate() {
        let t = std::time::Instant::now();
        let r = e.execute(cell, i as u32 + 1, &mut |o| match o {
            Output::Stream(_, s) => { print!("{s}"); std::io::stdout().flush().unwrap(); }
            o => println!("{o:?}"),
        });
        if let Err(e) = r { println!("{}: {}\n{}", e.name, e.value, e.traceback.join("\n")); }
        println!("[{} took {:?}]", i + 1, t.elapsed());
    }
}
