//! The kernel side of Jupyter's messaging protocol: sockets, dispatch, publishing. It runs cells only through
//! `evaluator::Evaluator` and knows nothing of how they are compiled.

mod comms;
pub mod connection_file;
mod execution;
mod history;
mod info;
mod iopub;
mod message;
mod questions;
mod sockets;
mod words;

use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jupyter_protocol::ConnectionInfo;
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

pub use execution::Start;
pub use iopub::stream_name;
pub use sockets::PROTOCOL_VERSION;

use crate::Error;
use crate::evaluator::Answer;
use comms::Comms;
use execution::{Execution, Ways};
use history::History;
use iopub::IoPub;
use message::Message;
use sockets::{Replies, Requests, Sockets};

/// Sockets only queue what is sent; before the process ends, the tasks that write get this long to do so.
const LINGER: Duration = Duration::from_millis(20);

/// Serves a front end until it asks for shutdown or the process is told to end.
///
/// The evaluator is started on its own thread, so that `kernel_info_request` is answered meanwhile; when it cannot
/// start, every cell shows why. `history` is the file that keeps the inputs ([`history_file`]); `None` keeps none.
///
/// # Errors
/// [`Error::PortInUse`] and [`Error::Bind`] when a socket cannot be bound, [`Error::Threads`] when the system gives no
/// thread.
pub fn serve(info: &ConnectionInfo, history: Option<PathBuf>, start: Start) -> Result<(), Error> {
    // One thread is enough for messages, and what is ready there runs before any timer: `LINGER` rests on that.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve_async(info, history, start))
}

/// The file that keeps the user's inputs, unless there is no home directory.
pub fn history_file() -> Option<PathBuf> {
    Some(crate::files::flowbook_data()?.join("history.jsonl"))
}

async fn serve_async(info: &ConnectionInfo, history: Option<PathBuf>, start: Start) -> Result<(), Error> {
    // First of all, so that a signal during start-up interrupts nothing and kills nothing.
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let Sockets { mut shell, mut control, stdin, iopub, heartbeat } = Sockets::bind(info).await?;
    let iopub = IoPub::start(iopub);
    let history = Arc::new(Mutex::new(History::open(history)));
    let (answers, questions) = (stdin.0, stdin.1);
    let (answer, answered) = std::sync::mpsc::channel();
    let ways = Ways { iopub: iopub.clone(), replies: shell.1.clone(), questions, answers: answered };
    let execution = Execution::start(start, ways, history.clone())?;
    let kernel = Kernel { iopub, history, execution, comms: Mutex::default(), answer: answer.clone() };

    tokio::spawn(heartbeat.echo_forever());
    tokio::spawn(pass_on(answers, answer));
    tokio::select! {
        () = kernel.answer(&mut shell) => {}
        () = kernel.answer(&mut control) => {}
        () = kernel.interrupt_on(&mut interrupts) => {}
        _ = terminations.recv() => {}
        () = parent_gone() => {}
    }
    kernel.iopub.flush().await;
    kernel.execution.stop().await;
    tokio::time::sleep(LINGER).await;
    Ok(())
}

struct Kernel {
    iopub: IoPub,
    history: Arc<Mutex<History>>,
    execution: Execution,
    comms: Mutex<Comms>,
    /// Where a cell that asks the user waits.
    answer: Sender<Answer>,
}

impl Kernel {
    /// Answers the requests of one channel until one of them is a shutdown.
    async fn answer(&self, (requests, replies): &mut (Requests, Replies)) {
        loop {
            let request = requests.next().await;
            match request.kind() {
                "execute_request" => self.execution.execute(request),
                "shutdown_request" => {
                    self.shut_down(&request, replies).await;
                    return;
                }
                "is_complete_request" | "complete_request" | "inspect_request" => {
                    self.ask_assistant(request, replies.clone());
                }
                "comm_open" | "comm_msg" | "comm_close" => self.comm(&request).await,
                _ => self.answer_at_once(&request, replies).await,
            }
        }
    }

    async fn answer_at_once(&self, request: &Message, replies: &mut Replies) {
        let content = match request.kind() {
            "kernel_info_request" => info::kernel_info(),
            "history_request" => lock(&self.history).reply(request),
            "comm_info_request" => lock(&self.comms).info(request),
            "interrupt_request" => {
                self.interrupt();
                json!({"status": "ok"})
            }
            other => {
                eprintln!("flowbook: ignored a request of unknown type {other:?}");
                return;
            }
        };
        self.within(request, replies.send(request, &reply_kind(request), content)).await;
    }

    /// Questions about code may have to wait until the evaluator has started; the channel goes on meanwhile.
    fn ask_assistant(&self, request: Message, mut replies: Replies) {
        let iopub = self.iopub.clone();
        let history = self.history.clone();
        let mut started = self.execution.started.clone();
        tokio::spawn(async move {
            iopub.publish(Some(&request.header), "status", state("busy")).await;
            let assistant = match started.wait_for(|s| s.over).await {
                Ok(started) => started.assistant.clone(),
                Err(_) => None,
            };
            let content = {
                let history = lock(&history);
                questions::reply(&request, assistant.as_deref(), &history)
            };
            replies.send(&request, &reply_kind(&request), content).await;
            iopub.publish(Some(&request.header), "status", state("idle")).await;
        });
    }

    async fn comm(&self, request: &Message) {
        let message = lock(&self.comms).handle(request);
        self.within(request, async {
            if let Some((kind, content)) = message {
                self.iopub.publish(Some(&request.header), kind, content).await;
            }
        })
        .await;
    }

    async fn shut_down(&self, request: &Message, replies: &mut Replies) {
        self.interrupt();
        let content = json!({"status": "ok", "restart": request.flag("restart", false)});
        self.within(request, async {
            self.iopub.publish(Some(&request.header), "shutdown_reply", content.clone()).await;
            replies.send(request, "shutdown_reply", content).await;
        })
        .await;
    }

    async fn within(&self, request: &Message, work: impl Future<Output = ()>) {
        self.iopub.publish(Some(&request.header), "status", state("busy")).await;
        work.await;
        self.iopub.publish(Some(&request.header), "status", state("idle")).await;
    }

    fn interrupt(&self) {
        let interrupt = self.execution.started.borrow().interrupt.clone();
        if let Some(interrupt) = interrupt {
            interrupt();
        }
        // The thread of the cells outlives everything that could interrupt it.
        let _ = self.answer.send(Answer::Interrupted);
    }

    async fn interrupt_on(&self, signals: &mut tokio::signal::unix::Signal) {
        while signals.recv().await.is_some() {
            self.interrupt();
        }
    }
}

fn state(state: &str) -> Value {
    json!({"execution_state": state})
}

fn reply_kind(request: &Message) -> String {
    request.kind().replace("_request", "_reply")
}

/// What the user answers goes to the cell that asked; anything else on this channel means nothing.
async fn pass_on(mut answers: Requests, to: Sender<Answer>) {
    loop {
        let reply = answers.next().await;
        if reply.kind() == "input_reply" {
            let _ = to.send(Answer::Line(reply.text("value").to_owned()));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Ends when the server that started the kernel is gone; Jupyter names it in `JPY_PARENT_PID`.
async fn parent_gone() {
    if std::env::var_os("JPY_PARENT_PID").is_none() {
        return std::future::pending().await;
    }
    let parent = std::os::unix::process::parent_id();
    while std::os::unix::process::parent_id() == parent {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
