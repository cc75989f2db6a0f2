//! Whether a request is let in, and to what.

use serde_json::Value;

use super::{
    call::Call,
    dispatch,
    knobs::RelativityKnobs,
    reply::{Outcome, Refusal},
    serve::Asked,
    spec::{Found, Route, Slots},
    tokens::User,
    world::World,
};

/// Does what is asked for, if it is asked for as it must be.
pub(super) fn call(world: &mut World, asked: Asked, found: Found) -> Outcome {
    let (route, slots) = match found {
        Found::Call(route, slots) => (route, slots),
        Found::OtherVerb => {
            return Err(Refusal::no_service(
                405,
                "The verb is not supported by this service.",
            ));
        }
        Found::Nothing => {
            return Err(Refusal::no_service(
                404,
                "There is no service at this address.",
            ));
        }
    };
    if route.name == "token" {
        let media_type = header(&asked, "content-type").to_owned();
        return world.tokens.answer(&world.knobs, &media_type, &asked.body);
    }
    let user = world
        .tokens
        .user(header(&asked, "authorization"), &world.knobs)?;
    check(world, &asked, route, &user)?;
    let call = read(world, asked, route, slots, user)?;
    dispatch::call(world, &call)
}

fn check(world: &mut World, asked: &Asked, route: &Route, user: &User) -> Result<(), Refusal> {
    let is_transfer = route.name.starts_with("transfer.");
    // Whether the Transfer Service asks for it is not known.
    if !is_transfer && header(asked, "x-csrf-header").trim().is_empty() {
        let message = "The header X-CSRF-Header is missing.";
        return Err(match world.knobs.csrf_status {
            403 => Refusal::forbidden(message),
            status => Refusal::no_service(status, message),
        });
    }
    if !is_there(route.name, &world.knobs) {
        return Err(Refusal::no_service(
            404,
            "There is no service at this address.",
        ));
    }
    check_user(user, is_transfer, &world.knobs)?;
    if route.name.starts_with("object.") {
        let referrer = header(asked, "x-kepler-referrer").to_owned();
        world.limit.count(&referrer, &world.knobs)?;
    }
    Ok(())
}

/// Whether this generation of Processing is there.
fn is_there(name: &str, knobs: &RelativityKnobs) -> bool {
    match name.split_once('.') {
        Some(("v0", _)) => knobs.processing_v0,
        Some(("custodian" | "set" | "source" | "job" | "file" | "filter", _)) => {
            knobs.processing_v1
        }
        _ => true,
    }
}

fn check_user(user: &User, is_transfer: bool, knobs: &RelativityKnobs) -> Result<(), Refusal> {
    let (name, is_administrator) = (&user.name, user.is_administrator);
    if is_transfer && is_administrator && knobs.transfer_refuses_administrator {
        let message = format!("{name} is a system administrator, who cannot transfer.");
        return Err(Refusal::forbidden(&message));
    }
    if !is_transfer && !is_administrator && knobs.rest_demands_administrator {
        return Err(Refusal::forbidden(&format!("{name} is no administrator.")));
    }
    Ok(())
}

fn read(
    world: &World,
    asked: Asked,
    route: &Route,
    slots: Slots,
    user: User,
) -> Result<Call, Refusal> {
    let media_type = header(&asked, "content-type").to_ascii_lowercase();
    let is_form = media_type.starts_with("multipart/form-data");
    let largest = match is_form {
        true => world.knobs.largest_stream,
        false => world.knobs.largest_body,
    };
    if asked.body.len() > largest {
        return Err(Refusal::malformed("Maximum request length exceeded."));
    }
    let body = match is_form || asked.body.is_empty() {
        true => Value::Null,
        false => json(&asked.body, &media_type)?,
    };
    route.check(&body)?;
    let query = url::form_urlencoded::parse(asked.query.as_bytes());
    Ok(Call {
        name: route.name,
        slots,
        query: query.into_owned().collect(),
        headers: asked.headers,
        body,
        bytes: asked.body,
        user,
    })
}

fn json(body: &[u8], media_type: &str) -> Result<Value, Refusal> {
    if !media_type.starts_with("application/json") {
        return Err(Refusal::other(415, "The body must be application/json."));
    }
    let wrong = |error| Refusal::malformed(&format!("The body is no JSON: {error}"));
    serde_json::from_slice(body).map_err(wrong)
}

fn header<'a>(asked: &'a Asked, name: &str) -> &'a str {
    let value = asked.headers.get(name);
    value.and_then(|it| it.to_str().ok()).unwrap_or_default()
}
