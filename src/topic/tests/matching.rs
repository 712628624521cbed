//! What a query finds, in both scripts and in English, and what it says of it.

use super::{aliases, body, compiled, spec};
use crate::model::Field;
use crate::topic::{Spec, Subject, Topics, Vocabulary, packs};

#[track_caller]
fn check(query: &str, text: &str, expected: bool) {
    assert_eq!(!compiled(query).matches(&body(text)).is_empty(), expected, "{query} on {text}");
}

#[test]
fn latin_on_word_boundaries() {
    check("chip", "A chip.", true);
    check("chip", "The chipmunk", false);
    check("chip", "microchip", false);
    check("chip", "CHIP", true);
    check("chip", "國產chip產業", true);
    check("chip*", "Chips and chipmakers", true);
    check("chip*", "microchips", false);
    check("\"export control*\"", "new Export-Controls here", true);
    check("\"export control\"", "new export controls here", false);
    check("\"export control\"*", "new export controls here", true);
    check("\"export control\"", "export\n  control", true);
    check("\"export control\"", "export of control", false);
    check("export-control", "export control", true);
    check("café", "CAFE", true);
    check("5G", "a 5g network, not 15g", true);
    check("5G", "15g", false);
}

#[test]
fn han_anywhere_in_both_scripts() {
    check("芯片", "国产芯片产业", true);
    check("芯片", "國產晶片產業", true);
    check("晶片", "国产芯片产业", true);
    check("半導體", "全球半导体市场", true);
    check("出口管制", "出口\n  管制", true);
    check("\"出口 管制\"", "出口管制", true);
    check("出口管制", "出口和管制", false);
    check("5G芯片", "新5G晶片", true);
    check("5G芯片", "新15G晶片", false);
    check("芯片5", "芯片5號", true);
    check("芯片5", "芯片55", false);
    check("半导*", "半导体", true);
    check("「出口管制」 （芯片 OR ＂chip＂）", "出口管制：chip", true);
    check("title：芯片 OR 管制", "管制", true);
}

#[test]
fn alternatives_near_each_other() {
    check("near(5, @chip, @出口)", "export controls on advanced chips", true);
    check("near(5, @chip, @出口)", "先進半導體與芯片的出口管制", true);
    check("near(1, @chip, @出口)", "出口管制一二三芯片", false);
    check("near(3, @chip, @出口)", "出口管制一二三芯片", true);
    check("near(3, (a OR \"b c\"), d, ef*)", "b c x d y effort", true);
    check("title:near(3, a, b)", "a b", false);
    // More alternatives never find less, and what overlaps is counted once.
    check("near(1, 美国, (出口 OR 出口管制新措施), 芯片)", "美国的出口管制新措施芯片", true);
    check("near(0, a, (b OR \"b c d e\"), f)", "a b c d e f", true);
    check("near(2, 出口管制, 管制, 芯片)", "出口管制一二三四芯片", false);
    check("near(4, 出口管制, 管制, 芯片)", "出口管制一二三四芯片", true);
    assert_eq!(
        compiled("near(3, @chip, @出口)").matches(&body("芯片一二出口管制"))[0].evidence[0].found,
        "芯片一二出口管制"
    );
}

#[test]
fn operators() {
    check("a b", "a b", true);
    check("a b", "a", false);
    check("a OR b c", "a", true);
    check("(a OR b) c", "a", false);
    check("a OR b AND c", "a", true);
    check("NOT a AND b", "b", true);
    check("NOT a AND b", "a b", false);
    check("b -a", "b", true);
    check("b -a", "b a", false);
    check("b -(a c)", "b a", true);
    check("b NOT a OR c", "a c", true);
    check("chip and export", "chip export", false);
    check("chip and export", "chip and export", true);
    check("NOT NOT a", "a", true);
    check("NOT (NOT a OR b)", "a", true);
    check("NOT (NOT a OR b)", "a b", false);
    check("min(2, a, b, c)", "a c", true);
    check("min(2, a, b, c)", "c c", false);
    check("min(2, a b, c OR d, -e)", "a b", true);
    check("min(2, a b, c OR d, -e)", "a b e", false);
    check("NOT min(1, NOT a, b)", "a", true);
    check("NOT min(1, NOT a, b)", "a b", false);
    check("d NOT min(2, a, b, c)", "d a", true);
    check("d NOT min(2, a, b, c)", "d a c", false);
}

#[test]
fn near_terms() {
    check("\"export chip\"~2", "export of the chip", true);
    check("\"export chip\"~1", "export of the chip", false);
    check("\"export chip\"~0", "chip export", true);
    check("\"chip* export*\"~3", "Exports of many chips", true);
    check("\"出口 芯片\"~4", "出口先進的晶片", true);
    check("\"出口 芯片\"~2", "出口先進的晶片", false);
    check("\"出口 芯片\"~2", "出口先進的晶片,晶片的出口", true);
    check("\"a b c\"~2", "a x b b c", true);
    check("\"a b c\"~1", "a x b x c", false);
    check("title:\"a b\"~5", "a b", false);
}

#[test]
fn aliases_are_written_out() {
    check("@chip @出口", "半導體 SEMICONDUCTORS: 出口管制", true);
    check("@chip @出口", "chipmunk 出口管制", false);
    check("@chip -@出口", "chip 出口管制", false);
    check("@chip", "Semiconductors", true);
}

#[test]
fn fields() {
    let subject = Subject {
        title: "芯片新聞",
        text: "something about exports",
        source: "backyard-us",
        source_name: "後院 美國要聞",
        origin: "紐約時報",
        author: "By Ann O'Neil",
        lang: "zh-Hant",
    };
    for (query, expected) in [
        ("title:芯片", true),
        ("body:芯片", false),
        ("title:(exports OR 芯片)", true),
        ("title:@chip", true),
        ("body:@chip", false),
        ("source:backyard-us", true),
        ("source:backyard", true),
        ("source:back", false),
        ("source:back*", true),
        ("source:美国要闻", true),
        ("source:\"後院 美國要聞\"", true),
        ("origin:纽约时报", true),
        ("author:\"o'neil\"", true),
        ("author:neil", true),
        ("author:nei", false),
        ("lang:zh", true),
        ("lang:zh-Hant", true),
        ("lang:en", false),
        ("backyard", false),
        ("芯片 -source:backyard-us", false),
        ("芯片 NOT origin:(路透 OR 美聯)", true),
    ] {
        assert_eq!(!compiled(query).matches(&subject).is_empty(), expected, "{query}");
    }
    let found = compiled("lang:zh source:backyard-us").matches(&subject);
    assert!(found[0].score.abs() < 1e-9);
    let terms: Vec<_> = found[0].evidence.iter().map(|e| (e.term.as_str(), e.found.as_str(), e.field)).collect();
    assert_eq!(terms, [("source:backyard-us", "backyard-us", Field::Source), ("lang:zh", "zh", Field::Lang)]);
}

#[test]
fn evidence_shows_the_original() {
    let subject = Subject {
        title: "晶片出口管制升級",
        text: "美國商務部\n表示，先進晶片與半導體設備……Semiconductors! 晶片。",
        ..Subject::default()
    };
    let found = compiled("@chip (出口管制 OR \"entity list\") -体育").matches(&subject);
    let shown: Vec<_> =
        found[0].evidence.iter().map(|e| (e.term.as_str(), e.found.as_str(), e.field, e.count)).collect();
    assert_eq!(
        shown,
        [
            ("芯片", "晶片", Field::Title, 1),
            ("出口管制", "出口管制", Field::Title, 1),
            ("芯片", "晶片", Field::Body, 2),
            ("semiconductor*", "Semiconductors", Field::Body, 1),
        ]
    );
    assert_eq!(found[0].evidence[2].excerpt, "美國商務部 表示，先進晶片與半導體設備……Semiconductors! 晶片。");
    let expected = 3.0 + 3.0 + 2.0 * (1.0 + 2f64.ln()) + 2.0;
    assert!((found[0].score - expected).abs() < 1e-9, "{}", found[0].score);
}

#[test]
fn evidence_is_of_what_made_it_hold() {
    let found = compiled("(a AND b) OR c OR NOT (NOT d)").matches(&body("a c d c"));
    let terms: Vec<_> = found[0].evidence.iter().map(|e| (e.term.as_str(), e.count)).collect();
    assert_eq!(terms, [("c", 2), ("d", 1)]);
}

#[test]
fn evidence_is_capped_and_names_every_clause() {
    let words: Vec<_> = (0..20).map(|n| format!("word{n}")).collect();
    let text = format!("{} last", words.join(" "));
    let found = compiled(&format!("({}) AND last", words.join(" OR "))).matches(&body(&text));
    assert_eq!(found[0].evidence.len(), 8);
    assert!(found[0].evidence.iter().any(|e| e.term == "last"));
    assert!(found[0].score > 20.9);
    let found = compiled(&format!("({}) AND last OR other", words.join(" OR "))).matches(&body(&text));
    assert!(found[0].evidence.iter().any(|e| e.term == "last"));
}

#[test]
fn equal_terms_count_once() {
    let one = compiled("芯片").matches(&body("晶片"));
    let both = compiled("芯片 OR 晶片 OR @chip").matches(&body("晶片"));
    assert_eq!((one[0].score, &one[0].evidence), (both[0].score, &both[0].evidence));
}

#[test]
fn a_near_phrase_is_shown_whole() {
    let found = compiled("\"出口 晶片\"~9").matches(&body("他說，出口「先進」的芯片，很難。"));
    assert_eq!(found[0].evidence[0].found, "出口「先進」的芯片");
    assert_eq!(found[0].evidence[0].term, "\"出口 晶片\"~9");
}

#[test]
fn topics_come_in_order() {
    let specs: Vec<_> = ["z chip", "chip", "export", "chip OR 管制"]
        .iter()
        .zip(["d", "c", "b", "a"])
        .map(|(query, id)| Spec { id: id.into(), ..spec(query) })
        .collect();
    let topics = Topics::compile(&specs, &Vocabulary::default()).unwrap();
    let found: Vec<_> = topics.matches(&body("chip 管制")).into_iter().map(|m| m.topic).collect();
    assert_eq!(found, ["c", "a"]);
    assert_eq!((topics.len(), topics.is_empty()), (4, false));
    assert!(topics.matches(&body("")).is_empty());
    assert!(Topics::default().matches(&body("chip")).is_empty() && Topics::default().is_empty());
}

#[test]
fn topics_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Topics>();
}

#[test]
fn digests_tell_what_is_asked_for() {
    let digest = |query: &str| spec(query).digest(&aliases());
    for (a, b) in [
        ("a b", "b AND  a"),
        ("a OR (b)", "b OR a"),
        ("-a b", "b NOT a"),
        ("芯片", "晶片"),
        ("@chip", "芯片 OR chip OR chips OR semiconductor*"),
        ("Chip", "chip"),
    ] {
        assert_eq!(digest(a), digest(b), "{a} / {b}");
    }
    for (a, b) in [
        ("a b", "a OR b"),
        ("a", "a*a"),
        ("title:a", "body:a"),
        ("ab", "ab*"),
        ("\"a b\"~2", "\"a b\"~3"),
        ("min(1, a, b)", "min(2, a, b)"),
        ("a (", "b ("),
    ] {
        assert_ne!(digest(a), digest(b), "{a} / {b}");
    }
    let mut changed = aliases();
    changed.aliases.insert("unused".into(), vec!["x".into()]);
    assert_eq!(spec("@chip").digest(&changed), digest("@chip"));
    changed.aliases.insert("chip".into(), vec!["x".into()]);
    assert_ne!(spec("@chip").digest(&changed), digest("@chip"));
}

#[test]
fn the_examples_of_the_page_are_queries() {
    let page = include_str!("../../../docs/queries.md");
    let examples = page.split("```query\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(examples.lines().count() > 5);
    let text = "美國商務部：晶片出口管制與制裁。Semiconductors, export controls; Nvidia";
    let subject = Subject { title: "晶片出口制裁", text, origin: "路透社", lang: "zh", ..Subject::default() };
    let mut vocabulary = aliases();
    vocabulary.aliases.extend(packs().clone());
    for example in examples.lines() {
        let topics = Topics::compile(&[spec(example)], &vocabulary).unwrap_or_else(|e| panic!("{example}: {e:?}"));
        assert_eq!(topics.matches(&subject).len(), 1, "{example}");
    }
}

/// What folds ordinary words together must not hide the words that meet in them.
#[test]
fn words_that_meet_are_found() {
    for (query, text) in [
        ("日本", "印尼、日本和韩国"),
        ("日惹", "印尼日惹"),
        ("存款", "确保存款安全"),
        ("社保", "社保存在缺口"),
        ("线下", "在线下门店"),
        ("彭博", "参加彭博论坛"),
        ("巴西", "巴西元首"),
        ("显示", "数据显示卡塔尔"),
        ("别墅", "大型别墅"),
        ("量化宽松", "改变量化宽松"),
        ("选举", "地点选举"),
        ("达沃斯", "打卡达沃斯"),
        ("视频", "安检视频"),
        ("公交", "公交互联"),
        ("程序化交易", "引进程序化交易"),
        ("真相", "真相容易被掩盖"),
        ("宣传", "宣传送法"),
        ("群众", "公社群众"),
        ("建筑", "独创建筑"),
        ("民资", "民资料将回升"),
        ("外资", "外资料将加仓"),
        ("投资", "投资料增两成"),
        ("执行官", "苹果首席执行官库克"),
        ("首席执行", "苹果首席执行官库克"),
        ("出口许可", "撤銷三星的出口許可權"),
        ("终端", "终端用户"),
        ("区域", "区域性银行"),
        ("电话", "移动电话"),
        ("援助", "收支援助"),
        ("货运", "货运行业"),
        ("行业", "货运行业"),
        ("海外數據", "海外数据"),
        ("资料库", "中国数据库"),
    ] {
        check(query, text, true);
    }
}
