//! Rows 13 and 14: a service of one's own, offered by a VPC with the very block of its consumer's.

use super::super::load_balancer::{WEB, balance};
use super::super::records::{LONG_FORMAT, Reader};
use super::topology::*;
use super::{Tour, used};

const LOG_GROUP: &str = "provider";

/// The provider's side.
struct Provider {
    balancer: String,
    /// Where the load balancer's node in zone b is, and the target there.
    node: String,
    target: Host,
}

impl Tour<'_> {
    pub(super) fn provider(&mut self) -> Result<(), String> {
        self.stage.step(
            "13. VPC V has the block of A: it offers a service of its own, and must accept who connects",
        );
        let stage = &mut *self.stage;
        let v = vpc(stage, "10.0.0.0/16")?;
        let v1 = subnet(stage, &v, "10.0.17.0/24", "us-east-1a")?;
        let v2 = subnet(stage, &v, "10.0.18.0/24", "us-east-1b")?;
        let open = group_for(stage, &v, ("web", "80"), &["10.0.0.0/16"])?;
        let targets = [
            host(stage, &v1, &open, "10.0.17.20")?,
            host(stage, &v2, &open, "10.0.18.20")?,
        ];
        let made = stage.client.logs(
            "CreateLogGroup",
            &serde_json::json!({"logGroupName": LOG_GROUP}),
        );
        made.map_err(|refusal| refusal.to_string())?;
        flow_logs(stage, &v, LOG_GROUP)?;
        let mut servers = Vec::new();
        for target in &targets {
            servers.push(stage.background(&target.instance, &[WEB])?);
        }
        let [first, target] = targets;
        let addresses = [first.address, target.address];
        let balancer = balance(stage, "web", &v, [&v1, &v2], addresses)?;
        let [_, node] = balancer.nodes;
        self.offer(&Provider {
            balancer: balancer.arn,
            node,
            target,
        })
    }

    fn offer(&mut self, provider: &Provider) -> Result<(), String> {
        let balancer = &provider.balancer;
        let made = self.stage.ec2(
            &format!("create-vpc-endpoint-service-configuration --network-load-balancer-arns {balancer} --acceptance-required"),
            "CreateVpcEndpointServiceConfiguration",
            &[
                ("NetworkLoadBalancerArn.1", balancer),
                ("AcceptanceRequired", "true"),
            ],
        )?;
        let (service, name) = (made.text("serviceId"), made.text("serviceName"));
        let (vpc, a2) = (self.vpc.clone(), self.subnets[1].clone());
        let group = group_for(self.stage, &vpc, ("billing", "80"), &["10.0.0.0/16"])?;
        let made = self.stage.ec2(
            &format!("create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {vpc} --service-name {name} --subnet-ids {a2} --security-group-ids {group} --no-private-dns-enabled"),
            "CreateVpcEndpoint",
            &[
                ("VpcEndpointType", "Interface"),
                ("VpcId", &vpc),
                ("ServiceName", &name),
                ("SubnetId.1", &a2),
                ("SecurityGroupId.1", &group),
                ("PrivateDnsEnabled", "false"),
            ],
        )?;
        let (endpoint, regional) = (made.text("vpcEndpointId"), made.text("dnsName"));
        let state = made.text("state");
        let waits = "pendingAcceptance";
        self.stage.expect(waits, &state.as_str(), &waits);
        let interface = self.interface(&endpoint, &a2)?;
        let h = self.h.clone();
        self.calls(&h, &interface.address, None)?;
        self.answer(
            ("accept", "AcceptVpcEndpointConnections"),
            &service,
            &endpoint,
        )?;
        self.skip_records()?;
        let node = provider.node.clone();
        self.resolves(&h, &regional, &[&interface.address])?;
        self.calls(&h, &regional, Some(&node))?;

        self.stage
            .step("14. Both sides are recorded, the way between them never");
        self.records(&used(&h, &interface))?;
        self.provider_records(provider, &interface.address)?;

        self.stage
            .say("The provider rejects the endpoint: it stops at once.");
        self.answer(
            ("reject", "RejectVpcEndpointConnections"),
            &service,
            &endpoint,
        )?;
        self.calls(&h, &interface.address, None)?;
        self.delete(&endpoint)?;
        self.skip_records()
    }

    /// Calls the service: at which address it sees its client, or no answer.
    fn calls(&mut self, host: &Host, name: &str, wanted: Option<&str>) -> Result<(), String> {
        let url = format!("http://{name}/");
        let words = ["curl", "-s", "--connect-timeout", "2", "-m", "5", &url];
        let ran = self.stage.exec(&host.instance, &words)?;
        let said = ran.stdout.trim().to_owned();
        match wanted {
            Some(seen) => {
                self.stage.say(&said);
                self.stage.expect(
                    "the node's address is what the target sees",
                    &said.as_str(),
                    &seen,
                );
            }
            None => self.stage.expect("no answer", &ran.status, &28),
        }
        Ok(())
    }

    fn answer(
        &mut self,
        (shown, action): (&str, &str),
        service: &str,
        endpoint: &str,
    ) -> Result<(), String> {
        self.stage.ec2(
            &format!("{shown}-vpc-endpoint-connections --service-id {service} --vpc-endpoint-ids {endpoint}"),
            action,
            &[("ServiceId", service), ("VpcEndpointId.1", endpoint)],
        )?;
        settle(self.stage)
    }

    /// What V's own log says: node and target, probes among it; nobody of A.
    fn provider_records(&mut self, provider: &Provider, endpoint: &str) -> Result<(), String> {
        let mut reader = Reader::with_format(LOG_GROUP, LONG_FORMAT);
        let fresh = reader.fresh(self.stage)?;
        let (node, target) = (&provider.node, provider.target.address);
        let between = fresh.flows.keys().any(|flow| {
            (flow.src.as_str(), flow.dst.as_str()) == (node, target)
                && flow.eni == provider.target.eni
                && flow.action == "ACCEPT"
        });
        self.stage
            .expect("from the node to the target", &between, &true);
        let foreign = fresh.flows.keys().any(|flow| {
            let ends = [flow.src.as_str(), flow.dst.as_str()];
            ends.contains(&endpoint) || ends.contains(&self.h.address)
        });
        self.stage
            .expect("nothing of the endpoint or its client", &foreign, &false);
        Ok(())
    }
}
