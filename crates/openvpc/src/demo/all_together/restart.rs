//! Row 13: the daemon is killed while packets are under way, and started again.

use std::time::Duration;

use super::super::aws::Keys;
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
/// How long instances may take to run again.
const LOOKS: (u32, Duration) = (200, Duration::from_millis(100));

impl Tour<'_> {
    pub(super) fn survive_a_crash(&mut self) -> Result<(), String> {
        self.stage.step(
            "13. The daemon is killed while a ping goes on, and started again: all is as it was",
        );
        let pinging = self.at.b.instance.clone();
        let ping = self
            .stage
            .background(&pinging, &["ping", "-i", "0.2", WEB])?;
        let before = configuration(self.stage)?;
        self.stage.restart()?;
        // What ran in a sandbox ended with it.
        drop(ping);
        self.at.servers.clear();
        let after = configuration(self.stage)?;
        for ((action, _), (before, after)) in CONFIGURATION.iter().zip(before.iter().zip(&after)) {
            self.stage.expect(action, after, before);
        }
        let hosts = self.at.hosts().map(|host| host.instance.clone());
        for host in &hosts {
            runs(self.stage, host)?;
        }
        // So did what it had written.
        let host = self.at.a.instance.clone();
        let keys = Keys::of_role(self.stage, "app")?;
        keys.give_to(self.stage, &host)?;
        self.expect_object(&host, "app-data", "200")?;
        let address = self.at.nat_a.public.clone();
        self.expect_page(&host, WEB, &address)?;

        self.stage
            .say("Records from before and after, but for the host that was cut short: none is missing, none came twice.");
        let mut logs = std::mem::take(&mut self.logged);
        let cut = [self.at.b.eni.clone(), self.at.nat_b.eni.clone()];
        self.at.noisy.extend(cut);
        let quiet = self.at.quiet_interfaces();
        let mut before = logs.sums.clone();
        before.retain(|(eni, ..), _| quiet.contains(&eni.as_str()));
        self.settled(&mut logs, &before).map(drop)
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
        // It is called running all along; its sandbox takes a moment to stand again.
        if state.as_deref() == Some("running") && stage.probe(instance, &["true"])?.status == 0 {
            return Ok(());
        }
        std::thread::sleep(pause);
    }
    Err(format!("{instance} does not run again"))
}
