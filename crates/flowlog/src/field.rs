//! The fields a record can show, and the version that brought each.

macro_rules! fields {
    ($($variant:ident = $name:literal, $version:literal;)*) => {
        /// A field of a record, in AWS's order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Field { $(#[doc = concat!("`", $name, "`")] $variant,)* }

        impl Field {
            /// Every field.
            pub const ALL: &[Field] = &[$(Field::$variant,)*];

            /// The name in `${…}`.
            pub const fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)* }
            }

            /// The version of flow logs that brought it; the lowest there is for fields of our own, which no version of
            /// AWS's has.
            pub const fn version(self) -> u8 {
                match self { $(Field::$variant => $version,)* }
            }
        }
    };
}

/// What a field's values are (spec 01 §2, "Parquet").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Int32,
    Int64,
    Text,
}

impl Field {
    /// The type of its column.
    pub const fn kind(self) -> Kind {
        match self {
            Field::Version
            | Field::Srcport
            | Field::Dstport
            | Field::Protocol
            | Field::TcpFlags
            | Field::TrafficPath
            | Field::EncryptionStatus => Kind::Int32,
            Field::Packets | Field::Bytes | Field::Start | Field::End | Field::OpenvpcRevision => {
                Kind::Int64
            }
            _ => Kind::Text,
        }
    }

    /// Whether it is one of ours: what decided, in words of the configuration.
    pub const fn is_own(self) -> bool {
        matches!(
            self,
            Field::OpenvpcSecurityGroupRule
                | Field::OpenvpcNetworkAcl
                | Field::OpenvpcNetworkAclRule
                | Field::OpenvpcRouteTable
                | Field::OpenvpcRoute
                | Field::OpenvpcGateway
                | Field::OpenvpcDropReason
                | Field::OpenvpcRevision
        )
    }
}

fields! {
    Version = "version", 2;
    AccountId = "account-id", 2;
    InterfaceId = "interface-id", 2;
    Srcaddr = "srcaddr", 2;
    Dstaddr = "dstaddr", 2;
    Srcport = "srcport", 2;
    Dstport = "dstport", 2;
    Protocol = "protocol", 2;
    Packets = "packets", 2;
    Bytes = "bytes", 2;
    Start = "start", 2;
    End = "end", 2;
    Action = "action", 2;
    LogStatus = "log-status", 2;
    VpcId = "vpc-id", 3;
    SubnetId = "subnet-id", 3;
    InstanceId = "instance-id", 3;
    TcpFlags = "tcp-flags", 3;
    Type = "type", 3;
    PktSrcaddr = "pkt-srcaddr", 3;
    PktDstaddr = "pkt-dstaddr", 3;
    Region = "region", 4;
    AzId = "az-id", 4;
    SublocationType = "sublocation-type", 4;
    SublocationId = "sublocation-id", 4;
    PktSrcAwsService = "pkt-src-aws-service", 5;
    PktDstAwsService = "pkt-dst-aws-service", 5;
    FlowDirection = "flow-direction", 5;
    TrafficPath = "traffic-path", 5;
    EcsClusterArn = "ecs-cluster-arn", 7;
    EcsClusterName = "ecs-cluster-name", 7;
    EcsContainerInstanceArn = "ecs-container-instance-arn", 7;
    EcsContainerInstanceId = "ecs-container-instance-id", 7;
    EcsContainerId = "ecs-container-id", 7;
    EcsSecondContainerId = "ecs-second-container-id", 7;
    EcsServiceName = "ecs-service-name", 7;
    EcsTaskDefinitionArn = "ecs-task-definition-arn", 7;
    EcsTaskArn = "ecs-task-arn", 7;
    EcsTaskId = "ecs-task-id", 7;
    RejectReason = "reject-reason", 8;
    ResourceId = "resource-id", 9;
    EncryptionStatus = "encryption-status", 10;
    InstanceTag = "instance-tag", 11;
    InstanceTag2 = "instance-tag-2", 11;
    InterfaceTag = "interface-tag", 11;
    InterfaceTag2 = "interface-tag-2", 11;
    AsgTag = "asg-tag", 11;
    AsgTag2 = "asg-tag-2", 11;
    InterfaceType = "interface-type", 11;
    NextHopInterfaceId = "next-hop-interface-id", 11;
    NextHopSubnetId = "next-hop-subnet-id", 11;
    NextHopAzId = "next-hop-az-id", 11;
    NextHopVpcId = "next-hop-vpc-id", 11;
    NextHopInterfaceType = "next-hop-interface-type", 11;
    OpenvpcSecurityGroupRule = "openvpc-security-group-rule", 2;
    OpenvpcNetworkAcl = "openvpc-network-acl", 2;
    OpenvpcNetworkAclRule = "openvpc-network-acl-rule", 2;
    OpenvpcRouteTable = "openvpc-route-table", 2;
    OpenvpcRoute = "openvpc-route", 2;
    OpenvpcGateway = "openvpc-gateway", 2;
    OpenvpcDropReason = "openvpc-drop-reason", 2;
    OpenvpcRevision = "openvpc-revision", 2;
}
