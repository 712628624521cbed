//! What a service means by its answer: some say 200 and put in the body that they did not take the message.

use serde_json::Value;

use super::Format;
use crate::fetch::Reply;
use crate::publish::pace::{Outcome, RETRY_AFTER_MAX_S, Verdict};
use crate::render::{clean, cut};

/// Characters of a service's own words that are shown.
const SAID_CHARS_MAX: usize = 200;
/// Seconds to leave a service alone that says "too fast" without saying for how long: their counts are by the minute.
const TOO_FAST_S: u64 = 60;

/// What came of a message of `format` that was answered so.
pub(in crate::publish) fn outcome(format: Format, answered: &Reply) -> Outcome {
    let body: Value = serde_json::from_slice(&answered.body).unwrap_or_default();
    let by_status = Outcome::of_status(answered);
    match format {
        Format::Standard => by_status,
        Format::Slack => slack(answered, by_status),
        Format::Discord => discord(&body, by_status),
        Format::Telegram => telegram(&body, by_status),
        Format::Ntfy => said(by_status, body["error"].as_str()),
        Format::Feishu => feishu(&body, by_status),
        Format::DingTalk => coded(&body, by_status, &[130_101, 410_100, 90_030]),
        Format::WeCom => coded(&body, by_status, &[45_009]),
    }
}

/// The outcome with what the service says of it, if it says anything.
fn said(outcome: Outcome, words: Option<&str>) -> Outcome {
    let words = cut(&clean(words.unwrap_or_default()), SAID_CHARS_MAX);
    if words.is_empty() || outcome.verdict == Verdict::Taken {
        return outcome;
    }
    Outcome { reason: format!("{}: {words}", outcome.reason), ..outcome }
}

/// Slack says a word in plain text.
fn slack(answered: &Reply, by_status: Outcome) -> Outcome {
    let word = String::from_utf8_lossy(&answered.body);
    let gone = matches!(word.trim(), "no_service" | "no_team" | "no_active_hooks");
    let verdict = if gone && by_status.verdict == Verdict::Refused { Verdict::Gone } else { by_status.verdict };
    // A proxy in between says more than a word.
    let is_word = word.len() <= SAID_CHARS_MAX && !word.contains('<');
    said(Outcome { verdict, ..by_status }, is_word.then_some(&word))
}

/// Discord names the pause in seconds with a fraction, in the body of a 429.
fn discord(body: &Value, by_status: Outcome) -> Outcome {
    const UNKNOWN_WEBHOOK: i64 = 10_015;
    let verdict = match by_status.verdict {
        Verdict::Throttled(header_s) => Verdict::Throttled(seconds(&body["retry_after"]).unwrap_or(0).max(header_s)),
        Verdict::Refused if body["code"].as_i64() == Some(UNKNOWN_WEBHOOK) => Verdict::Gone,
        other => other,
    };
    said(Outcome { verdict, ..by_status }, body["message"].as_str())
}

/// Telegram says `ok`, and in whole seconds when it can be asked again.
fn telegram(body: &Value, by_status: Outcome) -> Outcome {
    let verdict = match (body["ok"].as_bool(), &by_status.verdict) {
        (Some(true), Verdict::Taken) => return by_status,
        (None, Verdict::Taken) => return unclear(&by_status),
        (_, Verdict::Taken) => match body["error_code"].as_u64() {
            Some(429) => Verdict::Throttled(0),
            Some(500..) => Verdict::Failed,
            _ => Verdict::Refused,
        },
        (_, other) => other.clone(),
    };
    let pause = seconds(&body["parameters"]["retry_after"]);
    let verdict = match (verdict, pause) {
        (Verdict::Throttled(header_s), pause) => Verdict::Throttled(pause.unwrap_or(0).max(header_s)),
        (Verdict::Refused | Verdict::Failed, Some(pause)) => Verdict::Throttled(pause),
        (verdict, _) => verdict,
    };
    said(Outcome { verdict, ..by_status }, body["description"].as_str())
}

/// Feishu says `code` 0; it writes the same error as another number where its gateway refuses.
fn feishu(body: &Value, by_status: Outcome) -> Outcome {
    const TOO_FAST: [i64; 2] = [11_232, 99_991_400];
    let words = body["msg"].as_str();
    let code = body["code"].as_i64().or_else(|| body["StatusCode"].as_i64());
    let outcome = by_code(code, words, by_status, &TOO_FAST);
    let limited = words.is_some_and(|w| w.contains("frequency limited"));
    if outcome.verdict == Verdict::Refused && limited {
        return Outcome { verdict: Verdict::Throttled(TOO_FAST_S), ..outcome };
    }
    outcome
}

/// DingTalk and WeCom say `errcode` 0.
fn coded(body: &Value, by_status: Outcome, too_fast: &[i64]) -> Outcome {
    by_code(body["errcode"].as_i64(), body["errmsg"].as_str(), by_status, too_fast)
}

fn by_code(code: Option<i64>, words: Option<&str>, by_status: Outcome, too_fast: &[i64]) -> Outcome {
    /// "The system is busy."
    const BUSY: i64 = -1;
    if by_status.verdict != Verdict::Taken && !code.is_some_and(|c| too_fast.contains(&c)) {
        return said(by_status, words);
    }
    let verdict = match code {
        None => return unclear(&by_status),
        Some(0) => return by_status,
        Some(BUSY) => Verdict::Failed,
        Some(code) if too_fast.contains(&code) => Verdict::Throttled(TOO_FAST_S),
        Some(_) => Verdict::Refused,
    };
    let reason = format!("{} with code {}", by_status.reason, code.unwrap_or_default());
    said(Outcome { verdict, reason, ..by_status }, words)
}

/// It said 2xx, and not that it took the message: somebody else may have answered in its place.
fn unclear(by_status: &Outcome) -> Outcome {
    let reason = format!("{}, but not that the message was taken", by_status.reason);
    Outcome { verdict: Verdict::Failed, reason, status: by_status.status }
}

/// Whole seconds, rounded up, of a number that may have a fraction.
fn seconds(value: &Value) -> Option<u64> {
    let seconds = value.as_f64().filter(|s| s.is_finite() && *s >= 0.0)?;
    // A cast of a number that is too large gives the largest there is.
    Some((seconds.ceil() as u64).min(RETRY_AFTER_MAX_S))
}
