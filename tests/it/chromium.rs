//! A browser that a test drives: headless Chromium, told what to do through pipes (the Chrome DevTools Protocol).
//!
//! It is started once for all pages of a test, writes down what the console says and what is loaded, and takes pictures.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Nothing of this asks a network; as root there is no sandbox to be had.
const START: &str = "exec chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars \
    --user-data-dir=\"$0\" --remote-debugging-pipe about:blank 3<&0 4>&1 >/dev/null 2>/dev/null";

pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    calls: u64,
    session: Option<Value>,
    events: Vec<Value>,
    _profile: TempDir,
}

impl Browser {
    /// A browser with an empty page, or a message that the test is skipped.
    pub fn start() -> Option<Self> {
        if Command::new("chromium").arg("--version").output().is_err() {
            eprintln!("SKIPPED: there is no chromium; scripts/test installs it");
            return None;
        }
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", START])
            .arg(profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut browser = Self { child, to, from, calls: 0, session: None, events: Vec::new(), _profile: profile };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].take();
        let attached = browser.call("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        browser.session = Some(attached["sessionId"].clone());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Asks for something, and waits for the answer.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.clone();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut answer = Vec::new();
            self.from.read_until(0, &mut answer).unwrap();
            answer.pop().unwrap_or_else(|| panic!("{method}: chromium has ended"));
            let mut answer: Value = serde_json::from_slice(&answer).unwrap();
            if answer["id"] != self.calls {
                self.events.push(answer);
                continue;
            }
            assert!(answer.get("error").is_none(), "{method}: {answer}");
            return answer["result"].take();
        }
    }

    /// The value of an expression on the page.
    #[track_caller]
    pub fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// The theme that the system prefers, and the size of the window.
    pub fn look(&mut self, theme: &str, (width, height): (u32, u32)) {
        let features = json!([{ "name": "prefers-color-scheme", "value": theme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }));
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Opens a file, and waits until `ready` is true.
    pub fn open(&mut self, path: &Path, ready: &str) {
        self.call("Page.navigate", json!({ "url": format!("file://{}", path.display()) }));
        let begun = Instant::now();
        while self.value(ready) != true {
            assert!(begun.elapsed() < PATIENCE, "{} is not ready: {:?}", path.display(), self.complaints());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Moves the pointer to a place of the window.
    pub fn point(&mut self, x: f64, y: f64) {
        self.call("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": x, "y": y }));
    }

    /// Writes what the window shows to a file.
    pub fn picture(&mut self, path: &Path) {
        let png = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, STANDARD.decode(png["data"].as_str().unwrap()).unwrap()).unwrap();
    }

    /// What the console said, what was thrown, and what was loaded besides files that were opened.
    pub fn complaints(&mut self) -> Vec<String> {
        self.value("1");
        let is_ours = |event: &Value| {
            let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
            event["params"]["type"] == "Document" && url.starts_with("file://")
        };
        let told = self.events.iter().filter(|event| match event["method"].as_str() {
            Some("Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded") => true,
            Some("Network.requestWillBeSent") => !is_ours(event),
            _ => false,
        });
        told.map(Value::to_string).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
