use std::{env, process::Command};

use rsmf_simulator::{PLANTED, watch};

/// Set where this test runs within itself.
const WITHIN: &str = "RSMF_SIMULATOR_LOGS";

#[test]
fn a_secret_in_a_log_ends_the_process() {
    if let Some(what) = env::var_os(WITHIN) {
        watch();
        tracing::trace!(?what, "logged");
        return;
    }
    for (what, ends_well) in [(PLANTED, false), ("harmless", true)] {
        let again = Command::new(env::current_exe().unwrap())
            .args(["--exact", "watch::a_secret_in_a_log_ends_the_process"])
            .env(WITHIN, what)
            .output()
            .unwrap();
        assert_eq!(again.status.success(), ends_well, "{again:?}");
    }
}
