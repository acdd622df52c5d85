//! Rows 6 and 7: what the shared VPC offers, by its load balancer's address in the peer and by an endpoint of one's own.

use super::super::stage::Stage;
use super::topology::Topology;
use super::{Tour, VPC_ENDPOINT};

impl Tour<'_> {
    pub(super) fn reach_billing(&mut self) -> Result<(), String> {
        self.stage
            .step("6. The service \"billing\" of the shared VPC, at its load balancer's address in the peer");
        let host = self.at.a.instance.clone();
        let [node, _] = self.at.billing.nodes.clone();
        self.expect_seen(&host, &node, &node)?;

        self.stage
            .step("7. And by an endpoint of the data VPC's own: the provider sees its load balancer's node");
        let endpoint = offer_and_connect(self.stage, &self.at)?;
        let host = self.at.data.instance.clone();
        self.expect_seen(&host, &endpoint, &node)
    }

    /// Billing tells at which address it sees who asks: a node's.
    fn expect_seen(&mut self, host: &str, name: &str, node: &str) -> Result<(), String> {
        let url = format!("http://{name}/");
        let words = ["curl", "-s", "-m", "5", &url];
        let ran = self.stage.exec(host, &words)?;
        let what = "billing answers, and sees the node";
        self.stage.expect(what, &ran.stdout.trim(), &node);
        Ok(())
    }
}

/// An endpoint service of the load balancer, and an endpoint for it in the data VPC; the endpoint's name.
fn offer_and_connect(stage: &mut Stage, at: &Topology) -> Result<String, String> {
    let balancer = &at.billing.arn;
    let made = stage.ec2(
        &format!("create-vpc-endpoint-service-configuration --network-load-balancer-arns {balancer} --no-acceptance-required"),
        "CreateVpcEndpointServiceConfiguration",
        &[
            ("NetworkLoadBalancerArn.1", balancer),
            ("AcceptanceRequired", "false"),
        ],
    )?;
    let service = made.text("serviceName");
    let (vpc, subnet, group) = (&at.vpcs[2], &at.data.subnet, &at.data.group);
    let made = stage.ec2(
        &format!("{VPC_ENDPOINT} --vpc-id {vpc} --service-name {service} --subnet-ids {subnet} --security-group-ids {group} --no-private-dns-enabled"),
        "CreateVpcEndpoint",
        &[
            ("VpcEndpointType", "Interface"),
            ("VpcId", vpc),
            ("ServiceName", &service),
            ("SubnetId.1", subnet),
            ("SecurityGroupId.1", group),
            ("PrivateDnsEnabled", "false"),
        ],
    )?;
    Ok(made.text("dnsName"))
}
