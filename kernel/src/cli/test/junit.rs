//! Results as JUnit XML, which continuous integration services show: a suite for each notebook, a case for each cell.

use super::report::{Outcome, Report};

/// The document for the notebooks of these names.
pub(super) fn xml(reports: &[(String, Report)]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for (name, report) in reports {
        suite(&mut xml, name, report);
    }
    xml + "</testsuites>\n"
}

fn suite(xml: &mut String, name: &str, report: &Report) {
    let failures = report.cells.iter().filter(|cell| cell.problem().is_some()).count();
    let skipped = report.cells.iter().filter(|cell| cell.outcome == Outcome::NotRun).count();
    let broken = report.broken.as_deref().or(report.stopped.then_some("it was stopped"));
    let (tests, errors) = (report.cells.len() + usize::from(broken.is_some()), usize::from(broken.is_some()));
    let name = escaped(name);
    *xml += &format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" \
         time=\"{:.3}\">\n",
        report.seconds
    );
    for cell in &report.cells {
        let title = escaped(&format!("cell [{}] {}", cell.number, cell.line.trim()));
        *xml += &format!("    <testcase classname=\"{name}\" name=\"{title}\" time=\"{:.3}\"", cell.seconds);
        match (cell.problem(), &cell.outcome) {
            (Some((what, lines)), _) => {
                let (what, lines) = (escaped(&what), escaped(&lines.join("\n")));
                *xml += &format!(">\n      <failure message=\"{what}\">{lines}</failure>\n    </testcase>\n");
            }
            (None, Outcome::NotRun) => *xml += ">\n      <skipped/>\n    </testcase>\n",
            _ => *xml += "/>\n",
        }
    }
    if let Some(reason) = broken {
        let reason = escaped(reason);
        *xml += &format!(
            "    <testcase classname=\"{name}\" name=\"notebook\">\n      <error message=\"{reason}\"/>\n    </testcase>\n"
        );
    }
    *xml += "  </testsuite>\n";
}

/// The text as XML 1.0 can hold it: control characters do not exist there, not even escaped.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push_str("&#9;"),
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::report::Cell;
    use super::*;

    #[test]
    fn suites_are_notebooks_and_cases_are_cells() {
        let cell = |number, outcome| Cell { number, line: "a < \"b\"".into(), seconds: 0.25, outcome };
        let different = Outcome::Different("stdout: line 1".into(), vec!["- 1".into(), "+ \x1b2".into()]);
        let cells = vec![cell(1, Outcome::Same), cell(2, different), cell(3, Outcome::NotRun)];
        let xml = xml(&[("a&b.ipynb".into(), Report { seconds: 0.5, cells, ..Report::default() })]);
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="a&amp;b.ipynb" tests="3" failures="1" errors="0" skipped="1" time="0.500">
    <testcase classname="a&amp;b.ipynb" name="cell [1] a &lt; &quot;b&quot;" time="0.250"/>
    <testcase classname="a&amp;b.ipynb" name="cell [2] a &lt; &quot;b&quot;" time="0.250">
      <failure message="stdout: line 1">- 1&#10;+ �2</failure>
    </testcase>
    <testcase classname="a&amp;b.ipynb" name="cell [3] a &lt; &quot;b&quot;" time="0.250">
      <skipped/>
    </testcase>
  </testsuite>
</testsuites>
"#;
        assert_eq!(xml, expected);
    }

    #[test]
    fn a_notebook_that_could_not_run_is_an_error() {
        let broken = Report { broken: Some("it is not JSON".into()), ..Report::default() };
        let xml = xml(&[("a.ipynb".into(), broken)]);
        assert!(xml.contains("tests=\"1\" failures=\"0\" errors=\"1\""), "{xml}");
        assert!(xml.contains("<error message=\"it is not JSON\"/>"), "{xml}");
    }
}
