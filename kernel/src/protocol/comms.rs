//! Comms: what front ends open beside cells. The kernel knows one target, which sends back what it gets, so that an
//! extension can find out whether messages come through; whatever else is opened is closed again.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::message::Message;

/// The target that sends everything back.
const ECHO: &str = "flowbook.echo";

/// The open comms: the target of each, by id.
#[derive(Default)]
pub struct Comms(BTreeMap<String, String>);

impl Comms {
    /// Takes a comm message; returns the message to publish, if one is due.
    pub fn handle(&mut self, request: &Message) -> Option<(&'static str, Value)> {
        let id = request.text("comm_id").to_owned();
        match request.kind() {
            "comm_open" if request.text("target_name") == ECHO && !id.is_empty() => {
                self.0.insert(id, ECHO.to_owned());
                None
            }
            "comm_open" => Some(("comm_close", json!({"comm_id": id, "data": {}}))),
            "comm_close" => {
                self.0.remove(&id);
                None
            }
            _ if self.0.contains_key(&id) => {
                Some(("comm_msg", json!({"comm_id": id, "data": request.content["data"]})))
            }
            _ => None,
        }
    }

    /// The content of a `comm_info_reply`: all open comms, or those of one target.
    pub fn info(&self, request: &Message) -> Value {
        let wanted = request.text("target_name");
        let listed = self.0.iter().filter(|(_, target)| wanted.is_empty() || *target == wanted);
        let comms: serde_json::Map<String, Value> =
            listed.map(|(id, target)| (id.clone(), json!({"target_name": target}))).collect();
        json!({"status": "ok", "comms": comms})
    }
}
