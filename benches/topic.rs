//! One article against few and many topics: the cost must follow the text and its hits, not the number of topics. Beside it
//! what others do: one compiled regular expression for each topic, tried in turn.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use regex::{Regex, RegexBuilder};
use tidings::text::fold;
use tidings::topic::{Aliases, Spec, Subject, Topics, Vocabulary};

const ARTICLE_CHARS: usize = 1500;
const TOPICS: [usize; 4] = [10, 1_000, 10_000, 100_000];
/// Topics that are tried one after another, by regular expression.
const LOOP: [usize; 3] = [10, 1_000, 10_000];
/// Characters of which both the topics and the article are made, so that many topics come close to matching.
const HAN: &[char] = &[
    '港', '口', '貿', '易', '談', '判', '代', '表', '團', '今', '日', '抵', '達', '會', '場', '雙', '方', '就', '關',
    '稅', '清', '單', '交', '換', '意', '見', '預', '計', '週', '末', '發', '布', '聲', '明', '漁', '船', '山', '林',
    '鐵', '路', '橋', '樑', '河', '流', '電', '力',
];

/// A small generator, so that every run has the same topics.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn han(&mut self, chars: usize) -> String {
        (0..chars).map(|_| HAN[self.roll(HAN.len())]).collect()
    }
}

fn specs(count: usize) -> Vec<Spec> {
    let mut dice = Dice(7);
    (0..count)
        .map(|n| {
            let (a, b, c) = (dice.han(3), dice.han(4), dice.han(4));
            let query =
                format!("({a} OR \"subject {n} case*\") AND ({b} OR {c} OR ruling{n}) AND NOT source:sports{n}");
            Spec { id: format!("topic-{n}"), query, ..Spec::default() }
        })
        .chain([Spec { id: "hit".into(), query: "@talks AND (關稅 OR tariff*)".into(), ..Spec::default() }])
        .collect()
}

/// The topics of [`specs`] as people write them where there are only regular expressions: each part one, then what must not be.
fn expressions(count: usize) -> Vec<(Vec<Regex>, Regex)> {
    let of = |pattern: String| {
        RegexBuilder::new(&pattern).case_insensitive(true).build().unwrap_or_else(|e| panic!("{pattern}: {e}"))
    };
    let mut dice = Dice(7);
    (0..count)
        .map(|n| {
            let (a, b, c) = (dice.han(3), dice.han(4), dice.han(4));
            let all = vec![of(format!("{a}|\\bsubject {n} case")), of(format!("{b}|{c}|\\bruling{n}\\b"))];
            (all, of(format!("\\bsports{n}\\b")))
        })
        .collect()
}

fn matches(all: &[Regex], none: &Regex, text: &str) -> bool {
    all.iter().all(|e| e.is_match(text)) && !none.is_match(text)
}

fn article() -> String {
    let mut dice = Dice(99);
    let mut text = String::from("貿易談判 tariffs ");
    let mut chars = text.chars().count();
    while chars < ARTICLE_CHARS {
        let sentence = dice.han(18);
        text.push_str(&sentence);
        text.push('。');
        chars += 19;
    }
    text
}

fn topics(c: &mut Criterion) {
    let aliases = Vocabulary::from(Aliases::from([("talks".into(), vec!["貿易談判".into(), "trade talk*".into()])]));
    let text = article();
    let subject =
        Subject { title: "雙方交換關稅清單", text: &text, source: "harbour", lang: "zh", ..Subject::default() };
    let mut group = c.benchmark_group("topic");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("fold alone", |b| b.iter(|| fold(black_box(&text))));
    for count in TOPICS {
        let topics = Topics::compile(&specs(count - 1), &aliases).unwrap_or_else(|e| panic!("{e:?}"));
        assert!(topics.matches(&subject).iter().any(|m| m.topic == "hit"));
        group.bench_with_input(BenchmarkId::new("matches", count), &count, |b, _| {
            b.iter(|| topics.matches(black_box(&subject)))
        });
    }
    for count in LOOP {
        let loops = expressions(count);
        group.sample_size(10).bench_with_input(
            BenchmarkId::new("a loop of regular expressions", count),
            &count,
            |b, _| b.iter(|| loops.iter().filter(|(all, none)| matches(all, none, black_box(&text))).count()),
        );
    }
    group.finish();
    let many = specs(10_000);
    let mut compile = c.benchmark_group("topic/compile");
    compile.sample_size(10);
    compile.bench_function("10000", |b| b.iter(|| Topics::compile(black_box(&many), &aliases).is_ok()));
    let most = specs(99_999);
    compile.bench_function("100000", |b| b.iter(|| Topics::compile(black_box(&most), &aliases).is_ok()));
    compile.finish();
}

criterion_group!(benches, topics);
criterion_main!(benches);
