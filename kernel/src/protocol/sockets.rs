//! The five ZeroMQ sockets of a kernel: binding, signing, framing. The only module that knows the ZeroMQ crates,
//! so that they can be exchanged here; it knows nothing of what the messages mean.

use std::io::ErrorKind;
use std::time::Duration;

use jupyter_protocol::{ConnectionInfo, JupyterMessage, UnknownMessage};
use jupyter_zmq_client::{
    Connection, KernelHeartbeatConnection, KernelIoPubXPubConnection, RawMessage, RouterRecvConnection,
    RouterSendConnection, RuntimeError, SubscriptionEvent,
};
use serde_json::Value;
use zeromq::{SocketRecv as _, SocketSend as _};

use super::message::{Header, Message};
use crate::Error;

/// The version of the messaging specification the kernel speaks: 5.5 has `supported_features`, 5.4 `iopub_welcome`.
pub const PROTOCOL_VERSION: &str = "5.5";

/// All sockets, bound and listening.
pub struct Sockets {
    /// Requests that run or ask about code.
    pub shell: (Requests, Replies),
    /// Requests that must not wait behind the shell's.
    pub control: (Requests, Replies),
    /// Questions to the user, and the answers.
    pub stdin: (Requests, Replies),
    /// What every front end sees.
    pub iopub: Publisher,
    /// The sign of life.
    pub heartbeat: Heartbeat,
}

impl Sockets {
    /// Binds all five sockets of a connection file.
    ///
    /// # Errors
    /// [`Error::PortInUse`] and [`Error::Bind`], naming the channel.
    pub async fn bind(info: &ConnectionInfo) -> Result<Sockets, Error> {
        let session = uuid_like();
        let channel = |name, port| move |e| bind_error(info, name, port, e);
        let heartbeat = jupyter_zmq_client::create_kernel_heartbeat_connection(info)
            .await
            .map_err(channel("heartbeat", info.hb_port))?;
        let iopub = jupyter_zmq_client::create_kernel_iopub_xpub_connection(info, &session)
            .await
            .map_err(channel("iopub", info.iopub_port))?;
        let shell = jupyter_zmq_client::create_kernel_shell_connection(info, &session)
            .await
            .map_err(channel("shell", info.shell_port))?
            .split();
        let control = jupyter_zmq_client::create_kernel_control_connection(info, &session)
            .await
            .map_err(channel("control", info.control_port))?
            .split();
        let stdin = jupyter_zmq_client::create_kernel_stdin_connection(info, &session)
            .await
            .map_err(channel("stdin", info.stdin_port))?
            .split();
        Ok(Sockets {
            shell: (Requests { connection: shell.1, channel: "shell" }, Replies(shell.0)),
            control: (Requests { connection: control.1, channel: "control" }, Replies(control.0)),
            stdin: (Requests { connection: stdin.1, channel: "stdin" }, Replies(stdin.0)),
            iopub: Publisher(iopub),
            heartbeat: Heartbeat(heartbeat),
        })
    }
}

/// The receiving half of shell, control or stdin.
pub struct Requests {
    connection: RouterRecvConnection,
    channel: &'static str,
}

impl Requests {
    /// Waits for the next well-formed, correctly signed request; others are reported on standard error and dropped.
    pub async fn next(&mut self) -> Message {
        loop {
            match self.receive().await {
                Ok(message) => return message,
                Err(reason) => eprintln!("flowbook: ignored a message on the {} channel: {reason}", self.channel),
            }
        }
    }

    async fn receive(&mut self) -> Result<Message, String> {
        let frames = match self.connection.socket.recv().await {
            Ok(frames) => frames,
            Err(e) => {
                // A broken socket must not turn this loop into a busy one.
                tokio::time::sleep(Duration::from_millis(50)).await;
                return Err(e.to_string());
            }
        };
        let raw = RawMessage::from_multipart(frames, &self.connection.mac).map_err(|e| match e {
            RuntimeError::VerifyError(_) | RuntimeError::DecodeError(_) => "its signature is wrong".to_string(),
            other => other.to_string(),
        })?;
        Message::parse(raw.zmq_identities, &raw.jparts)
    }
}

/// The sending half of shell, control or stdin.
pub struct Replies(RouterSendConnection);

impl Clone for Replies {
    fn clone(&self) -> Self {
        let Connection { socket, mac, session_id } = &self.0;
        Replies(Connection { socket: socket.clone(), mac: mac.clone(), session_id: session_id.clone() })
    }
}

impl Replies {
    /// Answers `request`, or asks who sent it. A front end that has gone away is reported on standard error, nothing more.
    pub async fn send(&mut self, request: &Message, kind: &str, content: Value) {
        let mut message = outgoing(kind, content, Some(&request.header));
        message.zmq_identities.clone_from(&request.identities);
        if let Err(e) = self.0.send(message).await {
            eprintln!("flowbook: could not send {kind}: {e}");
        }
    }
}

/// The iopub socket: an XPUB, which tells when a front end subscribes.
pub struct Publisher(KernelIoPubXPubConnection);

impl Publisher {
    /// Waits for a new subscription and returns its topic.
    pub async fn subscription(&mut self) -> String {
        loop {
            match self.0.recv_subscription().await {
                Ok(SubscriptionEvent::Subscribe(topic)) => return topic,
                Ok(SubscriptionEvent::Unsubscribe(_)) => {}
                // A subscriber went away; the socket itself lives on.
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    }

    /// Sends to every subscriber.
    pub async fn send(&mut self, kind: &str, content: Value, parent: Option<&Header>) {
        if let Err(e) = self.0.send(outgoing(kind, content, parent)).await {
            eprintln!("flowbook: could not publish {kind}: {e}");
        }
    }
}

/// The heartbeat socket.
pub struct Heartbeat(KernelHeartbeatConnection);

impl Heartbeat {
    /// Sends back every ping as it came.
    pub async fn echo_forever(mut self) {
        loop {
            let echoed = match self.0.socket.recv().await {
                Ok(ping) => self.0.socket.send(ping).await,
                Err(e) => Err(e),
            };
            if echoed.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn outgoing(kind: &str, content: Value, parent: Option<&Header>) -> JupyterMessage {
    let mut message = JupyterMessage::new(UnknownMessage { msg_type: kind.to_string(), content }, None);
    message.header.version = PROTOCOL_VERSION.to_string();
    message.header.username = "flowbook".to_string();
    message.parent_header = parent.cloned();
    message
}

/// A session id: any message carries a fresh UUID, so one is taken from there.
fn uuid_like() -> String {
    outgoing("status", Value::Null, None).header.msg_id
}

fn bind_error(info: &ConnectionInfo, channel: &'static str, port: u16, e: RuntimeError) -> Error {
    if let RuntimeError::ZmqError(zeromq::ZmqError::Network(io)) = &e
        && io.kind() == ErrorKind::AddrInUse
    {
        return Error::PortInUse { channel, port };
    }
    let address = format!("{}://{}:{port}", info.transport, info.ip);
    Error::Bind { channel, address, reason: e.to_string() }
}
