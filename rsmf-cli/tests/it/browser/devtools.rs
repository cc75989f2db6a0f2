//! The DevTools protocol: commands and their answers, and what happens meanwhile.
//!
//! As plain JSON: bindings made from the protocol's definition are larger than all of `rsmf`, and
//! refuse what browsers newer than they say.

use std::{collections::VecDeque, net::TcpStream, time::Duration};

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket};

/// No page of a test takes longer to answer.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct DevTools {
    socket: WebSocket<TcpStream>,
    last_id: u64,
    events: VecDeque<Value>,
}

impl DevTools {
    pub(crate) fn connect(address: &str) -> Self {
        let (_, rest) = address.split_once("://").unwrap();
        let (host, _) = rest.split_once('/').unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let (mut socket, _) = tungstenite::client(address, stream).unwrap();
        // Pictures and printed pages come as one message.
        socket.set_config(|config| {
            config.max_message_size = None;
            config.max_frame_size = None;
        });
        Self {
            socket,
            last_id: 0,
            events: VecDeque::new(),
        }
    }

    /// Sends a command to the browser, or to the tab of a session, and waits for the answer.
    pub(crate) fn call(&mut self, session: Option<&str>, method: &str, params: Value) -> Value {
        let id = self.send(session, method, params);
        loop {
            let mut message = self.receive();
            if message["id"] == id {
                let error = &message["error"];
                assert!(error.is_null(), "{method}: {error}");
                return message["result"].take();
            }
            self.keep(message);
        }
    }

    /// Sends a command and does not care what becomes of it.
    pub(crate) fn last_words(&mut self, method: &str, params: Value) {
        let text = json!({"id": 0, "method": method, "params": params}).to_string();
        let _ = self.socket.send(Message::text(text));
    }

    /// Waits until something of this name happens in the session.
    pub(crate) fn wait_for(&mut self, session: &str, method: &str) {
        let is_it = |event: &Value| event["method"] == method && event["sessionId"] == session;
        while !self.events.iter().any(is_it) {
            let message = self.receive();
            self.keep(message);
        }
    }

    /// What happened so far, in order, and never again.
    pub(crate) fn take_events(&mut self) -> Vec<Value> {
        self.events.drain(..).collect()
    }

    fn send(&mut self, session: Option<&str>, method: &str, params: Value) -> u64 {
        self.last_id += 1;
        let mut message = json!({"id": self.last_id, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let text = message.to_string();
        self.socket.send(Message::text(text)).unwrap();
        self.last_id
    }

    fn receive(&mut self) -> Value {
        loop {
            match self.socket.read().expect("Chromium does not answer") {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(_) => panic!("Chromium has ended"),
                _ => {}
            }
        }
    }

    /// Keeps an event; closes dialogs, which stop everything else.
    fn keep(&mut self, message: Value) {
        if message["method"] == "Page.javascriptDialogOpening" {
            let session = message["sessionId"].as_str().map(str::to_owned);
            self.send(
                session.as_deref(),
                "Page.handleJavaScriptDialog",
                json!({"accept": false}),
            );
        }
        if message["method"].is_string() {
            self.events.push_back(message);
        }
    }
}
