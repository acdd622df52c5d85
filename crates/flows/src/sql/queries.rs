//! The queries that AWS's integration template defines, by its names; their words are ours.
//!
//! Source: VPC user guide, "Query flow logs using Amazon Athena", "Run a predefined query".

/// A query with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    pub name: &'static str,
    pub about: &'static str,
    pub sql: &'static str,
}

/// The query of a name, in any case.
pub fn named(name: &str) -> Option<&'static Query> {
    QUERIES
        .iter()
        .find(|query| query.name.eq_ignore_ascii_case(name))
}

/// All of them, by name.
#[rustfmt::skip]
pub const QUERIES: &[Query] = &[
    Query {
        name: "VpcFlowLogsAcceptedTraffic",
        about: "TCP connections that security groups and network ACLs allowed",
        sql: "SELECT srcaddr, dstaddr, srcport, dstport, count(*) AS records, sum(packets) AS packets, sum(bytes) AS bytes FROM vpc_flow_logs WHERE action = 'ACCEPT' AND protocol = 6 GROUP BY srcaddr, dstaddr, srcport, dstport ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsAdminPortTraffic",
        about: "the ten addresses with the most traffic to ports of administration",
        sql: "SELECT srcaddr, dstaddr, dstport, sum(bytes) AS bytes FROM vpc_flow_logs WHERE dstport < 1024 AND dstport > 0 GROUP BY srcaddr, dstaddr, dstport ORDER BY bytes DESC LIMIT 10",
    },
    Query {
        name: "VpcFlowLogsIPv4Traffic",
        about: "bytes of IPv4",
        sql: "SELECT coalesce(sum(bytes), 0) AS bytes FROM vpc_flow_logs WHERE type = 'IPv4'",
    },
    Query {
        name: "VpcFlowLogsIPv6Traffic",
        about: "bytes of IPv6",
        sql: "SELECT coalesce(sum(bytes), 0) AS bytes FROM vpc_flow_logs WHERE type = 'IPv6'",
    },
    Query {
        name: "VpcFlowLogsRejectedTCPTraffic",
        about: "TCP connections that security groups or network ACLs refused",
        sql: "SELECT srcaddr, dstaddr, dstport, count(*) AS records, sum(packets) AS packets FROM vpc_flow_logs WHERE action = 'REJECT' AND protocol = 6 GROUP BY srcaddr, dstaddr, dstport ORDER BY packets DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsRejectedTraffic",
        about: "all traffic that was refused",
        sql: "SELECT interface_id, srcaddr, dstaddr, dstport, protocol, count(*) AS records, sum(packets) AS packets FROM vpc_flow_logs WHERE action = 'REJECT' GROUP BY interface_id, srcaddr, dstaddr, dstport, protocol ORDER BY packets DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsSshRdpTraffic",
        about: "SSH and RDP",
        sql: "SELECT srcaddr, dstaddr, dstport, action, sum(packets) AS packets, sum(bytes) AS bytes FROM vpc_flow_logs WHERE dstport IN (22, 3389) GROUP BY srcaddr, dstaddr, dstport, action ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsTopTalkers",
        about: "the 50 addresses with the most traffic",
        sql: "SELECT srcaddr AS address, sum(bytes) AS bytes FROM vpc_flow_logs WHERE srcaddr IS NOT NULL GROUP BY srcaddr ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsTopTalkersPacketLevel",
        about: "the 50 addresses with the most traffic, as packets bear them",
        sql: "SELECT pkt_srcaddr AS address, sum(bytes) AS bytes FROM vpc_flow_logs WHERE pkt_srcaddr IS NOT NULL GROUP BY pkt_srcaddr ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsTopTalkingInstances",
        about: "the 50 instances with the most traffic",
        sql: "SELECT instance_id, sum(bytes) AS bytes FROM vpc_flow_logs WHERE instance_id IS NOT NULL GROUP BY instance_id ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsTopTalkingSubnets",
        about: "the 50 subnets with the most traffic",
        sql: "SELECT subnet_id, sum(bytes) AS bytes FROM vpc_flow_logs WHERE subnet_id IS NOT NULL GROUP BY subnet_id ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsTopTCPTraffic",
        about: "TCP by source address",
        sql: "SELECT srcaddr, count(*) AS records, sum(packets) AS packets, sum(bytes) AS bytes FROM vpc_flow_logs WHERE protocol = 6 GROUP BY srcaddr ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsTotalBytesTransferred",
        about: "the 50 pairs of addresses with the most bytes",
        sql: "SELECT srcaddr, dstaddr, sum(bytes) AS bytes FROM vpc_flow_logs WHERE srcaddr IS NOT NULL GROUP BY srcaddr, dstaddr ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsTotalBytesTransferredPacketLevel",
        about: "the 50 pairs of addresses with the most bytes, as packets bear them",
        sql: "SELECT pkt_srcaddr, pkt_dstaddr, sum(bytes) AS bytes FROM vpc_flow_logs WHERE pkt_srcaddr IS NOT NULL GROUP BY pkt_srcaddr, pkt_dstaddr ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsTrafficFrmSrcAddr",
        about: "traffic by source; choose one with --src",
        sql: "SELECT srcaddr, dstaddr, dstport, protocol, action, sum(bytes) AS bytes FROM vpc_flow_logs WHERE srcaddr IS NOT NULL GROUP BY srcaddr, dstaddr, dstport, protocol, action ORDER BY bytes DESC LIMIT 50",
    },
    Query {
        name: "VpcFlowLogsTrafficToDstAddr",
        about: "traffic by destination; choose one with --dst",
        sql: "SELECT dstaddr, srcaddr, dstport, protocol, action, sum(bytes) AS bytes FROM vpc_flow_logs WHERE dstaddr IS NOT NULL GROUP BY dstaddr, srcaddr, dstport, protocol, action ORDER BY bytes DESC LIMIT 50",
    },
];
