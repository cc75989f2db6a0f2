//! Former versions, and the bin.

use super::{
    answer::Answer,
    files::not_found,
    request::Asked,
    tree::{Node, now, resource},
    world::World,
};

/// Something in the bin.
#[derive(Debug)]
pub(super) struct Binned {
    path: String,
    time: u64,
    branch: Vec<(String, Node)>,
}

impl World {
    /// Takes a branch out of a user's files and puts it into the bin.
    pub(super) fn bin(&mut self, user: &str, path: &str) {
        let time = now();
        let tree = &mut self.account(user).files;
        let branch = tree.branch(path);
        tree.remove(path);
        let name = path.rsplit('/').next().unwrap_or_default();
        let binned = Binned {
            path: path.to_owned(),
            time,
            branch,
        };
        let name = format!("{name}.d{time}");
        self.account(user).bin.insert(name, binned);
    }

    pub(super) fn trashbin(&mut self, asked: &Asked, user: &str, path: &str) -> Answer {
        let name = path.strip_prefix("trash").unwrap_or_default();
        let name = name.trim_start_matches('/');
        match (asked.method.as_str(), name) {
            ("PROPFIND", "") => self.list_bin(user),
            ("DELETE", "") => {
                self.account(user).bin.clear();
                Answer::status(204)
            }
            ("DELETE", name) => match self.account(user).bin.remove(name) {
                Some(_) => Answer::status(204),
                None => not_found(name),
            },
            ("MOVE", name) => self.restore(asked, user, name),
            _ => Answer::error(405, "MethodNotAllowed", "Not in the bin"),
        }
    }

    fn list_bin(&mut self, user: &str) -> Answer {
        let root = format!("{}/remote.php/dav/trashbin/{user}/trash/", self.base);
        let mut text = resource(&root, &Node::new(0, None).properties());
        for (name, binned) in &self.account(user).bin {
            let node = binned.branch.first().map(|(_, node)| node.properties());
            let properties = format!(
                "{}<nc:trashbin-original-location>{}</nc:trashbin-original-location>\
                 <nc:trashbin-deletion-time>{}</nc:trashbin-deletion-time>",
                node.unwrap_or_default(),
                binned.path,
                binned.time
            );
            text += &resource(&format!("{root}{name}"), &properties);
        }
        Answer::multistatus(&text)
    }

    fn restore(&mut self, asked: &Asked, user: &str, name: &str) -> Answer {
        let place = format!("{}/remote.php/dav/trashbin/{user}/restore/", self.base);
        let target = asked.destination().unwrap_or_default();
        if !target.starts_with(&place) {
            return Answer::error(
                403,
                "Forbidden",
                "The destination is no place to restore to",
            );
        }
        let Some(binned) = self.account(user).bin.remove(name) else {
            return not_found(name);
        };
        for (rest, node) in binned.branch {
            let path = format!("{}{rest}", binned.path);
            self.account(user).files.nodes.insert(path, node);
        }
        Answer::status(201)
    }

    pub(super) fn versions(&mut self, asked: &Asked, user: &str, path: &str) -> Answer {
        let rest = path.strip_prefix("versions/").unwrap_or_default();
        let (id, version) = rest.split_once('/').unwrap_or((rest, ""));
        let id = id.parse::<u64>().unwrap_or_default();
        let nodes = &mut self.account(user).files.nodes;
        let Some(node) = nodes.values().find(|node| node.id == id).cloned() else {
            return not_found(path);
        };
        match (asked.method.as_str(), version) {
            ("PROPFIND", "") => self.list_versions(user, &node),
            ("GET", version) => match version
                .parse()
                .ok()
                .and_then(|time| node.versions.get(&time))
            {
                Some(bytes) => Answer::status(200)
                    .header("etag", format!("\"{version}\""))
                    .header("last-modified", node.last_modified())
                    .body(bytes.clone()),
                None => not_found(version),
            },
            ("MOVE", version) => self.bring_back(asked, user, id, version),
            _ => Answer::error(405, "MethodNotAllowed", "Not for versions"),
        }
    }

    fn list_versions(&self, user: &str, node: &Node) -> Answer {
        let root = format!(
            "{}/remote.php/dav/versions/{user}/versions/{}/",
            self.base, node.id
        );
        let mut text = resource(&root, &Node::new(0, None).properties());
        for (time, bytes) in &node.versions {
            let mut version = Node::new(*time, Some(bytes.clone()));
            version.modified = *time;
            text += &resource(&format!("{root}{time}"), &version.properties());
        }
        Answer::multistatus(&text)
    }

    fn bring_back(&mut self, asked: &Asked, user: &str, id: u64, version: &str) -> Answer {
        let place = format!(
            "{}/remote.php/dav/versions/{user}/restore/target",
            self.base
        );
        if asked.destination() != Some(place) {
            return Answer::error(
                403,
                "Forbidden",
                "The destination is no place to restore to",
            );
        }
        let number = self.number();
        let mut nodes = self.account(user).files.nodes.values_mut();
        let Some(node) = nodes.find(|node| node.id == id) else {
            return not_found(version);
        };
        let time = version.parse().unwrap_or_default();
        let Some(bytes) = node.versions.get(&time).cloned() else {
            return not_found(version);
        };
        if let Some(former) = node.bytes.replace(bytes) {
            node.versions.insert(node.modified, former);
        }
        node.modified = now();
        node.etag = format!("\"{number:032x}\"");
        Answer::status(201)
    }
}
