//! Which code does which call.

use super::{
    call::Call,
    holds, import, instance,
    objects::{change, export, query},
    processing::{custodians, files, filters, jobs, sets, sources, state::Phase, summary, v0},
    reply::{Outcome, Refusal},
    short, transfer,
    world::World,
};

pub(super) fn call(world: &mut World, call: &Call) -> Outcome {
    match call.name {
        "instance.version" => instance::version(),
        "workspace.read" => instance::workspace(world, call),
        "workspace.shares" => instance::shares(world, call),
        "folder.root" => instance::root_folder(world, call),
        "guids.read" => instance::guids(world, call),
        "object.query" => query::query(world, call, false),
        "object.queryslim" => query::query(world, call, true),
        "object.read" => query::read(world, call),
        "object.create" => change::create(world, call),
        "object.update" => change::update(world, call),
        "object.export" => export::begin(world, call),
        "object.export-next" => export::next(world, call),
        "object.delete" => change::delete(world, call),
        "collect.read" => holds::collection(world, call),
        "collect.targets" => holds::targets(world, call),
        "hold.summary" => holds::summary(world, call),
        "hold.custodians" => holds::custodians(world, call),
        "hold.installed" => holds::installed(world, call),
        name => match name.split_once('.') {
            Some(("import", rest)) if rest.starts_with("source") => {
                import::call_source(world, call)
            }
            Some(("import", _)) => import::call(world, call),
            Some(("transfer", _)) => transfer::call(world, call),
            Some(("message", _)) => short::call(world, call),
            _ => processing(world, call),
        },
    }
}

fn processing(world: &mut World, call: &Call) -> Outcome {
    match call.name {
        "custodian.create" => custodians::create(world, call),
        "custodian.read" => custodians::read(world, call),
        "custodian.update" => custodians::update(world, call),
        "set.create" => sets::create(world, call),
        "set.read" => sets::read(world, call),
        "set.update" => sets::update(world, call),
        "set.summary" | "v0.summary" => summary::read(world, call),
        "set.documents" => summary::documents(world, call),
        "source.create" => sources::create(world, call),
        "source.read" => sources::read(world, call),
        "source.update" => sources::update(world, call),
        "source.locations" => sources::locations(world, call),
        "source.presets" => sources::presets(world, call),
        "source.delete-validation" | "v0.delete-validation" => {
            sources::delete_validation(world, call)
        }
        _ => jobs(world, call),
    }
}

fn jobs(world: &mut World, call: &Call) -> Outcome {
    match call.name {
        "job.inventory" => jobs::submit(world, call, Phase::Inventory),
        "job.discover" => jobs::submit(world, call, Phase::Discover),
        "job.publish" => jobs::submit(world, call, Phase::Publish),
        "job.retry-errors" => jobs::submit(world, call, Phase::Retry),
        "job.cancel" => jobs::cancel(world, call),
        "file.errors" => files::errors(world, call),
        "file.metadata" => files::metadata(world, call),
        "file.retry-errors" => files::submit(world, call, Phase::Retry),
        "file.publish" => files::submit(world, call, Phase::Publish),
        "file.retry-delete" => files::retry_delete(world, call),
        "file.count" => files::count(world, call),
        "file.publish-errors" => files::publish_errors(world, call),
        "filter.stored" => filters::stored(world, call),
        "filter.create" => filters::create(world, call),
        "filter.documents" => filters::documents(world, call),
        "filter.ids" => filters::ids(world, call),
        _ => older(world, call),
    }
}

fn older(world: &mut World, call: &Call) -> Outcome {
    match call.name {
        "v0.custodian" => v0::custodian(world, call),
        "v0.profile" => v0::profile(world, call),
        "v0.set" => v0::set(world, call),
        "v0.source" => v0::source(world, call),
        "v0.custodian-read" | "v0.set-read" | "v0.source-read" | "v0.documents" => {
            v0::read(world, call)
        }
        "v0.inventory" => v0::job(world, call, "InventoryJob", Some(Phase::Inventory)),
        "v0.discover" => v0::job(world, call, "DiscoveryJob", Some(Phase::Discover)),
        "v0.publish" => v0::job(world, call, "PublishJob", Some(Phase::Publish)),
        "v0.cancel" => v0::job(world, call, "CancelJob", None),
        name => Err(Refusal::no_service(
            404,
            &format!("There is no service '{name}'."),
        )),
    }
}
