//! A file of known hosts.
//!
//! No text makes a host known whose key does not stand in it; whatever else is there, a key that is revoked stays so, and one
//! that was only new is known once it is added.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rsmf_storage::ssh_probe::{Trust, known_hosts};

const HOST: &str = "a.example";
const KEY: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAKl9a27uu3rsraQ/Ailm5NeR7Urb2J0xygnJthOheJh";

fn judge(text: &str) -> Trust {
    known_hosts(text, HOST, 2222, &format!("ssh-ed25519 {KEY}")).expect("a key")
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let trust = judge(&text);
    if trust == Trust::Known {
        assert!(text.contains(KEY));
    }
    let revoked = format!("{text}\n@revoked * ssh-ed25519 {KEY}\n");
    assert_eq!(judge(&revoked), Trust::Refused);
    let added = format!("{text}\n[{HOST}]:2222 ssh-ed25519 {KEY}\n");
    if trust != Trust::Refused {
        assert_eq!(judge(&added), Trust::Known);
    }
});
