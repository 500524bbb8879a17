//! The thread that runs cells one after another: counting, publishing, replying, aborting what waits behind an error.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flowbook_runtime::frame::MimeBundle;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::history::History;
use super::iopub::{IoPub, error_content};
use super::message::Message;
use super::sockets::Replies;
use crate::evaluator::{Answer, Assistant, CellError, Evaluator, Host, Output};
use crate::{Error, mime};

/// Requests sent together with a failing one may still be on their way; they are collected for this long before the
/// error is answered, so that whatever a front end sends after the answer runs.
const ABORT_GRACE: Duration = Duration::from_millis(10);

/// The execution count of code that is no cell of its own.
const UNCOUNTED: u32 = 0;

/// How the evaluator is started, on its own thread.
pub type Start = Box<dyn FnOnce() -> Result<Box<dyn Evaluator>, Error> + Send>;

/// What the rest of the kernel needs from a started evaluator.
#[derive(Clone, Default)]
pub struct Started {
    /// Answers questions about code; `None` while the evaluator starts or when it could not.
    pub assistant: Option<Arc<dyn Assistant>>,
    /// Stops the running cell.
    pub interrupt: Option<Arc<dyn Fn() + Send + Sync>>,
    /// Whether starting is over, well or badly.
    pub over: bool,
}

/// The ways between the thread and the front ends.
pub struct Ways {
    /// What everyone sees.
    pub iopub: IoPub,
    /// The replies to requests.
    pub replies: Replies,
    /// Questions to the user.
    pub questions: Replies,
    /// What the user answers.
    pub answers: Receiver<Answer>,
}

/// The kernel's side of the execution thread.
pub struct Execution {
    jobs: Sender<Message>,
    /// Changes once, when the evaluator has started.
    pub started: watch::Receiver<Started>,
    ended: tokio::sync::oneshot::Receiver<()>,
}

impl Execution {
    /// Starts the thread, and on it the evaluator.
    ///
    /// # Errors
    /// [`Error::Threads`] when the system has no thread left.
    pub fn start(start: Start, ways: Ways, history: Arc<Mutex<History>>) -> Result<Execution, Error> {
        let (jobs, queue) = std::sync::mpsc::channel();
        let (announce, started) = watch::channel(Started::default());
        let (end, ended) = tokio::sync::oneshot::channel();
        let runtime = Handle::current();
        std::thread::Builder::new().name("cells".to_string()).spawn(move || {
            let evaluator = start();
            if let Err(e) = &evaluator {
                eprintln!("flowbook: {e}");
            }
            announce.send_replace(announcement(&evaluator));
            Worker { evaluator, queue, ways, history, runtime, count: 0 }.run();
            let _ = end.send(());
        })?;
        Ok(Execution { jobs, started, ended })
    }

    /// Queues an `execute_request`.
    pub fn execute(&self, request: Message) {
        // The thread ends only when `self` goes away.
        let _ = self.jobs.send(request);
    }

    /// Lets the thread finish and waits a little for the evaluator's process to go with it.
    pub async fn stop(self) {
        let interrupt = self.started.borrow().interrupt.clone();
        drop(self.jobs);
        if let Some(interrupt) = interrupt {
            interrupt();
        }
        let _ = tokio::time::timeout(Duration::from_secs(2), self.ended).await;
    }
}

fn announcement(evaluator: &Result<Box<dyn Evaluator>, Error>) -> Started {
    match evaluator {
        Ok(evaluator) => Started {
            assistant: Some(evaluator.assistant()),
            interrupt: Some(Arc::from(evaluator.interrupter())),
            over: true,
        },
        Err(_) => Started { over: true, ..Started::default() },
    }
}

struct Worker {
    evaluator: Result<Box<dyn Evaluator>, Error>,
    queue: Receiver<Message>,
    ways: Ways,
    history: Arc<Mutex<History>>,
    runtime: Handle,
    /// How many executions have been stored in the history.
    count: u32,
}

impl Worker {
    fn run(mut self) {
        while let Ok(request) = self.queue.recv() {
            let aborted = self.execute(&request);
            for request in &aborted {
                self.abort(request);
            }
        }
    }

    /// Runs one request and returns those that must not run because it failed.
    fn execute(&mut self, request: &Message) -> Vec<Message> {
        let code = request.text("code");
        let silent = request.flag("silent", false);
        let store = request.flag("store_history", !silent) && !silent;
        let count = self.count + 1;
        self.status(request, "busy");
        if store {
            self.count = count;
            self.history.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).add(count, code);
        }
        if !silent {
            let content = json!({"code": code, "execution_count": count});
            self.ways.iopub.publish_blocking(&request.header, "execute_input", content);
        }
        let result = self.evaluate(request, code, count, silent);
        let mut aborted = Vec::new();
        let mut reply = match &result {
            Ok(()) => json!({"status": "ok", "user_expressions": self.user_expressions(request)}),
            Err(error) => {
                if !silent {
                    self.ways.iopub.publish_blocking(&request.header, "error", error_content(error));
                }
                if request.flag("stop_on_error", true) {
                    aborted = self.waiting();
                }
                let mut reply = with_status(error_content(error));
                reply["user_expressions"] = json!({});
                reply
            }
        };
        reply["execution_count"] = json!(count);
        reply["payload"] = json!([]);
        self.reply(request, reply);
        self.status(request, "idle");
        aborted
    }

    fn evaluate(&mut self, request: &Message, code: &str, count: u32, silent: bool) -> Result<(), CellError> {
        let evaluator = match &mut self.evaluator {
            Ok(evaluator) => evaluator,
            Err(e) => return Err(not_started(e)),
        };
        evaluator.execute(
            code,
            count,
            &mut FrontEnd { ways: &mut self.ways, runtime: &self.runtime, request, count, silent },
        )
    }

    /// The values of `user_expressions`, each with its own success or failure.
    fn user_expressions(&mut self, request: &Message) -> Value {
        let Some(wanted) = request.content["user_expressions"].as_object() else { return json!({}) };
        let Ok(evaluator) = &mut self.evaluator else { return json!({}) };
        let mut value = |expression: &str| {
            let mut data = MimeBundle::new();
            let outcome = evaluator.execute(expression, UNCOUNTED, &mut |output| {
                if let Output::Result(result) = output {
                    data = result;
                }
            });
            match outcome {
                Ok(()) => json!({"status": "ok", "data": mime::to_json(&data), "metadata": {}}),
                Err(error) => with_status(error_content(&error)),
            }
        };
        wanted.iter().map(|(name, code)| (name.clone(), value(code.as_str().unwrap_or_default()))).collect()
    }

    fn waiting(&self) -> Vec<Message> {
        std::iter::from_fn(|| self.queue.recv_timeout(ABORT_GRACE).ok()).collect()
    }

    fn abort(&mut self, request: &Message) {
        self.status(request, "busy");
        let content =
            json!({"status": "aborted", "execution_count": self.count, "payload": [], "user_expressions": {}});
        self.reply(request, content);
        self.status(request, "idle");
    }

    fn status(&self, request: &Message, state: &str) {
        self.ways.iopub.publish_blocking(&request.header, "status", json!({"execution_state": state}));
    }

    fn reply(&mut self, request: &Message, content: Value) {
        let Worker { runtime, ways, .. } = self;
        runtime.block_on(ways.replies.send(request, "execute_reply", content));
    }
}

/// The front end that sent a request, while its cell runs.
struct FrontEnd<'a> {
    ways: &'a mut Ways,
    runtime: &'a Handle,
    request: &'a Message,
    count: u32,
    silent: bool,
}

impl Host for FrontEnd<'_> {
    fn show(&mut self, output: Output) {
        if !self.silent {
            self.ways.iopub.output(&self.request.header, self.count, output);
        }
    }

    fn can_answer(&self) -> bool {
        self.request.flag("allow_stdin", true)
    }

    fn input(&mut self, prompt: &str, password: bool) -> Answer {
        if !self.can_answer() {
            return Answer::Refused;
        }
        // An answer or an interrupt that comes after its cell is nobody's.
        while self.ways.answers.try_recv().is_ok() {}
        let question = json!({"prompt": prompt, "password": password});
        self.runtime.block_on(async {
            // The user must see what was printed before the question.
            self.ways.iopub.flush().await;
            self.ways.questions.send(self.request, "input_request", question).await;
        });
        self.ways.answers.recv().unwrap_or(Answer::Interrupted)
    }
}

fn with_status(mut error: Value) -> Value {
    error["status"] = json!("error");
    error
}

/// The error every cell shows when there is nothing to run it.
fn not_started(e: &Error) -> CellError {
    let value = e.to_string();
    let name = "KernelError".to_string();
    let traceback = vec![format!("\x1b[31m{name}\x1b[0m: {value}")];
    CellError { name, value, traceback }
}
