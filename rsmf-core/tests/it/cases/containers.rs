//! The message, its headers, and the zip.

use serde_json::json;

use super::check;

#[test]
fn messages_and_headers() {
    check(&[
        ("valid", |_| {}, &[]),
        (
            "no version",
            |s| s.without_header("X-RSMF-Version"),
            &["RSMFHeadersMissing"],
        ),
        (
            "odd version",
            |s| s.header("X-RSMF-Version", "3.0.0"),
            &["RSMFHeaderVersion"],
        ),
        (
            "other version",
            |s| s.header("X-RSMF-Version", "1.0.0"),
            &["RSMFHeaderVersionMismatch"],
        ),
        (
            "begin as date",
            |s| s.header("X-RSMF-BeginDate", "2025-07-01"),
            &["RSMFHeaderDateFormat"],
        ),
        (
            "begin without zone",
            |s| s.header("X-RSMF-BeginDate", "2025-07-01T06:00:00"),
            &["MissingTimeZoneOffset"],
        ),
        (
            "begin with offset",
            |s| s.header("X-RSMF-BeginDate", "2025-07-01T08:00:00+02:00"),
            &[],
        ),
        (
            "end off by a millisecond",
            |s| s.header("X-RSMF-EndDate", "2025-07-01T06:30:00.001Z"),
            &["RSMFHeaderDateMismatch"],
        ),
        ("no end", |s| s.without_header("X-RSMF-EndDate"), &[]),
        (
            "count below zero",
            |s| s.header("X-RSMF-EventCount", "-6"),
            &["RSMFHeaderEventCountFormat"],
        ),
        (
            "count beyond 32 bits",
            |s| s.header("X-RSMF-EventCount", "6000000000"),
            &["RSMFHeaderEventCountFormat"],
        ),
        (
            "count too high",
            |s| s.header("X-RSMF-EventCount", "7"),
            &["RSMFHeaderEventCountMismatch"],
        ),
        (
            "attachments in words",
            |s| s.header("X-RSMF-AttachmentCount", "one"),
            &["RSMFHeaderAttachmentCountFormat"],
        ),
        (
            "attachments miscounted",
            |s| s.header("X-RSMF-AttachmentCount", "0"),
            &[],
        ),
        (
            "names in other order",
            |s| s.header("X-RSMF-Participants", "Kim,Jon,\r\n Inês"),
            &[],
        ),
        (
            "a name missing",
            |s| s.header("X-RSMF-Participants", "Kim, Jon"),
            &["RSMFHeaderParticipantsMismatch"],
        ),
        (
            "names in base64",
            |s| s.header("X-RSMF-Participants", "=?utf-8?B?SW7DqnMsIEpvbiwgS2lt?="),
            &["RSMFHeaderParticipantsMismatch"],
        ),
        (
            "a generator in Q",
            |s| s.header("X-RSMF-Generator", "=?utf-8?Q?t=C3=A9st?="),
            &["RSMFInvalidHeaderValue"],
        ),
        (
            "a subject in Q",
            |s| s.header("Subject", "=?utf-8?Q?t=C3=A9st?="),
            &[],
        ),
        ("no text", |s| s.body.clear(), &["RSMFMissingBody"]),
        ("short lines", |s| s.line_length = 60, &[]),
        ("long lines", |s| s.line_length = 100, &["RSMFValidity"]),
        (
            "boundary in the text",
            |s| s.body = format!("a {} b", crate::sample::BOUNDARY),
            &["RSMFValidity"],
        ),
        (
            "another name",
            |s| s.part_headers = s.part_headers.replace("rsmf.zip", "chat.zip"),
            &["RSMFAccessZip"],
        ),
        (
            "not encoded",
            |s| s.part_headers = s.part_headers.replace("base64", "8bit"),
            &["ZipIntegrity"],
        ),
    ]);
}

#[test]
fn zips() {
    check(&[
        (
            "stored",
            |s| s.compression = zip::CompressionMethod::Stored,
            &[],
        ),
        (
            "no manifest",
            |s| s.manifest_name = "manifest.json",
            &["ZipMissingManifest"],
        ),
        (
            "manifest in a folder",
            |s| s.manifest_name = "a/rsmf_manifest.json",
            &["ZipMissingManifest"],
        ),
        (
            "manifest in capitals",
            |s| s.manifest_name = "Rsmf_Manifest.json",
            &["ZipUnreferencedFiles"],
        ),
        (
            "empty manifest",
            |s| s.manifest_bytes = Some(Vec::new()),
            &["ZipIntegrity"],
        ),
        ("empty file", |s| s.members[1].1.clear(), &["ZipIntegrity"]),
        (
            "a folder",
            |s| s.members.push(("a/", Vec::new())),
            &["ZipUnreferencedFiles"],
        ),
        (
            "two strays",
            |s| s.members.extend([("a", vec![1]), ("b", vec![2])]),
            &["ZipUnreferencedFiles"],
        ),
        (
            "no attachment",
            |s| s.members.truncate(1),
            &["ZipAttachmentMissing"],
        ),
        (
            "no avatar",
            |s| drop(s.members.remove(0)),
            &["ZipAvatarMissing"],
        ),
        (
            "attachment in other case",
            |s| s.members[1].0 = "a1.csv",
            &["ZipAttachmentMissing", "ZipUnreferencedFiles"],
        ),
        (
            "icon",
            |s| {
                s.manifest["conversations"][0]["icon"] = json!("i.png");
                s.members.push(("i.png", vec![1]));
            },
            &["ZipUnreferencedFiles"],
        ),
    ]);
}
