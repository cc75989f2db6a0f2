//! What a server sends, made fit for a client that takes names for UTF-8.
//!
//! `openssh-sftp-client` ends its session at the first name or message that is not UTF-8, and reserves memory for as
//! many names as a packet claims to hold. So packets with names and messages are checked, and such a name
//! is replaced by one that says what it was, and that no file can have. See draft-ietf-secsh-filexfer-02.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};

/// How a name starts that stands for one that is not UTF-8: names of files hold no slash.
pub(super) const NOT_UTF_8: &str = "/";

const SSH_FXP_VERSION: u8 = 2;
const SSH_FXP_STATUS: u8 = 101;
const SSH_FXP_NAME: u8 = 104;

/// More than any packet that is asked for.
const LONGEST: u32 = 1 << 20;

/// How much passes in one go: what SSH sends in one piece.
const PIECE: usize = 32 * 1024;

/// The length of a packet, and its type.
const HEADER: usize = 5;

/// The shortest packet after the type: the number of its request.
const SHORTEST: u32 = 5;

/// The packets of `stream`, with names and messages made fit.
pub(super) struct Packets<S> {
    stream: S,
    /// What of the current packet has come, as long as its header is not whole or it is changed.
    coming: BytesMut,
    /// Bytes of the current packet that go on as they are.
    passing: usize,
    /// What can go on.
    ready: Bytes,
}

impl<S> Packets<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            coming: BytesMut::new(),
            passing: 0,
            ready: Bytes::new(),
        }
    }

    /// How many bytes have to come until the current packet can be looked at.
    fn missing(&self) -> usize {
        let wanted = match whole(&self.coming) {
            Some(length) => length,
            None => HEADER,
        };
        wanted.saturating_sub(self.coming.len())
    }

    /// Decides about a packet whose header, or which itself, has come.
    fn look(&mut self) -> io::Result<()> {
        let mut header = self.coming.as_ref();
        let (length, kind) = (header.get_u32(), header.get_u8());
        let shortest = if kind == SSH_FXP_VERSION { 1 } else { SHORTEST };
        if !(shortest..=LONGEST).contains(&length) {
            return Err(damaged("a packet has an impossible length"));
        }
        if !is_changed(kind) {
            self.passing = length as usize - 1;
            self.ready = self.coming.split().freeze();
        } else if self.missing() == 0 {
            let packet = self.coming.split().freeze().slice(HEADER..);
            self.ready = changed(kind, packet)?;
        }
        Ok(())
    }
}

/// The length of the whole packet, where it is one that is changed.
fn whole(coming: &[u8]) -> Option<usize> {
    let mut header = coming.get(..HEADER)?;
    let (length, kind) = (header.get_u32(), header.get_u8());
    is_changed(kind).then_some(length as usize + 4)
}

fn is_changed(kind: u8) -> bool {
    matches!(kind, SSH_FXP_NAME | SSH_FXP_STATUS)
}

impl<S: AsyncRead + Unpin> AsyncRead for Packets<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.ready.has_remaining() {
                let length = self.ready.remaining().min(buffer.remaining());
                buffer.put_slice(&self.ready.split_to(length));
                return Poll::Ready(Ok(()));
            }
            if self.passing > 0 {
                let length = self.passing.min(buffer.remaining()).min(PIECE);
                let mut part = ReadBuf::new(buffer.initialize_unfilled_to(length));
                ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
                let come = part.filled().len();
                buffer.advance(come);
                self.passing -= come;
                return Poll::Ready(Ok(()));
            }
            let missing = self.missing();
            let mut space = [0; 4096];
            let length = missing.min(space.len());
            let mut part = ReadBuf::new(space.get_mut(..length).unwrap_or_default());
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
            if part.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            let come = part.filled().len();
            self.coming.put_slice(part.filled());
            if come == missing {
                self.look()?;
            }
        }
    }
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn changed(kind: u8, packet: Bytes) -> io::Result<Bytes> {
    let change = if kind == SSH_FXP_NAME { names } else { status };
    let mut body = BytesMut::new();
    change(packet, &mut body).ok_or_else(|| damaged("a packet ends too early"))?;
    let mut whole = BytesMut::with_capacity(HEADER + body.len());
    whole.put_u32(u32::try_from(body.len() + 1).map_err(|_| damaged("a packet is too long"))?);
    whole.put_u8(kind);
    whole.put(body);
    Ok(whole.freeze())
}

/// `SSH_FXP_NAME`: the number of the request, and for each file its name, a line about it, which nobody
/// reads here, and its attributes.
fn names(mut packet: Bytes, out: &mut BytesMut) -> Option<()> {
    out.put_u32(packet.try_get_u32().ok()?);
    let count = packet.try_get_u32().ok()?;
    out.put_u32(count);
    for _ in 0..count {
        put_string(out, usable(&string(&mut packet)?).as_bytes())?;
        string(&mut packet)?;
        put_string(out, b"")?;
        attributes(&mut packet, out)?;
    }
    Some(())
}

/// `SSH_FXP_STATUS`: the number of the request, a code, a message and its language. Old servers send
/// neither of the last two.
fn status(mut packet: Bytes, out: &mut BytesMut) -> Option<()> {
    /// What only a client may say to itself, and the code for any failure.
    const NO_CONNECTION: u32 = 6;
    const CONNECTION_LOST: u32 = 7;
    const FAILURE: u32 = 4;
    out.put_u32(packet.try_get_u32().ok()?);
    let code = packet.try_get_u32().ok()?;
    out.put_u32(match code {
        NO_CONNECTION | CONNECTION_LOST => FAILURE,
        code => code,
    });
    let message = string(&mut packet).unwrap_or_default();
    put_string(out, String::from_utf8_lossy(&message).as_bytes())?;
    put_string(out, b"")
}

/// Copies the attributes that the flags announce.
fn attributes(packet: &mut Bytes, out: &mut BytesMut) -> Option<()> {
    const EXTENDED: u32 = 0x8000_0000;
    let flags = packet.try_get_u32().ok()?;
    let lengths = [(1, 8), (2, 8), (4, 4), (8, 8)];
    let known = lengths.iter().fold(0, |all, (flag, _)| all | flag);
    out.put_u32(flags & known);
    for (_, length) in lengths.iter().filter(|(flag, _)| flags & flag != 0) {
        out.put(take(packet, *length)?);
    }
    if flags & EXTENDED != 0 {
        for _ in 0..packet.try_get_u32().ok()? {
            string(packet)?;
            string(packet)?;
        }
    }
    Some(())
}

fn take(packet: &mut Bytes, length: usize) -> Option<Bytes> {
    (packet.remaining() >= length).then(|| packet.split_to(length))
}

fn string(packet: &mut Bytes) -> Option<Bytes> {
    let length = packet.try_get_u32().ok()?;
    take(packet, length as usize)
}

fn put_string(out: &mut BytesMut, bytes: &[u8]) -> Option<()> {
    out.put_u32(u32::try_from(bytes.len()).ok()?);
    out.put_slice(bytes);
    Some(())
}

/// The name, or what stands for it.
fn usable(name: &[u8]) -> String {
    match std::str::from_utf8(name) {
        Ok(name) => name.to_owned(),
        Err(_) => format!("{NOT_UTF_8}{}", name.escape_ascii()),
    }
}

#[cfg(test)]
mod tests;
