//! How long evcxr takes for the cells of `bench_cells`, in the same words, so that the two tables can be read side by
//! side. Without a library loaded, which favours evcxr.

use std::time::Instant;

include!("../../mix.rs");

struct Bench {
    context: evcxr::CommandContext,
}

impl Bench {
    /// Milliseconds of one cell.
    fn cell(&mut self, code: &str) -> f64 {
        let start = Instant::now();
        if let Err(error) = self.context.execute(code) {
            panic!("{code}\n{error}");
        }
        start.elapsed().as_secs_f64() * 1e3
    }

    fn mix(&mut self, title: &str) -> f64 {
        let mut times: Vec<f64> = MIX.iter().map(|code| self.cell(code)).collect();
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        println!("{title:<44} median {median:6.1} ms   slowest {:6.1} ms", times[times.len() - 1]);
        median
    }
}

fn main() {
    // The same program is evcxr's child process and compiler wrapper; this must come first.
    evcxr::runtime_hook();
    let start = Instant::now();
    let (context, outputs) = evcxr::CommandContext::new().expect("evcxr starts");
    println!("{:<44} {:13.1} ms", "evaluator ready", start.elapsed().as_secs_f64() * 1e3);
    std::thread::spawn(move || while outputs.stdout.recv().is_ok() {});
    std::thread::spawn(move || while outputs.stderr.recv().is_ok() {});
    let mut bench = Bench { context };
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
