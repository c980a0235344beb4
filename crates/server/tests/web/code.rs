//! Showing a medical code: whose, what a scanner reads, and that nothing else stands on the page.

use crate::town::Town;

/// The numbers in an SVG path of runs: x, y, width.
fn runs(html: &str, viewed: &str) -> (usize, Vec<[usize; 3]>) {
    let svg = html.split("<svg").find(|it| it.contains(viewed)).expect("a picture");
    let view = svg.split("viewBox=\"0 0 ").nth(1).and_then(|it| it.split(' ').next()).expect("a size");
    let path = svg.rsplit(" d=\"").next().and_then(|it| it.split('"').next()).expect("a path");
    let run = |text: &str| {
        let (place, rest) = text.split_once('h').expect("a run");
        let (x, y) = place.split_once(' ').expect("a place");
        let width = rest.split('v').next().expect("a width");
        [x, y, width].map(|it| it.parse().expect("a number"))
    };
    (view.parse().expect("a number"), path.split('M').skip(1).map(run).collect())
}

/// What a scanner reads from the QR code that is called so.
pub(crate) fn scanned(html: &str, called: &str) -> String {
    const SCALE: usize = 8;
    let (side, runs) = runs(html, &format!("aria-label=\"{called}\""));
    let mut dark = vec![false; side * side];
    for [x, y, width] in runs {
        dark[y * side + x..y * side + x + width].fill(true);
    }
    let shade = |x: usize, y: usize| if dark[y / SCALE * side + x / SCALE] { 0 } else { 255 };
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side * SCALE, side * SCALE, shade);
    let grids = picture.detect_grids();
    let [grid] = grids.as_slice() else { panic!("one code, not {}", grids.len()) };
    grid.decode().expect("readable").1
}

/// The digits under the code.
fn number(html: &str) -> String {
    let line =
        html.split("<p class=\"number\">").nth(1).and_then(|it| it.split('<').next()).expect("a number");
    line.split_whitespace().collect()
}

/// If this fails, the till scans another number than people read aloud, or a code that never changes; or a balance
/// stands where others look on.
#[test]
fn a_scanner_reads_what_stands_below() {
    let town = Town::new();
    let mut browser = town.citizen("wangxiuying");
    browser.open("/code").shows(&["您的医保码 · 花您自己的医保", "这个码只能您本人看病时用"]);
    assert!(browser.at.starts_with("/code/"), "whoever has only their own is not asked whose");
    let first = number(&browser.html);
    assert!(first.len() == 28 && first.bytes().all(|it| it.is_ascii_digit()), "{first}");
    assert_eq!(scanned(&browser.html, "二维码"), first);
    let (width, bars) = runs(&browser.html, "class=\"bars\"");
    let symbols = 1 + 14 + 1;
    assert_eq!(width, symbols * 11 + 13 + 20, "a bar code of 28 digits");
    assert_eq!(bars.len(), symbols * 3 + 4);
    assert!(!browser.text().contains('元'), "no amount: {}", browser.text());
    assert!(browser.html.contains("http-equiv=\"refresh\" content=\"55\""), "refreshed without scripts, too");
    browser.follow("刷新");
    assert_ne!(number(&browser.html), first);
    assert_eq!(scanned(&browser.html, "二维码"), number(&browser.html));
}

/// If this fails, people show the wrong person's code, or believe that it spends their own money (R-F1, R-H1).
#[test]
fn whose_code_is_chosen_by_what_they_are() {
    let town = Town::new();
    let mut browser = town.citizen("zhaoli");
    browser.open("/code").shows(&["出示谁的医保码？", "本人 · 赵丽", "配偶的母亲 · 王*英"]);
    browser.follow("配偶的母亲").shows(&[
        "配偶的母亲的医保码 · 花配偶的母亲自己的医保",
        "钱可以共济，卡不能共用。这个码只能配偶的母亲本人看病时用。",
    ]);
    let mut browser = town.citizen("liming");
    browser.open("/code").shows(&["本人 · 李明", "儿子 · 李小明"]);
    browser.follow("儿子").shows(&["儿子的医保码 · 花儿子自己的医保"]);
}

/// R-E2: if this fails, a patient in Nanning cannot show the giver's code, or takes it for their own.
#[test]
fn the_givers_code_is_shown_where_both_are_wanted() {
    let town = Town::new();
    let mut browser = town.citizen("weixiulan");
    browser.open("/code").shows(&["儿子 · 韦*强", "付钱的人的码：和您自己的码一起出示"]);
    browser.follow("儿子").shows(&["儿子（付钱的人）的码 · 和您自己的码一起出示", "看病还要出示您自己的码"]);
    let mut browser = town.citizen("lixiaoming");
    browser.open("/code").shows(&["本人 · 李小明", "在要出示两个码的地方看病", "爸爸 · 李*"]);
}

/// If this fails, whoever counts up our numbers calls up strangers' codes.
#[test]
fn a_strangers_code_is_not_shown() {
    let town = Town::new();
    let stranger = town.stage.client.people["sundehai"];
    let mut browser = town.citizen("liming");
    browser.open(&format!("/code/{stranger}"));
    assert_eq!(browser.status, 404);
    browser.shows(&["没有这一页"]);
}
