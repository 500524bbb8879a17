//! What every front end sees: status, streams, displays, results, errors, in the order they were handed in.
//! Printed text is gathered for a moment, so that a million lines become a few messages.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::message::Header;
use super::sockets::Publisher;
use crate::evaluator::{CellError, Output, Stream};
use crate::mime;

/// How long printed text may wait for more of it.
const STREAM_DELAY: Duration = Duration::from_millis(20);
/// Printed text longer than this many bytes waits no longer.
const STREAM_LIMIT: usize = 1 << 20;
/// How long after a subscription the status is told once more. A front end that reconnects after a restart, from which we
/// are back in milliseconds, drops or reorders what comes while it does so, and would show a stale status for good.
const ANNOUNCE_AGAIN: Duration = Duration::from_secs(1);
/// Messages that may wait for a slow front end before the cell has to.
const QUEUE: usize = 256;

enum Item {
    Stream { parent: Header, stream: Stream, text: String },
    Message { parent: Option<Header>, kind: &'static str, content: Value },
    Flush(tokio::sync::oneshot::Sender<()>),
}

/// A handle for publishing; cheap to clone, usable from tasks (`publish`) and from plain threads (`publish_blocking`).
#[derive(Clone)]
pub struct IoPub(mpsc::Sender<Item>);

impl IoPub {
    /// Starts the task that owns the socket.
    pub fn start(publisher: Publisher) -> IoPub {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(run(publisher, receiver));
        IoPub(sender)
    }

    /// Publishes a message from a task.
    pub async fn publish(&self, parent: Option<&Header>, kind: &'static str, content: Value) {
        // The task ends with the process only, so a failed send has no one left to tell.
        let _ = self.0.send(Item::Message { parent: parent.cloned(), kind, content }).await;
    }

    /// Publishes a message from a thread outside the runtime.
    pub fn publish_blocking(&self, parent: &Header, kind: &'static str, content: Value) {
        let _ = self.0.blocking_send(Item::Message { parent: Some(parent.clone()), kind, content });
    }

    /// Publishes one output of a cell from a thread outside the runtime.
    pub fn output(&self, parent: &Header, count: u32, output: Output) {
        let (kind, content) = match output {
            Output::Stream(stream, text) => {
                let _ = self.0.blocking_send(Item::Stream { parent: parent.clone(), stream, text });
                return;
            }
            Output::Display(data, id) => {
                let transient = if id.is_empty() { json!({}) } else { json!({"display_id": id}) };
                (
                    "display_data",
                    json!({"data": mime::to_json(&data), "metadata": mime::metadata(&data), "transient": transient}),
                )
            }
            Output::UpdateDisplay(data, id) => (
                "update_display_data",
                json!({"data": mime::to_json(&data), "metadata": mime::metadata(&data), "transient": {"display_id": id}}),
            ),
            Output::ClearOutput(wait) => ("clear_output", json!({"wait": wait})),
            Output::Result(data) => (
                "execute_result",
                json!({"execution_count": count, "data": mime::to_json(&data), "metadata": mime::metadata(&data)}),
            ),
        };
        self.publish_blocking(parent, kind, content);
    }

    /// Waits until everything published so far has left.
    pub async fn flush(&self) {
        let (done, waiting) = tokio::sync::oneshot::channel();
        if self.0.send(Item::Flush(done)).await.is_ok() {
            let _ = waiting.await;
        }
    }
}

/// The content of an `error` message.
pub fn error_content(error: &CellError) -> Value {
    json!({"ename": error.name, "evalue": error.value, "traceback": error.traceback})
}

/// The name Jupyter gives a stream.
pub fn stream_name(stream: Stream) -> &'static str {
    match stream {
        Stream::Stdout => "stdout",
        Stream::Stderr => "stderr",
    }
}

struct Pending {
    parent: Header,
    stream: Stream,
    text: String,
    due: Instant,
}

async fn run(mut publisher: Publisher, mut items: mpsc::Receiver<Item>) {
    publisher.send("status", json!({"execution_state": "starting"}), None).await;
    let mut status = json!({"execution_state": "idle"});
    let mut announce = None;
    let mut pending: Option<Pending> = None;
    loop {
        let due = pending.as_ref().map(|p| p.due);
        tokio::select! {
            topic = publisher.subscription() => {
                publisher.send("iopub_welcome", json!({"subscription": topic}), None).await;
                publisher.send("status", status.clone(), None).await;
                announce = Some(Instant::now() + ANNOUNCE_AGAIN);
            }
            () = until(due) => flush(&mut publisher, &mut pending).await,
            () = until(announce) => {
                announce = None;
                publisher.send("status", status.clone(), None).await;
            }
            item = items.recv() => match item {
                None => return,
                Some(item) => {
                    if let Item::Message { kind: "status", content, parent } = &item {
                        status.clone_from(content);
                        // Whoever has cells run hears how we are by that.
                        if parent.as_ref().is_some_and(|p| p.msg_type != "kernel_info_request") {
                            announce = None;
                        }
                    }
                    handle(&mut publisher, &mut pending, item).await;
                }
            },
        }
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

async fn handle(publisher: &mut Publisher, pending: &mut Option<Pending>, item: Item) {
    match item {
        Item::Stream { parent, stream, text } => {
            let continues = |p: &Pending| p.stream == stream && p.parent.msg_id == parent.msg_id;
            match pending {
                Some(p) if continues(p) => p.text.push_str(&text),
                _ => {
                    flush(publisher, pending).await;
                    *pending = Some(Pending { parent, stream, text, due: Instant::now() + STREAM_DELAY });
                }
            }
            if pending.as_ref().is_some_and(|p| p.text.len() > STREAM_LIMIT) {
                flush(publisher, pending).await;
            }
        }
        Item::Message { parent, kind, content } => {
            flush(publisher, pending).await;
            publisher.send(kind, content, parent.as_ref()).await;
        }
        Item::Flush(done) => {
            flush(publisher, pending).await;
            let _ = done.send(());
        }
    }
}

async fn flush(publisher: &mut Publisher, pending: &mut Option<Pending>) {
    if let Some(p) = pending.take() {
        let content = json!({"name": stream_name(p.stream), "text": p.text});
        publisher.send("stream", content, Some(&p.parent)).await;
    }
}
