//! Where credentials come from, and that they go nowhere.

use super::{Places, lines};

#[test]
fn no_secret_is_told_however_talkative() {
    let places = Places::new();
    places.write("in/a.txt", "x");
    for name in &places.names {
        let to = format!("{name}:out");
        for args in [
            &["-vv", "sync", "in", &to][..],
            &["-vvvv", "cat", &format!("{to}/a.txt")],
            &["-vv", "check", &to],
            &["-vv", "ls", &format!("{name}:gone")],
            &["-vvv", "mv", &format!("{to}/a.txt"), &format!("{to}/b.txt")],
        ] {
            let output = places
                .command(args)
                .env("RSMF_LOG", "trace")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let shown = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(said.len() > 100, "{args:?} {said}");
            places.tells_no_secret(&format!("{said}{shown}"));
        }
    }
    for args in [&["config"][..], &["config", "--json"], &["-vv", "config"]] {
        let shown = String::from_utf8(places.run(args, 0).stdout).unwrap();
        places.tells_no_secret(&shown);
        assert!(shown.contains("gcs.json (there)"), "{shown}");
        for variable in ["IT_KEY", "IT_ACCOUNT", "IT_DAV", "IT_PHRASE"] {
            let written = std::fs::read_to_string(places.at("rsmf.toml")).unwrap();
            let is_shown = shown.contains(&format!("environment variable {variable} (set)"));
            assert_eq!(is_shown, written.contains(variable), "{shown}");
        }
    }
}

#[test]
fn a_secret_that_is_not_there_is_named() {
    let places = Places::new();
    let config = std::fs::read_to_string(places.at("rsmf.toml")).unwrap();
    let told = |change: &str, needles: &[&str]| {
        let right = "{ file = '";
        let at = config.find("[stores.cloud]").unwrap();
        let (before, cloud) = config.split_at(at);
        let start = cloud.find(right).unwrap();
        let end = cloud.find(" }").unwrap() + 2;
        let changed = format!("{before}{}{change}{}", &cloud[..start], &cloud[end..]);
        places.write("changed.toml", changed);
        let told = places.run(&["--config", "changed.toml", "ls", "cloud:"], 3);
        let told = String::from_utf8(told.stderr).unwrap();
        for needle in needles {
            assert!(told.contains(needle), "{needle}: {told}");
        }
    };
    told("{ env = 'IT_GONE' }", &["IT_GONE"]);
    told("{ file = '/none/here' }", &["/none/here"]);
    told(
        "{ keyring = 'rsmf-it/nobody' }",
        &["rsmf-it/nobody", "keyring"],
    );
}

#[test]
fn plain_addresses_find_what_the_stores_own_tools_would() {
    let places = Places::new();
    places.write("in/a.txt", "plain");
    let sftp = |server: &serde_json::Value| {
        let folder = server["folder"].as_str().unwrap();
        places.write(
            ".ssh/config",
            format!(
                "Host it\n HostName 127.0.0.1\n Port {}\n User {}\n IdentityFile {folder}/id_rsa\n \
                     UserKnownHostsFile {folder}/known_hosts\n",
                server["port"],
                server["user"].as_str().unwrap()
            ),
        );
        (format!("sftp://it/~/{}", places.unique), Vec::new())
    };
    let s3 = |server: &serde_json::Value| {
        let user = &server["admin"];
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let env = vec![
            ("AWS_ENDPOINT_URL", text(&server["http"])),
            ("AWS_ACCESS_KEY_ID", text(&user["access_key"])),
            ("AWS_SECRET_ACCESS_KEY", text(&user["secret_key"])),
        ];
        (format!("s3://{}/plain", places.unique), env)
    };
    let dav = |server: &serde_json::Value| {
        let text = |name: &str| server[name].as_str().unwrap().to_owned();
        let url = text("url").replacen("//", &format!("//{}@", text("user")), 1);
        let env = vec![("RSMF_DAV_PASSWORD", text("password"))];
        (format!("dav+{url}{}", places.unique), env)
    };
    let gcs = |server: &serde_json::Value| {
        let env = vec![
            (
                "STORAGE_EMULATOR_HOST",
                server["http"].as_str().unwrap().to_owned(),
            ),
            ("GOOGLE_CLOUD_PROJECT", "acme".to_owned()),
        ];
        (format!("gs://{}/plain", places.unique), env)
    };
    type Ways<'w> = &'w dyn Fn(&serde_json::Value) -> (String, Vec<(&'static str, String)>);
    let ways: [(&str, Ways<'_>); 4] = [
        ("sshd", &sftp),
        ("seaweedfs", &s3),
        ("apache", &dav),
        ("fakegcs", &gcs),
    ];
    for (server, way) in ways {
        let Some(known) = rsmf_simulator::real_server(server) else {
            continue;
        };
        let (address, env) = way(&known);
        let run = |args: &[&str], code| {
            let mut command = places.command(args);
            let output = command.envs(env.clone()).output().unwrap();
            places.judge(args, &output, code);
            output
        };
        if server == "fakegcs" {
            run(&["mkbucket", &format!("gs://{}", places.unique)], 0);
        }
        let object = format!("{address}/a.txt");
        run(&["sync", "-q", "in", &address], 0);
        assert_eq!(run(&["cat", &object], 0).stdout, b"plain", "{server}");
        assert_eq!(lines(&run(&["ls", &address], 0).stdout), ["a.txt"]);
        run(&["rm", "-q", &object], 0);
        if server == "fakegcs" {
            run(&["rmbucket", &format!("gs://{}", places.unique)], 0);
        }
    }
}
