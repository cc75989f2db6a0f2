//! Small file systems, on which it is tested what a full disk does.

use anyhow::Result;
use xshell::cmd;

use crate::context::Context;

/// Sees to it that tests fail rather than skip where file systems can be mounted.
pub(crate) fn tmpfs(context: &Context) -> Result<()> {
    let shell = &context.shell;
    let folder = shell.create_temp_dir()?;
    let place = folder.path();
    let mounted = cmd!(shell, "mount -t tmpfs -o size=100k tmpfs {place}")
        .quiet()
        .ignore_stderr()
        .run();
    if mounted.is_err() {
        context.note("the test on a full disk SKIPPED: mounting a tmpfs takes Linux and root");
        return Ok(());
    }
    cmd!(shell, "umount {place}").quiet().run()?;
    shell.set_var("RSMF_TEST_TMPFS", "1");
    Ok(())
}
