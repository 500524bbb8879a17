//! How long cells take: start, first cell, a mix of 24 ordinary cells with 20 variables alive, and the same after 100
//! variables and 200 definitions. Prints medians in milliseconds; run it on a quiet machine:
//! `cargo run --release --locked -p flowbook-kernel --example bench_cells`

use std::time::Instant;

use flowbook_kernel::evaluator::{self, Evaluator, Output};

include!("../bench/mix.rs");

struct Bench {
    evaluator: Box<dyn Evaluator>,
    count: u32,
}

impl Bench {
    /// Milliseconds of one cell.
    fn cell(&mut self, code: &str) -> f64 {
        self.count += 1;
        let start = Instant::now();
        let mut ignore = |_: Output| {};
        if let Err(error) = self.evaluator.execute(code, self.count, &mut ignore) {
            panic!("{code}\n{}", error.traceback.join("\n"));
        }
        start.elapsed().as_secs_f64() * 1e3
    }

    fn mix(&mut self, title: &str) -> f64 {
        let mut times: Vec<(f64, &str)> = MIX.iter().map(|code| (self.cell(code), *code)).collect();
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        let median = times[times.len() / 2].0;
        let (slowest, code) = times[times.len() - 1];
        println!("{title:<44} median {median:6.1} ms   slowest {slowest:6.1} ms ({})", &code[..code.len().min(30)]);
        median
    }
}

fn main() {
    let here = std::env::current_exe().expect("the program knows where it is");
    let executable = here.ancestors().nth(2).expect("examples lie two levels down").join("flowbook");
    let start = Instant::now();
    let evaluator = evaluator::start_with(&executable).expect("the evaluator starts");
    println!("{:<44} {:13.1} ms", "evaluator ready", start.elapsed().as_secs_f64() * 1e3);
    let mut bench = Bench { evaluator, count: 0 };
    println!("{:<44} {:13.1} ms", "first cell", bench.cell("println!(\"hi\");"));
    for i in 0..20 {
        bench.cell(&format!("let v{i} = vec![{i} as f32; 10];"));
    }
    let few = bench.mix("24 cells, 20 variables");
    for i in 20..100 {
        bench.cell(&format!("let v{i} = {i};"));
    }
    for i in 0..200 {
        bench.cell(&format!("fn f{i}(x: i64) -> i64 {{ x + {i} }}"));
    }
    let many = bench.mix("24 cells, 100 variables, 200 definitions");
    println!("{:<44} {:13.2} x", "growth", many / few);
}
