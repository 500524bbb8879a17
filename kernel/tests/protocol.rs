//! The protocol from a front end's side of the sockets, with an evaluator whose cells are commands to itself.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flowbook_kernel::evaluator::{Assistant, CellError, Completeness, Evaluator, Host, Output, Stream};
use flowbook_kernel::{Error, protocol};
use jupyter_protocol::{ConnectionInfo, JupyterMessage, Transport, UnknownMessage};
use jupyter_zmq_client as client;
use serde_json::{Value, json};

const TIMEOUT: Duration = Duration::from_secs(20);

/// Cells: `lines N` prints N lines, `fail` fails, `wait` runs until interrupted, `show` makes one output of each kind.
struct Commands {
    interrupted: Arc<AtomicBool>,
}

impl Evaluator for Commands {
    fn execute(&mut self, code: &str, _: u32, host: &mut dyn Host) -> Result<(), CellError> {
        let error = |name: &str| CellError { name: name.into(), value: "told to".into(), traceback: vec!["at".into()] };
        let text = |t: &str| vec![("text/plain".to_string(), t.as_bytes().to_vec())];
        match code.split_once(' ').unwrap_or((code, "")) {
            ("lines", n) => {
                let n: usize = n.parse().unwrap();
                (0..n).for_each(|i| host.show(Output::Stream(Stream::Stdout, format!("{i}\n"))));
            }
            ("fail", _) => return Err(error("Panic")),
            ("wait", _) => {
                while !self.interrupted.swap(false, Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_millis(5));
                }
                return Err(error("KeyboardInterrupt"));
            }
            ("show", _) => {
                host.show(Output::Stream(Stream::Stderr, "e".into()));
                host.show(Output::Display(text("d"), "id".into()));
                host.show(Output::UpdateDisplay(text("u"), "id".into()));
                host.show(Output::ClearOutput(true));
                host.show(Output::Result(text("r")));
            }
            _ => {}
        }
        Ok(())
    }

    fn interrupter(&self) -> Box<dyn Fn() + Send + Sync> {
        let flag = self.interrupted.clone();
        Box::new(move || flag.store(true, Ordering::SeqCst))
    }

    fn assistant(&self) -> Arc<dyn Assistant> {
        Arc::new(Braces)
    }
}

/// Code is complete when its braces are closed.
struct Braces;

impl Assistant for Braces {
    fn completeness(&self, code: &str) -> Completeness {
        if code.matches('{').count() > code.matches('}').count() {
            return Completeness::Incomplete("    ".into());
        }
        Completeness::Complete
    }
}

/// A front end connected to a kernel that runs in a thread of this process.
struct FrontEnd {
    shell: client::ClientShellConnection,
    control: client::ClientControlConnection,
    iopub: client::ClientIoPubConnection,
    info: ConnectionInfo,
    kernel: std::thread::JoinHandle<Result<(), Error>>,
}

impl FrontEnd {
    async fn connect(start: protocol::Start) -> FrontEnd {
        let ports = client::peek_ports(IpAddr::V4(Ipv4Addr::LOCALHOST), 5).await.unwrap();
        let info = ConnectionInfo {
            ip: "127.0.0.1".into(),
            transport: Transport::TCP,
            shell_port: ports[0],
            iopub_port: ports[1],
            stdin_port: ports[2],
            control_port: ports[3],
            hb_port: ports[4],
            key: "secret".into(),
            signature_scheme: "hmac-sha256".into(),
            kernel_name: None,
        };
        let served = info.clone();
        let kernel = std::thread::spawn(move || protocol::serve(&served, None, start));
        while tokio::net::TcpStream::connect(("127.0.0.1", info.stdin_port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut iopub = client::create_client_iopub_connection(&info, "", "test").await.unwrap();
        let topic = client::wait_for_iopub_welcome(&mut iopub, TIMEOUT).await.unwrap();
        assert_eq!(topic.as_deref(), Some(""), "the first message must be iopub_welcome");
        let (shell, control) = (shell(&info).await, client::create_client_control_connection(&info, "test").await);
        FrontEnd { shell, control: control.unwrap(), iopub, info, kernel }
    }

    async fn new() -> FrontEnd {
        let commands = Commands { interrupted: Arc::new(AtomicBool::new(false)) };
        Self::connect(Box::new(|| Ok(Box::new(commands)))).await
    }

    async fn send(&mut self, kind: &str, content: Value) -> String {
        let message = request(kind, content);
        let id = message.header.msg_id.clone();
        self.shell.send(message).await.unwrap();
        id
    }

    async fn execute(&mut self, code: &str) -> String {
        let content = json!({"code": code, "silent": false, "store_history": true, "user_expressions": {}});
        self.send("execute_request", content).await
    }

    /// The next reply on the shell channel and the id of its request.
    async fn reply(&mut self) -> (String, Value) {
        received(tokio::time::timeout(TIMEOUT, self.shell.read()).await.expect("a reply in time").unwrap())
    }

    async fn control(&mut self, kind: &str, content: Value) -> Value {
        self.control.send(request(kind, content)).await.unwrap();
        received(tokio::time::timeout(TIMEOUT, self.control.read()).await.expect("a reply in time").unwrap()).1
    }

    /// Types and contents published for a request, up to its idle.
    async fn published(&mut self, id: &str) -> Vec<(String, Value)> {
        let mut messages = Vec::new();
        loop {
            let message = tokio::time::timeout(TIMEOUT, self.iopub.read()).await.expect("a message in time").unwrap();
            let kind = message.header.msg_type.clone();
            let (parent, content) = received(message);
            if parent != id {
                continue;
            }
            let idle = content["execution_state"] == "idle";
            messages.push((kind, content));
            if idle {
                return messages;
            }
        }
    }

    async fn shut_down(mut self) {
        let reply = self.control("shutdown_request", json!({"restart": false})).await;
        assert_eq!(reply["status"], "ok");
        let ended = tokio::task::spawn_blocking(|| self.kernel.join().unwrap()).await.unwrap();
        ended.unwrap();
    }
}

async fn shell(info: &ConnectionInfo) -> client::ClientShellConnection {
    let identity = client::peer_identity_for_session("test").unwrap();
    client::create_client_shell_connection_with_identity(info, "test", identity).await.unwrap()
}

fn request(kind: &str, content: Value) -> JupyterMessage {
    UnknownMessage { msg_type: kind.into(), content }.into()
}

fn received(message: JupyterMessage) -> (String, Value) {
    let parent = message.parent_header.map(|h| h.msg_id).unwrap_or_default();
    (parent, serde_json::to_value(&message.content).unwrap())
}

fn kinds(messages: &[(String, Value)]) -> Vec<&str> {
    messages.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[tokio::test]
async fn outputs_come_between_busy_and_idle_in_order() {
    let mut front_end = FrontEnd::new().await;
    let id = front_end.execute("show").await;
    let messages = front_end.published(&id).await;
    let expected = [
        "status",
        "execute_input",
        "stream",
        "display_data",
        "update_display_data",
        "clear_output",
        "execute_result",
        "status",
    ];
    assert_eq!(kinds(&messages), expected);
    assert_eq!(messages[1].1["execution_count"], 1);
    assert_eq!(messages[3].1["transient"], json!({"display_id": "id"}));
    assert_eq!(messages[6].1["data"], json!({"text/plain": "r"}));
    let (parent, reply) = front_end.reply().await;
    assert_eq!((parent, &reply["status"], &reply["execution_count"]), (id, &json!("ok"), &json!(1)));
    front_end.shut_down().await;
}

#[tokio::test]
async fn silent_executions_show_nothing_and_are_not_counted() {
    let mut front_end = FrontEnd::new().await;
    let id = front_end.send("execute_request", json!({"code": "show", "silent": true})).await;
    assert_eq!(kinds(&front_end.published(&id).await), ["status", "status"]);
    let unstored = front_end.send("execute_request", json!({"code": "show", "store_history": false})).await;
    front_end.published(&unstored).await;
    let counted = front_end.execute("show").await;
    assert_eq!(front_end.published(&counted).await[1].1["execution_count"], 1);
    let history = front_end.send("history_request", json!({"hist_access_type": "tail", "n": 9})).await;
    let replies = [front_end.reply().await, front_end.reply().await, front_end.reply().await, front_end.reply().await];
    let (_, reply) = replies.into_iter().find(|(parent, _)| *parent == history).unwrap();
    assert_eq!(reply["history"], json!([[1, 1, "show"]]));
    front_end.shut_down().await;
}

#[tokio::test]
async fn a_flood_of_lines_becomes_few_messages_and_loses_none() {
    let mut front_end = FrontEnd::new().await;
    let id = front_end.execute("lines 300000").await;
    let messages = front_end.published(&id).await;
    let text: String = messages.iter().filter_map(|(_, content)| content["text"].as_str()).collect();
    assert!(text.lines().map(|l| l.parse::<usize>().unwrap()).eq(0..300_000));
    assert!(messages.len() < 1000, "{} messages", messages.len());
    front_end.shut_down().await;
}

#[tokio::test]
async fn an_error_aborts_what_was_sent_with_it() {
    let mut front_end = FrontEnd::new().await;
    let failing = front_end.execute("fail").await;
    let waiting = [front_end.execute("show").await, front_end.execute("show").await];
    let (parent, reply) = front_end.reply().await;
    assert_eq!((parent, &reply["status"], &reply["ename"]), (failing.clone(), &json!("error"), &json!("Panic")));
    assert_eq!(reply["traceback"], json!(["at"]));
    assert_eq!(kinds(&front_end.published(&failing).await), ["status", "execute_input", "error", "status"]);
    for id in waiting {
        let (parent, reply) = front_end.reply().await;
        assert_eq!((parent, &reply["status"]), (id.clone(), &json!("aborted")));
        assert_eq!(kinds(&front_end.published(&id).await), ["status", "status"]);
    }
    front_end.execute("show").await;
    assert_eq!(front_end.reply().await.1["execution_count"], 2);
    front_end.shut_down().await;
}

#[tokio::test]
async fn without_stop_on_error_the_queue_goes_on() {
    let mut front_end = FrontEnd::new().await;
    front_end.send("execute_request", json!({"code": "fail", "stop_on_error": false})).await;
    front_end.execute("show").await;
    assert_eq!(front_end.reply().await.1["status"], "error");
    assert_eq!(front_end.reply().await.1["status"], "ok");
    front_end.shut_down().await;
}

#[tokio::test]
async fn questions_are_answered_and_interrupts_heard_while_a_cell_runs() {
    let mut front_end = FrontEnd::new().await;
    let running = front_end.execute("wait").await;
    for (request, content, field, expected) in [
        ("kernel_info_request", json!({}), "implementation", json!("flowbook")),
        ("is_complete_request", json!({"code": "fn f() {"}), "indent", json!("    ")),
        ("complete_request", json!({"code": "가x", "cursor_pos": 2}), "cursor_end", json!(2)),
        ("inspect_request", json!({"code": "x", "cursor_pos": 1}), "found", json!(false)),
        ("history_request", json!({"hist_access_type": "tail", "n": 1}), "status", json!("ok")),
        ("comm_info_request", json!({}), "comms", json!({})),
    ] {
        let id = front_end.send(request, content).await;
        let (parent, reply) = front_end.reply().await;
        assert_eq!((parent, &reply[field]), (id, &expected), "{request}");
    }
    assert_eq!(front_end.control("interrupt_request", json!({})).await["status"], "ok");
    let (parent, reply) = front_end.reply().await;
    assert_eq!((parent, &reply["ename"]), (running, &json!("KeyboardInterrupt")));
    front_end.shut_down().await;
}

#[tokio::test]
async fn names_of_earlier_cells_complete() {
    let mut front_end = FrontEnd::new().await;
    front_end.execute("let answer = tf::constant(42);").await;
    front_end.reply().await;
    for (code, expected) in [("가 + ans", "answer"), ("tf::", "constant")] {
        let cursor = code.chars().count();
        front_end.send("complete_request", json!({"code": code, "cursor_pos": cursor})).await;
        let (_, reply) = front_end.reply().await;
        assert_eq!((&reply["matches"], &reply["cursor_end"]), (&json!([expected]), &json!(cursor)));
    }
    front_end.shut_down().await;
}

#[tokio::test]
async fn a_wrong_signature_is_ignored_and_the_kernel_goes_on() {
    let mut front_end = FrontEnd::new().await;
    let mut forged = front_end.info.clone();
    forged.key = "guess".into();
    let mut stranger = shell_of_stranger(&forged).await;
    stranger.send(request("shutdown_request", json!({"restart": false}))).await.unwrap();
    let silence = tokio::time::timeout(Duration::from_millis(300), stranger.read()).await;
    assert!(silence.is_err(), "a forged request was answered");
    front_end.execute("show").await;
    assert_eq!(front_end.reply().await.1["status"], "ok");
    front_end.shut_down().await;
}

#[tokio::test]
async fn garbage_on_every_port_does_no_harm() {
    use tokio::io::AsyncWriteExt;
    let mut front_end = FrontEnd::new().await;
    let ConnectionInfo { shell_port, iopub_port, stdin_port, control_port, hb_port, .. } = front_end.info;
    // A ZMTP greeting that ends too early, another protocol's request, a length that is far too large.
    let greeting = [&b"\xff\0\0\0\0\0\0\0\x01\x7f\x03"[..], b"GET / HTTP/1.1\r\n\r\n", &[0xff; 4096]];
    for port in [shell_port, iopub_port, stdin_port, control_port, hb_port] {
        for bytes in greeting {
            let mut stranger = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            stranger.write_all(bytes).await.unwrap();
        }
    }
    front_end.execute("show").await;
    assert_eq!(front_end.reply().await.1["status"], "ok");
    let mut heartbeat = client::create_client_heartbeat_connection(&front_end.info).await.unwrap();
    tokio::time::timeout(TIMEOUT, heartbeat.single_heartbeat()).await.expect("a heartbeat in time").unwrap();
    front_end.shut_down().await;
}

async fn shell_of_stranger(info: &ConnectionInfo) -> client::ClientShellConnection {
    let identity = client::peer_identity_for_session("stranger").unwrap();
    client::create_client_shell_connection_with_identity(info, "stranger", identity).await.unwrap()
}

#[tokio::test]
async fn an_evaluator_that_cannot_start_says_so_in_the_cell() {
    let mut front_end = FrontEnd::connect(Box::new(|| Err(Error::Evaluator("no rustc".into())))).await;
    front_end.execute("show").await;
    let (_, reply) = front_end.reply().await;
    assert_eq!(reply["status"], "error");
    assert!(reply["evalue"].as_str().unwrap().contains("no rustc"), "{reply}");
    front_end.shut_down().await;
}

#[tokio::test]
async fn an_opened_comm_is_closed_again() {
    let mut front_end = FrontEnd::new().await;
    let id = front_end.send("comm_open", json!({"comm_id": "c", "target_name": "t", "data": {}})).await;
    let messages = front_end.published(&id).await;
    assert_eq!(kinds(&messages), ["status", "comm_close", "status"]);
    assert_eq!(messages[1].1["comm_id"], "c");
    front_end.shut_down().await;
}

#[tokio::test]
async fn a_port_in_use_is_named() {
    let front_end = FrontEnd::new().await;
    let info = front_end.info.clone();
    let start = Box::new(|| Err(Error::Evaluator("no rustc".into())));
    let second = tokio::task::spawn_blocking(move || protocol::serve(&info, None, start));
    let error = second.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::PortInUse { .. }), "{error}");
    front_end.shut_down().await;
}
