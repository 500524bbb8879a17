//! Prose cells as HTML: CommonMark with tables, formulas as MathML, pictures inside the page.

use std::path::Path;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser as Formula, Storage, push_mathml};
use serde_json::Value;

use super::{joined, push_escaped, rust};

/// The prose as HTML. `attachments` are those of its cell; relative paths of pictures start at `directory`.
pub(super) fn html(source: &str, attachments: &Value, directory: &Path) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    let mut code: Option<String> = None;
    let events = Parser::new_ext(source, options).filter_map(|event| match event {
        Event::Start(Tag::CodeBlock(_)) => {
            code = Some(String::new());
            None
        }
        Event::Text(text) if code.is_some() => {
            code.iter_mut().for_each(|code| code.push_str(&text));
            None
        }
        Event::End(TagEnd::CodeBlock) => {
            let html = rust::html(&code.take().unwrap_or_default());
            Some(Event::Html(format!("<pre class=\"source\">{html}</pre>\n").into()))
        }
        Event::InlineMath(formula) => Some(Event::InlineHtml(mathml(&formula, DisplayMode::Inline).into())),
        Event::DisplayMath(formula) => Some(Event::InlineHtml(mathml(&formula, DisplayMode::Block).into())),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let dest_url = embedded(&dest_url, attachments, directory).map_or(dest_url, CowStr::from);
            Some(Event::Start(Tag::Image { link_type, dest_url, title, id }))
        }
        other => Some(other),
    });
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events);
    html
}

/// A formula as MathML; one that cannot be read stays as it was typed.
fn mathml(formula: &str, display_mode: DisplayMode) -> String {
    let storage = Storage::new();
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let events: Result<Vec<_>, _> = Formula::new(formula, &storage).collect();
    let mut html = String::new();
    let written = events.is_ok_and(|events| {
        push_mathml(&mut html, events.into_iter().map(Ok::<_, std::convert::Infallible>), config).is_ok()
    });
    if !written {
        html = String::from("<code>");
        push_escaped(&mut html, formula);
        html.push_str("</code>");
    }
    html
}

/// The picture as a data URL, when it is an attachment of the cell or a file beside the notebook.
fn embedded(url: &str, attachments: &Value, directory: &Path) -> Option<String> {
    if let Some(name) = url.strip_prefix("attachment:") {
        let (mime, data) = attachments[name].as_object()?.iter().next()?;
        let base64: String = joined(data).split_whitespace().collect();
        return Some(format!("data:{mime};base64,{base64}"));
    }
    let path = Path::new(url);
    let mime = match path.extension()?.to_str()? {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        _ => return None,
    };
    let bytes = std::fs::read(directory.join(path)).ok()?;
    Some(format!("data:{mime};base64,{}", data_encoding::BASE64.encode(&bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plain(source: &str) -> String {
        html(source, &Value::Null, Path::new(""))
    }

    #[test]
    fn formulas_become_mathml() {
        let html = plain("for $y = x^2$ and\n\n$$\\frac{1}{n}\\sum_i x_i$$");
        assert!(html.contains("<msup><mi>x</mi><mn>2</mn></msup>"), "{html}");
        assert!(html.contains("<mfrac>") && html.contains("display=\"block\""), "{html}");
        assert!(plain("$\\nonsense{$").contains("\\nonsense{"), "what is no formula stays readable");
        assert_eq!(plain("it costs $5 or $6"), "<p>it costs $5 or $6</p>\n");
    }

    #[test]
    fn tables_and_code_are_shown() {
        let html = plain("| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nlet a = 1;\n```\n");
        assert!(html.contains("<td>1</td>"), "{html}");
        assert!(html.contains("<pre class=\"source\"><span class=\"keyword\">let</span> a"), "{html}");
    }

    #[test]
    fn pictures_come_into_the_page() {
        let attachments = json!({"dot.png": {"image/png": "iVBO\nRw=="}});
        let html = html("![dot](attachment:dot.png)", &attachments, Path::new(""));
        assert!(html.contains("src=\"data:image/png;base64,iVBORw==\""), "{html}");
        assert!(plain("![far](https://example.org/a.png)").contains("src=\"https://example.org/a.png\""));
    }
}
