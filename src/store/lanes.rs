//! Which hosts have something due.

use chrono::{DateTime, Utc};

use super::{Store, StoreError, kept, on_pool, sql};

/// Due targets, the longest waiting, that are looked through for their hosts before hosts are looked at one by one.
const OLDEST_MAX: i64 = 512;
/// Hosts that are looked at together when they are looked at one by one.
const LANES_MAX: i64 = 256;

/// How far the looking at hosts, one by one and by name, has come.
#[derive(Clone, Debug)]
pub struct Turn {
    after: String,
    thorough: bool,
}

impl Turn {
    /// From the beginning; each time it is looked for hosts, a part of them.
    #[must_use]
    pub const fn in_parts() -> Self {
        Self { after: String::new(), thorough: false }
    }

    /// From the beginning; each time as many as it takes, so that to find none means that there is none.
    #[must_use]
    pub const fn thorough() -> Self {
        Self { after: String::new(), thorough: true }
    }
}

impl Store {
    /// At most `limit` hosts that have a target due at `now` which was not visited since `before`, and that nobody holds. Those of the
    /// longest-waiting targets come first; where few hosts with very much to do hide the others, they are looked for by `turn`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn due_hosts(
        &self,
        turn: &mut Turn,
        now: DateTime<Utc>,
        before: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let oldest: Vec<(String, i64, i64)> = on_pool!(self, pool => sqlx::query_as(sql::DUE_HOSTS)
            .bind(kept(now)).bind(kept(before)).bind(OLDEST_MAX).fetch_all(pool).await?);
        let hidden = oldest.iter().map(|(_, due, _)| due).sum::<i64>() >= OLDEST_MAX;
        let free = oldest.into_iter().filter(|(.., held)| *held == 0).map(|(host, ..)| host);
        let mut found: Vec<String> = free.take(limit).collect();
        // Once around from where the turn stands.
        let (start, mut is_around) = (turn.after.clone(), false);
        while hidden && found.len() < limit {
            let lanes: Vec<(String, i64)> = on_pool!(self, pool => sqlx::query_as(sql::LANES)
                .bind(&turn.after).bind(kept(now)).bind(kept(before)).bind(LANES_MAX).fetch_all(pool).await?);
            let is_end = lanes.len() < usize::try_from(LANES_MAX).unwrap_or_default();
            for (host, due) in lanes {
                if found.len() == limit || (is_around && host > start) {
                    return Ok(found);
                }
                if due == 1 && !found.contains(&host) {
                    found.push(host.clone());
                }
                turn.after = host;
            }
            if is_end {
                turn.after.clear();
                if std::mem::replace(&mut is_around, true) {
                    break;
                }
            }
            if !turn.thorough {
                break;
            }
        }
        Ok(found)
    }
}
