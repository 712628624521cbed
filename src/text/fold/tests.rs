use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::{
    fold, is_han,
    phrases::{PHRASE_SET, pairs},
    table::{Fate, TABLE, variants},
};

/// Signs that are written as words.
const SIGNS: [char; 4] = ['+', '＋', '#', '＃'];

fn folded(s: &str) -> String {
    fold(s).into_string()
}

/// What the original has where `part` stands in the folded text.
fn source<'a>(s: &'a str, part: &str) -> &'a str {
    let f = fold(s);
    let at = f.as_str().find(part).unwrap_or_else(|| panic!("{part} not in {}", f.as_str()));
    &s[f.original(at..at + part.len())]
}

#[test]
fn characters_fold_alone() {
    for (written, expected) in [
        ("ＡＢＣ　１２３", "abc 123"),
        ("Café Müller Øresund Łódź", "cafe muller oresund lodz"),
        ("STRASSE straße ΟΔΟΣ", "strasse strasse οδοσ"),
        ("ﬁne ½ ② m² ㎞ Ⅳ", "fine 1 2 2 m2 km iv"),
        ("ｶﾞｿﾘﾝ ガソリン", "カソリン カソリン"),
        ("İstanbul ISTANBUL ıstanbul", "istanbul istanbul istanbul"),
        ("㊙️文件⼀式", "秘文件一式"),
        ("臺灣颱風裏裡麽麼祇衹妳牠喫甯寧讚佔", "台湾台风里里么么只只你它吃宁宁赞占"),
        ("週刊周刊 著作着作 乾隆干隆", "周刊周刊着作着作干隆干隆"),
        ("𠮷野家 𝐀𝟗", "𠮷野家a9"),
    ] {
        assert_eq!(folded(written), expected, "{written}");
    }
}

#[test]
fn separators() {
    for (written, expected) in [
        ("  export-control \n", "export control"),
        ("Nvidia's", "nvidia s"),
        ("Nvidia\u{2bc}s", "nvidia s"),
        ("U.S. us 3.5%", "u s us 3 5"),
        ("出口\n　　管制，新規", "出口管制新规"),
        ("華為 Mate 60 發布", "华为mate 60发布"),
        ("ze\u{200b}ro wi\u{ad}dth 零\u{feff}寬", "zero width零宽"),
        ("5,000 12,345,678 1,2,3 1234,567 5,0000 5，000", "5000 12345678 1 2 3 1234 567 5 0000 5000"),
        ("C++ C＋＋ C# F#语言 #chip a+b No#1 x ++", "cplusplus cplusplus csharp fsharp语言chip a b no 1 x"),
        ("\u{e000}!?🚢", ""),
        ("", ""),
    ] {
        assert_eq!(folded(written), expected, "{written}");
    }
}

#[test]
fn regional_words_become_one() {
    for (one, other) in [
        ("晶片", "芯片"),
        ("晶元設計", "芯片设计"),
        ("積體電路與半導體", "集成电路与半导体"),
        ("伺服器的記憶體", "服务器的内存"),
        ("軟體、硬體和網路", "软件、硬件和网络"),
        ("資訊安全程式", "信息安全程序"),
        ("川普談輝達", "特朗普谈英伟达"),
        ("行動電話", "手机"),
        ("計畫", "计划"),
        ("晶\n　片", "芯片"),
    ] {
        assert_eq!(folded(one), folded(other), "{one}");
    }
    for (one, other) in [
        ("晶圓", "晶元"),
        ("晶圓", "芯片"),
        ("軟體動物", "软件动物"),
        ("方程式", "方程序"),
        ("四川普通話", "四特朗普通话"),
        ("投資訊號", "投信息号"),
        ("手机率先", "手概率先"),
    ] {
        assert_ne!(folded(one), folded(other), "{one}");
    }
}

#[test]
fn the_way_back_is_exact() {
    let s = "據報，美國「晶\n片」 出口 ＣＯＮＴＲＯＬＳ at ½ of 5,000 Ｃ++ cafés";
    for (part, original) in [
        ("美国", "美國"),
        ("芯片", "晶\n片"),
        ("国芯", "國「晶\n片"),
        ("controls", "ＣＯＮＴＲＯＬＳ"),
        ("control", "ＣＯＮＴＲＯＬ"),
        (" at ", " at "),
        ("1 2", "½"),
        ("5000", "5,000"),
        ("500", "5,00"),
        ("cplusplus", "Ｃ++"),
        ("plusplus", "++"),
        ("cafes", "cafés"),
        ("afes", "afés"),
    ] {
        assert_eq!(source(s, part), original);
    }
    let f = fold(s);
    assert_eq!(f.original(0..f.as_str().len()), 0..s.len());
    assert_eq!(f.original(3..3), 3..3);
    assert_eq!(f.original(9_999..99_999), s.len()..s.len());
    assert_eq!(fold("...").original(0..0), 3..3);
}

#[test]
fn the_table_is_stable() {
    for c in '\0'..='\u{3FFFF}' {
        let cell = TABLE.cell(c);
        let becomes = match cell.fate() {
            Fate::Word => cell.char().to_string(),
            Fate::Spelled => TABLE.spelling(cell).to_owned(),
            _ => continue,
        };
        for d in becomes.chars().filter(|d| *d != ' ') {
            let again = TABLE.cell(d);
            assert_eq!((again.fate(), again.char()), (Fate::Word, d), "{c} becomes {becomes}");
            assert_eq!(again.is_han(), is_han(d));
            assert!(d.is_alphanumeric(), "{c} becomes {becomes}");
        }
    }
    for (canonical, variants) in variants() {
        assert_eq!(TABLE.cell(canonical).char(), canonical);
        assert!(variants.chars().all(|v| TABLE.cell(v).char() == canonical), "{canonical}");
    }
}

#[test]
fn the_phrases_are_sound() {
    assert!(PHRASE_SET.is_built());
    let pairs: Vec<(String, String)> = pairs().map(|(v, c)| (v.clone(), c.unwrap_or(v))).collect();
    for (i, (variant, canonical)) in pairs.iter().enumerate() {
        assert!(variant.chars().chain(canonical.chars()).all(is_han), "{variant}");
        assert!(pairs[..i].iter().all(|(earlier, _)| earlier != variant), "{variant} twice");
        assert_eq!(folded(variant), *canonical, "replaced in one go");
        assert_eq!(folded(canonical), *canonical, "left alone");
    }
}

#[test]
fn replaced_phrases_may_complete_others() {
    let words: Vec<String> = pairs().flat_map(|(v, c)| [Some(v), c]).flatten().collect();
    for (one, other) in words.iter().flat_map(|one| words.iter().map(move |other| (one, other))) {
        for overlap in one.char_indices().map(|(i, _)| i).filter(|i| other.starts_with(&one[*i..])) {
            let text = one[..overlap].to_owned() + other;
            let once = folded(&text);
            assert_eq!(folded(&once), once, "{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn folding_twice_is_folding_once(s in text()) {
        let once = folded(&s);
        prop_assert_eq!(folded(&once), once);
    }

    #[test]
    fn only_letters_digits_and_single_blanks_are_left(s in text()) {
        let f = folded(&s);
        prop_assert!(f.chars().all(|c| c == ' ' || c.is_alphanumeric()));
        prop_assert!(!f.starts_with(' ') && !f.ends_with(' ') && !f.contains("  "));
        let chars: Vec<char> = f.chars().collect();
        prop_assert!(chars.windows(3).all(|w| w[1] != ' ' || !is_han(w[0]) && !is_han(w[2])));
    }

    #[test]
    fn normal_form_case_and_wrapping_do_not_matter(s in "[a-zA-Zß-ɏΑ-ω가-힣が-ゾ]{0,12}( [a-z晶片é１-９]{1,8}){0,6}") {
        let f = folded(&s);
        prop_assert_eq!(&folded(&s.nfd().collect::<String>()), &f);
        prop_assert_eq!(&folded(&s.nfkc().collect::<String>()), &f);
        prop_assert_eq!(&folded(&s.to_uppercase()), &f);
        prop_assert_eq!(&folded(&s.replace(' ', "\r\n \u{3000}")), &f);
    }

    #[test]
    fn every_range_leads_back(s in text()) {
        let f = fold(&s);
        let cuts: Vec<usize> = f.as_str().char_indices().map(|(i, _)| i).chain([f.as_str().len()]).collect();
        let mut last = 0..0;
        for pair in cuts.windows(2) {
            let part = &f.as_str()[pair[0]..pair[1]];
            let range = f.original(pair[0]..pair[1]);
            prop_assert!(range.start >= last.start && range.end >= last.end && range.end <= s.len());
            let back = s.get(range.clone());
            prop_assert!(back.is_some_and(|b| !b.is_empty()), "{:?}", range);
            if !back.is_some_and(|b| b.starts_with(SIGNS)) && part != " " && !part.chars().all(is_han) {
                prop_assert!(folded(back.unwrap_or("")).contains(part), "{} from {:?}", part, back);
            }
            last = range;
        }
    }
}

/// Anything at all, and what folding has rules for, mixed.
fn text() -> impl Strategy<Value = String> {
    let phrases: Vec<String> = pairs().flat_map(|(v, c)| [Some(v), c]).flatten().collect();
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[a-c0-9,+# .\u{200b}\u{301}]{1,9}",
        "[ａ-ｃ０-９，＋＃　晶片體½㎞ﬁ]{1,5}",
        proptest::sample::select(phrases),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|v| v.concat())
}
