use std::process::Command;

use proptest::prelude::*;
use rsmf_core::Kind;

use super::*;

fn asked(host: &str) -> Asked {
    Asked {
        host: host.to_owned(),
        user: None,
        port: None,
        local_user: "me".to_owned(),
        home: Some("/home/me".into()),
    }
}

fn read_text(text: &str, asked: &Asked) -> Result<Options> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, text).unwrap();
    fs::create_dir(folder.path().join("more.d")).unwrap();
    fs::write(
        folder.path().join("more.d/b.conf"),
        "User included\nHost other\nPort 7",
    )
    .unwrap();
    fs::write(folder.path().join("more.d/.hidden.conf"), "User hidden").unwrap();
    fs::write(folder.path().join("circle"), "Include circle").unwrap();
    let source = Source {
        file,
        includes_from: Some(folder.path().to_owned()),
    };
    read(&[source], asked)
}

fn options(text: &str, host: &str) -> Options {
    read_text(text, &asked(host)).unwrap()
}

#[test]
fn the_first_value_counts_and_files_add_up() {
    let text = "Host a !b *\nUser one\nIdentityFile x\nHost a\nUser two\nPort 22\nIdentityFile y\nIdentityFile x\nHostName %h.Example\nProxyCommand none\nProxyJump j";
    let found = options(text, "a");
    assert_eq!(found.user.as_deref(), Some("one"));
    assert_eq!(found.identity_files, ["x", "y"]);
    assert_eq!(found.proxy, Some(Proxy::Command("none".to_owned())));
    assert_eq!(found.real_host("a").unwrap(), "a.example");
    assert_eq!(options(text, "b").user, None);
    let mut asked = asked("a");
    (asked.user, asked.port) = (Some("given".to_owned()), Some(5));
    let given = read_text(text, &asked).unwrap();
    assert_eq!(
        (given.user.as_deref(), given.port),
        (Some("given"), Some(5))
    );
}

#[test]
fn included_files_apply_where_they_are_included() {
    for (text, user, port) in [
        (
            "Include more.d/*.conf absent\nUser x",
            Some("included"),
            None,
        ),
        (
            "Host b\nInclude more.d/*.conf\nHost *\nUser x",
            Some("x"),
            None,
        ),
        (
            "Include more.d/*\nHost other\nPort 8",
            Some("included"),
            None,
        ),
    ] {
        let found = options(text, "a");
        assert_eq!((found.user.as_deref(), found.port), (user, port), "{text}");
    }
    assert_eq!(options("Include more.d/b.conf", "other").port, Some(7));
    let error = read_text("Include circle", &asked("a")).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidInput);
}

#[test]
fn what_ssh_would_refuse_by_an_option_is_not_let_through() {
    for line in [
        "RevokedHostKeys /etc/revoked",
        "KnownHostsCommand /bin/keys %H",
        "PubkeyAuthentication no",
    ] {
        let error = read_text(&format!("Host a\n{line}"), &asked("a")).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported, "{line}");
        assert!(read_text(&format!("Host b\n{line}"), &asked("a")).is_ok());
    }
    options("RevokedHostKeys none\nPubkeyAuthentication yes", "a");
}

#[test]
fn matches_that_are_certain_are_understood_and_others_refused() {
    for (condition, matches) in [
        ("all", true),
        ("host x,a", true),
        ("!host b", true),
        ("host *.example", false),
        ("originalhost a localuser me", true),
        ("user me !localuser m?", false),
    ] {
        let found = options(&format!("Match {condition}\nPort 5"), "a");
        assert_eq!(found.port.is_some(), matches, "{condition}");
    }
    let renamed = options(
        "HostName a.example\nUser you\nMatch host a.* user you\nPort 5",
        "a",
    );
    assert_eq!(renamed.port, Some(5));
    for refused in [
        "exec true",
        "canonical",
        "final all",
        "localnetwork 10.0.0.0/8",
    ] {
        let error =
            read_text(&format!("Host a\nMatch {refused}\nPort 5"), &asked("a")).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported, "{refused}");
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}

#[test]
fn what_nobody_understands_is_refused() {
    for wrong in [
        "Port x",
        "Port 0",
        "Port",
        "User",
        "User a b",
        "User \"a",
        "Match host",
        "IdentityFile",
    ] {
        let error = read_text(wrong, &asked("a")).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidInput, "{wrong}");
    }
    assert!(options("HostName %z", "a").real_host("a").is_err());
    assert!(options("Unknown x y\nCompression yes", "a") == Options::default());
}

/// What `ssh -G` says, as keyword and value. `None` where it does not take the file.
fn oracle(file: &Path, host: &str) -> Option<Vec<(String, String)>> {
    let said = Command::new("ssh")
        .args(["-G", "-F"])
        .arg(file)
        .arg(host)
        .output()
        .unwrap();
    let text = String::from_utf8(said.stdout).unwrap();
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    let pairs = pairs.map(|(keyword, value)| (keyword.to_owned(), value.to_owned()));
    said.status.success().then(|| pairs.collect())
}

fn compare(text: &str, host: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    fs::write(&file, text).unwrap();
    let source = Source {
        file: file.clone(),
        includes_from: None,
    };
    let Some(said) = oracle(&file, host) else {
        return;
    };
    let own = read(
        &[source],
        &Asked {
            local_user: user(),
            ..asked(host)
        },
    )
    .unwrap();
    let all = |name: &str| {
        said.iter()
            .filter(|(keyword, _)| keyword == name)
            .map(|(_, value)| value.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        vec![own.real_host(host).unwrap()],
        all("hostname"),
        "{text}"
    );
    assert_eq!(
        vec![own.port.unwrap_or(22).to_string()],
        all("port"),
        "{text}"
    );
    assert_eq!(
        vec![own.user.clone().unwrap_or_else(user)],
        all("user"),
        "{text}"
    );
    if !own.identity_files.is_empty() {
        assert_eq!(own.identity_files, all("identityfile"), "{text}");
    }
    let jump = match &own.proxy {
        Some(Proxy::Jump(list)) if list != "none" => vec![list.clone()],
        _ => Vec::new(),
    };
    assert_eq!(jump, all("proxyjump"), "{text}");
}

fn user() -> String {
    let said = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

/// Lines as people write them.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "(Host|host|HOST)( |=|\t)(!?(a|b|\\*|a\\*|\\?|A|[ab]\\.c)){1}( !?(a|b|\\*|\\?b)){0,2}",
        "(Host )(!?(a|b|\\*|a\\*|\\?)){1}( !?(a|b|\\*|\\?b)){0,2}( # x)?",
        " *(User|USER)( |  |=| = )(\"m e\"|me|you|'q'|m\\\\ e)( # c)?",
        " *(Port|port)( |=)(22|2200|1)",
        "(HostName|hostname) (%h\\.example|A\\.x|%h%%|10\\.0\\.0\\.1)",
        "IdentityFile (~/\\.ssh/k|/k/%h|none|k2)",
        "ProxyJump (none|j|me@j:22,k)",
        "ProxyCommand (none|nc %h %p)",
        "Match (all|host a|originalhost a,b|!host a|user me|host a user you|host \\*\\.example)",
        "#.{0,5}",
        "",
        "Compression yes",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn says_what_ssh_says(lines in prop::collection::vec(line(), 0..10), host in "(a|b|ab|a\\.c|A)") {
        if Command::new("ssh").arg("-V").output().is_err() {
            return Ok(());
        }
        compare(&lines.join("\n"), &host);
    }

    #[test]
    fn any_text_gives_options_or_an_error(text in "(Host|Match|Include|\\PC| |\n|=|\"){0,30}") {
        let _ = read_text(&text, &asked("a"));
    }
}
