//! A configuration of SSH.
//!
//! What is said about another host changes nothing, before or after; neither does a comment.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rsmf_storage::ssh_probe::ssh_config;

const HOST: &str = "a.example";
const OTHER: &[u8] = b"\nHost b.example\n  User nobody\n  Port 1\n  HostName evil.example\n";

fuzz_target!(|data: &[u8]| {
    let text = [data, b"\n"].concat();
    let said = ssh_config(&text, HOST);
    assert_eq!(said, ssh_config(&[data, OTHER].concat(), HOST));
    assert_eq!(
        said,
        ssh_config(&[b"# a comment\n\n", &text[..]].concat(), HOST)
    );
    assert_eq!(said, ssh_config(&[&text[..], b"# the end"].concat(), HOST));
});
