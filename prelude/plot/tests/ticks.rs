//! Tick labels against 5,000 views recorded from matplotlib 3.11 (fixtures/make_ticks.py).

use flowbook_plot::ticks::{auto_ticks, scalar_labels};

#[test]
fn labels_are_matplotlibs() {
    let recorded = include_str!("fixtures/ticks.tsv");
    let mut wrong = Vec::new();
    for line in recorded.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let (low, high): (f64, f64) = (fields[0].parse().unwrap(), fields[1].parse().unwrap());
        let ticks = auto_ticks(low, high, fields[2].parse().unwrap());
        let ours = scalar_labels(&ticks, low, high);
        if ours.labels != fields[4..] || ours.offset_text != fields[3] {
            wrong.push(format!("{line}\n  ours: {:?} {:?}", ours.offset_text, ours.labels));
        }
    }
    assert_eq!(recorded.lines().count(), 5000);
    assert!(wrong.is_empty(), "{} views differ, such as\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n"));
}
