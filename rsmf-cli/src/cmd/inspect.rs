//! `rsmf inspect`.

use rsmf_core::Failure;

use crate::{
    Console,
    args::InspectArgs,
    error::{Error, Result},
};

pub(crate) fn run(_args: &InspectArgs, _console: &Console) -> Result<u8> {
    Err(Error::Internal(
        Failure::new("run", "inspect").unsupported(),
    ))
}
