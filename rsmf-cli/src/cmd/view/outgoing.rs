//! Pages for a store that lies elsewhere: made on this machine, and sent when they are whole.

use std::path::{Path, PathBuf};

use futures_util::TryStreamExt as _;
use rsmf_core::{
    Failure, Kind,
    integration::{GetOptions, StorageExt as _, StorePath},
};
use rsmf_storage::{
    Location,
    transfer::{self, CopyOptions, Place},
};
use tempfile::TempDir;

use super::{
    folder::PAGES,
    place::{HEAD, is_signed},
};
use crate::{
    args::ExistingPage,
    cmd::{
        staging::{local, replace, temporary},
        stores::{Found, Named, class, drive, open},
    },
    config::Config,
    error::{Error, Result},
};

/// What stands in a folder of pages, and leads to them.
const INDEX: &str = "index.html";

/// A place for pages, which are sent when they are whole.
#[derive(Debug)]
pub(super) struct Outgoing {
    folder: TempDir,
    /// The page, or the folder of pages.
    to: Place,
    name: String,
    address: String,
    /// What is there, and was written by `rsmf view`.
    replaced: Option<Replaced>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Replaced {
    Page,
    Folder,
}

impl Outgoing {
    /// Where to write what is to become `output`; `None` where that is on this machine.
    ///
    /// # Errors
    /// [`Error::Output`] where something is there already that is not to be replaced.
    pub(super) fn of(
        config: &Config,
        output: &Path,
        existing: ExistingPage,
    ) -> Result<Option<Self>> {
        let Some(address) = output.to_str() else {
            return Ok(None);
        };
        if let (Location::Local(_), _) = config.stores.locate(address).map_err(Error::Output)? {
            return Ok(None);
        }
        let (target, replaced) = drive(async {
            let target = open(config, address).await.map_err(Error::Output)?;
            let found = found(&target).await.map_err(Error::Output)?;
            Ok((target, found))
        })?;
        let name = target.place.path.file_name().to_owned();
        if name.is_empty() {
            let problem = format!("{address}: name a page or a folder below it");
            return Err(Error::option("output", problem));
        }
        let replaced = replaced.judged(existing, address)?;
        Ok(Some(Self {
            folder: temporary()?,
            to: target.place,
            name,
            address: address.to_owned(),
            replaced,
        }))
    }

    /// Where to write it, a page or a folder of pages.
    ///
    /// # Errors
    /// [`Error::Output`] where it would replace the other one.
    pub(super) fn path(&self, is_folder: bool) -> Result<PathBuf> {
        let kind = match is_folder {
            true => Replaced::Folder,
            false => Replaced::Page,
        };
        match self.replaced {
            Some(replaced) if replaced != kind => Err(not_ours(&self.address)),
            _ => Ok(self.folder.path().join(&self.name)),
        }
    }

    /// Sends it. What leads to the rest goes last: with it, everything that it links to is there.
    ///
    /// # Errors
    /// [`Error::Output`].
    pub(super) fn send(&self) -> Result<()> {
        let is_folder = self.folder.path().join(&self.name).is_dir();
        let here = local(self.folder.path()).join(&self.name);
        let from = here.and_then(|here| parts(&here, is_folder));
        let from = from.map_err(Error::Output)?;
        let to = parts(&self.to, is_folder).map_err(Error::Output)?;
        drive(async {
            replace(&from.linked, &to.linked, self.replaced.is_some()).await?;
            let options = CopyOptions::default();
            let sent = transfer::copy(&from.page, &to.page, &options, &|_| {}).await;
            sent.map(|_| ()).map_err(class)
        })
    }
}

/// A page, and the folder with what it links to.
struct Parts {
    page: Place,
    linked: Place,
}

fn parts(place: &Place, is_folder: bool) -> rsmf_core::Result<Parts> {
    Ok(match is_folder {
        true => Parts {
            page: place.join(INDEX)?,
            linked: place.join(PAGES)?,
        },
        false => Parts {
            page: place.clone(),
            linked: sibling(place, &beside(place.path.file_name()))?,
        },
    })
}

/// What is at a place where pages are to go.
enum There {
    Nothing,
    Pages(Replaced),
    Other,
}

impl There {
    fn judged(self, existing: ExistingPage, address: &str) -> Result<Option<Replaced>> {
        match (self, existing) {
            (Self::Nothing, _) => Ok(None),
            (_, ExistingPage::Refuse) => Err(taken(address)),
            (Self::Pages(kind), ExistingPage::Overwrite) => Ok(Some(kind)),
            (Self::Other, ExistingPage::Overwrite) => Err(not_ours(address)),
        }
    }
}

async fn found(target: &Named) -> rsmf_core::Result<There> {
    let place = &target.place;
    let (page, kind) = match target.look().await {
        Ok(Found::Object(_)) => (place.clone(), Replaced::Page),
        Ok(Found::Folder) => (place.join(INDEX)?, Replaced::Folder),
        Err(error) if error.kind() == Kind::NotFound => return beside_nothing(place).await,
        Err(error) => return Err(error),
    };
    Ok(match is_ours(&page).await? {
        true => There::Pages(kind),
        false => There::Other,
    })
}

/// Files that would be taken for those of the page, without one.
async fn beside_nothing(place: &Place) -> rsmf_core::Result<There> {
    let files = sibling(place, &beside(place.path.file_name()))?;
    match files.storage.holds_anything(&files.path).await {
        Ok(true) => Ok(There::Other),
        Ok(false) => Ok(There::Nothing),
        Err(error) if error.kind() == Kind::NotFound => Ok(There::Nothing),
        Err(error) => Err(error),
    }
}

async fn is_ours(page: &Place) -> rsmf_core::Result<bool> {
    let size = match page.storage.head(&page.path).await {
        Ok(meta) => meta.size,
        Err(error) if error.kind() == Kind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if size == 0 {
        return Ok(false);
    }
    let range = GetOptions::default().range(0..size.min(HEAD));
    let object = page.storage.get(&page.path, range).await?;
    let pieces: Vec<_> = object.stream.try_collect().await?;
    Ok(is_signed(&pieces.concat()))
}

/// The name of the folder with what is too large to be part of the page.
fn beside(name: &str) -> String {
    super::page::beside(Path::new(name)).display().to_string()
}

fn sibling(place: &Place, name: &str) -> rsmf_core::Result<Place> {
    let path = place.path.as_str();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    Place::new(place.storage.clone(), StorePath::new(parent)?).join(name)
}

fn taken(address: &str) -> Error {
    refused(
        address,
        "it is there already",
        "`--existing overwrite` replaces it; or choose another place by `-o`",
    )
}

fn not_ours(address: &str) -> Error {
    refused(
        address,
        "it is there already, and `rsmf view` has not written it",
        "choose another place by `-o`",
    )
}

fn refused(address: &str, why: &'static str, advice: &'static str) -> Error {
    let failure = Failure::new("write", address.to_owned());
    Error::Output(failure.source(why).advice(advice).other())
}
