//! Uploads in parts, version 2.

use bytes::{Bytes, BytesMut};

use super::{
    answer::Answer,
    files::not_found,
    request::Asked,
    tree::{Node, resource},
    world::World,
};

/// The smallest part, but for the last one.
const LEAST: usize = 5 << 20;

impl World {
    pub(super) fn uploads(&mut self, asked: &Asked, user: &str, path: &str) -> Answer {
        let (folder, part) = path.split_once('/').unwrap_or((path, ""));
        let answer = match (asked.method.as_str(), part) {
            ("MKCOL", "") => self.begin_upload(asked, user, folder),
            ("PROPFIND", "") => self.parts(user, folder),
            ("DELETE", "") => self.end_upload(user, folder),
            ("PUT", part) => self.put_part(asked, user, folder, part),
            ("MOVE", ".file") => self.put_together(asked, user, folder),
            _ => Err(Answer::error(
                405,
                "MethodNotAllowed",
                "Parts cannot be read",
            )),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn begin_upload(&mut self, asked: &Asked, user: &str, folder: &str) -> Result<Answer, Answer> {
        if asked.destination().is_none() {
            return Err(Answer::error(400, "BadRequest", "No destination"));
        }
        let uploads = &mut self.account(user).uploads;
        if uploads.contains_key(folder) {
            return Err(Answer::error(405, "MethodNotAllowed", "It already exists"));
        }
        uploads.insert(folder.to_owned(), Default::default());
        Ok(Answer::status(201))
    }

    fn parts(&mut self, user: &str, folder: &str) -> Result<Answer, Answer> {
        let root = format!("{}/remote.php/dav/uploads/{user}/{folder}/", self.base);
        let parts = self.account(user).uploads.get(folder).cloned();
        let parts = parts.ok_or_else(|| not_found(folder))?;
        let mut text = resource(&root, &Node::new(0, None).properties());
        for (name, bytes) in parts {
            let node = Node::new(0, Some(bytes));
            text += &resource(&format!("{root}{name}"), &node.properties());
        }
        Ok(Answer::multistatus(&text))
    }

    fn end_upload(&mut self, user: &str, folder: &str) -> Result<Answer, Answer> {
        let removed = self.account(user).uploads.remove(folder);
        removed
            .map(|_| Answer::status(204))
            .ok_or_else(|| not_found(folder))
    }

    fn put_part(
        &mut self,
        asked: &Asked,
        user: &str,
        folder: &str,
        part: &str,
    ) -> Result<Answer, Answer> {
        let number: u32 = part.parse().unwrap_or_default();
        if !(1..=10_000).contains(&number) || asked.destination().is_none() {
            return Err(Answer::error(400, "BadRequest", "Invalid chunk name"));
        }
        let parts = self.account(user).uploads.get_mut(folder);
        let parts = parts.ok_or_else(|| not_found(folder))?;
        parts.insert(format!("{number:05}"), asked.body.clone());
        Ok(Answer::status(201))
    }

    fn put_together(&mut self, asked: &Asked, user: &str, folder: &str) -> Result<Answer, Answer> {
        let parts = self.account(user).uploads.get(folder).cloned();
        let parts: Vec<_> = parts
            .ok_or_else(|| not_found(folder))?
            .into_values()
            .collect();
        let to = self.target(asked, user)?;
        let small = parts.iter().rev().skip(1).any(|part| part.len() < LEAST);
        let size: usize = parts.iter().map(Bytes::len).sum();
        let announced = asked.header("oc-total-length");
        let announced = announced.map_or(Some(size), |text| text.parse().ok());
        if small || announced != Some(size) {
            let message = "Chunks on server do not sum up, or are too small";
            return Err(Answer::error(400, "BadRequest", message));
        }
        let whole = parts.iter().fold(BytesMut::new(), |mut whole, part| {
            whole.extend_from_slice(part);
            whole
        });
        let mut answer = self.write(asked, user, &to, whole.freeze())?;
        self.account(user).uploads.remove(folder);
        answer.lost = std::mem::take(&mut self.lose_move);
        Ok(answer)
    }
}
