//! `[websub]`: who is told of what is new in our feeds, and by whom.

use super::{
    Settings, kinds, names,
    reader::{Findings, Table},
    report::Problem,
};

/// Hubs that are told; more would be a mistake.
const HUBS_MAX: usize = 10;

/// `[websub]`
pub(super) fn websub(root: &mut Table<'_>, settings: &mut Settings, found: &mut Findings<'_>) {
    let mut table = root.section("websub", found);
    let serve = &mut settings.serve;
    if let Some(given) = table.scalar("hub", &kinds::switch(), found) {
        serve.websub.hub = Some(given.value);
        if given.value && serve.public_url.is_none() && !serve.listen.ip().is_loopback() {
            let problem = Problem::warning(given.at, "[websub] hub: readers on other machines do not know our address");
            let hint = "set public_url under [web] to the address at which they reach it".to_owned();
            found.push(problem.expected("subscriptions by the address listened on").hint(hint));
        }
    }
    let hubs = table.list("ping", &names::url(), found);
    if let Some(one_more) = hubs.get(HUBS_MAX) {
        let problem = Problem::error(one_more.at.clone(), "[websub] ping: too many hubs");
        found.push(problem.expected(format!("expected at most {HUBS_MAX}")));
    }
    if let Some(first) = hubs.first().filter(|_| serve.public_url.is_none()) {
        let problem = Problem::warning(first.at.clone(), "[websub] ping: a hub elsewhere cannot reach our feeds");
        let hint = "set public_url under [web] to the address at which it can".to_owned();
        found.push(problem.expected("addresses that lead to this machine only").hint(hint));
    }
    serve.websub.ping = hubs.into_iter().map(|given| given.value).collect();
    table.finish(found);
}
