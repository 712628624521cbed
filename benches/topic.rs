//! One article against few and many topics: the cost must follow the text and its hits, not the number of topics.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tidings::text::fold;
use tidings::topic::{Aliases, Spec, Subject, Topics, Vocabulary};

const ARTICLE_CHARS: usize = 1500;
const TOPICS: [usize; 3] = [10, 1_000, 10_000];
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
        let topics = Topics::compile(&specs(count), &aliases).unwrap_or_else(|e| panic!("{e:?}"));
        assert!(topics.matches(&subject).iter().any(|m| m.topic == "hit"));
        group.bench_with_input(BenchmarkId::new("matches", count), &count, |b, _| {
            b.iter(|| topics.matches(black_box(&subject)))
        });
    }
    group.finish();
    let many = specs(10_000);
    c.bench_function("topic/compile/10000", |b| b.iter(|| Topics::compile(black_box(&many), &aliases).is_ok()));
}

criterion_group!(benches, topics);
criterion_main!(benches);
