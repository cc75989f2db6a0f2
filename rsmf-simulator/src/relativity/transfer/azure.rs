//! A container of Azure, by a URL that lets its bearer in (SAS).

use std::{io, path::Path, time::SystemTime};

use axum::body::{Body, to_bytes};
use futures_util::StreamExt;
use hyper::{Request, Response, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use quick_xml::{Reader, events::Event};
use tokio::{fs::File, io::AsyncWriteExt, net::TcpStream};
use url::Url;

/// The largest list that is taken.
const LIST: usize = 64 << 20;
const NAMES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~');

/// Where it is, what begins the names of what is wanted, and the right to read it.
#[derive(Debug, Clone)]
pub(super) struct Container {
    authority: String,
    /// Of the container, with a slash before it.
    path: String,
    prefix: String,
    right: String,
}

/// Name and size of a blob.
pub(super) type Blob = (String, u64);

impl Container {
    /// Reads the address; an error says why it will not do, without the signature.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "sourcePath is no URL.".to_owned())?;
        if url.scheme() != "http" {
            return Err("This stand-in fetches by http only.".to_owned());
        }
        check_right(&url)?;
        let host = url.host_str().ok_or("sourcePath has no host.")?;
        // Emulators have the account in the path.
        let depth = if host.contains(".blob.") || host.contains(".dfs.") {
            1
        } else {
            2
        };
        let segments: Vec<_> = url
            .path()
            .split('/')
            .filter(|part| !part.is_empty())
            .collect();
        let container = segments
            .get(..depth)
            .ok_or("sourcePath names no container.")?;
        let rest = segments.get(depth..).unwrap_or_default().join("/");
        let prefix = percent_decode_str(&rest).decode_utf8_lossy().into_owned();
        Ok(Self {
            authority: format!("{host}:{}", url.port_or_known_default().unwrap_or(80)),
            path: format!("/{}", container.join("/")),
            prefix: if prefix.is_empty() {
                prefix
            } else {
                format!("{prefix}/")
            },
            right: url.query().unwrap_or_default().to_owned(),
        })
    }

    /// All blobs, by the names that they have below the address.
    pub(super) async fn list(&self) -> io::Result<Vec<Blob>> {
        let (mut blobs, mut marker) = (Vec::new(), String::new());
        loop {
            let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let target = format!(
                "{}?restype=container&comp=list&prefix={}&marker={}&{}",
                self.path,
                encode(&self.prefix),
                encode(&marker),
                self.right
            );
            let answer = self.get(&target).await?;
            let body = to_bytes(Body::new(answer.into_body()), LIST)
                .await
                .map_err(io::Error::other)?;
            let (page, next) =
                read_list(&body).ok_or_else(|| io::Error::other("the list is no XML"))?;
            let own = page.into_iter().filter_map(|(name, size)| {
                Some((name.strip_prefix(&self.prefix)?.to_owned(), size))
            });
            blobs.extend(own.filter(|(name, _)| !name.is_empty()));
            match next {
                Some(next) => marker = next,
                None => return Ok(blobs),
            }
        }
    }

    /// Brings a blob to a file.
    pub(super) async fn fetch(&self, name: &str, to: &Path) -> io::Result<u64> {
        let whole = format!("{}{name}", self.prefix);
        let target = format!(
            "{}/{}?{}",
            self.path,
            utf8_percent_encode(&whole, NAMES),
            self.right
        );
        let answer = self.get(&target).await?;
        if let Some(folder) = to.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        let (mut file, mut size) = (File::create(to).await?, 0);
        let mut body = Body::new(answer.into_body()).into_data_stream();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(io::Error::other)?;
            file.write_all(&piece).await?;
            size += piece.len() as u64;
        }
        file.flush().await?;
        Ok(size)
    }

    async fn get(&self, target: &str) -> io::Result<Response<Incoming>> {
        let stream = TokioIo::new(TcpStream::connect(&self.authority).await?);
        let (mut sender, connection) = http1::handshake(stream).await.map_err(io::Error::other)?;
        tokio::spawn(connection);
        let request = Request::get(target)
            .header("host", &self.authority)
            .header("x-ms-version", "2021-12-02")
            .body(Body::empty())
            .map_err(io::Error::other)?;
        let answer = sender
            .send_request(request)
            .await
            .map_err(io::Error::other)?;
        match answer.status().is_success() {
            true => Ok(answer),
            false => Err(io::Error::other(format!(
                "the storage answers with status {}",
                answer.status()
            ))),
        }
    }
}

/// The right must be to read and to list, and last for now.
fn check_right(url: &Url) -> Result<(), String> {
    let field = |name: &str| {
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    if field("sig").is_none() {
        return Err("sourcePath is no SAS URL.".to_owned());
    }
    let permissions = field("sp").unwrap_or_default();
    if !permissions.contains('r') || !permissions.contains('l') {
        return Err("The SAS URL must allow Read and List.".to_owned());
    }
    let ends = field("se").unwrap_or_default().parse::<jiff::Timestamp>();
    match ends {
        Ok(ends) if SystemTime::from(ends) > SystemTime::now() => Ok(()),
        _ => Err("The SAS URL has expired.".to_owned()),
    }
}

/// The blobs of a list, and where the next one begins.
fn read_list(body: &[u8]) -> Option<(Vec<Blob>, Option<String>)> {
    let text = std::str::from_utf8(body).ok()?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let (mut blobs, mut next, mut content) = (Vec::new(), None, String::new());
    let mut name = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(_) => content.clear(),
            Event::Text(piece) => content.push_str(&piece),
            Event::GeneralRef(reference) => {
                content.push_str(&quick_xml::escape::unescape(&format!("&{};", &*reference)).ok()?);
            }
            Event::End(end) => match end.local_name().as_ref() {
                "Name" => name = std::mem::take(&mut content),
                "Content-Length" => blobs.push((name.clone(), content.parse().ok()?)),
                "NextMarker" if !content.is_empty() => next = Some(content.clone()),
                _ => {}
            },
            Event::Eof => return Some((blobs, next)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_must_be_to_read_and_to_list() {
        let read = |query: &str| Container::read(&format!("http://127.0.0.1:1/a/c/d?{query}"));
        let container = read("sp=rl&se=2100-01-01T00:00:00Z&sig=x").unwrap();
        assert_eq!((&*container.path, &*container.prefix), ("/a/c", "d/"));
        for query in [
            "",
            "sp=r&se=2100-01-01T00:00:00Z&sig=x",
            "sp=rl&se=2000-01-01T00:00:00Z&sig=x",
            "sp=rl&sig=x",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
        assert!(Container::read("https://a.blob.core.windows.net/c?sp=rl&sig=x").is_err());
    }

    #[test]
    fn lists_are_read_page_by_page() {
        let page = b"<?xml version=\"1.0\"?><EnumerationResults><Prefix>d/</Prefix><Blobs><Blob><Name>d/a &amp; b</Name>\
            <Properties><Content-Length>7</Content-Length></Properties></Blob></Blobs><NextMarker>m</NextMarker>\
            </EnumerationResults>";
        assert_eq!(
            read_list(page),
            Some((vec![("d/a & b".to_owned(), 7)], Some("m".to_owned())))
        );
        assert_eq!(
            read_list(b"<EnumerationResults><NextMarker/></EnumerationResults>"),
            Some((vec![], None))
        );
        assert_eq!(read_list(b"<a></b>"), None);
    }
}
