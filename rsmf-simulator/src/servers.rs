//! Real servers, which `cargo xtask test` starts beside the tests.

use std::env;

use serde_json::Value;

/// What is known of a real server, by the variable `RSMF_TEST_` and its name; `None` where it is not there, which is
/// said.
///
/// # Panics
/// Where everything has to be tested (`RSMF_TEST_COMPLETE` is set) and nobody has started the server.
#[allow(clippy::print_stderr, reason = "a test says what it skips")]
pub fn real_server(name: &str) -> Option<Value> {
    let variable = format!("RSMF_TEST_{}", name.to_uppercase());
    match env::var(&variable) {
        Ok(value) if value.is_empty() => eprintln!("skipped: {name} cannot run here"),
        Ok(value) => return Some(serde_json::from_str(&value).expect("JSON in the variable")),
        Err(_) => {
            let complete = env::var_os("RSMF_TEST_COMPLETE").is_some();
            assert!(
                !complete,
                "{variable} is not set: run `cargo xtask servers`"
            );
            eprintln!("skipped: {variable} is not set; `cargo xtask servers` prints it");
        }
    }
    None
}
