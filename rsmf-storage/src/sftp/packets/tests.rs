use proptest::prelude::*;
use tokio::io::AsyncReadExt;

use super::*;

async fn through(sent: &[u8], piece: usize) -> io::Result<Vec<u8>> {
    let mut stream = in_pieces(sent, piece);
    let mut out = Vec::new();
    stream.read_to_end(&mut out).await?;
    Ok(out)
}

/// What was sent, in pieces of so many bytes.
fn in_pieces(sent: &[u8], piece: usize) -> Packets<impl AsyncRead + Unpin> {
    let (near, mut far) = tokio::io::duplex(piece);
    let sent = sent.to_vec();
    tokio::spawn(async move { tokio::io::AsyncWriteExt::write_all(&mut far, &sent).await });
    Packets::new(near)
}

fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = (body.len() as u32 + 1).to_be_bytes().to_vec();
    packet.push(kind);
    packet.extend(body);
    packet
}

fn text(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_be_bytes(), text].concat()
}

/// A packet of names with all attributes there are.
fn listing(names: &[&[u8]]) -> Vec<u8> {
    let mut body = [7_u32, names.len() as u32].map(u32::to_be_bytes).concat();
    for name in names {
        body.extend(text(name));
        body.extend(text(b"-rw-r--r-- \xff"));
        body.extend((0x8000_000f_u32).to_be_bytes());
        body.extend([9; 28]);
        body.extend(1_u32.to_be_bytes());
        body.extend([text(b"acl@x"), text(b"y")].concat());
    }
    packet(SSH_FXP_NAME, &body)
}

/// The same as it goes on.
fn listed(names: &[&str]) -> Vec<u8> {
    let mut body = [7_u32, names.len() as u32].map(u32::to_be_bytes).concat();
    for name in names {
        body.extend([text(name.as_bytes()), text(b"")].concat());
        body.extend(15_u32.to_be_bytes());
        body.extend([9; 28]);
    }
    packet(SSH_FXP_NAME, &body)
}

#[tokio::test]
async fn names_that_are_not_utf_8_are_replaced() {
    let data = packet(103, &[0xff; 100_000]);
    let hello = packet(SSH_FXP_VERSION, &3_u32.to_be_bytes());
    let sent = [
        hello.clone(),
        listing(&[b"a", b"caf\xe9\n", "é".as_bytes()]),
        data.clone(),
    ]
    .concat();
    let expected = [hello, listed(&["a", "/caf\\xe9\\n", "é"]), data].concat();
    for piece in [1, 7, 4096, 1 << 20] {
        assert_eq!(through(&sent, piece).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn messages_are_made_fit() {
    let status = |code: u32, rest: &[u8]| {
        packet(
            SSH_FXP_STATUS,
            &[&7_u32.to_be_bytes(), &code.to_be_bytes(), rest].concat(),
        )
    };
    let ends = |message: &[u8]| [text(message), text(b"")].concat();
    for (sent, expected) in [
        (
            status(4, &text(b"n\xe4in")),
            status(4, &ends("n\u{fffd}in".as_bytes())),
        ),
        (status(2, b""), status(2, &ends(b""))),
        (status(7, &ends(b"gone")), status(4, &ends(b"gone"))),
    ] {
        assert_eq!(through(&sent, 64).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let lying = packet(
        SSH_FXP_NAME,
        &[7_u32, u32::MAX].map(u32::to_be_bytes).concat(),
    );
    let endless = [&u32::MAX.to_be_bytes()[..], &[SSH_FXP_NAME]].concat();
    for sent in [lying, endless, packet(103, b"abc"), vec![0; 16]] {
        let error = through(&sent, 64).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
    assert_eq!(through(b"\0\0", 64).await.unwrap(), b"");
}

proptest! {
    #[test]
    fn any_bytes_give_packets_or_an_error(sent: Vec<u8>, names: Vec<Vec<u8>>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let _ = through(&sent, 16).await;
            let _ = through(&[&[0, 0, 0, 40, SSH_FXP_NAME], &sent[..]].concat(), 16).await;
            let names: Vec<_> = names.iter().map(Vec::as_slice).collect();
            let expected: Vec<_> = names.iter().map(|name| usable(name)).collect();
            let expected: Vec<_> = expected.iter().map(String::as_str).collect();
            assert_eq!(through(&listing(&names), 1000).await.unwrap(), listed(&expected));
        });
    }
}
