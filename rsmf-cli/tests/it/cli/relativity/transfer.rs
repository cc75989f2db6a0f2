//! The Transfer Service, without a container in Azure: how it is told to stop, and credentials of its own.

use std::{fmt::Write as _, process::Stdio, time::Duration};

use rsmf_simulator::Relativity;

use super::{Place, UPLOAD, text};

impl Place {
    /// With credentials for transfers, in rsmf.toml and in a file.
    fn with_transfer(self, secret: &str) -> Self {
        let file = self.path().join("rsmf.toml");
        let mut config = std::fs::read_to_string(&file).unwrap();
        let id = Relativity::TRANSFER.0;
        let line = format!("{{ client_id = '{id}', client_secret = {{ file = 'transfer' }} }}");
        writeln!(config, "transfer.auth.oauth2 = {line}").unwrap();
        std::fs::write(file, config).unwrap();
        std::fs::write(self.path().join("transfer"), secret).unwrap();
        self
    }
}

/// Where the service is told to fetch from: nobody is there.
const SAS: &str = "http://127.0.0.1:9/account/box?sp=rl&se=2100-01-01T00:00:00Z&sig=pl4nted-sig";

#[test]
fn credentials_for_transfers_are_tried() {
    let check = ["relativity", "login-check"];
    let place = Place::new();
    let told = text(&place.run(&check, 0).stdout);
    assert!(!told.contains("credentials for transfers"), "{told}");
    let place = place.with_transfer(Relativity::TRANSFER.1);
    let told = text(&place.run(&check, 0).stdout);
    assert!(told.contains("credentials for transfers: good"), "{told}");
    std::fs::write(place.path().join("transfer"), "pl4nted-wrong").unwrap();
    let told = text(&place.run(&check, 4).stderr);
    assert!(told.contains("the credentials for transfers"), "{told}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_transfer_where_that_is_asked_for() {
    let place = Place::converted().with_transfer(Relativity::TRANSFER.1);
    place.server.knobs(|knobs| knobs.transfer_time = 60_000);
    std::fs::create_dir(place.path().join("box")).unwrap();
    let by = ["--container", "box", "--container-sas-env", "IT_SAS"];
    let interrupted = |more: &[&str]| {
        let before = place.server.count("transfer.read");
        let mut command = place.command(&[&UPLOAD[..], &by, more].concat());
        command.env("IT_SAS", SAS);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        while place.server.count("transfer.read") < before + 3 {
            assert!(child.try_wait().unwrap().is_none(), "it has ended");
            std::thread::sleep(Duration::from_millis(5));
        }
        let id = child.id().to_string();
        let mut kill = std::process::Command::new("kill");
        assert!(kill.args(["-INT", &id]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        text(&output.stderr)
    };
    let words = interrupted(&[]);
    assert!(words.contains("goes on in Relativity"), "{words}");
    assert_eq!(place.server.count("transfer.cancel"), 0);
    let words = interrupted(&["--cancel-on-interrupt"]);
    assert!(words.contains("was asked to stop"), "{words}");
    assert_eq!(place.server.count("transfer.cancel"), 1);
    assert_eq!(place.server.count("transfer.create"), 1);
}
