//! `rsmf convert`.

use rsmf_core::Failure;

use crate::{
    Console,
    args::ConvertArgs,
    error::{Error, Result},
};

pub(crate) fn run(_args: &ConvertArgs, _console: &Console) -> Result<u8> {
    Err(Error::Internal(
        Failure::new("run", "convert").unsupported(),
    ))
}
