use tidings::{config, topic::{Question, Subject}};
fn main() {
    let settings = config::load(std::path::Path::new("config.toml"), &Default::default()).unwrap_or_else(|e| panic!("{e}"));
    let q = Question::new(&settings.topics[0], &settings.vocabulary).unwrap();
    for set in ["headlines", "articles"] {
        let t = std::fs::read_to_string(format!("tests/headlines/{set}.jsonl")).unwrap();
        for (i, l) in t.lines().enumerate() {
            let v: serde_json::Value = serde_json::from_str(l).unwrap();
            let e = q.explain(&Subject { title: v["title"].as_str().unwrap(), text: v["opening"].as_str().unwrap(), ..Subject::default() });
            println!("{set} {} {} {} {:.1} {}", i % 2, v["label"].as_str().unwrap(), e.matched.is_some(), e.score, v["title"].as_str().unwrap());
            if v["label"] == "near" && e.matched.is_some() { for ev in &e.matched.unwrap().evidence { println!("     [{}] {} :: {}", ev.term.chars().take(30).collect::<String>(), ev.found, ev.excerpt); } }
        }
    }
}
