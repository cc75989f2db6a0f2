//! Where an upload goes: each request of it.

use std::{collections::HashMap, sync::Arc};

use azure_core::http::{Body, Etag, Method, RequestContent, headers::Headers};
use azure_storage_blob::models::{
    AccessTier, BlockBlobClientCommitBlockListOptions, BlockBlobClientGetBlockListOptions,
    BlockBlobClientStageBlockOptions, BlockList, BlockListType, BlockLookupList,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use rsmf_core::{
    Failure, Kind, Result,
    integration::{Algorithm, Checksum, ObjectMeta, PutOptions, StorePath},
};

use super::{
    Inner,
    blocks::Block,
    meta::{Facts, Found, metadata, quoted, tags},
    upload::is_creation,
};

/// What is written, and how.
pub(super) struct Target {
    pub(super) inner: Arc<Inner>,
    pub(super) path: StorePath,
    pub(super) options: PutOptions,
    metadata: HashMap<String, String>,
}

impl Target {
    pub(super) fn new(inner: Arc<Inner>, path: &StorePath, options: PutOptions) -> Result<Self> {
        Ok(Self {
            inner,
            path: path.clone(),
            metadata: metadata(&options.metadata)?.into_iter().collect(),
            options,
        })
    }

    pub(super) fn failure(&self) -> Failure {
        self.inner.client.call("write", &self.path).failure()
    }

    /// Puts something else in the place of a block: a size that is not the one of its name.
    pub(super) async fn spoil(&self, mut block: Block) -> Result<()> {
        let content = match block.size {
            1 => Bytes::from_static(b"\0\0"),
            _ => Bytes::from_static(b"\0"),
        };
        let name = block.name();
        block = Block::of(block.origin, block.index, &content);
        self.send(&name, block, content).await
    }

    /// Sends a block, which the service compares with its checksum.
    pub(super) async fn stage(&self, block: Block, content: Bytes) -> Result<()> {
        self.send(&block.name(), block, content).await
    }

    async fn send(&self, name: &[u8], block: Block, content: Bytes) -> Result<()> {
        let call = self.inner.client.call("write", &self.path);
        let blob = self.inner.client.blob(&self.path).block_blob_client();
        call.run(async |method_options| {
            let options = BlockBlobClientStageBlockOptions {
                method_options,
                transactional_content_crc64: Some(block.transactional()),
                ..BlockBlobClientStageBlockOptions::default()
            };
            let content = Body::Bytes(content).into();
            blob.stage_block(name, block.size, content, Some(options))
                .await
        })
        .await
        .map(|_| ())
    }

    /// Blocks that wait for a list, those of ours.
    pub(super) async fn left(&self) -> Result<Vec<Block>> {
        let found = match self.list(BlockListType::Uncommitted).await {
            Err(error) if error.kind() == Kind::NotFound => return Ok(Vec::new()),
            found => found?,
        };
        let found = found.uncommitted_blocks.unwrap_or_default();
        // A block of another size than its name tells is none of ours.
        let ours = found.into_iter().filter_map(|found| {
            let block = Block::named(&found.name?)?;
            (found.size? == i64::try_from(block.size).ok()?).then_some(block)
        });
        Ok(ours.collect())
    }

    async fn list(&self, which: BlockListType) -> Result<BlockList> {
        let call = self.inner.client.call("write", &self.path);
        let blob = self.inner.client.blob(&self.path).block_blob_client();
        let found = call
            .run(async |method_options| {
                let options = BlockBlobClientGetBlockListOptions {
                    method_options,
                    ..BlockBlobClientGetBlockListOptions::default()
                };
                blob.get_block_list(which, Some(options)).await
            })
            .await?;
        found
            .into_model()
            .map_err(|error| call.failure().source(error).integrity())
    }

    /// Makes an object of blocks.
    pub(super) async fn commit(
        &self,
        blocks: &[Block],
        md5: Option<Vec<u8>>,
        size: u64,
    ) -> Result<ObjectMeta> {
        let call = self.inner.client.call("write", &self.path);
        let blob = self.inner.client.blob(&self.path).block_blob_client();
        let latest: Vec<_> = blocks.iter().map(Block::name).collect();
        let list = BlockLookupList {
            latest: Some(latest.clone()),
            ..BlockLookupList::default()
        };
        let list: RequestContent<_, _> = list
            .try_into()
            .map_err(|error: azure_core::Error| call.failure().source(error).other())?;
        let result = call
            .run(async |method_options| {
                let options = BlockBlobClientCommitBlockListOptions {
                    method_options,
                    ..self.commit_options(md5.clone())
                };
                blob.commit_block_list(list, Some(options)).await
            })
            .await;
        match result {
            // The answer to an earlier attempt may have been lost.
            Err(error) if error.kind() == Kind::Conflict && call.was_repeated() => {
                match self.has(&latest).await {
                    true => self.inner.head(&self.path).await,
                    false => Err(error),
                }
            }
            result => self.compare(result?.headers(), size, md5).await,
        }
    }

    fn commit_options(
        &self,
        md5: Option<Vec<u8>>,
    ) -> BlockBlobClientCommitBlockListOptions<'static> {
        let content_type = self.options.content_type.as_deref();
        BlockBlobClientCommitBlockListOptions {
            blob_content_md5: md5,
            blob_content_type: content_type.map(str::to_owned),
            blob_tags_string: tags(&self.options.tags),
            if_match: self
                .options
                .if_match
                .as_deref()
                .map(|etag| Etag::from(quoted(etag))),
            if_none_match: is_creation(&self.options).then(|| Etag::from("*")),
            metadata: (!self.metadata.is_empty()).then(|| self.metadata.clone()),
            tier: self.options.storage_class.as_deref().map(tier),
            ..BlockBlobClientCommitBlockListOptions::default()
        }
    }

    /// Whether the object is made of just these blocks: then an earlier attempt did it.
    async fn has(&self, names: &[Vec<u8>]) -> bool {
        let found = self.list(BlockListType::Committed).await;
        let found = found.ok().and_then(|list| list.committed_blocks);
        found.is_some_and(|found| {
            found.len() == names.len()
                && found
                    .iter()
                    .zip(names)
                    .all(|(found, name)| found.name.as_ref() == Some(name))
        })
    }

    /// Compares what the service has with what was sent, unless somebody has replaced it already.
    async fn compare(
        &self,
        committed: &Headers,
        size: u64,
        md5: Option<Vec<u8>>,
    ) -> Result<ObjectMeta> {
        let ours = self.written(committed, size, md5);
        let found = self.inner.head(&self.path).await;
        match found {
            Ok(found) if found.etag == ours.etag => match found.size == size {
                true => Ok(found),
                false => Err(self
                    .failure()
                    .source(format!(
                        "the service has {} bytes instead of {size}",
                        found.size
                    ))
                    .integrity()),
            },
            // It was replaced or removed since.
            Ok(_) => Ok(ours),
            Err(error) if error.kind() == Kind::NotFound => Ok(ours),
            Err(error) => Err(error),
        }
    }

    /// Writes a small object in one request, which the service compares with its MD5.
    pub(super) async fn put(&self, content: Bytes, md5: Vec<u8>) -> Result<ObjectMeta> {
        let client = &self.inner.client;
        let call = client.call("write", &self.path);
        let mut request = client.request(client.url(&self.path), Method::Put);
        let size = content.len() as u64;
        let sum = BASE64_STANDARD.encode(&md5);
        request.insert_header("x-ms-blob-type", "BlockBlob");
        request.insert_header("content-md5", sum.clone());
        request.insert_header("x-ms-blob-content-md5", sum);
        for (name, value) in self.headers() {
            request.insert_header(name, value);
        }
        request.set_body(content);
        match call.send(&mut request, &[201]).await {
            Ok(answer) => Ok(self.written(answer.headers(), size, Some(md5))),
            Err(error) if error.kind() == Kind::Conflict && call.was_repeated() => {
                let found = self.inner.head(&self.path).await?;
                let sum = Checksum::new(Algorithm::Md5, md5);
                match found.size == size && found.checksums.contains(&sum) {
                    true => Ok(found),
                    false => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn headers(&self) -> Vec<(String, String)> {
        let options = &self.options;
        let mut headers: Vec<_> = self
            .metadata
            .iter()
            .map(|(name, value)| (format!("x-ms-meta-{name}"), value.clone()))
            .collect();
        let content_type = options.content_type.as_deref().map(str::to_owned);
        let create = is_creation(options).then(|| "*".to_owned());
        for (name, value) in [
            ("x-ms-blob-content-type", content_type),
            ("x-ms-access-tier", options.storage_class.clone()),
            ("x-ms-tags", tags(&options.tags)),
            ("if-none-match", create),
            ("if-match", options.if_match.as_deref().map(quoted)),
        ] {
            headers.extend(value.map(|value| (name.to_owned(), value)));
        }
        headers
    }

    /// What the answer tells, and what was sent.
    fn written(&self, headers: &Headers, size: u64, md5: Option<Vec<u8>>) -> ObjectMeta {
        let facts = Facts {
            size,
            md5: md5.map(|md5| BASE64_STANDARD.encode(md5)),
            content_type: self.options.content_type.as_deref().map(str::to_owned),
            tier: self.options.storage_class.clone(),
            metadata: self.metadata.clone().into_iter().collect(),
            copy_status: None,
            ..Facts::of(headers)
        };
        match facts.found(self.path.clone()) {
            Found::Object(meta) => *meta,
            Found::Nothing => ObjectMeta::new(self.path.clone(), size),
        }
    }
}

/// A tier by its name, which the service knows or refuses.
fn tier(name: &str) -> AccessTier {
    let Ok(tier) = name.parse();
    tier
}
