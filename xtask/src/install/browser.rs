//! The browser in which the pages that `rsmf` writes are tested.

use anyhow::Result;

use super::debian;
use crate::context::Context;

/// What the tests look for, unless `CHROME` names one.
const NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];

/// Where it is set, tests that need what is installed here fail without it.
const COMPLETE: &str = "RSMF_TEST_COMPLETE";

/// With the letters and emoji that chats hold, so that pictures of pages show them.
const PACKAGES: [&str; 4] = [
    "chromium",
    "fonts-dejavu-core",
    "fonts-noto-cjk",
    "fonts-noto-color-emoji",
];

/// Sees to it that there is a browser, and that tests fail rather than skip without one.
pub(crate) fn browser(context: &Context) -> Result<()> {
    let shell = &context.shell;
    if shell.var_os("CHROME").is_some() {
        shell.set_var(COMPLETE, "1");
        return Ok(());
    }
    let here = || NAMES.into_iter().find(|name| context.has_program(name));
    if here().is_none() && debian::is_debian() {
        debian::install(context, &PACKAGES)?;
    }
    match here() {
        Some(name) => {
            shell.set_var("CHROME", name);
            shell.set_var(COMPLETE, "1");
        }
        None => {
            context.note("tests in a browser SKIPPED: no Chromium, and no Debian to get it from")
        }
    }
    Ok(())
}
