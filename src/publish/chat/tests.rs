use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::fetch::Reply;
use crate::model::{ArticleRow, ChangeKind, Draft, Evidence, Field, Match, Outlet};
use crate::publish::pace::Verdict;

const ALL: [Format; 7] =
    [Format::Slack, Format::Discord, Format::Telegram, Format::Ntfy, Format::Feishu, Format::DingTalk, Format::WeCom];

/// A page that tries everything.
const HOSTILE: &str = "<!channel> @everyone *b* [x](https://evil.example) <b>\"&amp; |`\\ #1";

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 250_000_000).unwrap()
}

fn change(number: i64, title: &str) -> Change {
    Change {
        number,
        kind: ChangeKind::StoryNew,
        story: number,
        article: number,
        source: "harbor".into(),
        title: title.into(),
        url: format!("https://harbor.example/{number}?a=(1)|b"),
        topics: vec!["port".into(), "rice".into()],
        at: now(),
    }
}

fn stored(change: &Change, text: &str) -> StoryItem {
    let evidence =
        Evidence {
            term: "出口*".into(), found: "出口管制".into(), field: Field::Body, excerpt: text.into(), count: 2
        };
    StoryItem {
        number: change.number,
        lead: ArticleRow {
            id: change.article,
            story: change.story,
            source: change.source.clone(),
            draft: Draft {
                url: change.url.parse().unwrap(),
                title: change.title.clone(),
                text: text.into(),
                html: String::new(),
                published: Some(now() - TimeDelta::minutes(5)),
                modified: None,
                author: None,
                origin: Some("晨报".into()),
                language: None,
                image: None,
                canonical: None,
                section: None,
                tags: vec![],
                comments: None,
                next: None,
            },
            first_seen_at: now(),
            revised_at: now(),
            revision: 1,
        },
        outlets: vec![Outlet {
            source: "harbor".into(),
            name: "Harbor Daily".into(),
            url: change.url.clone(),
            title: change.title.clone(),
            first_seen_at: now(),
        }],
        matches: vec![Match { topic: "port".into(), score: 2.0, evidence: vec![evidence] }],
    }
}

fn hook(format: Format) -> Webhook {
    let url = match format {
        Format::Telegram => "https://api.telegram.example/bot1:T0K3N/sendMessage?chat_id=-100&message_thread_id=7",
        Format::Ntfy => "https://ntfy.example/sub/news",
        Format::DingTalk => "https://oapi.dingtalk.example/robot/send?access_token=T0K3N",
        _ => "https://chat.example/hook/T0K3N",
    };
    let topics = vec!["port".into()];
    Webhook { format, topics, batch: CHAT_BATCH_MAX, ..Webhook::new("chat", url.parse().unwrap(), vec![]) }
}

/// The body for as many changes as titles.
fn body(format: Format, titles: &[&str], text: &str) -> Value {
    let changes = titles.iter().zip(1..).map(|(title, n)| change(n, title));
    let told: Vec<_> = changes.map(|c| (c.clone(), Some(stored(&c, text)))).collect();
    serde_json::from_slice(&posting(&hook(format), &told, now()).json).unwrap()
}

#[test]
fn each_service_is_told_in_its_own_shape() {
    let of = |format| body(format, &["新的清单"], "港口今日公布…");
    let slack = of(Format::Slack);
    assert_eq!(slack["text"], "新的清单");
    assert_eq!(
        slack["blocks"][0]["text"],
        json!({ "type": "mrkdwn", "verbatim": true, "text": "*<https://harbor.example/1?a=(1)%7Cb|新的清单>*\n港口今日公布…\n\
            Harbor Daily, from 晨报 · 2026-02-02 02:35 UTC\nport: 出口管制" })
    );
    let discord = of(Format::Discord);
    assert_eq!(discord["allowed_mentions"], json!({ "parse": [] }));
    let embed = &discord["embeds"][0];
    assert_eq!((&embed["title"], &embed["url"]), (&json!("新的清单"), &json!("https://harbor.example/1?a=(1)|b")));
    assert_eq!(embed["timestamp"], "2026-02-02T02:35:00.250Z");
    let telegram = of(Format::Telegram);
    assert_eq!((&telegram["chat_id"], &telegram["message_thread_id"]), (&json!("-100"), &json!("7")));
    assert_eq!(telegram["parse_mode"], "HTML");
    let text = telegram["text"].as_str().unwrap();
    assert!(text.starts_with("<b><a href=\"https://harbor.example/1?a=(1)|b\">新的清单</a></b>\n"), "{text}");
    let ntfy = of(Format::Ntfy);
    assert_eq!((&ntfy["topic"], &ntfy["title"]), (&json!("news"), &json!("新的清单")));
    assert_eq!(ntfy["click"], "https://harbor.example/1?a=(1)|b");
    let post = &of(Format::Feishu)["content"]["post"]["zh_cn"];
    assert_eq!(
        post["content"][0][0],
        json!({ "tag": "a", "text": "新的清单", "href": "https://harbor.example/1?a=(1)|b" })
    );
    assert_eq!(post["content"][1][0], json!({ "tag": "text", "text": "港口今日公布…" }));
    let markdown = &of(Format::DingTalk)["markdown"];
    assert_eq!(markdown["title"], "新的清单");
    let text = markdown["text"].as_str().unwrap();
    assert!(text.starts_with("#### [新的清单](https://harbor.example/1?a=%281%29|b)\n\n港口"), "{text}");
    let text = of(Format::WeCom)["markdown"]["content"].as_str().unwrap().to_owned();
    assert!(text.starts_with("**[新的清单](https://harbor.example/1?a=%281%29|b)**\n> 港口"), "{text}");
    assert!(ALL.iter().all(|format| !of(*format).to_string().contains("rice")), "it is not told of other topics");
}

#[test]
fn what_stands_on_a_page_marks_nothing_up_and_calls_nobody() {
    let of = |format| body(format, &[HOSTILE], HOSTILE);
    let slack = of(Format::Slack)["blocks"][0]["text"]["text"].as_str().unwrap().to_owned();
    assert!(slack.contains("&lt;!channel&gt;") && slack.matches('<').count() == 1, "{slack}");
    assert_eq!(of(Format::Slack)["text"].as_str().unwrap().matches(['<', '>']).count(), 0);
    let embed = of(Format::Discord)["embeds"][0].clone();
    assert!(
        embed["title"].as_str().unwrap().contains("\\<!channel\\> \\@everyone \\*b\\* \\[x\\]\\(https\\:"),
        "{embed}"
    );
    let telegram = of(Format::Telegram)["text"].as_str().unwrap().to_owned();
    assert!(telegram.contains("&lt;b&gt;&quot;&amp;amp; |`\\ #1</a></b>"), "{telegram}");
    for (format, at) in [(Format::DingTalk, "text"), (Format::WeCom, "content")] {
        let text = of(format)["markdown"][at].as_str().unwrap().to_owned();
        assert!(text.contains("＜!channel＞".replace('!', "！").as_str()), "{text}");
        assert_eq!((text.matches('[').count(), text.matches('<').count()), (1, 0), "only our own link: {text}");
    }
    let post = of(Format::Feishu)["content"]["post"]["zh_cn"].clone();
    let tags: Vec<&str> =
        post["content"].as_array().unwrap().iter().map(|line| line[0]["tag"].as_str().unwrap()).collect();
    assert_eq!(tags, ["a", "text", "text", "text"], "{post}");
}

#[test]
fn no_message_is_longer_than_its_service_takes() {
    let long = |c: &str| c.repeat(2000);
    for filling in ["长", "&", "_", "😀", "a b", "\"", "<"] {
        let title = long(filling);
        let titles = [title.as_str(); CHAT_BATCH_MAX];
        for n in [1, CHAT_BATCH_MAX] {
            let of = |format| body(format, &titles[..n], &title);
            for block in of(Format::Slack)["blocks"].as_array().unwrap() {
                assert!(block["text"]["text"].as_str().unwrap().encode_utf16().count() <= 3000);
            }
            let discord = of(Format::Discord);
            let embeds = discord["embeds"].as_array().unwrap();
            let units = |value: &Value| value.as_str().map_or(0, |text| text.encode_utf16().count());
            assert!(embeds.iter().all(|e| (1..=256).contains(&units(&e["title"])) && units(&e["description"]) <= 4096));
            assert!(embeds.iter().map(|e| units(&e["title"]) + units(&e["description"])).sum::<usize>() <= 6000);
            // Tags are not counted, and an entity is what it stands for.
            let telegram = of(Format::Telegram)["text"].as_str().unwrap().to_owned();
            let shown: String = telegram.split('<').map(|part| part.split_once('>').map_or(part, |p| p.1)).collect();
            let shown = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
            assert!(shown.encode_utf16().count() <= 4096 && shown.len() > n * 80, "{filling} {n}: {shown}");
            assert!(of(Format::Ntfy)["message"].as_str().unwrap().len() <= 4096);
            assert!(of(Format::Feishu).to_string().len() <= 20 * 1024);
            assert!(of(Format::DingTalk).to_string().len() <= 20_000);
            assert!(of(Format::WeCom)["markdown"]["content"].as_str().unwrap().len() <= 4096);
        }
    }
}

#[test]
fn a_change_is_told_though_nothing_is_stored_of_it_any_more() {
    let gone = Change { kind: ChangeKind::ArticleGone, url: "javascript:x".into(), title: " ".into(), ..change(1, "") };
    for format in ALL {
        let said = posting(&hook(format), &[(gone.clone(), None)], now()).json;
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("Taken down") && !said.contains("\"javascript:x\""), "{format:?}: {said}");
    }
}

#[test]
fn feishu_and_dingtalk_are_signed_as_they_document() {
    let told = [(change(1, "题"), None)];
    let secrets = vec![Secret::of_service("SEC0f1e2d")];
    let feishu = Webhook { secrets: secrets.clone(), ..hook(Format::Feishu) };
    let said: Value = serde_json::from_slice(&posting(&feishu, &told, now()).json).unwrap();
    // By: printf '' | openssl dgst -sha256 -hmac $'1770000000\nSEC0f1e2d' -binary | base64
    assert_eq!(
        (&said["timestamp"], &said["sign"]),
        (&json!("1770000000"), &json!("IyileZMul1EHaOx9IBL+UcITwosQfEC7e2RoOx/slp4="))
    );
    let dingtalk = Webhook { secrets, ..hook(Format::DingTalk) };
    let url = posting(&dingtalk, &told, now()).url;
    // By: printf '1770000000250\nSEC0f1e2d' | openssl dgst -sha256 -hmac SEC0f1e2d -binary | base64
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs[0], ("access_token".into(), "T0K3N".into()));
    assert_eq!(
        pairs[1..],
        [
            ("timestamp".into(), "1770000000250".into()),
            ("sign".into(), "A2JA6UslsYcbp3V8UMoNVb5yjhRHccWfNRn6YKhfU6I=".into())
        ]
    );
    assert!(posting(&hook(Format::Feishu), &told, now()).json.windows(4).all(|w| w != b"sign"), "without a secret");
}

#[test]
fn answers_mean_what_the_services_document() {
    let answered = |status, body: &Value| Reply {
        status,
        retry_after_s: None,
        location: None,
        body: body.to_string().into_bytes(),
    };
    for (format, status, body, expected) in [
        (
            Format::Discord,
            429,
            json!({ "message": "slow", "retry_after": 1.3, "global": false }),
            Verdict::Throttled(2),
        ),
        (Format::Discord, 404, json!({ "message": "Unknown Webhook", "code": 10_015 }), Verdict::Gone),
        (Format::Discord, 400, json!({ "code": 50_006 }), Verdict::Refused),
        (Format::Discord, 204, Value::Null, Verdict::Taken),
        (Format::Telegram, 200, json!({ "ok": true, "result": {} }), Verdict::Taken),
        (Format::Telegram, 200, json!({ "ok": false, "error_code": 400, "description": "no" }), Verdict::Refused),
        (Format::Telegram, 200, json!({ "ok": false, "error_code": 502 }), Verdict::Failed),
        (Format::Telegram, 429, json!({ "ok": false, "parameters": { "retry_after": 35 } }), Verdict::Throttled(35)),
        (
            Format::Telegram,
            200,
            json!({ "ok": false, "error_code": 429, "parameters": { "retry_after": 3 } }),
            Verdict::Throttled(3),
        ),
        (Format::Telegram, 200, json!("a proxy's page"), Verdict::Failed),
        (Format::Telegram, 403, json!({ "ok": false, "description": "bot was kicked" }), Verdict::Refused),
        (Format::Feishu, 200, json!({ "code": 0, "msg": "success" }), Verdict::Taken),
        (Format::Feishu, 200, json!({ "StatusCode": 0, "StatusMessage": "success" }), Verdict::Taken),
        (Format::Feishu, 200, json!({ "code": 19_021, "msg": "sign match fail" }), Verdict::Refused),
        (Format::Feishu, 200, json!({ "code": 11_232, "msg": "frequency limited psm" }), Verdict::Throttled(60)),
        (Format::Feishu, 200, json!({ "code": 9_499, "msg": "frequency limited psm" }), Verdict::Throttled(60)),
        (Format::Feishu, 400, json!({ "code": 99_991_400, "msg": "too many request" }), Verdict::Throttled(60)),
        (Format::Feishu, 200, Value::Null, Verdict::Failed),
        (Format::DingTalk, 200, json!({ "errcode": 0, "errmsg": "ok" }), Verdict::Taken),
        (Format::DingTalk, 200, json!({ "errcode": 310_000, "errmsg": "sign not match" }), Verdict::Refused),
        (Format::DingTalk, 200, json!({ "errcode": 130_101, "errmsg": "send too fast" }), Verdict::Throttled(60)),
        (Format::DingTalk, 200, json!({ "errcode": -1 }), Verdict::Failed),
        (Format::WeCom, 200, json!({ "errcode": 0 }), Verdict::Taken),
        (Format::WeCom, 200, json!({ "errcode": 45_009, "errmsg": "api freq out of limit" }), Verdict::Throttled(60)),
        (Format::WeCom, 200, json!({ "errcode": 93_000, "errmsg": "invalid webhook url" }), Verdict::Refused),
        (Format::WeCom, 502, Value::Null, Verdict::Failed),
        (Format::Ntfy, 200, json!({ "id": "x" }), Verdict::Taken),
        (Format::Ntfy, 403, json!({ "code": 40_301, "error": "forbidden" }), Verdict::Refused),
        (Format::Standard, 200, json!({ "ok": false }), Verdict::Taken),
    ] {
        let came = outcome(format, &answered(status, &body));
        assert_eq!(came.verdict, expected, "{format:?} {status} {body}");
        assert_eq!(came.status, Some(status));
    }
    let word = |status, word: &str| {
        outcome(Format::Slack, &Reply { status, retry_after_s: None, location: None, body: word.into() })
    };
    assert_eq!(word(200, "ok").verdict, Verdict::Taken);
    assert_eq!(word(404, "no_service").verdict, Verdict::Gone);
    assert_eq!(
        (word(400, "invalid_blocks").verdict, word(410, "channel_is_archived").verdict),
        (Verdict::Refused, Verdict::Gone)
    );
    assert_eq!(word(400, "invalid_blocks").reason, "the receiver answered 400: invalid_blocks");
    let told = outcome(Format::DingTalk, &answered(200, &json!({ "errcode": 310_000, "errmsg": "sign\nnot match" })));
    assert_eq!(told.reason, "the receiver answered 200 with code 310000: sign not match");
}
