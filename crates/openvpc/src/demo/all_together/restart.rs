//! Row 13: the daemon is killed while packets are under way, and started again.

use std::time::Duration;

use super::super::stage::Stage;
use super::{Tour, WEB};
use crate::client::Xml;

/// What is configured, as the API shows it.
const CONFIGURATION: [(&str, &str); 4] = [
    ("DescribeRouteTables", "routeTableSet"),
    ("DescribeSecurityGroups", "securityGroupInfo"),
    ("DescribeVpcEndpoints", "vpcEndpointSet"),
    ("DescribeVpcPeeringConnections", "vpcPeeringConnectionSet"),
];
/// In a tenth of a second each: longer than a daemon takes to start.
const PINGS: u32 = 60;
/// How long instances may take to answer a command.
const LOOKS: (u32, Duration) = (200, Duration::from_millis(100));

impl Tour<'_> {
    pub(super) fn survive_a_crash(&mut self) -> Result<(), String> {
        self.stage.step(
            "13. The daemon is killed while a ping and a connection go on through NAT, and started again: neither notices",
        );
        let host = self.at.b.instance.clone();
        let count = PINGS.to_string();
        let ping = ["ping", "-i", "0.1", "-c", &count, WEB];
        let mut ping = self.stage.background(&host, &ping)?;
        let mut echo = self.stage.conversation(&host, &["nc", WEB, "7"])?;
        // Both are under way.
        ping.next_line()?;
        echo.say("before")?;
        let said = echo.next_line()?;
        self.stage
            .expect("a connection through NAT", &said.as_str(), &"before");
        let before = configuration(self.stage)?;
        self.stage.restart()?;
        let after = configuration(self.stage)?;
        for ((action, _), (before, after)) in CONFIGURATION.iter().zip(before.iter().zip(&after)) {
            self.stage.expect(action, after, before);
        }
        // Their command lines ended with the daemon; they themselves did not.
        let pinged = ping.finish("")?.stdout;
        let received = format!("{PINGS} packets transmitted, {PINGS} received, 0% packet loss");
        let summary = pinged.lines().find(|line| line.contains("transmitted"));
        let summary = summary.unwrap_or("none").to_owned();
        let whole = summary.starts_with(&received);
        self.stage.say(&summary);
        self.stage.expect("every ping was answered", &whole, &true);
        let said = echo.finish("and after\n")?.stdout;
        self.stage
            .expect("the connection goes on", &said.as_str(), &"and after\n");
        let hosts = self.at.hosts().map(|host| host.instance.clone());
        for host in &hosts {
            runs(self.stage, host)?;
        }
        let host = self.at.a.instance.clone();
        self.expect_object(&host, "app-data", "200")?;
        let address = self.at.nat_a.public.clone();
        self.expect_page(&host, WEB, &address)?;

        self.stage
            .say("Records from before, meanwhile and after: none is missing, none came twice.");
        let mut logs = std::mem::take(&mut self.logged);
        self.settled(&mut logs).map(drop)
    }
}

fn configuration(stage: &Stage) -> Result<Vec<Vec<Xml>>, String> {
    let read = |(action, set): &(&str, &str)| {
        let answer = stage.client.ec2(action, &[]);
        let answer = answer.map_err(|refusal| refusal.to_string())?;
        Ok(answer.items(set).to_vec())
    };
    CONFIGURATION.iter().map(read).collect()
}

fn runs(stage: &Stage, instance: &str) -> Result<(), String> {
    let (tries, pause) = LOOKS;
    for _ in 0..tries {
        let asked = [("InstanceId.1", instance)];
        let seen = stage.client.ec2("DescribeInstances", &asked);
        let seen = seen.map_err(|refusal| refusal.to_string())?;
        let state = seen.find("instanceState").map(|state| state.text("name"));
        // It has run all along.
        if state.as_deref() == Some("running") && stage.probe(instance, &["true"])?.status == 0 {
            return Ok(());
        }
        std::thread::sleep(pause);
    }
    Err(format!("{instance} does not run again"))
}
