//! A labelled set: stories of invented sentences, copies of each as outlets make them, and look-alikes that are no copies.

pub(crate) mod score;

use std::collections::BTreeMap;

use opencc_fmmseg::OpenCC;

/// An article, and which story it tells.
#[derive(Clone, Debug)]
pub(crate) struct Labelled {
    /// Equal for copies.
    pub(crate) story: String,
    /// What was done to it: `original`, a way of copying, a way of being alike.
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// splitmix64: the same set on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.roll(of.len())]
    }

    fn some<'a>(&mut self, of: &[&'a str], n: usize) -> Vec<&'a str> {
        let mut all = of.to_vec();
        (0..n.min(all.len())).map(|_| all.swap_remove(self.roll(all.len()))).collect()
    }
}

/// A language's sentences and what fills them.
struct Pen {
    sentences: Vec<&'static str>,
    slots: BTreeMap<&'static str, Vec<String>>,
    is_han: bool,
}

impl Pen {
    fn han() -> Self {
        let crossed = |a: &[&str], b: &[&str]| -> Vec<String> {
            a.iter().flat_map(|a| b.iter().map(move |b| format!("{a}{b}"))).collect()
        };
        let offices = crossed(
            &["北岸", "江城", "晨港", "南坪", "云栖", "白沙", "青石", "东屏"],
            &["商务局", "航运公司", "能源集团", "水务署", "材料研究所", "铁路公司"],
        );
        let people = crossed(
            &["林", "苏", "郑", "韩", "陆", "白", "秦", "宋"],
            &["知远", "小满", "望舒", "大川", "若谷", "明夏"],
        );
        let places = crossed(&["柳", "松", "枫", "石", "沙", "鹿"], &["泉镇", "桥港", "原县", "湾新区", "岭"]);
        let things = ["光刻机", "输水管", "冷柜", "电池组", "稻种", "轴承", "传感器", "玻璃", "存储芯片", "防波块"]
            .map(String::from)
            .to_vec();
        let days: Vec<String> = (1..=12).flat_map(|m| (1..=28).map(move |d| format!("{m}月{d}日"))).collect();
        let slots = [
            ("机构二", offices.clone()),
            ("机构", offices),
            ("人二", people.clone()),
            ("人", people),
            ("地", places),
            ("物", things),
            ("日", days),
        ];
        Self { sentences: include_str!("zh.txt").lines().collect(), slots: slots.into(), is_han: true }
    }

    fn latin() -> Self {
        let crossed = |a: &[&str], b: &[&str]| -> Vec<String> {
            a.iter().flat_map(|a| b.iter().map(move |b| format!("{a} {b}"))).collect()
        };
        let orgs = crossed(
            &["North Quay", "Harbour", "Granite", "Lindenfeld", "Eastholm"],
            &["Shipping", "Water Board", "Energy", "Railways", "Institute"],
        );
        let people = crossed(
            &["Ada", "Bo", "Carla", "Dev", "Ines", "Jonas"],
            &["Lindqvist", "Moreau", "Okafor", "Tanaka", "Weiss"],
        );
        let places = ["Saltmere", "Oak Bridge", "Kelpie Bay", "Low Fen", "Redcliff", "Thornby", "Marlow Sound"]
            .map(String::from)
            .to_vec();
        let things =
            ["pumps", "wafers", "ball bearings", "cold stores", "sensors", "memory chips"].map(String::from).to_vec();
        let days: Vec<String> = ["January", "March", "May", "July", "October"]
            .iter()
            .flat_map(|m| (1..=28).map(move |d| format!("{d} {m}")))
            .collect();
        let slots = [
            ("org", orgs.clone()),
            ("second", orgs),
            ("person", people.clone()),
            ("other", people),
            ("place", places),
            ("thing", things),
            ("day", days),
        ];
        Self { sentences: include_str!("en.txt").lines().collect(), slots: slots.into(), is_han: false }
    }

    /// What one event fills its sentences with.
    fn event(&self, dice: &mut Dice) -> BTreeMap<&'static str, String> {
        self.slots.iter().map(|(slot, of)| (*slot, dice.pick(of).clone())).collect()
    }

    fn write(&self, sentence: &str, event: &BTreeMap<&'static str, String>, dice: &mut Dice) -> String {
        let mut out = sentence.to_owned();
        for (slot, with) in event {
            out = out.replace(&format!("{{{slot}}}"), with);
        }
        for number in ["{数}", "{num}"] {
            while out.contains(number) {
                out = out.replacen(number, &(dice.roll(9000) + 2).to_string(), 1);
            }
        }
        out
    }

    fn some(&self, n: usize, dice: &mut Dice, event: &BTreeMap<&'static str, String>) -> Vec<String> {
        dice.some(&self.sentences, n).into_iter().map(|s| self.write(s, event, dice)).collect()
    }

    /// Sentences as paragraphs.
    fn paragraphs(&self, sentences: &[String]) -> String {
        let gap = if self.is_han { "" } else { " " };
        sentences.chunks(3).map(|p| p.join(gap)).collect::<Vec<_>>().join("\n")
    }

    fn title(&self, sentences: &[String]) -> String {
        sentences[0].chars().take(if self.is_han { 18 } else { 60 }).collect()
    }

    /// A tenth of the characters, or of the words, replaced, left out or added to.
    fn edited(&self, text: &str, dice: &mut Dice) -> String {
        const HAN: [&str; 12] = ["的", "将", "已", "也", "新", "再", "就", "更", "与", "曾", "仍", "便"];
        const LATIN: [&str; 8] = ["also", "still", "now", "very", "quite", "then", "here", "soon"];
        let units: Vec<String> = if self.is_han {
            text.chars().map(String::from).collect()
        } else {
            text.split_inclusive(' ').map(String::from).collect()
        };
        let mut out = String::new();
        for unit in units {
            match dice.roll(30) {
                0 => {}
                1 => out.push_str(&if self.is_han {
                    (*dice.pick(&HAN)).to_owned()
                } else {
                    format!("{} ", dice.pick(&LATIN))
                }),
                2 => {
                    out.push_str(&unit);
                    out.push_str(&if self.is_han {
                        (*dice.pick(&HAN)).to_owned()
                    } else {
                        format!("{} ", dice.pick(&LATIN))
                    });
                }
                _ => out.push_str(&unit),
            }
        }
        out
    }

    fn furniture(&self, dice: &mut Dice) -> (String, String) {
        let event = self.event(dice);
        let related: Vec<String> = self.some(5, dice, &event).iter().map(|s| s.chars().take(20).collect()).collect();
        if self.is_han {
            let head = format!(
                "首页 > 新闻 > 要闻\n{}:{:02} | 评论( {} )\n字号：大 中 小  分享到：微信 微博",
                dice.roll(24),
                dice.roll(60),
                dice.roll(99)
            );
            (
                head,
                format!(
                    "（责任编辑：{}）\n本文不代表本站立场\n相关阅读\n{}\n下一篇 >>",
                    event["人"],
                    related.join("\n")
                ),
            )
        } else {
            let head = format!("Home > News\n{} comments\nShare Tweet Print", dice.roll(99));
            (
                head,
                format!(
                    "Written by {}\nRelated stories\n{}\nSign up for our newsletter",
                    event["person"],
                    related.join("\n")
                ),
            )
        }
    }
}

const HAN_COPIES: [&str; 9] =
    ["s2t", "s2twp", "s2hk", "furniture", "half", "edited", "retitled", "punctuation", "extended"];
const LATIN_COPIES: [&str; 6] = ["furniture", "half", "edited", "retitled", "punctuation", "extended"];
/// Copies of each story.
const COPIES: usize = 5;

/// A story, for others to be like it.
struct Told {
    is_han: bool,
    event: BTreeMap<&'static str, String>,
    sentences: Vec<String>,
    title: String,
    /// Sentences that anybody has used for it.
    frames: Vec<&'static str>,
}

/// `stories` stories with copies, and `alike` look-alikes, in an order of no meaning.
pub(crate) fn set(stories: usize, alike: usize, seed: u64) -> Vec<Labelled> {
    let (mut dice, converter) = (Dice(seed), OpenCC::new());
    let (han, latin) = (Pen::han(), Pen::latin());
    let (mut all, mut told) = (vec![], vec![]);
    for n in 0..stories {
        let pen = if n % 5 == 4 { &latin } else { &han };
        let event = pen.event(&mut dice);
        let count = 9 + dice.roll(6);
        let frames = dice.some(&pen.sentences, count);
        let sentences: Vec<String> = frames.iter().map(|f| pen.write(f, &event, &mut dice)).collect();
        let told_as = Told { is_han: pen.is_han, event, title: pen.title(&sentences), sentences, frames };
        let story = format!("story-{n}");
        let labelled = |kind: &str, (title, text)| Labelled { story: story.clone(), kind: kind.into(), title, text };
        all.push(labelled("original", (told_as.title.clone(), pen.paragraphs(&told_as.sentences))));
        let ways: &[&str] = if pen.is_han { &HAN_COPIES } else { &LATIN_COPIES };
        for kind in dice.some(ways, COPIES) {
            all.push(labelled(kind, copy(kind, &told_as, pen, &converter, &mut dice)));
        }
        told.push(told_as);
    }
    for n in 0..alike {
        let at = dice.roll(told.len());
        let told = &mut told[at];
        let pen = if told.is_han { &han } else { &latin };
        if let Some((kind, title, text)) = look_alike(n, told, pen, &mut dice) {
            all.push(Labelled { story: format!("alike-{n}"), kind: kind.into(), title, text });
        }
    }
    let mut shuffled = vec![];
    while !all.is_empty() {
        shuffled.push(all.swap_remove(dice.roll(all.len())));
    }
    shuffled
}

/// Title and text of a copy of `told`, as outlets make them.
fn copy(kind: &str, told: &Told, pen: &Pen, converter: &OpenCC, dice: &mut Dice) -> (String, String) {
    let (title, text) = (told.title.clone(), pen.paragraphs(&told.sentences));
    match kind {
        "s2t" | "s2twp" | "s2hk" => (converter.convert(&title, kind, false), converter.convert(&text, kind, false)),
        "furniture" => {
            let (head, tail) = pen.furniture(dice);
            (title, format!("{head}\n{text}\n{tail}"))
        }
        "half" => (title, pen.paragraphs(&told.sentences[..told.sentences.len().div_ceil(2)])),
        "edited" => (title, pen.edited(&text, dice)),
        "retitled" => {
            let other = pen.event(dice);
            (pen.title(&pen.some(1, dice, &other)), text)
        }
        "punctuation" => {
            let marks = [("，", ", "), ("。", ". "), ("；", "; "), ("'s", "’s"), (", ", " – ")];
            (title, marks.iter().fold(text, |text, (from, to)| text.replace(from, to)))
        }
        _ => {
            let more = pen.some(told.sentences.len() / 3, dice, &told.event);
            (title, format!("{text}\n{}", pen.paragraphs(&more)))
        }
    }
}

/// What is like `told`, or like a template, and no copy; `None` when all has been said of the event.
fn look_alike(n: usize, told: &mut Told, pen: &Pen, dice: &mut Dice) -> Option<(&'static str, String, String)> {
    const TOLD_BY_OTHERS: usize = 9;
    if n % 3 == 1 {
        let (title, text) = template(n, dice);
        return Some(("template", title, text));
    }
    let by_others = n.is_multiple_of(3);
    let old = if by_others { 0 } else { told.sentences.len() * 2 / 5 };
    let count = if by_others { TOLD_BY_OTHERS } else { told.sentences.len() - old };
    // What was written of this event before, by whomever, is written in other words now.
    let left: Vec<&str> = pen.sentences.iter().copied().filter(|s| !told.frames.contains(s)).collect();
    let frames = dice.some(&left, count);
    if frames.len() < count {
        return None;
    }
    told.frames.extend(&frames);
    let mut sentences: Vec<String> = frames.iter().map(|f| pen.write(f, &told.event, dice)).collect();
    if by_others {
        return Some(("same event", pen.title(&sentences), pen.paragraphs(&sentences)));
    }
    sentences.extend_from_slice(&told.sentences[told.sentences.len() - old..]);
    Some(("follow-up", told.title.clone(), pen.paragraphs(&sentences)))
}

/// Weather, prices, lottery: the same words every day, and other figures.
fn template(n: usize, dice: &mut Dice) -> (String, String) {
    let mut n_of = |max: usize| dice.roll(max) + 1;
    match n % 9 {
        1 => (
            "晨港天气预报".into(),
            format!(
                "市气象台今天傍晚发布未来三天天气预报。今天夜间多云，偏东风{}级，最低气温{}度。明天白天晴间多云，最高气温{}度，相对湿度百分之{}。\
                 后天有{}毫米小雨，气温{}至{}度，能见度{}公里。周末冷空气南下，日平均气温下降{}度，沿海阵风可达{}级。提醒市民出门带伞，\
                 老人和儿童注意添衣，海上作业的船只请留意风浪预警信号。",
                n_of(7),
                n_of(20),
                n_of(38),
                n_of(90),
                n_of(60),
                n_of(20),
                n_of(38),
                n_of(30),
                n_of(12),
                n_of(11)
            ),
        ),
        4 => (
            "农产品批发价格行情".into(),
            format!(
                "据批发市场信息中心统计，今天全市农产品批发价格指数为{}点，比昨天上升{}点。大白菜每公斤{}分，土豆每公斤{}分，番茄每公斤{}分，\
                 黄瓜每公斤{}分，鸡蛋每公斤{}分，猪肉每公斤{}分。全天上市蔬菜{}吨，水果{}吨，水产{}吨，交易秩序平稳，货源充足，\
                 预计明天价格以稳为主，个别叶菜受降雨影响可能小幅波动。",
                n_of(200),
                n_of(9),
                n_of(400),
                n_of(500),
                n_of(900),
                n_of(800),
                n_of(1200),
                n_of(3000),
                n_of(9000),
                n_of(4000),
                n_of(900)
            ),
        ),
        _ => (
            "Lottery results".into(),
            format!(
                "The winning numbers of draw {} of the coast lottery are {}, {}, {}, {}, {} and {}, with {} as the bonus number. \
                 {} tickets share the second prize of {} crowns each, {} tickets share the third. Sales for the draw came to {} crowns. \
                 The jackpot for the next draw, on Saturday evening as always, stands at {} crowns. Prizes can be collected at any \
                 branch office until the end of the quarter on showing the ticket and a passport or a driving licence.",
                n_of(4000),
                n_of(49),
                n_of(49),
                n_of(49),
                n_of(49),
                n_of(49),
                n_of(49),
                n_of(49),
                n_of(40),
                n_of(90_000),
                n_of(900),
                n_of(9_000_000),
                n_of(99_000_000)
            ),
        ),
    }
}
