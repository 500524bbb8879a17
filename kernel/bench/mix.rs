// The cells that the benchmarks run; no module of its own, so that programs of several packages can include it.

/// What people write in a notebook: values, prints, collections, functions, types, loops, errors handled, tensors.
const MIX: [&str; 24] = [
    "println!(\"hi\");",
    "1 + 2",
    "let a = 1;",
    "println!(\"{}\", a);",
    "a * 2",
    "let v = vec![1, 2, 3];",
    "v.iter().sum::<i32>()",
    "let s = String::from(\"flow\");",
    "println!(\"{s} {v:?}\");",
    "s.len()",
    "fn square(x: f64) -> f64 { x * x }",
    "square(1.5)",
    "#[derive(Debug, Clone)] struct Point { x: f64, y: f64 }",
    "let p = Point { x: 1.0, y: 2.0 };",
    "p",
    "use std::collections::HashMap; let mut m = HashMap::new(); m.insert(\"k\", 1.5);",
    "m.insert(\"z\", 2.5); m.len()",
    "let n: i32 = \"42\".parse()?;",
    "for i in 0..3 { println!(\"{i} {}\", n * i); }",
    "let words: Vec<String> = \"a b c\".split(' ').map(str::to_owned).collect();",
    "words.join(\"-\")",
    "let t = (a, s.clone(), Some(2.5));",
    "t",
    "let total: f64 = (1..=100).map(|i| square(i as f64)).sum(); println!(\"{total}\");",
];
