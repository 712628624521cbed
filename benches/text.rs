//! Throughput of decoding, folding and fingerprinting, in bytes of input.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use encoding_rs::{BIG5, GBK};
use opencc_fmmseg::OpenCC;
use tidings::fingerprint::{digest, sketch};
use tidings::text::{decode, fold};

const NEWS: &str = include_str!("../tests/corpus/news.txt");
const ENGLISH: &str =
    "The ministry said on Tuesday that export-control licences for 5,000 chip-making tools would lapse. ";
/// Copies of the corpus in one document, about the size of a long page.
const COPIES: usize = 8;

/// Names and texts: a Simplified and a Traditional document, and an English one.
fn texts() -> Vec<(&'static str, String)> {
    let simplified = NEWS.repeat(COPIES);
    let traditional = OpenCC::new().s2twp(&simplified, true);
    let english = ENGLISH.repeat(simplified.len() / ENGLISH.len());
    vec![("simplified", simplified), ("traditional", traditional), ("english", english)]
}

fn text(c: &mut Criterion) {
    let mut group = c.benchmark_group("fold");
    for (name, text) in texts() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |b| b.iter(|| fold(black_box(&text))));
    }
    group.finish();

    let mut group = c.benchmark_group("digest");
    for (name, text) in texts() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |b| b.iter(|| digest("title", black_box(&text))));
    }
    group.finish();

    let mut group = c.benchmark_group("sketch");
    for (name, text) in texts() {
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |b| b.iter(|| sketch(black_box(&text))));
    }
    group.finish();

    let mut group = c.benchmark_group("decode");
    for (name, text) in texts() {
        let html = format!("<html><head><title>t</title></head><body>{text}</body></html>");
        let documents = match name {
            "simplified" => vec![("gbk", GBK.encode(&html).0.into_owned(), "text/html; charset=gbk")],
            "traditional" => vec![("big5", BIG5.encode(&html).0.into_owned(), "text/html")],
            _ => vec![],
        };
        for (label, bytes, header) in
            documents.into_iter().chain([(name, html.into_bytes(), "text/html; charset=utf-8")])
        {
            group.throughput(Throughput::Bytes(bytes.len() as u64));
            group.bench_function(BenchmarkId::from_parameter(label), |b| {
                b.iter(|| decode(black_box(&bytes), None, Some(header)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, text);
criterion_main!(benches);
