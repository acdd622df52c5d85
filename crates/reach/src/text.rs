//! A report as a person reads it at a terminal: the verdict first, then the way, then what to do. At most a screen.

use std::fmt::Write;

use crate::report::{Change, Hop, Report};

/// How to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// With colours, as at a terminal.
    pub colour: bool,
}

impl Style {
    fn paint(self, code: &str, text: &str) -> String {
        match self.colour {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }

    fn good(self, text: &str) -> String {
        self.paint("32", text)
    }

    fn bad(self, text: &str) -> String {
        self.paint("31;1", text)
    }

    fn quiet(self, text: &str) -> String {
        self.paint("2", text)
    }
}

/// Prints a report.
pub fn render(report: &Report, style: Style) -> String {
    let mut out = String::new();
    let Report {
        source,
        destination,
        traffic,
        ..
    } = report;
    let verdict = match report.reachable {
        true => style.good("reachable"),
        false => style.bad("NOT reachable"),
    };
    let _ = writeln!(out, "{source} → {destination} {traffic}: {verdict}");
    let _ = writeln!(out, "  {}", report.because);
    let _ = writeln!(out, "\nthere  {}", style.quiet(&report.packet));
    way(&mut out, &report.forward, style);
    match &report.back {
        Some(back) => {
            let _ = writeln!(out, "back");
            way(&mut out, back, style);
        }
        None if report.reachable => {}
        None => {
            let _ = writeln!(out, "back   {}", style.quiet("there is no answer"));
        }
    }
    if !report.changes.is_empty() {
        let _ = writeln!(out, "\n{}", heading(report.changes.len()));
        for (number, change) in report.changes.iter().enumerate() {
            offer(&mut out, number + 1, change, style);
        }
    }
    for note in &report.notes {
        let _ = writeln!(out, "\n{note}");
    }
    out
}

fn heading(changes: usize) -> &'static str {
    match changes {
        1 => "This would let it through (tried on a copy):",
        _ => "Any one of these would let it through (each tried on a copy):",
    }
}

fn way(out: &mut String, hops: &[Hop], style: Style) {
    let widest = |of: fn(&Hop) -> &str| hops.iter().map(|hop| of(hop).chars().count()).max();
    let what_width = widest(|hop| &hop.what).unwrap_or(0);
    let at_width = widest(|hop| &hop.at).unwrap_or(0);
    for hop in hops {
        let mark = match hop.passed {
            true => style.good("✓"),
            false => style.bad("✗"),
        };
        // A route says it all itself, with its table before it.
        let rule = hop
            .rule
            .as_deref()
            .filter(|rule| !rule.starts_with("route "));
        let rule =
            rule.map(|rule| style.quiet(&format!("  [{}]", rule.trim_start_matches("rule "))));
        let rule = rule.unwrap_or_default();
        let (what, at, text) = (&hop.what, &hop.at, &hop.text);
        let line = format!("  {mark} {what:what_width$}  {at:at_width$}  {text}{rule}");
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn offer(out: &mut String, number: usize, change: &Change, style: Style) {
    let _ = writeln!(out, "  {number}. {}", change.summary);
    for command in &change.commands {
        let _ = writeln!(out, "     {}", style.paint("1", command));
    }
}
