use std::time::Duration;

use proptest::prelude::*;
use russh::keys::{
    PrivateKey,
    ssh_key::certificate::{Builder, CertType},
};

use super::*;

fn key(kind: Algorithm) -> PrivateKey {
    PrivateKey::random(&mut russh::keys::key::safe_rng(), kind).unwrap()
}

fn ed25519() -> PrivateKey {
    key(Algorithm::Ed25519)
}

fn line(key: &PrivateKey) -> String {
    PublicKey::new(key.public_key().key_data().clone(), "")
        .to_openssh()
        .unwrap()
}

fn host(name: HostName, text: &str) -> KnownHost {
    let mut host = KnownHost {
        name,
        lines: Vec::new(),
        without_port: Vec::new(),
    };
    host.add(Path::new("known"), text);
    host
}

fn judge_at(name: HostName, text: &str, key: &PrivateKey) -> Verdict {
    let shown = key.public_key().clone().into();
    host(name, text).judge(&shown, SystemTime::now())
}

fn judge(text: &str, key: &PrivateKey) -> Verdict {
    judge_at(HostName::new("Host.Example", 22, None), text, key)
}

#[test]
fn lines_are_for_the_hosts_that_their_patterns_match() {
    let (key, other) = (ed25519(), ed25519());
    let (own, others) = (line(&key), line(&other));
    for (text, verdict) in [
        (format!("host.example {own}"), Verdict::Known),
        (
            format!("  HOST.example,1.2.3.4\t {own} comment # x\n"),
            Verdict::Known,
        ),
        (format!("*.example,!bad.* {own}"), Verdict::Known),
        (format!("*.example,!host.* {own}"), Verdict::New),
        (format!("[host.example]:22 {own}"), Verdict::New),
        (
            format!("# host.example {own}\n\nbroken\nhost.example"),
            Verdict::New,
        ),
        (format!("@unknown host.example {own}"), Verdict::New),
        (
            format!("host.example {others}\nhost.example {own}"),
            Verdict::Known,
        ),
        (
            format!("\nhost.example {others}"),
            Verdict::Changed("known, line 2".to_owned()),
        ),
        (
            format!("host.example {own}\n@revoked  * {own}"),
            Verdict::Revoked("known, line 2".to_owned()),
        ),
        (format!("@revoked host.example {others}"), Verdict::New),
        (format!("@cert-authority host.example {own}"), Verdict::New),
    ] {
        assert_eq!(judge(&text, &key), verdict, "{text}");
    }
}

#[test]
fn another_kind_of_key_is_another_key_and_is_asked_for_first() {
    let (known, shown) = (
        key(Algorithm::Ecdsa {
            curve: russh::keys::EcdsaCurve::NistP256,
        }),
        ed25519(),
    );
    let text = format!("host.example {}", line(&known));
    assert!(matches!(judge(&text, &shown), Verdict::Changed(_)));
    let kinds = [Algorithm::Ed25519, known.algorithm()];
    let name = HostName::new("host.example", 22, None);
    assert_eq!(
        host(name, &text).order(&kinds),
        [known.algorithm(), Algorithm::Ed25519]
    );
}

#[test]
fn other_ports_have_lines_of_their_own_or_the_usual_ones() {
    let (key, other) = (ed25519(), ed25519());
    let name = || HostName::new("host.example", 2022, None);
    let (own, others) = (line(&key), line(&other));
    for (text, verdict) in [
        (format!("[host.example]:2022 {own}"), Verdict::Known),
        (format!("[host.*]:20?? {own}"), Verdict::Known),
        (format!("host.example {own}"), Verdict::Known),
        (format!("host.example {others}"), Verdict::New),
        (format!("[host.example]:2023 {own}"), Verdict::New),
        (
            format!("host.example {own}\n[host.example]:2022 {others}"),
            Verdict::Changed("known, line 2".to_owned()),
        ),
        (
            format!("@revoked host.example {own}"),
            Verdict::Revoked("known, line 1".to_owned()),
        ),
    ] {
        assert_eq!(judge_at(name(), &text, &key), verdict, "{text}");
    }
    let alias = HostName::new("host.example", 2022, Some("Alias"));
    assert_eq!(
        judge_at(alias, &format!("alias {own}"), &key),
        Verdict::Known
    );
}

#[test]
fn new_keys_are_learnt_so_that_they_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/known_hosts");
    for (number, hashed) in [(1, false), (2, true), (3, false)] {
        let name = HostName::new("host.example", 2000 + number, None);
        let key = ed25519();
        let read = || KnownHost::read(std::slice::from_ref(&file), name.clone()).unwrap();
        let shown = key.public_key().clone().into();
        assert_eq!(read().judge(&shown, SystemTime::now()), Verdict::New);
        read().learn(&file, key.public_key(), hashed).unwrap();
        assert_eq!(read().judge(&shown, SystemTime::now()), Verdict::Known);
        // Somebody else may leave the last line without its end.
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().count(), usize::from(number));
        assert_eq!(
            text.contains(&format!("[host.example]:{}", 2000 + number)),
            !hashed
        );
        fs::write(&file, text.trim_end()).unwrap();
    }
}

#[test]
fn files_that_cannot_be_read_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let name = HostName::new("a", 22, None);
    let error = KnownHost::read(&[folder.path().to_owned()], name).unwrap_err();
    assert!(error.to_string().contains("known hosts"));
}

/// A certificate for a host by an authority, changed as wanted.
fn certificate(
    key: &PrivateKey,
    authority: &PrivateKey,
    change: impl FnOnce(&mut Builder) -> CertType,
    until: SystemTime,
) -> PublicKeyOrCertificate {
    let since = SystemTime::now() - Duration::from_secs(7200);
    let mut random = russh::keys::key::safe_rng();
    let subject = key.public_key().key_data().clone();
    let mut builder = Builder::new_with_validity_times(
        std::array::from_fn::<_, 16, _>(|_| fastrand::u8(..)).to_vec(),
        subject,
        since,
        until,
    )
    .unwrap();
    let _ = &mut random;
    let kind = change(&mut builder);
    builder.cert_type(kind).unwrap();
    builder.key_id("test").unwrap();
    builder.sign(authority).unwrap().into()
}

#[test]
fn authorities_vouch_for_hosts() {
    let (key, authority, other) = (ed25519(), ed25519(), ed25519());
    let later = || SystemTime::now() + Duration::from_secs(3600);
    let earlier = || SystemTime::now() - Duration::from_secs(3600);
    let good = |builder: &mut Builder| {
        builder.valid_principal("host.example").unwrap();
        CertType::Host
    };
    let text = format!("@cert-authority *.example {}", line(&authority));
    let judge = |shown: PublicKeyOrCertificate, text: &str| {
        let name = HostName::new("host.example", 2022, None);
        host(name, text).judge(&shown, SystemTime::now())
    };
    assert_eq!(
        judge(certificate(&key, &authority, good, later()), &text),
        Verdict::Known
    );
    let name = HostName::new("host.example", 22, None);
    assert!(host(name.clone(), &text).has_authorities());
    assert!(!host(name, "").has_authorities());
    for shown in [
        certificate(&key, &other, good, later()),
        certificate(&key, &authority, good, earlier()),
        certificate(
            &key,
            &authority,
            |b| {
                good(b);
                CertType::User
            },
            later(),
        ),
        certificate(
            &key,
            &authority,
            |b| {
                b.valid_principal("else").unwrap();
                CertType::Host
            },
            later(),
        ),
        certificate(
            &key,
            &authority,
            |b| {
                b.critical_option("x", "y").unwrap();
                good(b)
            },
            later(),
        ),
    ] {
        assert_eq!(judge(shown, &text), Verdict::New);
        // The plain key counts where the certificate does not.
    }
    let plain = format!("{text}\nhost.example {}", line(&key));
    assert_eq!(
        judge(certificate(&key, &other, good, later()), &plain),
        Verdict::Known
    );
    let revoked = format!("{text}\n@revoked * {}", line(&authority));
    assert!(matches!(
        judge(certificate(&key, &authority, good, later()), &revoked),
        Verdict::Revoked(_)
    ));
}

proptest! {
    #[test]
    fn any_text_says_something_or_nothing(text in "(@revoked |@cert-authority |\\|1\\||\\PC| |\n|,|ssh-ed25519){0,40}") {
        host(HostName::new("a", 22, None), &text);
    }
}
