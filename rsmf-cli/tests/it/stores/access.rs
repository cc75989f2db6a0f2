//! Containers, checks, and addresses to hand out.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::Value;
use url::Url;

use super::{Places, lines};

#[test]
fn containers_come_and_go() {
    let places = Places::unmade();
    for name in &places.names {
        let all = format!("{name}:");
        if !matches!(*name, "bucket" | "blob" | "gcs") {
            let told = places.run(&["mkbucket", &all], 4);
            let told = String::from_utf8(told.stderr).unwrap();
            assert!(told.contains("folders need not be created"), "{told}");
            continue;
        }
        places.run(&["mkbucket", &all], 0);
        places.run(&["mkbucket", &all], 4);
        let told = lines(&places.run(&["check", &all], 0).stdout);
        assert_eq!(told, [format!("{name}: all in order")]);
        assert!(places.run(&["ls", &all], 0).stdout.is_empty(), "{name}");
        places.write("a", "x");
        places.run(&["cp", "-q", "a", &all], 0);
        places.run(&["rmbucket", &all], 4);
        places.run(&["rm", "-q", &format!("{name}:a")], 0);
        places.run(&["rmbucket", &all], 0);
        places.run(&["rmbucket", &all], 3);
    }
}

#[test]
fn check_tells_what_to_mend() {
    let places = Places::new();
    let config = std::fs::read_to_string(places.at("rsmf.toml")).unwrap();
    places.write("wrong.secret", "planted-s3cret-wrong");
    for (name, right, wrong, needle) in [
        (
            "bucket",
            "bucket.secret",
            "wrong.secret",
            "check the key and its secret",
        ),
        ("blob", "'IT_ACCOUNT'", "'IT_WRONG'", "denied"),
        ("dav", "'IT_DAV'", "'IT_WRONG'", "password"),
        ("cloud", "cloud.secret", "wrong.secret", "password"),
        ("ssh", "'IT_PHRASE'", "'IT_WRONG'", "passphrase"),
    ] {
        if !places.names.contains(&name) {
            continue;
        }
        places.write("wrong.toml", config.replacen(right, wrong, 1));
        let args = ["--config", "wrong.toml", "check", &format!("{name}:")];
        let mut command = places.command(&args);
        let output = command
            .env("IT_WRONG", "cGw0bnRlZC1zM2NyZXQtd3Jvbmc=")
            .output()
            .unwrap();
        places.judge(&args, &output, 3);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(
            told.contains(needle) && told.contains("hint: "),
            "{name}: {told}"
        );
        assert!(!told.contains("cGw0bnRl"), "{told}");
    }
    for (at, what) in [("bucket:", "s3://"), ("blob:", "az://"), ("gcs:", "gs://")] {
        if !places.names.contains(&at.trim_end_matches(':')) {
            continue;
        }
        places.run(&["rmbucket", at], 0);
        let told = places.run(&["check", "--json", at, "."], 3);
        let told: Vec<Value> = lines(&told.stdout)
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(told[0]["ok"], false);
        assert!(
            told[0]["error"].as_str().unwrap().contains(what),
            "{told:?}"
        );
        assert_eq!(told[1]["ok"], true);
    }
}

/// What a client without credentials gets at an address, and the status of that.
fn plainly(method: &str, address: &str, headers: &[String], body: &[u8]) -> (u16, Vec<u8>) {
    let url: Url = address.parse().unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let mut head = format!(
        "{method} {target} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {}\r\n",
        body.len()
    );
    for header in headers {
        head += &format!("{header}\r\n");
    }
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|at| at == b"\r\n\r\n").unwrap();
    let status = String::from_utf8_lossy(&answer[9..12]).parse().unwrap();
    (status, answer[end + 4..].to_vec())
}

#[test]
fn addresses_to_hand_out_work_for_whoever_has_them() {
    let places = Places::new();
    places.write("a – ü.txt", "for all to see");
    for name in &places.names {
        let object = format!("{name}:out/a – ü.txt");
        places.run(&["cp", "-q", "a – ü.txt", &object], 0);
        if matches!(*name, "ssh" | "dav") {
            let refused = places.run(&["presign", &object], 3);
            assert!(String::from_utf8_lossy(&refused.stderr).contains("not supported"));
            continue;
        }
        let made = places.run(&["presign", &object, "--for", "15m"], 0);
        let address = lines(&made.stdout).concat();
        if *name == "cloud" {
            let token = address.split_once("/s/").unwrap().1;
            assert!(token.ends_with("/download"), "{address}");
            continue;
        }
        places.run(&["presign", &format!("{name}:out/")], 2);
        let (status, content) = plainly("GET", &address, &[], b"");
        assert_eq!(
            (status, content.as_slice()),
            (200, &b"for all to see"[..]),
            "{name}"
        );
        let other = address.replacen("out", "in", 1);
        assert!(plainly("GET", &other, &[], b"").0 >= 400, "{name}");
        let target = format!("{name}:in/new.txt");
        let made = places.run(&["presign", &target, "--put"], 0);
        let headers: Vec<_> = lines(&made.stderr)
            .iter()
            .filter_map(|line| {
                Some(
                    line.strip_prefix("the request needs the header ")?
                        .to_owned(),
                )
            })
            .collect();
        let address = lines(&made.stdout).concat();
        let (status, answer) = plainly("PUT", &address, &headers, b"sent");
        let answer = String::from_utf8_lossy(&answer);
        assert!((200..300).contains(&status), "{name}: {status} {answer}");
        assert_eq!(places.run(&["cat", &target], 0).stdout, b"sent");
    }
}
