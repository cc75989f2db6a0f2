//! Where secrets come from.

use rsmf_core::secret::SecretSource;

/// The environment of this process, and the keyring of the system.
#[derive(Debug)]
pub(crate) struct Here;

impl SecretSource for Here {
    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    #[cfg(feature = "keyring")]
    fn keyring(&self, service: &str, user: &str) -> rsmf_core::Result<secrecy::SecretString> {
        let (service, user) = (service.to_owned(), user.to_owned());
        let name = format!("{service}/{user} from the keyring");
        // It waits for other processes, and brings a runtime of its own, which must not meet ours.
        let found =
            std::thread::spawn(move || keyring::Entry::new(&service, &user)?.get_password());
        let failure = rsmf_core::Failure::new("read", name);
        match found.join() {
            Ok(Ok(secret)) => Ok(secret.into()),
            Ok(Err(error @ keyring::Error::NoEntry)) => Err(failure.source(error).not_found()),
            Ok(Err(error)) => Err(failure
                .source(error)
                .advice("name an environment variable or a file instead where there is no keyring")
                .unavailable()),
            Err(_) => Err(failure.source("the keyring's library failed").other()),
        }
    }
}
