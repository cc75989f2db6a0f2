//! `rsmf validate`.

use rsmf_core::Failure;

use crate::{
    Console,
    args::ValidateArgs,
    error::{Error, Result},
};

pub(crate) fn run(_args: &ValidateArgs, _console: &Console) -> Result<u8> {
    Err(Error::Internal(
        Failure::new("run", "validate").unsupported(),
    ))
}
