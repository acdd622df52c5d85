//! Expectations about who reaches whom, one a line, for CI:
//!
//! ```text
//! # the web tier may ask the database, nobody else may
//! web -> db:5432 allowed
//! web -> db:53/udp allowed
//! internet -> web:443 allowed
//! internet -> db denied
//! ```
//!
//! Without a port, `allowed` is about a ping; `denied` is about a ping and every port that a rule on the way in mentions.

use std::fmt::Write;

use openvpc_compile::{Changes, Compiler};
use openvpc_model::{AclTraffic, RuleTraffic, World};
use serde::{Deserialize, Serialize};

use crate::flow::{Flow, SOURCE_PORT, Traffic, split_port};
use crate::place::{At, Place, resolve};
use crate::report::report;
use crate::scene::{Host, Scene, find_interface};
use crate::workshop::Workshop;

/// Expectations of one file.
const LINES_MAX: usize = 10_000;
/// Ports that a denial without a port is held against.
pub(crate) const PORTS_MAX: usize = 64;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// From 1.
    pub line: usize,
    /// As it was written.
    pub text: String,
    source: String,
    destination: String,
    traffic: Option<Traffic>,
    allowed: bool,
}

/// How a line was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// From 1.
    pub line: usize,
    /// As it was written.
    pub text: String,
    /// Whether the expectation holds; nothing if it could not be asked.
    pub holds: Option<bool>,
    /// Why.
    pub because: String,
}

/// Reads a file of expectations.
///
/// # Errors
/// The first line that is none, with its number.
pub fn parse(file: &str) -> Result<Vec<Expectation>, String> {
    let mut expectations = Vec::new();
    for (number, text) in file.lines().enumerate() {
        let bare = text.split('#').next().unwrap_or_default().trim();
        if bare.is_empty() {
            continue;
        }
        if expectations.len() == LINES_MAX {
            return Err(format!("more than {LINES_MAX} expectations"));
        }
        let line = number + 1;
        let expectation = parse_line(line, bare).map_err(|why| format!("line {line}: {why}"))?;
        expectations.push(expectation);
    }
    Ok(expectations)
}

fn parse_line(line: usize, text: &str) -> Result<Expectation, String> {
    let form =
        "an expectation reads `SOURCE -> DESTINATION[:PORT][/PROTOCOL] allowed` or `… denied`";
    let (source, rest) = text.split_once("->").ok_or(form)?;
    let (destination, verdict) = rest.trim().rsplit_once(char::is_whitespace).ok_or(form)?;
    let allowed = match verdict {
        "allowed" => true,
        "denied" => false,
        _ => return Err(form.to_owned()),
    };
    let (destination, protocol) = match destination.trim().rsplit_once('/') {
        Some((destination, protocol)) => (destination, Some(protocol)),
        None => (destination.trim(), None),
    };
    let (destination, port) = split_port(destination)?;
    let traffic = match (protocol, port) {
        (Some(protocol), port) => Some(Traffic::new(protocol, port)?),
        (None, Some(port)) => Some(Traffic::Tcp(port)),
        (None, None) => None,
    };
    let source = source.trim();
    if source.is_empty() || destination.is_empty() {
        return Err(form.to_owned());
    }
    Ok(Expectation {
        line,
        text: text.to_owned(),
        source: source.to_owned(),
        destination: destination.to_owned(),
        traffic,
        allowed,
    })
}

/// Holds a world against expectations.
///
/// # Errors
/// A world that contradicts itself.
pub fn check(
    workshop: &Workshop<'_>,
    world: &World,
    expectations: &[Expectation],
) -> Result<Vec<Outcome>, String> {
    let hosts = workshop.hosts;
    let (mut compiler, none) = (workshop.compiler_of(world), Changes::default());
    let scene = Scene::following(world, hosts, &[], &mut compiler, &none);
    let mut scene = scene.map_err(|error| error.to_string())?;
    let outcomes = expectations.iter().map(|expectation| {
        let met = meet(&mut scene, &mut compiler, world, hosts, expectation);
        let (holds, because) = match met {
            Ok((holds, because)) => (Some(holds), because),
            Err(why) => (None, why),
        };
        Outcome {
            line: expectation.line,
            text: expectation.text.clone(),
            holds,
            because,
        }
    });
    Ok(outcomes.collect())
}

fn meet(
    scene: &mut Scene<'_>,
    compiler: &mut Compiler,
    world: &World,
    hosts: &[Host],
    expectation: &Expectation,
) -> Result<(bool, String), String> {
    let place =
        |text: &str| resolve(world, hosts, text).map_err(|unresolved| unresolved.to_string());
    let (source, destination) = (
        place(&expectation.source)?,
        place(&expectation.destination)?,
    );
    let traffics = match (expectation.traffic, expectation.allowed) {
        (Some(traffic), _) => vec![traffic],
        (None, true) => vec![Traffic::Icmp],
        (None, false) => mentioned(world, &destination),
    };
    let mut last = String::new();
    for traffic in traffics {
        let flow = Flow {
            source: source.clone(),
            destination: destination.clone(),
            traffic,
            source_port: SOURCE_PORT,
            ipv6: false,
        };
        let imagined = flow.imagined();
        let (reachable, because) = match imagined.is_empty() {
            true => ask(scene, world, &flow)?,
            false => {
                let none = Changes::default();
                let scene = Scene::following(world, hosts, &imagined, compiler, &none);
                ask(&mut scene.map_err(|error| error.to_string())?, world, &flow)?
            }
        };
        if reachable != expectation.allowed {
            return Ok((false, format!("{traffic}: {because}")));
        }
        last = because;
    }
    Ok((true, last))
}

fn ask(scene: &mut Scene<'_>, world: &World, flow: &Flow) -> Result<(bool, String), String> {
    let question = flow.question(world, &scene.hosts)?;
    let explanation = scene.ask(&question);
    let report = report(scene, flow, &question, &explanation);
    Ok((report.reachable, report.because))
}

/// A ping, and the ports at which rules that a destination's packets meet begin or end.
pub(crate) fn mentioned(world: &World, destination: &Place) -> Vec<Traffic> {
    let mut found = vec![Traffic::Icmp, Traffic::Tcp(80), Traffic::Udp(53)];
    let At::Interface(id, _) = destination.at else {
        return found;
    };
    let Some((_, region, eni)) = find_interface(world, id) else {
        return found;
    };
    let groups = eni.security_groups.iter();
    let groups = groups.filter_map(|id| region.security_groups.get(id));
    let rules = groups.flat_map(|group| group.rules.iter().map(|rule| rule.traffic));
    let subnet = region.subnets.get(&eni.subnet);
    let acl = subnet.and_then(|subnet| region.network_acls.get(&subnet.network_acl));
    let entries = acl.into_iter().flat_map(|acl| &acl.entries);
    let entries = entries.map(|entry| match entry.traffic {
        AclTraffic::Tcp { from, to } => RuleTraffic::Tcp { from, to },
        AclTraffic::Udp { from, to } => RuleTraffic::Udp { from, to },
        AclTraffic::All
        | AclTraffic::Icmp { .. }
        | AclTraffic::Icmpv6 { .. }
        | AclTraffic::Protocol(_) => RuleTraffic::All,
    });
    for traffic in rules.chain(entries) {
        match traffic {
            RuleTraffic::Tcp { from, to } => {
                found.extend([Traffic::Tcp(from), Traffic::Tcp(to)]);
            }
            RuleTraffic::Udp { from, to } => {
                found.extend([Traffic::Udp(from), Traffic::Udp(to)]);
            }
            RuleTraffic::Protocol(number) => found.push(Traffic::Protocol(number)),
            RuleTraffic::All | RuleTraffic::Icmp { .. } | RuleTraffic::Icmpv6 { .. } => {}
        }
    }
    let mut seen = Vec::new();
    found.retain(|traffic| {
        let new = !seen.contains(traffic) && seen.len() < PORTS_MAX;
        if new {
            seen.push(*traffic);
        }
        new
    });
    found
}

/// The outcomes as JUnit's XML, which CI systems read.
pub fn junit(file: &str, outcomes: &[Outcome]) -> String {
    let failures = outcomes.iter().filter(|o| o.holds == Some(false)).count();
    let errors = outcomes.iter().filter(|o| o.holds.is_none()).count();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        xml,
        "<testsuites>\n  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\">",
        escape(file),
        outcomes.len()
    );
    for outcome in outcomes {
        let (name, file) = (escape(&outcome.text), escape(file));
        let because = escape(&outcome.because);
        let line = outcome.line;
        let _ = write!(
            xml,
            "    <testcase name=\"{name}\" classname=\"{file}\" line=\"{line}\""
        );
        let _ = match outcome.holds {
            Some(true) => writeln!(xml, "/>"),
            Some(false) => writeln!(
                xml,
                ">\n      <failure message=\"{because}\"/>\n    </testcase>"
            ),
            None => writeln!(
                xml,
                ">\n      <error message=\"{because}\"/>\n    </testcase>"
            ),
        };
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// Text for an attribute; what XML cannot carry becomes a question mark.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('?'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_who_whom_how_and_whether() {
        let file = "# tiers\n\nweb -> db:5432 allowed\ninternet -> db denied # never\nweb->db:53/udp allowed\nweb -> db/icmp denied\n";
        let expectations = parse(file).unwrap();
        let traffics: Vec<_> = expectations.iter().map(|e| (e.line, e.traffic)).collect();
        assert_eq!(
            traffics,
            [
                (3, Some(Traffic::Tcp(5432))),
                (4, None),
                (5, Some(Traffic::Udp(53))),
                (6, Some(Traffic::Icmp)),
            ]
        );
    }

    #[test]
    fn what_is_no_expectation_is_told_with_its_line() {
        for text in [
            "web db allowed",
            "web -> db",
            "web -> db maybe",
            "-> db allowed",
            "web -> db:http allowed",
            "web -> db:80/icmp allowed",
            "web -> db:80/smoke allowed",
        ] {
            let refusal = parse(&format!("\n{text}")).unwrap_err();
            assert!(refusal.starts_with("line 2: "), "{refusal}");
        }
    }

    #[test]
    fn junit_carries_every_text_as_it_is() {
        let outcome = Outcome {
            line: 1,
            text: "a<b>\"&\u{1}".to_owned(),
            holds: Some(false),
            because: "x\ny".to_owned(),
        };
        let xml = junit("f", &[outcome]);
        assert!(
            xml.contains("a&lt;b&gt;&quot;&amp;?") && xml.contains("x&#10;y"),
            "{xml}"
        );
        assert!(xml.contains("failures=\"1\" errors=\"0\""));
    }
}
