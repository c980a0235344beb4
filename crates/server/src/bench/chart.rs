//! The curve of a sitting as a drawing: settled bills a second to the right, latency upwards, doubled by doubled.

use super::figures::{Point, in_ms};
use std::fmt::Write as _;

const WIDTH: u64 = 720;
const HEIGHT: u64 = 400;
const LEFT: u64 = 70;
const RIGHT: u64 = 20;
const TOP: u64 = 20;
const BOTTOM: u64 = 50;
/// Latencies are drawn from an eighth of a millisecond on.
const LEAST_US: u64 = 125;

/// Where a rate is drawn, in pixels from the left.
fn across(rate: u64, most: u64) -> u64 {
    LEFT + (WIDTH - LEFT - RIGHT) * rate.min(most) / most.max(1)
}

/// A logarithm to the base of two, in thousandths.
fn doublings(value: u64) -> u64 {
    let value = value.max(1);
    let whole = value.ilog2();
    // Between two powers of two the logarithm is near a straight line; a drawing needs no more.
    let rest = ((u128::from(value) * 1_000) >> whole) - 1_000;
    u64::from(whole) * 1_000 + u64::try_from(rest).unwrap_or(0)
}

/// Where a latency is drawn, in pixels from the top.
fn upwards(micros: u64, most: u64) -> u64 {
    let all = (doublings(most) - doublings(LEAST_US)).max(1);
    let part = doublings(micros.clamp(LEAST_US, most)) - doublings(LEAST_US);
    HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * part / all
}

/// The drawing of a curve, as SVG.
pub fn svg(curve: &[Point]) -> String {
    let most = curve.iter().map(|it| it.settled.max(it.offered)).max().unwrap_or(1).max(1);
    let slowest = curve.iter().map(|it| it.p99_us).max().unwrap_or(1).max(LEAST_US * 2);
    let mut drawing = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    grid(&mut drawing, most, slowest);
    line(&mut drawing, "p50", "#1f77b4", curve, most, |it| upwards(it.p50_us, slowest));
    line(&mut drawing, "p99", "#d62728", curve, most, |it| upwards(it.p99_us, slowest));
    drawing.push_str("</svg>\n");
    drawing
}

// Writing into memory does not fail.
fn grid(drawing: &mut String, most: u64, slowest: u64) {
    let (end, foot) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    for tenth in (0..=10).step_by(2) {
        let rate = most * tenth / 10;
        let x = across(rate, most);
        let _ = writeln!(
            drawing,
            "<path d=\"M{x} {TOP}V{foot}\" stroke=\"#ddd\"/><text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{rate}</text>",
            foot + 18
        );
    }
    let mut micros = LEAST_US;
    while micros <= slowest {
        let y = upwards(micros, slowest);
        let _ = writeln!(
            drawing,
            "<path d=\"M{LEFT} {y}H{end}\" stroke=\"#ddd\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 6,
            y + 4,
            in_ms(micros)
        );
        micros *= 4;
    }
    let _ = writeln!(
        drawing,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">settled bills a second; latency in ms from when the bill was due</text>",
        WIDTH / 2,
        HEIGHT - 10
    );
}

fn line(
    drawing: &mut String,
    name: &str,
    colour: &str,
    curve: &[Point],
    most: u64,
    height: impl Fn(&Point) -> u64,
) {
    let at = |it: &Point| (across(it.settled, most), height(it));
    let points: Vec<String> = curve.iter().map(at).map(|(x, y)| format!("{x},{y}")).collect();
    let _ = writeln!(
        drawing,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
        points.join(" ")
    );
    for (x, y) in curve.iter().map(at) {
        let _ = writeln!(drawing, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"{colour}\"/>");
    }
    if let Some((x, y)) = curve.last().map(at) {
        let _ = writeln!(
            drawing,
            "<text x=\"{}\" y=\"{}\" fill=\"{colour}\" text-anchor=\"end\">{name}</text>",
            x.saturating_sub(8),
            y.saturating_sub(6).max(12)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, the drawing shows another curve than the table, or runs out of its frame.
    #[test]
    fn more_is_further_right_and_slower_is_higher() {
        assert_eq!(
            (across(0, 100), across(100, 100), across(900, 100)),
            (LEFT, WIDTH - RIGHT, WIDTH - RIGHT)
        );
        assert_eq!((upwards(0, 8_000), upwards(LEAST_US, 8_000)), (HEIGHT - BOTTOM, HEIGHT - BOTTOM));
        assert_eq!((upwards(8_000, 8_000), upwards(u64::MAX, 8_000)), (TOP, TOP));
        assert_eq!(
            upwards(1_000, 8_000),
            (HEIGHT - BOTTOM + TOP) / 2,
            "half of the doublings is half the way"
        );
        let points = [(500, 1_000), (900, 4_000)];
        let curve =
            points.map(|(settled, p99_us)| Point { offered: settled, settled, p99_us, ..Point::default() });
        let drawing = svg(&curve);
        assert!(
            drawing.contains(&format!(",{TOP}\"")) && drawing.matches("<circle").count() == 4,
            "{drawing}"
        );
        assert!(svg(&[]).ends_with("</svg>\n"));
    }
}
