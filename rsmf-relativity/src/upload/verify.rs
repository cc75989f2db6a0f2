//! Whether each file has become a document, and each attachment its child.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use rsmf_core::{container::RsmfReader, integration::Storage, workers::Workers};

use super::{Verification, VerifyOptions, local};
use crate::{
    Result, SourceFile,
    client::{
        ArtifactId, Workspace,
        objects::{Condition, FieldRef, ObjectType, Query},
    },
};

/// Documents whose attachments are looked up at the same time.
const ASKED_AT_ONCE: usize = 4;

/// What documents are looked for by.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Landmarks {
    /// What their control numbers begin with.
    pub prefix: String,
    /// The name of the set.
    pub set: String,
    /// The name of the custodian.
    pub custodian: String,
}

impl Landmarks {
    /// Documents whose control numbers begin so.
    pub fn new(
        prefix: impl Into<String>,
        set: impl Into<String>,
        custodian: impl Into<String>,
    ) -> Self {
        let (prefix, set, custodian) = (prefix.into(), set.into(), custodian.into());
        Self {
            prefix,
            set,
            custodian,
        }
    }

    fn condition(&self, template: &str) -> Condition {
        let escaped = |text: &str| text.replace('\\', r"\\").replace('\'', r"\'");
        // A prefix is compared by STARTSWITH, where these stand for other characters.
        let prefix = escaped(&self.prefix)
            .replace('%', "[%]")
            .replace('_', "[_]");
        let text = template
            .replace("{prefix}", &prefix)
            .replace("{set}", &escaped(&self.set))
            .replace("{custodian}", &escaped(&self.custodian));
        Condition::raw(text)
    }
}

/// The documents of an upload, by the names of their files in small letters.
pub(super) async fn documents(
    workspace: &Workspace,
    landmarks: &Landmarks,
    options: &VerifyOptions,
) -> Result<BTreeMap<String, Vec<ArtifactId>>> {
    let query = Query::of(ObjectType::document())
        .field(FieldRef::named(&options.file_name))
        .condition(Some(landmarks.condition(&options.condition)));
    let mut found: BTreeMap<String, Vec<ArtifactId>> = BTreeMap::new();
    let mut objects = workspace.objects(query);
    while let Some(object) = objects.try_next().await? {
        let field = object
            .by_name(&options.file_name)
            .or(object.field_values.first());
        let name = field.and_then(|field| field.text()).unwrap_or_default();
        found
            .entry(base(name).to_lowercase())
            .or_default()
            .push(object.artifact_id);
    }
    Ok(found)
}

/// The name without folders, however they are separated.
fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Looks for the documents of all files, and of all attachments that their manifests name.
///
/// # Errors
/// Whatever stands in the way; what is missing is in the result.
pub async fn verify_upload(
    workspace: &Workspace,
    set: ArtifactId,
    source: &Arc<dyn Storage>,
    files: &[SourceFile],
    landmarks: &Landmarks,
    options: &VerifyOptions,
    workers: &Workers,
) -> Result<Verification> {
    let found = documents(workspace, landmarks, options).await?;
    let mut proof = Verification {
        files: files.len() as u64,
        ..Verification::default()
    };
    let mut pairs = Vec::new();
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files {
        let key = base(&file.name).to_lowercase();
        let Some((key, ids)) = found.get_key_value(&key) else {
            proof.miss(format!("{} has not become a document", file.name));
            continue;
        };
        // Of several files of one name, each takes a document of its own; which is whose, attachments tell.
        let count = taken.entry(key).or_default();
        *count += 1;
        match *count <= ids.len() {
            true => {
                proof.documents += 1;
                pairs.push((file.clone(), ids.clone()));
            }
            false => proof.miss(format!("{} has not become a document", file.name)),
        }
    }
    if options.attachments {
        let all: usize = found.values().map(Vec::len).sum();
        let others = (all as u64).saturating_sub(proof.documents);
        attachments(workspace, source, pairs, others, &mut proof, workers).await?;
    }
    let published = workspace.published_of(set).await;
    proof.published = published
        .ok()
        .flatten()
        .map(|documents| documents.published_document_count);
    Ok(proof)
}

async fn attachments(
    workspace: &Workspace,
    source: &Arc<dyn Storage>,
    pairs: Vec<(SourceFile, Vec<ArtifactId>)>,
    others: u64,
    proof: &mut Verification,
    workers: &Workers,
) -> Result<()> {
    let looked = stream::iter(pairs).map(|(file, documents)| {
        let (workspace, source, workers) = (workspace.clone(), Arc::clone(source), workers.clone());
        async move {
            let wanted = wanted(&source, &file, &workers).await?;
            let missing = fewest_missing(&workspace, &documents, &wanted).await;
            let missing = missing.map(Some).or_else(if_unknown)?;
            Ok::<_, crate::Error>((file, wanted.len() as u64, missing))
        }
    });
    let mut looked = std::pin::pin!(looked.buffered(ASKED_AT_ONCE));
    while let Some((file, wanted, missing)) = looked.try_next().await? {
        proof.attachments += wanted;
        let Some(missing) = missing else {
            proof.is_counted = true;
            continue;
        };
        proof.attachments_found += wanted - missing.len() as u64;
        for attachment in missing {
            proof.miss(format!(
                "attachment {attachment} of {} has not become a document",
                file.name
            ));
        }
    }
    if proof.is_counted {
        count(proof, others);
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_hold_names_as_they_are() {
        let landmarks = Landmarks::new("RS_F", "it's", r"a\b");
        let condition = landmarks.condition(
            "'Control Number' STARTSWITH '{prefix}' AND 'Set' == '{set}' OR 'C' == '{custodian}'",
        );
        let expected =
            r"'Control Number' STARTSWITH 'RS[_]F' AND 'Set' == 'it\'s' OR 'C' == 'a\\b'";
        assert_eq!(condition.to_string(), expected);
        assert_eq!((base(r"a\b/c.rsmf"), base("c")), ("c.rsmf", "c"));
    }
}
