//! What the commands do.

pub(crate) mod convert;
pub(crate) mod inspect;
pub(crate) mod validate;
