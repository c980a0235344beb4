//! A paper read back: what it says, in which language, the size of the font in it, and what stands for rare characters.

#[path = "../../tests/web/copied.rs"]
mod copied;

use super::font::{is_in_thousandths, missing};
use super::{Block, Paper};
use copied::copied;
use domain::day::Moment;

fn paper(blocks: Vec<Block>) -> Paper {
    let made = Moment::parse("2025-06-16 10:00").expect("a moment");
    Paper { title: "办理回执".to_owned(), english: false, made, blocks }
}

fn written(blocks: Vec<Block>) -> Vec<u8> {
    paper(blocks).bytes().expect("the shipped font")
}

/// If this fails, what is on paper cannot be searched, copied or read aloud, or the day of making comes from a clock.
#[test]
fn what_is_printed_can_be_copied() {
    let blocks = || {
        vec![
            Block::Fact("付钱的人（授权人）".to_owned(), "王秀英".to_owned()),
            Block::Large("每月最多".to_owned(), "500.00 元".to_owned()),
            Block::Text("钱可以共济，卡不能共用。".to_owned()),
            Block::Signature("签名".to_owned()),
        ]
    };
    let pdf = written(blocks());
    let text = copied(&pdf);
    for said in
        ["办理回执", "付钱的人", "王秀英", "每月最多", "500.00 元", "钱可以共济，卡不能共用。", "签名"]
    {
        assert!(text.contains(said), "{said} is not in {text}");
    }
    assert!(!text.contains("U+"));
    let file = String::from_utf8_lossy(&pdf);
    for part in [
        "/Lang (zh-CN)",
        "/Marked true",
        "/DisplayDocTitle true",
        "/StructTreeRoot",
        "/S /H1",
        "D:20250616100000+08",
    ] {
        assert!(file.contains(part), "{part}");
    }
    assert_eq!(pdf, written(blocks()), "the same paper is the same bytes");
}

/// If this fails, a receipt takes minutes over a village's line, because a whole font is in it.
#[test]
fn a_paper_is_small() {
    let text: String = (0..300_u32).filter_map(|it| char::from_u32(0x4e00 + it * 37)).collect();
    let pdf = written(vec![Block::Text(text)]);
    assert!(pdf.len() < 100_000, "{} bytes", pdf.len());
}

/// If this fails, somebody's rare character is an empty box on their receipt, and nobody is told.
#[test]
fn a_character_that_cannot_be_printed_is_its_number() {
    let pdf = written(vec![Block::Text("王\u{2f9f4}英".to_owned())]);
    let text = copied(&pdf);
    assert!(text.contains("王〔U+2F9F4〕英"), "{text}");
    assert!(text.contains("印不出来的字"), "{text}");
    assert_eq!(missing("㛃䶮喆堃𬭎"), "", "characters of names");
    assert!(is_in_thousandths());
}

/// If this fails, a text of ours has a character that the shipped font has not: a paper would print its number.
#[test]
fn every_character_of_our_texts_is_in_the_font() {
    let texts = [
        include_str!("../../../../texts/zh.toml"),
        include_str!("../../../../texts/en.toml"),
        include_str!("../../../../texts/commitments/2026-11.zh.txt"),
        include_str!("../../../../texts/commitments/2026-11.en.txt"),
    ];
    assert_eq!(missing(&texts.concat()), "");
}
