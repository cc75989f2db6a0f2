//! Links to files.

use rsmf_core::integration::FileContent;

use super::*;

#[test]
fn links_to_files_keep_their_secrets_to_themselves() {
    let download = "https://files.slack.com/files-pri/T1-F2/download/a.png?t=xoxe-1#top";
    let file =
        json!({"id": "F2", "url_private": "https://x.example/", "url_private_download": download});
    let message = message(json!({"user": "U1", "files": [file]}));
    assert!(!format!("{message:?}").contains("xoxe"));
    let FileContent::Linked { link, .. } = &message.files.first().unwrap().content else {
        panic!("{message:?}");
    };
    assert_eq!(link.secret_address(), download);
    assert_eq!(
        link.shown(),
        "https://files.slack.com/files-pri/T1-F2/download/a.png"
    );
}
