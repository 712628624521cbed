//! What the two ends send each other: forms to hubs, queries to callbacks.

use url::{Url, form_urlencoded::Serializer};

use super::Mode;

/// The form by which a subscriber asks the hub for `topic` to be sent to `callback` (section 5.1).
#[must_use]
pub fn request(mode: Mode, topic: &str, callback: &Url, secret: &str, lease_s: i64) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("hub.mode", mode.as_str()).append_pair("hub.topic", topic);
    form.append_pair("hub.callback", callback.as_str());
    if mode == Mode::Subscribe {
        form.append_pair("hub.secret", secret).append_pair("hub.lease_seconds", &lease_s.to_string());
    }
    form.finish()
}

/// The form by which a publisher tells a hub that there is something new in `topics`. Section 6 leaves it open; this is what the
/// hubs in use take.
#[must_use]
pub fn publish(topics: &[String]) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("hub.mode", "publish");
    form.extend_pairs(topics.iter().map(|topic| ("hub.url", topic)));
    form.finish()
}

/// The address by which a hub asks whether the request was meant (section 5.3). What the callback says itself stays.
#[must_use]
pub fn verification(callback: &Url, mode: Mode, topic: &str, challenge: &str, lease_s: i64) -> Url {
    let mut url = callback.clone();
    let mut query = url.query_pairs_mut();
    query.append_pair("hub.mode", mode.as_str()).append_pair("hub.topic", topic);
    query.append_pair("hub.challenge", challenge);
    if mode == Mode::Subscribe {
        query.append_pair("hub.lease_seconds", &lease_s.to_string());
    }
    drop(query);
    url
}

/// The address by which a hub says that it will not, or no longer, send `topic` (section 5.2).
#[must_use]
pub fn denial(callback: &Url, topic: &str, reason: &str) -> Url {
    let mut url = callback.clone();
    let denied = [("hub.mode", "denied"), ("hub.topic", topic), ("hub.reason", reason)];
    url.query_pairs_mut().extend_pairs(denied);
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::websub::Ask;

    #[test]
    fn a_callback_keeps_its_own_query() {
        let callback = "https://reader.example/told?id=7&hub.mode=x".parse().unwrap();
        let topic = "https://news.example.org/feeds/all.rss?source=a&limit=3";
        let url = verification(&callback, Mode::Subscribe, topic, "c0ffee", 60);
        assert!(url.as_str().starts_with("https://reader.example/told?id=7&hub.mode=x&hub.mode=subscribe&hub.topic="));
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        assert_eq!(pairs[3], ("hub.topic".into(), topic.into()));
        assert_eq!(pairs.last().unwrap(), &("hub.lease_seconds".into(), "60".into()));
        let bare = verification(&"http://reader.example".parse().unwrap(), Mode::Unsubscribe, topic, "c", 60);
        assert!(bare.as_str().starts_with("http://reader.example/?hub.mode=unsubscribe&"));
        assert!(!bare.as_str().contains("lease"));
        assert!(denial(&callback, topic, "it is gone").as_str().ends_with("&hub.reason=it+is+gone"));
    }

    #[test]
    fn what_a_subscriber_writes_a_hub_reads() {
        let (topic, callback) = ("https://a.example/feed?x=1&y=新", "https://b.example/websub/k".parse().unwrap());
        let ask = Ask::read(request(Mode::Subscribe, topic, &callback, "s&=", 3600).as_bytes()).unwrap();
        assert_eq!((ask.secret.as_deref(), ask.lease_s, ask.callback), (Some("s&="), 3600, callback.clone()));
        assert_eq!(ask.topic, topic.parse().unwrap());
        let ask = Ask::read(request(Mode::Unsubscribe, topic, &callback, "s", 1).as_bytes()).unwrap();
        assert_eq!((ask.mode, ask.secret), (Mode::Unsubscribe, None));
        assert_eq!(publish(&["https://a.example/1".into()]), "hub.mode=publish&hub.url=https%3A%2F%2Fa.example%2F1");
    }
}
