//! A page in a tab: look at it, use it, and hear what it does.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::devtools::DevTools;

/// What is listened to, besides what the tab itself tells.
const DOMAINS: [&str; 4] = ["Page", "Runtime", "Log", "Network"];

/// Waits until the page has settled: two frames, so that what a script has changed is laid out.
const SETTLE: &str =
    "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))";

pub(crate) struct Page<'a> {
    tools: &'a mut DevTools,
    session: String,
    address: String,
    heard: Vec<Value>,
}

impl<'a> Page<'a> {
    pub(super) fn open(tools: &'a mut DevTools, address: &str) -> Self {
        let target = tools.call(None, "Target.createTarget", json!({"url": "about:blank"}));
        let attached = tools.call(
            None,
            "Target.attachToTarget",
            json!({"targetId": target["targetId"], "flatten": true}),
        );
        let mut page = Self {
            tools,
            session: attached["sessionId"].as_str().unwrap().to_owned(),
            address: address.to_owned(),
            heard: Vec::new(),
        };
        for domain in DOMAINS {
            page.call(&format!("{domain}.enable"), json!({}));
        }
        page.size(1280, 900);
        page.tools.take_events();
        page.call("Page.navigate", json!({"url": address}));
        page.loaded();
        page.settle();
        page
    }

    /// Loads the page again.
    pub(crate) fn reload(&mut self) {
        self.call("Page.reload", json!({}));
        self.loaded();
    }

    /// Clicks a link that leads to another page, which is looked at from then on.
    pub(crate) fn follow(&mut self, selector: &str) {
        self.eval(&format!(
            "document.querySelector({}).click()",
            json!(selector)
        ));
        self.loaded();
        self.settle();
    }

    fn loaded(&mut self) {
        let is_it = |event: &Value| event["method"] == "Page.loadEventFired";
        if !self.heard.iter().any(is_it) {
            self.tools.wait_for(&self.session, "Page.loadEventFired");
        }
        self.heard.extend(self.tools.take_events());
        self.heard.retain(|event| !is_it(event));
    }

    /// A command of the DevTools protocol, for what has no method of its own here.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        let answer = self.tools.call(Some(&self.session), method, params);
        self.heard.extend(self.tools.take_events());
        answer
    }

    /// What a script gives, as JSON; waits for promises.
    pub(crate) fn eval(&mut self, script: &str) -> Value {
        let params = json!({"expression": script, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.call("Runtime.evaluate", params);
        let wrong = &answer["exceptionDetails"];
        assert!(wrong.is_null(), "{script}: {wrong}");
        answer["result"]["value"].take()
    }

    /// Waits until what was done shows.
    pub(crate) fn settle(&mut self) {
        self.eval(SETTLE);
    }

    /// The texts of all elements that match, as they are seen: what is hidden has none.
    pub(crate) fn texts(&mut self, selector: &str) -> Vec<String> {
        let script = format!(
            "[...document.querySelectorAll({})].map(e => e.innerText)",
            json!(selector)
        );
        serde_json::from_value(self.eval(&script)).unwrap()
    }

    /// The text of the first element that matches.
    pub(crate) fn text(&mut self, selector: &str) -> String {
        let texts = self.texts(selector);
        texts
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("no {selector} on the page"))
    }

    /// How many elements match and are seen.
    pub(crate) fn visible(&mut self, selector: &str) -> u64 {
        let script = format!(
            "[...document.querySelectorAll({})].filter(e => e.checkVisibility()).length",
            json!(selector)
        );
        self.eval(&script).as_u64().unwrap()
    }

    /// Clicks the first element that matches.
    pub(crate) fn click(&mut self, selector: &str) {
        self.eval(&format!(
            "document.querySelector({}).click()",
            json!(selector)
        ));
        self.settle();
    }

    /// Presses a key as it is named in `KeyboardEvent.key`.
    pub(crate) fn press(&mut self, key: &str) {
        self.press_with(key, 0);
    }

    /// Presses Tab to go back.
    pub(crate) fn press_shift_tab(&mut self) {
        const SHIFT: u8 = 8;
        self.press_with("Tab", SHIFT);
    }

    fn press_with(&mut self, key: &str, modifiers: u8) {
        let mut down = json!({"type": "keyDown", "key": key, "modifiers": modifiers});
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            _ => 0,
        };
        if key.chars().count() == 1 {
            down["text"] = key.into();
        } else if key == "Enter" {
            down["text"] = "\r".into();
        }
        down["windowsVirtualKeyCode"] = code.into();
        self.call("Input.dispatchKeyEvent", down);
        let up = json!({"type": "keyUp", "key": key, "windowsVirtualKeyCode": code});
        self.call("Input.dispatchKeyEvent", up);
        self.settle();
    }

    /// Types a text where the cursor is.
    pub(crate) fn insert(&mut self, text: &str) {
        self.call("Input.insertText", json!({"text": text}));
        self.settle();
    }

    /// Makes the window so large, in CSS pixels.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let params =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", params);
    }

    /// Shows the page as to somebody who wants it dark, or light.
    pub(crate) fn dark(&mut self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        self.media("", &[("prefers-color-scheme", scheme)]);
    }

    /// Shows the page as on a medium (`print`, or the empty string for none in particular) and
    /// to somebody with these wishes.
    pub(crate) fn media(&mut self, medium: &str, features: &[(&str, &str)]) {
        let features: Vec<_> = features
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect();
        let params = json!({"media": medium, "features": features});
        self.call("Emulation.setEmulatedMedia", params);
        self.settle();
    }

    /// Keeps what is seen as a PNG file.
    pub(crate) fn picture(&mut self, file: &Path) {
        let answer = self.call("Page.captureScreenshot", json!({"format": "png"}));
        write(file, &answer);
    }

    /// Prints the page into a PDF file and tells how large that is, in bytes.
    pub(crate) fn print(&mut self, file: &Path) -> u64 {
        let params = json!({"printBackground": false, "paperWidth": 8.27, "paperHeight": 11.69});
        let answer = self.call("Page.printToPDF", params);
        write(file, &answer);
        fs::metadata(file).unwrap().len()
    }

    /// The names and roles that a screen reader would tell, of all that it would not skip.
    pub(crate) fn spoken(&mut self) -> Vec<(String, String)> {
        let tree = self.call("Accessibility.getFullAXTree", json!({}));
        let text = |node: &Value, key: &str| node[key]["value"].as_str().unwrap_or("").to_owned();
        let nodes = tree["nodes"].as_array().unwrap();
        nodes
            .iter()
            .filter(|node| node["ignored"] == false)
            .map(|node| (text(node, "role"), text(node, "name")))
            .collect()
    }

    /// Everything that a harmless page never does: say something on the console, fail, break its
    /// own security policy, open a dialog or a window, load or download something, go elsewhere.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        self.settle();
        self.heard
            .iter()
            .filter_map(|event| complaint(event, &self.address))
            .collect()
    }
}

fn complaint(event: &Value, address: &str) -> Option<String> {
    let method = event["method"].as_str()?;
    let params = &event["params"];
    let harmless = |url: &Value| {
        let url = url.as_str().unwrap_or_default();
        url.starts_with("data:") || url.split('#').next() == Some(address)
    };
    let wrong = match method {
        "Runtime.consoleAPICalled"
        | "Runtime.exceptionThrown"
        | "Log.entryAdded"
        | "Page.javascriptDialogOpening"
        | "Page.windowOpen"
        | "Page.downloadWillBegin"
        | "Page.frameRequestedNavigation" => true,
        "Network.requestWillBeSent" => !harmless(&params["request"]["url"]),
        "Page.frameNavigated" => !harmless(&params["frame"]["url"]),
        _ => false,
    };
    wrong.then(|| format!("{method}: {params}"))
}

fn write(file: &Path, answer: &Value) {
    let data = STANDARD.decode(answer["data"].as_str().unwrap()).unwrap();
    fs::write(file, data).unwrap();
}
