//! Credentials that the environment of a machine gives, from stand-ins that take nothing but what the real ones take.

use std::{fs, path::PathBuf, process::Command};

use assert_cmd::cargo::CommandCargoExt;
use rsmf_simulator::{Arrival, FaultServer, PLANTED, Reply};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use url::form_urlencoded;

/// A listing with one object.
const LISTED: &str = r#"<?xml version="1.0"?><ListBucketResult><Name>b</Name><KeyCount>1</KeyCount>
    <MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated><Contents><Key>a.txt</Key><Size>1</Size>
    <LastModified>2024-01-01T00:00:00.000Z</LastModified><ETag>"x"</ETag></Contents></ListBucketResult>"#;

/// What gives and takes credentials, and a folder with `rsmf.toml`.
struct Played {
    folder: TempDir,
    server: FaultServer,
    runtime: Runtime,
}

impl Played {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(FaultServer::start());
        for path in ["/b", "/b/"] {
            server.serve(path, Reply::text(LISTED));
        }
        Self {
            folder: tempfile::tempdir().unwrap(),
            server,
            runtime,
        }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        fs::write(&file, text).unwrap();
        file
    }

    /// A place called `bucket`, at the server.
    fn bucket(&self, lines: &str) {
        let url = self.server.url("");
        let text = format!(
            "[network]\nmax_retries = 0\n[stores.bucket]\nurl = 's3://b'\nendpoint = '{url}'\nregion = 'eu-west-1'\n{lines}"
        );
        self.file("rsmf.toml", &text);
    }

    /// The command, with nothing of this machine's own credentials.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("rsmf").unwrap();
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder.path())
            .args(args);
        command
    }

    /// Lists the bucket, and gives the request that the service got.
    fn listed(&self, env: &[(&str, &str)]) -> Arrival {
        let before = self.server.seen().len();
        let mut command = self.command(&["-vv", "ls", "bucket:"]);
        let output = command.envs(env.iter().copied()).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        assert!(!words.contains(PLANTED), "{words}");
        assert_eq!(output.stdout, b"a.txt\n");
        let seen = self.server.seen();
        let mut new = seen.into_iter().skip(before);
        new.find(|arrival| arrival.path().starts_with("/b"))
            .unwrap()
    }
}

/// The answer of Amazon's token service, with credentials for some time.
fn sts(action: &str) -> Reply {
    Reply::text(format!(
        r#"<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>
        <Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>{PLANTED}role</SecretAccessKey>
        <SessionToken>{PLANTED}session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
        <AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/rsmf/it</Arn>
        <AssumedRoleId>AROA:it</AssumedRoleId></AssumedRoleUser></{action}Result>
        <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>"#
    ))
    .header("content-type", "text/xml")
}

fn acts_as_role(arrival: &Arrival) {
    let signed = arrival.header("authorization");
    assert!(signed.contains("Credential=ASIAROLE/"), "{signed}");
    assert!(signed.contains("/eu-west-1/s3/aws4_request"), "{signed}");
    let token = arrival.header("x-amz-security-token");
    assert_eq!(token, format!("{PLANTED}session"));
}

fn form(arrival: &Arrival) -> Vec<(String, String)> {
    form_urlencoded::parse(&arrival.body).into_owned().collect()
}

fn assert_has(form: &[(String, String)], name: &str, value: &str) {
    assert!(
        form.contains(&(name.to_owned(), value.to_owned())),
        "{form:?}"
    );
}

#[test]
fn a_role_is_taken_on_with_keys() {
    let played = Played::new();
    let sts_server = played.runtime.block_on(FaultServer::start());
    sts_server.serve("/", sts("AssumeRole"));
    played.bucket(
        "access_key_id = { env = 'ID' }\nsecret_access_key = { env = 'SECRET' }\n\
         assume_role = { arn = 'arn:aws:iam::111122223333:role/rsmf', external_id = 'acme', session_name = 'it' }\n",
    );
    let secret = format!("{PLANTED}own");
    let url = sts_server.url("");
    let env = [
        ("ID", "AKIAOWN"),
        ("SECRET", &secret),
        ("AWS_ENDPOINT_URL_STS", &url),
    ];
    acts_as_role(&played.listed(&env));
    let asked = &sts_server.seen()[0];
    assert!(
        asked
            .header("authorization")
            .contains("Credential=AKIAOWN/")
    );
    let form = form(asked);
    assert_has(&form, "Action", "AssumeRole");
    assert_has(&form, "RoleArn", "arn:aws:iam::111122223333:role/rsmf");
    assert_has(&form, "ExternalId", "acme");
    assert_has(&form, "RoleSessionName", "it");
}

#[test]
fn a_web_identity_becomes_a_role() {
    let played = Played::new();
    let sts_server = played.runtime.block_on(FaultServer::start());
    sts_server.serve("/", sts("AssumeRoleWithWebIdentity"));
    played.bucket("");
    let token = format!("{PLANTED}web");
    let file = played.file("token", &token).display().to_string();
    let url = sts_server.url("");
    let env = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", file.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/rsmf"),
        ("AWS_ROLE_SESSION_NAME", "pod"),
        ("AWS_ENDPOINT_URL_STS", &url),
    ];
    acts_as_role(&played.listed(&env));
    let form = form(&sts_server.seen()[0]);
    assert_has(&form, "Action", "AssumeRoleWithWebIdentity");
    assert_has(&form, "WebIdentityToken", &token);
    assert_has(&form, "RoleSessionName", "pod");
}

fn role_as_json() -> Reply {
    Reply::json(&json!({
        "Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2024-01-01T00:00:00Z",
        "AccessKeyId": "ASIAROLE", "SecretAccessKey": format!("{PLANTED}role"),
        "Token": format!("{PLANTED}session"), "Expiration": "2099-01-01T00:00:00Z",
    }))
}

#[test]
fn a_container_has_a_role() {
    let played = Played::new();
    played.bucket("");
    let machine = played.runtime.block_on(FaultServer::start());
    machine.serve("/creds", role_as_json());
    let (url, token) = (machine.url("/creds"), format!("{PLANTED}container"));
    let env = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.as_str()),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", &token),
    ];
    acts_as_role(&played.listed(&env));
    assert_eq!(machine.seen()[0].header("authorization"), token);
}

#[test]
fn an_instance_has_a_role() {
    const ROLES: &str = "/latest/meta-data/iam/security-credentials";
    let played = Played::new();
    played.bucket("");
    let machine = played.runtime.block_on(FaultServer::start());
    let token = format!("{PLANTED}imds");
    let given = Reply::text(token.clone()).header("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    machine.serve("/latest/api/token", given);
    for path in [ROLES.to_owned(), format!("{ROLES}/")] {
        machine.serve(&path, Reply::text("rsmf"));
    }
    machine.serve(&format!("{ROLES}/rsmf"), role_as_json());
    let url = machine.url("");
    let env = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str())];
    acts_as_role(&played.listed(&env));
    let seen = machine.seen();
    let asks = seen
        .iter()
        .filter(|arrival| arrival.path().starts_with(ROLES));
    for ask in asks {
        assert_eq!(ask.header("x-aws-ec2-metadata-token"), token);
    }
}

#[test]
fn who_asks_pays_where_that_is_agreed_on() {
    let played = Played::new();
    let keys = "access_key_id = { env = 'ID' }\nsecret_access_key = { env = 'ID' }\n";
    played.bucket(keys);
    let env = [("ID", "AKIAOWN")];
    assert_eq!(played.listed(&env).header("x-amz-request-payer"), "");
    played.bucket(&format!("{keys}requester_pays = true\n"));
    let arrival = played.listed(&env);
    assert_eq!(arrival.header("x-amz-request-payer"), "requester");
}

#[test]
fn proxies_are_those_of_the_file_or_of_the_environment() {
    let played = Played::new();
    let text = |proxy: &str| {
        format!(
            "[network]\nmax_retries = 0\n{proxy}\n[stores.bucket]\nurl = 's3://b'\n\
             endpoint = 'http://s3.example.test'\nregion = 'eu-west-1'\naccess_key_id = {{ env = 'ID' }}\n\
             secret_access_key = {{ env = 'ID' }}\n"
        )
    };
    let url = played.server.url("");
    let with_user = url.replacen("//", &format!("//me:{PLANTED}proxy@"), 1);
    played.file("rsmf.toml", &text(""));
    let arrival = played.listed(&[("ID", "AKIAOWN"), ("http_proxy", &with_user)]);
    assert_eq!(arrival.header("host"), "s3.example.test");
    assert!(arrival.header("proxy-authorization").starts_with("Basic "));
    played.file("rsmf.toml", &text(&format!("http_proxy = '{url}'")));
    let arrival = played.listed(&[("ID", "AKIAOWN"), ("http_proxy", "http://127.0.0.1:1")]);
    assert_eq!(arrival.header("host"), "s3.example.test");
    // WebDAV goes the same way.
    played.server.serve("/f/a.txt", Reply::text("x"));
    let dav = format!(
        "[network]\nmax_retries = 0\nhttp_proxy = '{url}'\n[stores.dav]\nurl = 'dav+http://dav.example.test/f'\n\
         user = 'me'\npassword = {{ env = 'ID' }}\n"
    );
    played.file("rsmf.toml", &dav);
    let mut command = played.command(&["stat", "dav:a.txt"]);
    let _ = command.env("ID", "x").output().unwrap();
    let seen = played.server.seen();
    let host = seen.last().unwrap().header("host").to_owned();
    assert_eq!(host, "dav.example.test");
}

#[cfg(unix)]
#[test]
fn whoever_has_logged_in_by_az_is_let_in() {
    use std::os::unix::fs::PermissionsExt as _;

    let played = Played::new();
    let server = played.runtime.block_on(FaultServer::start_tls());
    let authority = server.certificates().unwrap().authority();
    played.file("ca.pem", authority);
    let blobs =
        "<?xml version=\"1.0\"?><EnumerationResults><Blobs/><NextMarker/></EnumerationResults>";
    server.serve(
        "/acme/c",
        Reply::text(blobs).header("content-type", "application/xml"),
    );
    let token = format!("{PLANTED}az");
    let answer = json!({
        "accessToken": token, "expires_on": 4_102_444_800_u32, "tokenType": "Bearer",
        "expiresOn": "2100-01-01 00:00:00.000000", "tenant": "t", "subscription": "s",
    });
    // Refuses whatever else it is asked.
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*'account get-access-token'*'https://storage.azure.com'*) echo '{answer}';;\n\
         *) echo \"what: $*\" >&2; exit 2;;\nesac\n"
    );
    let program = played.file("az", &script);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", played.folder.path().display());
    for credential in ["cli", "default"] {
        let text = format!(
            "[network]\nmax_retries = 0\nconnect_timeout = '1s'\nca_file = 'ca.pem'\n[stores.blob]\nurl = 'az://acme/c'\n\
             endpoint = '{}'\nhierarchical = false\ncredential = '{credential}'\n",
            server.url("/acme")
        );
        played.file("rsmf.toml", &text);
        let output = played
            .command(&["-vv", "ls", "blob:"])
            .env("PATH", &path)
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{credential}: {words}");
        assert!(!words.contains(PLANTED), "{words}");
        let shown = server.seen_at("/acme/c");
        let shown = shown.last().unwrap();
        assert_eq!(shown.header("authorization"), format!("Bearer {token}"));
    }
}
