//! A notebook as one HTML page that needs nothing else: pictures inside, formulas as MathML, no script of ours.
//! What outputs hold is shown as a front end shows it; whether a cell should run is not decided here.

mod ansi;
mod markdown;
mod rust;

use std::path::Path;

use serde_json::Value;

use super::{Notebook, joined};

const STYLE: &str = include_str!("style.css");

/// The page. Pictures that prose refers to by a relative path are taken from `directory`.
pub fn page(notebook: &Notebook, title: &str, directory: &Path) -> String {
    let mut body = String::new();
    for cell in notebook.cells() {
        let source = joined(&cell["source"]);
        match cell["cell_type"].as_str() {
            Some("markdown") => {
                let prose = markdown::html(&source, &cell["attachments"], directory);
                body += &format!("<section class=\"prose\">\n{prose}</section>\n");
            }
            Some("code") if !source.trim().is_empty() => code(&mut body, cell, &source),
            Some("raw") => body += &format!("<pre class=\"raw\">{}</pre>\n", escaped(&source)),
            _ => {}
        }
    }
    let title = escaped(&heading(notebook).unwrap_or_else(|| title.to_string()));
    format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// The first heading of the prose.
fn heading(notebook: &Notebook) -> Option<String> {
    let prose = notebook.cells().iter().filter(|cell| cell["cell_type"] == "markdown");
    let mut lines = prose.map(|cell| joined(&cell["source"]));
    lines.find_map(|text| Some(text.lines().find_map(|line| line.strip_prefix("# "))?.trim().to_string()))
}

fn code(body: &mut String, cell: &Value, source: &str) {
    let number = cell["execution_count"].as_u64().map_or(" ".to_string(), |n| n.to_string());
    *body += &format!(
        "<section class=\"code\">\n<div class=\"number\">[{number}]</div>\n<pre class=\"source\">{}</pre>\n",
        rust::html(source)
    );
    let outputs = cell["outputs"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !outputs.is_empty() {
        *body += "<div class=\"outputs\">\n";
        outputs.iter().for_each(|output| *body += &shown(output));
        *body += "</div>\n";
    }
    *body += "</section>\n";
}

fn shown(output: &Value) -> String {
    match output["output_type"].as_str() {
        Some("stream") => {
            let name = if output["name"] == "stderr" { "stderr" } else { "stdout" };
            format!("<pre class=\"{name}\">{}</pre>\n", ansi::html(&joined(&output["text"])))
        }
        Some("error") => {
            let lines = output["traceback"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let mut text = lines.collect::<Vec<_>>().join("\n");
            if text.is_empty() {
                text = format!("{}: {}", joined(&output["ename"]), joined(&output["evalue"]));
            }
            format!("<pre class=\"error\">{}</pre>\n", ansi::html(&text))
        }
        _ => bundle(&output["data"], &output["metadata"]),
    }
}

/// The richest form of an output, in the order in which JupyterLab prefers them.
fn bundle(data: &Value, metadata: &Value) -> String {
    let text = |mime: &str| (!data[mime].is_null()).then(|| joined(&data[mime]));
    if let Some(html) = text("text/html") {
        return format!("<div class=\"html\">{html}</div>\n");
    }
    if let Some(prose) = text("text/markdown") {
        return format!("<div class=\"prose\">{}</div>\n", markdown::html(&prose, &Value::Null, Path::new("")));
    }
    if let Some(svg) = text("image/svg+xml") {
        // Inside an `img`, scripts do not run and ids do not meet those of other pictures.
        return image("image/svg+xml", &data_encoding::BASE64.encode(svg.as_bytes()), &metadata["image/svg+xml"]);
    }
    for mime in ["image/png", "image/jpeg", "image/gif", "image/webp"] {
        if let Some(base64) = text(mime) {
            let base64: String = base64.split_whitespace().collect();
            return image(mime, &base64, &metadata[mime]);
        }
    }
    if let Some(latex) = text("text/latex") {
        return format!("<div class=\"prose\">{}</div>\n", markdown::html(&latex, &Value::Null, Path::new("")));
    }
    match text("text/plain") {
        Some(plain) => format!("<pre class=\"result\">{}</pre>\n", ansi::html(&plain)),
        None => String::new(),
    }
}

fn image(mime: &str, base64: &str, metadata: &Value) -> String {
    let size = ["width", "height"].map(|side| metadata[side].as_u64().map(|n| format!(" {side}=\"{n}\"")));
    let size: String = size.into_iter().flatten().collect();
    format!("<img alt=\"\" src=\"data:{mime};base64,{base64}\"{size}>\n")
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    push_escaped(&mut escaped, text);
    escaped
}

fn push_escaped(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page_of(cells: Value) -> String {
        let notebook = json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5});
        page(&Notebook::parse(&notebook.to_string()).unwrap(), "name", Path::new(""))
    }

    #[test]
    fn the_first_heading_is_the_title() {
        let page = page_of(json!([{"cell_type": "markdown", "metadata": {}, "source": ["# A & B\n", "text"]}]));
        assert!(page.contains("<title>A &amp; B</title>"), "{page}");
        assert!(page.contains("<h1>A &amp; B</h1>\n<p>text</p>"), "{page}");
        assert!(page_of(json!([])).contains("<title>name</title>"));
    }

    #[test]
    fn outputs_are_shown_in_their_richest_form() {
        let outputs = json!([
            {"output_type": "stream", "name": "stdout", "text": ["1 < 2\n"]},
            {"output_type": "display_data", "metadata": {"image/png": {"width": 7}},
             "data": {"image/png": "iVBO\nRw==\n", "text/plain": "<Figure>"}},
            {"output_type": "execute_result", "metadata": {}, "data": {"text/html": "<b>x</b>", "text/plain": "x"}},
            {"output_type": "error", "ename": "Panic", "evalue": "no", "traceback": ["\u{1b}[31mPanic\u{1b}[0m: no"]},
        ]);
        let page = page_of(json!([
            {"cell_type": "code", "metadata": {}, "execution_count": 3, "outputs": outputs, "source": "let a = 1;"},
        ]));
        for part in [
            "<div class=\"number\">[3]</div>",
            "<pre class=\"stdout\">1 &lt; 2\n</pre>",
            "<img alt=\"\" src=\"data:image/png;base64,iVBORw==\" width=\"7\">",
            "<div class=\"html\"><b>x</b></div>",
            "<pre class=\"error\"><span class=\"red\">Panic</span>: no</pre>",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(!page.contains("&lt;Figure&gt;"));
    }
}
