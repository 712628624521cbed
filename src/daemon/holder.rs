//! Who this daemon is in the table of leases, and whether another that was here before is dead.

use std::{fs, os::unix::fs::MetadataExt};

use chrono::Utc;

use crate::store::{Store, StoreError};

/// Daemons of one database that are looked at.
const DAEMONS_MAX: i64 = 1000;

/// A name for this process that no other has, now or later: host, user, process number, and when the process began.
pub(super) fn name() -> String {
    let pid = std::process::id();
    format!("{}/{pid}/{}", place(), began(pid).unwrap_or_else(|| Utc::now().timestamp_micros().to_string()))
}

/// Gives back the leases of daemons of this machine that are dead, so that a restart after a crash need not wait for them to
/// run out.
pub(super) async fn release_dead(store: &Store) -> Result<(), StoreError> {
    let now = Utc::now();
    let mut holders: Vec<String> = store.daemons(now, DAEMONS_MAX).await?.into_iter().map(|d| d.holder).collect();
    holders.extend(store.sinks().await?.into_iter().filter_map(|sink| sink.holder));
    holders.sort();
    holders.dedup();
    for holder in holders.into_iter().filter(|h| is_dead(h)) {
        tracing::info!(holder, "a daemon of this machine ended without giving its hosts back; they are free again");
        store.release_all(&holder).await?;
        store.release_sinks(&holder).await?;
        store.leave(&holder, now).await?;
    }
    Ok(())
}

/// Certain only of this user's processes on this machine: others may be hidden from us, and of other machines nothing is known.
fn is_dead(holder: &str) -> bool {
    let mut parts = holder.rsplitn(3, '/');
    let (Some(start), Some(pid), Some(there)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let Ok(pid) = pid.parse::<u32>() else { return false };
    there == place() && fs::exists("/proc/self/stat").unwrap_or(false) && began(pid).as_deref() != Some(start)
}

/// This machine, this user, and the processes that can be seen from here: a container has numbers of its own.
fn place() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let user = fs::metadata("/proc/self").map(|m| m.uid()).unwrap_or_default();
    let numbers = fs::read_link("/proc/self/ns/pid").map(|l| l.display().to_string()).unwrap_or_default();
    format!("{}/{user}/{numbers}", host.trim())
}

/// When a process began, in clock ticks since boot (proc(5), field 22 of `stat`), with the boot it belongs to.
fn began(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the command in parentheses, which may hold anything.
    let ticks = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?;
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(format!("{ticks}-{}", boot.trim().get(..8)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn we_are_alive_and_a_process_that_never_was_is_not() {
        let ours = name();
        assert!(!is_dead(&ours), "{ours}");
        assert!(is_dead(&format!("{}/{}/1-00000000", place(), std::process::id())), "another process had our number");
        assert!(is_dead(&format!("{}/4194999/1-00000000", place())));
        assert!(!is_dead("elsewhere/0/1/1-00000000"), "of other machines nothing is known");
        assert!(!is_dead(&format!("{}9/4194999/1-00000000", place())), "nor of other users and containers");
        assert!(!is_dead("nonsense"));
    }
}
