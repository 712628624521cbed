//! Which daemons are at work on the database, and who holds which host.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, page::time, problem::Problem, state::until};
use crate::render::{clean, cut, escape};
use crate::store::{DaemonRow, LeaseRow};

/// Daemons that are listed.
const DAEMONS_MAX: i64 = 100;
/// Hosts that are listed; how many there are is told all the same.
const HELD_MAX: i64 = 500;
/// Characters of a machine's name.
const NAME_CHARS_MAX: usize = 40;

/// Who holds what.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Leases {
    daemons: Vec<DaemonRow>,
    held: Vec<LeaseRow>,
}

/// Who holds what at `now`.
pub(super) async fn look(app: &App, now: DateTime<Utc>) -> Result<Leases, Problem> {
    let held = app.store.held(now, HELD_MAX).await.map_err(|e| Problem::store("leases", &e))?;
    Ok(Leases { daemons: daemons(app, now).await?, held })
}

/// The daemons at `now`.
pub(super) async fn daemons(app: &App, now: DateTime<Utc>) -> Result<Vec<DaemonRow>, Problem> {
    app.store.daemons(now, DAEMONS_MAX).await.map_err(|e| Problem::store("daemons", &e))
}

/// Adds them as a table.
pub(super) fn section(out: &mut String, daemons: &[DaemonRow], now: DateTime<Utc>) {
    if daemons.is_empty() {
        return;
    }
    out.push_str(
        "<h2>Daemons</h2><div class=\"card\"><table><thead><tr><th>Daemon</th><th class=\"n\">Hosts held</th>\
         <th class=\"n\">At most</th><th>Others take over</th></tr></thead><tbody>",
    );
    for d in daemons {
        let most = if d.lanes_max == 0 { "–".into() } else { d.lanes_max.to_string() };
        let _ = write!(
            out,
            "<tr><td>{}</td><td class=\"n\" data-k=\"held\">{}</td><td class=\"n\" data-k=\"at most\">{most}</td>\
             <td class=\"w\" data-k=\"until\">{}</td></tr>",
            escape(&short(&d.holder)),
            d.hosts,
            time(d.until, &until(d.until, now))
        );
    }
    out.push_str("</tbody></table></div>");
}

/// The machine and the process of a holder's name; the rest of it only makes it unique.
fn short(holder: &str) -> String {
    let machine = holder.split('/').next().unwrap_or_default();
    let machine = cut(&clean(machine), NAME_CHARS_MAX);
    match holder.rsplit('/').nth(1).and_then(|pid| pid.parse::<u32>().ok()) {
        Some(pid) => format!("{machine}, process {pid}"),
        None => machine,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_daemon_is_shown_by_machine_and_process() {
        assert_eq!(short("box-1/1000/pid:[4026531836]/77/123-abcd"), "box-1, process 77");
        assert_eq!((short("nobody"), short("")), ("nobody".to_owned(), String::new()));
        let now = DateTime::UNIX_EPOCH;
        let row = DaemonRow { holder: "<b>/7/1".into(), lanes_max: 64, hosts: 3, until: now + TimeDelta::seconds(20) };
        let mut out = String::new();
        section(&mut out, &[row], now);
        assert!(out.contains("&lt;b&gt;, process 7") && out.contains(">3<") && out.contains("in 20 s"), "{out}");
        out.clear();
        section(&mut out, &[], now);
        assert_eq!(out, "");
    }
}
