//! Whether each file has become a document, and each attachment its child.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures_util::{StreamExt, stream};
use rsmf_core::{container::RsmfReader, integration::Storage, workers::Workers};

use super::{
    Landmarks, Verification, VerifyOptions,
    content::{Listing, Seen, Sent, base},
    landmarks::documents,
    local, told,
};
use crate::{
    Result, SourceFile,
    client::{ArtifactId, Workspace},
    sum,
};

/// Documents whose attachments are looked up at the same time.
const ASKED_AT_ONCE: usize = 4;

/// Looks for the documents of all files, and of all attachments that their manifests name, and compares the content of
/// the files with what processing found, as far as the service tells.
///
/// # Errors
/// Whatever keeps documents from being looked up; what is missing, differs or cannot be looked at is in the result.
pub async fn verify_upload(
    workspace: &Workspace,
    set: ArtifactId,
    source: &Arc<dyn Storage>,
    files: &[SourceFile],
    landmarks: &Landmarks,
    options: &VerifyOptions,
    workers: &Workers,
) -> Result<Verification> {
    let proving = Proving {
        workspace,
        set,
        source,
        files,
        landmarks,
        options,
        workers,
        sums: &BTreeMap::new(),
    };
    proving.run().await
}

/// What is to be proved.
pub(super) struct Proving<'a> {
    pub(super) workspace: &'a Workspace,
    pub(super) set: ArtifactId,
    pub(super) source: &'a Arc<dyn Storage>,
    pub(super) files: &'a [SourceFile],
    pub(super) landmarks: &'a Landmarks,
    pub(super) options: &'a VerifyOptions,
    pub(super) workers: &'a Workers,
    /// Size and SHA-256 of files when they were sent, as far as they are known.
    pub(super) sums: &'a BTreeMap<String, (u64, String)>,
}

/// A file with the documents that may be its own.
type Pair = (SourceFile, Vec<ArtifactId>);

impl Proving<'_> {
    pub(super) async fn run(&self) -> Result<Verification> {
        let found = documents(self.workspace, self.landmarks, self.options).await?;
        let mut proof = Verification {
            files: self.files.len() as u64,
            ..Verification::default()
        };
        let listing = self.listing(&mut proof).await;
        let pairs = self.pairs(&found, listing.as_ref(), &mut proof);
        if self.options.attachments {
            let all: usize = found.values().map(Vec::len).sum();
            let others = (all as u64).saturating_sub(proof.documents);
            self.attachments(pairs, others, &mut proof).await;
        }
        if let Some(listing) = listing {
            self.content(listing, &mut proof).await;
        }
        let published = self.workspace.published_of(self.set).await;
        let published = published.ok().flatten();
        proof.published = published.map(|documents| documents.published_document_count);
        compare_count(&mut proof);
        Ok(proof)
    }

    /// What processing found, where the service tells it.
    async fn listing(&self, proof: &mut Verification) -> Option<Listing> {
        if !self.options.content {
            return None;
        }
        let names = self.files.iter().map(key).collect();
        match Listing::read(self.workspace, self.set, &names).await {
            Ok(listing) => Some(listing),
            Err(error) => {
                proof.notes.push(format!(
                    "the content of the files is taken for granted, since Relativity does not list what it found: {}",
                    told(&error)
                ));
                None
            }
        }
    }

    /// Gives each file the documents of its name. Of several files of one name, each takes a document of its own; which is
    /// whose, attachments tell.
    fn pairs(
        &self,
        found: &BTreeMap<String, Vec<ArtifactId>>,
        listing: Option<&Listing>,
        proof: &mut Verification,
    ) -> Vec<Pair> {
        let mut pairs = Vec::new();
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for file in self.files {
            let key = key(file);
            let ids = found.get(&key).map(Vec::as_slice).unwrap_or_default();
            let published = listing.map_or(usize::MAX, |listing| listing.published(&key));
            let count = taken.entry(key).or_default();
            *count += 1;
            match *count <= ids.len().min(published) {
                true => {
                    proof.documents += 1;
                    pairs.push((file.clone(), ids.to_vec()));
                }
                false => proof.miss(format!("{} has not become a document", file.name)),
            }
        }
        pairs
    }

    /// Compares the files with what processing found.
    async fn content(&self, mut listing: Listing, proof: &mut Verification) {
        let groups = self.groups(&listing, proof).await;
        let mut untold = 0_u64;
        for (key, sent) in groups {
            for seen in listing.compare(&key, &sent) {
                match seen {
                    Seen::Same => proof.same += 1,
                    Seen::Untold => untold += 1,
                    Seen::Different(what) => proof.differ(what),
                }
            }
        }
        if untold > 0 {
            proof.notes.push(format!(
                "the content of {untold} of {} files is taken for granted, since Relativity tells no SHA-256 of theirs",
                self.files.len()
            ));
        }
    }

    /// What the files were when they were sent, by their names.
    async fn groups(
        &self,
        listing: &Listing,
        proof: &mut Verification,
    ) -> BTreeMap<String, Vec<Sent>> {
        let mut groups: BTreeMap<String, Vec<Sent>> = BTreeMap::new();
        let sent = stream::iter(self.files.to_vec()).map(|file| {
            let has_sum = listing.has_sum(&key(&file));
            self.sent(file, has_sum)
        });
        let mut all = std::pin::pin!(sent.buffered(ASKED_AT_ONCE));
        while let Some((key, sent)) = all.next().await {
            match sent {
                Ok(sent) => groups.entry(key).or_default().push(sent),
                Err(why) => proof.fail(why),
            }
        }
        groups
    }

    /// What a file was when it was sent; its sum only where there is one to compare it with.
    async fn sent(
        &self,
        file: SourceFile,
        has_sum: bool,
    ) -> (String, std::result::Result<Sent, String>) {
        let key = key(&file);
        let sent = |size, sha256| Sent {
            name: file.name.clone(),
            size,
            sha256,
        };
        if let Some((size, sum)) = self.sums.get(&file.name) {
            return (key, Ok(sent(*size, Some(sum.clone()))));
        }
        if !has_sum {
            return (key, Ok(sent(file.size, None)));
        }
        let summed = sum_of(self.source, &file, self.workers).await;
        let done = summed
            .map(|sum| sent(file.size, Some(sum)))
            .map_err(|error| {
                format!(
                    "the content of {} could not be compared: {}",
                    file.name,
                    told(&error)
                )
            });
        (key, done)
    }

    async fn attachments(&self, pairs: Vec<Pair>, others: u64, proof: &mut Verification) {
        let looked = stream::iter(pairs).map(|(file, documents)| {
            let (workspace, source, workers) = (
                self.workspace.clone(),
                Arc::clone(self.source),
                self.workers.clone(),
            );
            async move {
                let looked = look(&workspace, &source, &file, &documents, &workers).await;
                (file, looked)
            }
        });
        let mut looked = std::pin::pin!(looked.buffered(ASKED_AT_ONCE));
        while let Some((file, looked)) = looked.next().await {
            match looked {
                Ok((wanted, missing)) => proof.take(&file.name, wanted, missing),
                Err(error) => proof.fail(format!(
                    "the attachments of {} could not be looked up: {}",
                    file.name,
                    told(&error)
                )),
            }
        }
        if proof.is_counted {
            count(proof, others);
        }
    }
}

impl Verification {
    /// Takes in how many attachments a file has, and which of them are missing, where the service knows.
    fn take(&mut self, file: &str, wanted: u64, missing: Option<Vec<String>>) {
        self.attachments += wanted;
        let Some(missing) = missing else {
            self.is_counted = true;
            return;
        };
        self.attachments_found += wanted - missing.len() as u64;
        for attachment in missing {
            self.miss(format!(
                "attachment {attachment} of {file} has not become a document"
            ));
        }
    }
}

/// By what documents of a file are found.
fn key(file: &SourceFile) -> String {
    base(&file.name).to_lowercase()
}

/// Compares what was found with the number of documents that the service counts.
fn compare_count(proof: &mut Verification) {
    let all = proof.documents + proof.attachments_found;
    match proof.published {
        // Whether attachments count is nowhere said.
        Some(published) if published < all && published == proof.documents => {
            proof.notes.push(format!(
                "Relativity counts {published} published documents: the files, without attachments"
            ));
        }
        Some(published) if published < all => proof.miss(format!(
            "{} of {all} documents are none of this set's: Relativity counts {published} that it has published",
            all - published
        )),
        _ => {}
    }
}

async fn sum_of(source: &Arc<dyn Storage>, file: &SourceFile, workers: &Workers) -> Result<String> {
    let content = local::open(source.as_ref(), file).await?;
    let summed = workers.run(move || sum::of(content)).await?;
    let failed = |error| rsmf_core::Error::from_io("read", file.name.clone(), error);
    Ok(summed.map_err(failed)?)
}

/// How many attachments a file has, and which of them are missing, where the service knows.
async fn look(
    workspace: &Workspace,
    source: &Arc<dyn Storage>,
    file: &SourceFile,
    documents: &[ArtifactId],
    workers: &Workers,
) -> Result<(u64, Option<Vec<String>>)> {
    let wanted = wanted(source, file, workers).await?;
    let missing = fewest_missing(workspace, documents, &wanted).await;
    let missing = missing.map(Some).or_else(if_unknown)?;
    Ok((wanted.len() as u64, missing))
}

/// Where nobody can be asked what became of each attachment, there must be as many other documents at the least.
fn count(proof: &mut Verification, others: u64) {
    proof.attachments_found = others.min(proof.attachments);
    let missing = proof.attachments - proof.attachments_found;
    if missing > 0 {
        proof.miss(format!(
            "{missing} attachments have not become documents, by their number"
        ));
    }
}

/// Nothing, where this Relativity has no such service.
fn if_unknown<T>(error: crate::Error) -> Result<Option<T>> {
    let is_unknown = match error.refusal() {
        Some(refusal) => refusal.is("ServiceNotFound"),
        None => error.status() == Some(404),
    };
    if is_unknown { Ok(None) } else { Err(error) }
}

/// The attachments that a file's manifest names and its zip holds.
async fn wanted(
    source: &Arc<dyn Storage>,
    file: &SourceFile,
    workers: &Workers,
) -> Result<Vec<String>> {
    let content = local::open(source.as_ref(), file).await?;
    let read = workers.run(move || -> rsmf_core::Result<_> {
        let mut reader = RsmfReader::open(content)?;
        let mut named = BTreeSet::new();
        reader.events(|event| {
            named.extend(
                event
                    .attachments
                    .into_iter()
                    .map(|attachment| attachment.id),
            );
            Ok(())
        })?;
        let held: BTreeSet<_> = reader
            .members()
            .iter()
            .map(|member| member.name.clone())
            .collect();
        Ok(named.intersection(&held).cloned().collect())
    });
    Ok(read.await??)
}

/// What is missing at the document that has the most.
async fn fewest_missing(
    workspace: &Workspace,
    documents: &[ArtifactId],
    wanted: &[String],
) -> Result<Vec<String>> {
    let mut fewest = wanted.to_vec();
    for document in documents {
        if fewest.is_empty() {
            break;
        }
        let missing = missing(workspace, *document, wanted).await?;
        if missing.len() < fewest.len() {
            fewest = missing;
        }
    }
    Ok(fewest)
}

async fn missing(
    workspace: &Workspace,
    document: ArtifactId,
    wanted: &[String],
) -> Result<Vec<String>> {
    let told = workspace.attachment_info(document, wanted).await?;
    let there: BTreeSet<_> = told
        .iter()
        .filter(|info| info.document.0 > 0 && info.document != document)
        .map(|info| info.attachment_id.as_str())
        .collect();
    Ok(wanted
        .iter()
        .filter(|id| !there.contains(id.as_str()))
        .cloned()
        .collect())
}
