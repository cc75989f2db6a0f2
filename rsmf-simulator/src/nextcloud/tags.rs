//! Tags, and looking for files.

use serde_json::Value;

use super::{
    answer::Answer,
    files::not_found,
    request::Asked,
    tree::{Node, resource},
    world::World,
};

impl World {
    pub(super) fn tags(&mut self, asked: &Asked) -> Answer {
        match asked.method.as_str() {
            "PROPFIND" => {
                let shown: String = self.tags.keys().map(|id| self.tag(*id)).collect();
                let root = format!("{}/remote.php/dav/systemtags/", self.base);
                let root = resource(&root, &Node::new(0, None).properties());
                Answer::multistatus(&format!("{root}{shown}"))
            }
            "POST" => {
                let tag: Value = serde_json::from_slice(&asked.body).unwrap_or_default();
                let Some(name) = tag["name"].as_str().map(str::to_owned) else {
                    return Answer::error(400, "BadRequest", "Missing \"name\" attribute");
                };
                if self.tags.values().any(|known| *known == name) {
                    return Answer::error(409, "Conflict", "Tag already exists");
                }
                let id = self.number();
                self.tags.insert(id, name);
                let place = format!("{}/remote.php/dav/systemtags/{id}", self.base);
                Answer::status(201).header("content-location", place)
            }
            _ => Answer::error(405, "MethodNotAllowed", "Not for tags"),
        }
    }

    fn tag(&self, id: u64) -> String {
        let name = self.tags.get(&id).map(String::as_str).unwrap_or_default();
        let name = quick_xml::escape::escape(name);
        let properties = format!("<oc:id>{id}</oc:id><oc:display-name>{name}</oc:display-name>");
        let place = format!("{}/remote.php/dav/systemtags/{id}", self.base);
        resource(&place, &properties)
    }

    /// `files/{id}/{tag}`.
    pub(super) fn relations(&mut self, asked: &Asked, user: &str, path: &str) -> Answer {
        let mut numbers = path
            .split('/')
            .skip(1)
            .map(|text| text.parse().unwrap_or(0));
        let (file, tag) = (numbers.next().unwrap_or(0), numbers.next());
        let mut nodes = self.account(user).files.nodes.values_mut();
        let Some(node) = nodes.find(|node| node.id == file) else {
            return not_found(path);
        };
        match (asked.method.as_str(), tag) {
            ("PROPFIND", None) => {
                let tags = node.tags.clone();
                let shown: String = tags.into_iter().map(|id| self.tag(id)).collect();
                Answer::multistatus(&shown)
            }
            ("PUT", Some(tag)) => match node.tags.insert(tag) {
                true => Answer::status(201),
                false => Answer::error(409, "Conflict", "The tag is assigned already"),
            },
            ("DELETE", Some(tag)) => match node.tags.remove(&tag) {
                true => Answer::status(204),
                false => not_found(path),
            },
            _ => Answer::error(405, "MethodNotAllowed", "Not for tags"),
        }
    }

    /// Knows names and sizes alone, and one page of results at a time.
    pub(super) fn search(&mut self, asked: &Asked, user: &str) -> Answer {
        let Some(leaves) = asked.leaves() else {
            return Answer::error(400, "BadRequest", "No XML");
        };
        let text = |name: &str| {
            let mut named = leaves.iter().filter(|(_, found, _)| found == name);
            named.next().map(|(_, _, text)| text.clone())
        };
        let number = |name: &str| text(name).and_then(|text| text.parse().ok());
        let scope = text("href").unwrap_or_default();
        let start = format!("/files/{user}/");
        let Some(folder) = scope.strip_prefix(&start) else {
            return Answer::error(400, "BadRequest", "Scope is not in the user's files");
        };
        let folder = percent_encoding::percent_decode_str(folder).decode_utf8_lossy();
        let wanted = text("literal").unwrap_or_default();
        let (skip, most) = (number("firstresult").unwrap_or(0), number("nresults"));
        let base = self.base.clone();
        let nodes = self.account(user).files.nodes.iter();
        let fits = nodes.filter(|(path, _)| {
            let name = path.rsplit('/').next().unwrap_or_default();
            path.starts_with(&*folder) && name.contains(wanted.trim_matches('%'))
        });
        let page = fits.skip(skip).take(most.unwrap_or(100));
        let shown = page.map(|(path, node)| {
            let href = format!("{base}/remote.php/dav/files/{user}/{path}");
            resource(&href, &node.properties())
        });
        Answer::multistatus(&shown.collect::<String>())
    }
}
