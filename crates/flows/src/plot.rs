//! Traffic over time, as lines of a terminal: one bar a stretch of time, accepted before rejected.

use openvpc_engine::Action;
use serde::Serialize;

use crate::row::{LogStatus, Row};
use crate::top::Measure;

/// Stretches of time in one plot.
const BARS_MAX: usize = 500;

/// How long a bar's time may be: round numbers of seconds.
const STEPS: &[i64] = &[
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400,
    604_800, 2_592_000,
];

/// One stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// Unix seconds.
    pub from: i64,
    pub accepted: u64,
    pub rejected: u64,
}

/// Bars without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plot {
    pub step_secs: i64,
    pub bars: Vec<Bar>,
}

/// How bars are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// For a terminal: blocks, in green and red.
    Terminal,
    /// For a pipe: `#` accepted, `x` rejected.
    Plain,
}

/// A record's share of a plot: when it ended, what was accepted and what rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    pub at: i64,
    pub accepted: u64,
    pub rejected: u64,
}

impl Point {
    /// The point of a record; none for what is no flow or has no time.
    pub fn of(row: &Row, measure: Measure) -> Option<Point> {
        if row.status != LogStatus::Ok {
            return None;
        }
        let amount = match measure {
            Measure::Bytes => row.bytes,
            Measure::Packets => row.packets,
        }?;
        let (accepted, rejected) = match row.action? {
            Action::Accept => (amount, 0),
            Action::Reject => (0, amount),
        };
        let at = row.end.or(row.start)?;
        Some(Point {
            at,
            accepted,
            rejected,
        })
    }
}

/// Puts points into about `bars` bars.
pub fn plot(points: &[Point], bars: usize) -> Plot {
    let times = || points.iter().map(moment);
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return Plot {
            step_secs: 1,
            bars: Vec::new(),
        };
    };
    let bars_max = bars.clamp(1, BARS_MAX) as i64;
    let fits = |step: &&i64| last.div_euclid(**step) - first.div_euclid(**step) < bars_max;
    // Beyond the table's end lie centuries: one bar.
    let step = STEPS.iter().find(fits).copied().unwrap_or(1 << 42);
    let begin = first.div_euclid(step);
    let len = (last.div_euclid(step) - begin + 1).min(BARS_MAX as i64) as usize;
    let mut bars: Vec<Bar> = (0..len as i64)
        .map(|number| Bar {
            from: (begin + number) * step,
            ..Bar::default()
        })
        .collect();
    for point in points {
        let at = (moment(point).div_euclid(step) - begin) as usize;
        if let Some(bar) = bars.get_mut(at) {
            bar.accepted = bar.accepted.saturating_add(point.accepted);
            bar.rejected = bar.rejected.saturating_add(point.rejected);
        }
    }
    Plot {
        step_secs: step,
        bars,
    }
}

/// A point's time within some 35,000 years, so that differences of times have room.
fn moment(point: &Point) -> i64 {
    point.at.clamp(-(1 << 40), 1 << 40)
}

impl Plot {
    /// Draws the plot in `width` columns; `clock` writes a bar's time.
    pub fn draw(
        &self,
        measure: Measure,
        style: Style,
        width: usize,
        clock: impl Fn(i64) -> String,
    ) -> String {
        let most = self
            .bars
            .iter()
            .map(|bar| bar.accepted.saturating_add(bar.rejected))
            .max();
        let most = most.unwrap_or(0).max(1);
        let (full, refused) = match style {
            Style::Terminal => ("█", "▒"),
            Style::Plain => ("#", "x"),
        };
        let mut drawn = String::new();
        for bar in &self.bars {
            let time = clock(bar.from);
            let numbers = match bar.rejected {
                0 => amount(bar.accepted, measure),
                rejected => format!(
                    "{} + {} rejected",
                    amount(bar.accepted, measure),
                    amount(rejected, measure)
                ),
            };
            let room = width.saturating_sub(time.len() + 2 + 30).max(10);
            // Something is never drawn as nothing.
            let cells = |part: u64| {
                let exact = (u128::from(part) * room as u128).div_ceil(u128::from(most));
                exact as usize
            };
            let accepted = cells(bar.accepted);
            let rejected = cells(bar.rejected).min(room + 1 - accepted.min(room));
            let (green, red, plain) = match style {
                Style::Terminal => ("\x1b[32m", "\x1b[31m", "\x1b[0m"),
                Style::Plain => ("", "", ""),
            };
            let line = format!(
                "{time}  {green}{}{red}{}{plain} {numbers}\n",
                full.repeat(accepted),
                refused.repeat(rejected)
            );
            drawn.push_str(&line);
        }
        drawn
    }
}

/// `1.5 MB`, `320 packets`.
pub fn amount(number: u64, measure: Measure) -> String {
    let units: &[&str] = match measure {
        Measure::Bytes => &["B", "kB", "MB", "GB", "TB", "PB", "EB"],
        Measure::Packets => &["packets", "k packets", "M packets", "G packets"],
    };
    let mut value = number as f64;
    let mut unit = 0;
    while value >= 1_000.0 && unit + 1 < units.len() {
        value /= 1_000.0;
        unit += 1;
    }
    match unit {
        0 => format!("{number} {}", units[0]),
        _ => format!("{value:.1} {}", units[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(at: i64, accepted: u64, rejected: u64) -> Point {
        Point {
            at,
            accepted,
            rejected,
        }
    }

    #[test]
    fn bars_are_of_round_lengths_and_leave_no_gap() {
        let plot = plot(
            &[point(103, 40, 0), point(104, 2, 0), point(161, 0, 60)],
            10,
        );
        assert_eq!(plot.step_secs, 10);
        let seen: Vec<_> = plot
            .bars
            .iter()
            .map(|bar| (bar.from, bar.accepted, bar.rejected))
            .collect();
        assert_eq!(seen.len(), 7);
        assert_eq!(seen[0], (100, 42, 0));
        assert_eq!(seen[3], (130, 0, 0));
        assert_eq!(seen[6], (160, 0, 60));
    }

    #[test]
    fn nothing_and_everything_can_be_drawn() {
        assert!(plot(&[], 10).bars.is_empty());
        let points = [point(i64::MIN, 1, 0), point(i64::MAX, u64::MAX, u64::MAX)];
        let _ = plot(&points, 10);
        assert_eq!(plot(&[point(5, 1, 0)], 10).bars.len(), 1);
    }

    #[test]
    fn in_a_pipe_bars_are_plain() {
        let plot = plot(&[point(0, 900, 0), point(1, 0, 100), point(2, 1, 0)], 10);
        let drawn = plot.draw(Measure::Bytes, Style::Plain, 72, |at| format!("{at:02}"));
        let lines: Vec<&str> = drawn.lines().collect();
        assert_eq!(lines[0], format!("00  {} 900 B", "#".repeat(38)));
        assert_eq!(lines[1], "01  xxxxx 0 B + 100 B rejected");
        assert_eq!(lines[2], "02  # 1 B", "something is never drawn as nothing");
    }

    #[test]
    fn amounts_are_round() {
        assert_eq!(amount(999, Measure::Bytes), "999 B");
        assert_eq!(amount(1_500, Measure::Bytes), "1.5 kB");
        assert_eq!(amount(2_000_000, Measure::Packets), "2.0 M packets");
    }
}
