//! What nobody could confirm, so that nobody takes this for the real one.

/// One line for each thing, with the knob that turns it where there is one.
pub const UNCONFIRMED: &[&str] = &[
    "status of refusals of Processing (refusal_status), of requests without X-CSRF-Header (csrf_status), of creates (created_status)",
    "whether methods without a result answer nothing or null (nothing)",
    "spelling of the summary of Processing, version 1 (processing_spelling), and of the progress of imports (import_spelling)",
    "names of all statuses but the completed ones (running), and their GUIDs, which are random here",
    "how a set ends whose folder is missing (job_error_end); whether files with errors are published (publish_files_with_errors)",
    "whether errors can be retried on RelativityOne (retry_errors), and whether publishing during a job is refused",
    "which fields documents have, and how profiles name their deduplication and numbering",
    "whether pictures of participants become documents (here they do not)",
    "fields of the answer with a token but access_token (token_says_lifetime), and its errors",
    "whether users must be administrators for REST (rest_demands_administrator); the sources contradict each other",
    "headers of rate limits but RateLimit-Reset (retry_after); limits of anything but the Object Manager",
    "words and errors of the Transfer Service (transfer_words, transfer_refusal_status), whether it wants X-CSRF-Header",
    "Import Service: status of refusals (import_refusal_status), key of the list of sources (import_sources_key)",
    "spelling of the documents of attachments (message_spelling); what a slice answers",
    "what the quality-control files of a transfer look like",
    "how sets, data sources and custodians are read by version 0 (ReadAsync), and its aggregates",
    "multipart layout of the validation of short messages beyond the vendor's sample",
    "where the short messages' paths of the OpenAPI description begin, and those of Legal Hold (both from the root of REST here)",
    "the type of kept filters, what errors of publishing look like, where exports begin to count (here as queries do)",
    "number of Overlay among the modes of imports; numbers of object types from 1,000,000 on",
];
