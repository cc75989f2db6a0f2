//! WebDAV on a user's files.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::{
    answer::Answer,
    request::Asked,
    tree::{now, parent, resource},
    world::World,
};

impl World {
    pub(super) fn files(&mut self, asked: &Asked, user: &str, path: &str) -> Answer {
        let answer = match asked.method.as_str() {
            "PROPFIND" => self.find(asked, user, path),
            "GET" => self.read(asked, user, path),
            "PUT" => self.put(asked, user, path),
            "MKCOL" => self.make_folder(user, path),
            "DELETE" => self.delete(user, path),
            "MOVE" | "COPY" => self.transfer(asked, user, path),
            "PROPPATCH" => self.patch(asked, user, path),
            "OPTIONS" => Ok(Answer::status(200).header("dav", "1, 3, extended-mkcol")),
            _ => Err(Answer::error(
                501,
                "NotImplemented",
                "There is no such method",
            )),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn find(&mut self, asked: &Asked, user: &str, path: &str) -> Result<Answer, Answer> {
        if asked.leaves().is_none() {
            return Err(Answer::error(400, "BadRequest", "The body is no XML"));
        }
        let root = format!("{}/remote.php/dav/files/{user}/", self.base);
        if path.is_empty() && !self.account(user).files.nodes.contains_key("") {
            let node = self.node(None);
            self.account(user).files.nodes.insert(String::new(), node);
        }
        let tree = &self.account(user).files;
        if !tree.has(path) {
            return Err(not_found(path));
        }
        let mut shown = vec![path.to_owned()];
        // Nobody gets everything in one answer.
        if asked.header("depth") != Some("0") && tree.is_folder(path) {
            shown.extend(
                tree.children(path)
                    .into_iter()
                    .filter(|path| !path.is_empty()),
            );
        }
        let text = shown.iter().filter_map(|path| {
            let node = tree.nodes.get(path)?;
            let slash = if node.bytes.is_none() && !path.is_empty() {
                "/"
            } else {
                ""
            };
            Some(resource(
                &format!("{root}{path}{slash}"),
                &node.properties(),
            ))
        });
        Ok(Answer::multistatus(&text.collect::<String>()))
    }

    fn read(&mut self, asked: &Asked, user: &str, path: &str) -> Result<Answer, Answer> {
        let node = self.account(user).files.nodes.get(path).cloned();
        let node = node.ok_or_else(|| not_found(path))?;
        let Some(bytes) = node.bytes.clone() else {
            return Err(Answer::error(501, "NotImplemented", "GET is for files"));
        };
        let answer = ranged(asked.header("range"), bytes)?;
        Ok(answer
            .header("etag", node.etag.clone())
            .header("oc-etag", node.etag.clone())
            .header("last-modified", node.last_modified())
            .header("content-type", "application/octet-stream"))
    }

    fn put(&mut self, asked: &Asked, user: &str, path: &str) -> Result<Answer, Answer> {
        self.check_place(user, path)?;
        let tree = &self.account(user).files;
        if tree.is_folder(path) {
            return Err(Answer::error(
                409,
                "Conflict",
                "PUT is not allowed on folders",
            ));
        }
        let former = tree.nodes.get(path).map(|node| node.etag.clone());
        let wanted = asked.header("if-match");
        if (asked.header("if-none-match") == Some("*") && former.is_some())
            || (wanted.is_some() && wanted != former.as_deref())
        {
            return Err(precondition());
        }
        let mut bytes = asked.body.clone();
        if std::mem::take(&mut self.damage) {
            let mut wrong = bytes.to_vec();
            wrong.iter_mut().take(1).for_each(|byte| *byte ^= 1);
            bytes = wrong.into();
        }
        let sum = Sha256::digest(&bytes);
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        let answer = self.write(asked, user, path, bytes)?;
        Ok(match asked.header("x-hash") {
            Some("sha256") => answer.header("x-hash-sha256", sum),
            _ => answer,
        })
    }

    /// Writes a file, and keeps its former content as a version.
    pub(super) fn write(
        &mut self,
        asked: &Asked,
        user: &str,
        path: &str,
        bytes: Bytes,
    ) -> Result<Answer, Answer> {
        let quota = self.quota;
        let size = self.account(user).files.size() + bytes.len() as u64;
        if quota.is_some_and(|quota| size > quota) {
            return Err(Answer::error(507, "InsufficientStorage", "Quota exceeded"));
        }
        let mut node = self.node(Some(bytes));
        let status = match self.account(user).files.nodes.remove(path) {
            Some(former) => {
                (node.id, node.properties) = (former.id, former.properties);
                (node.versions, node.tags) = (former.versions, former.tags);
                if let Some(bytes) = former.bytes {
                    node.versions.insert(former.modified, bytes);
                }
                204
            }
            None => 201,
        };
        node.checksum = asked.header("oc-checksum").map(str::to_owned);
        let time = asked.header("x-oc-mtime");
        node.modified = time.and_then(|time| time.parse().ok()).unwrap_or_else(now);
        let mut answer = Answer::status(status)
            .header("etag", node.etag.clone())
            .header("oc-etag", node.etag.clone())
            .header("oc-fileid", node.id.to_string());
        if time.is_some() {
            answer = answer.header("x-oc-mtime", "accepted");
        }
        self.account(user).files.nodes.insert(path.to_owned(), node);
        Ok(answer)
    }

    /// Refuses names that the server does not take, and places that are not there.
    pub(super) fn check_place(&mut self, user: &str, path: &str) -> Result<(), Answer> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let refused = name.contains('\\')
            || name.chars().any(|c| c < ' ')
            || name.trim() != name
            || name.chars().count() > 250
            || name == ".htaccess"
            || name.ends_with(".part")
            || name.ends_with(".filepart");
        if refused {
            return Err(Answer::error(400, "BadRequest", "The name is not allowed"));
        }
        match self.account(user).files.is_folder(parent(path)) {
            true => Ok(()),
            false => {
                let message = "Files cannot be created in non-existent collections";
                Err(Answer::error(409, "Conflict", message))
            }
        }
    }

    fn make_folder(&mut self, user: &str, path: &str) -> Result<Answer, Answer> {
        if self.account(user).files.has(path) {
            let message = "The resource you tried to create already exists";
            return Err(Answer::error(405, "MethodNotAllowed", message));
        }
        self.check_place(user, path)?;
        let node = self.node(None);
        self.account(user).files.nodes.insert(path.to_owned(), node);
        Ok(Answer::status(201))
    }

    fn delete(&mut self, user: &str, path: &str) -> Result<Answer, Answer> {
        if path.is_empty() || !self.account(user).files.has(path) {
            return Err(not_found(path));
        }
        self.bin(user, path);
        Ok(Answer::status(204))
    }

    /// Where a `MOVE` or a `COPY` leads, if its terms are met.
    pub(super) fn target(&mut self, asked: &Asked, user: &str) -> Result<String, Answer> {
        let bad = || Answer::error(400, "BadRequest", "The destination lies elsewhere");
        let destination = asked.destination().ok_or_else(bad)?;
        let to = self.in_files(user, &destination).ok_or_else(bad)?;
        self.check_place(user, &to)?;
        let tree = &self.account(user).files;
        let node = tree.nodes.get(&to);
        if node.is_some() && asked.header("overwrite") == Some("F") {
            return Err(precondition());
        }
        let etag = node.map(|node| node.etag.clone());
        if let Some((place, wanted)) = asked.condition()
            && place == destination
            && etag.as_ref() != Some(&wanted)
        {
            return Err(precondition());
        }
        Ok(to)
    }

    fn transfer(&mut self, asked: &Asked, user: &str, from: &str) -> Result<Answer, Answer> {
        if !self.account(user).files.nodes.contains_key(from) {
            return Err(not_found(from));
        }
        let to = self.target(asked, user)?;
        let branch = self.account(user).files.branch(from);
        let existed = self.account(user).files.has(&to);
        self.account(user).files.remove(&to);
        for (rest, mut node) in branch {
            if asked.method == "COPY" {
                let copy = self.node(node.bytes);
                node = copy;
            }
            let path = format!("{to}{rest}");
            self.account(user).files.nodes.insert(path, node);
        }
        if asked.method == "MOVE" {
            self.account(user).files.remove(from);
        }
        let mut answer = Answer::status(if existed { 204 } else { 201 });
        answer.lost = asked.method == "MOVE" && std::mem::take(&mut self.lose_move);
        Ok(answer)
    }

    fn patch(&mut self, asked: &Asked, user: &str, path: &str) -> Result<Answer, Answer> {
        let leaves = asked.leaves();
        let leaves = leaves.ok_or_else(|| Answer::error(400, "BadRequest", "No XML"))?;
        let node = self.account(user).files.nodes.get_mut(path);
        let node = node.ok_or_else(|| not_found(path))?;
        for (namespace, name, value) in leaves {
            node.properties.insert((namespace, name), value);
        }
        let href = format!("{}/remote.php/dav/files/{user}/{path}", self.base);
        Ok(Answer::multistatus(&resource(&href, "")))
    }
}

pub(super) fn not_found(path: &str) -> Answer {
    let message = format!("File with name {path} could not be located");
    Answer::error(404, "NotFound", &message)
}

fn precondition() -> Answer {
    let message = "An If-Match header was specified, but none of the specified ETags matched";
    Answer::error(412, "PreconditionFailed", message)
}

/// The whole, or a range of it.
fn ranged(range: Option<&str>, bytes: Bytes) -> Result<Answer, Answer> {
    let size = bytes.len();
    let Some(range) = range.and_then(|range| range.strip_prefix("bytes=")) else {
        return Ok(Answer::status(200).body(bytes));
    };
    let (first, last) = range.split_once('-').unwrap_or((range, ""));
    let first: usize = first.parse().unwrap_or_default();
    let last = last.parse().unwrap_or(size).min(size.saturating_sub(1));
    if first >= size {
        let message = "The start offset is beyond the end of the file";
        return Err(Answer::error(416, "RequestedRangeNotSatisfiable", message));
    }
    Ok(Answer::status(206)
        .header("content-range", format!("bytes {first}-{last}/{size}"))
        .body(bytes.slice(first..=last)))
}
