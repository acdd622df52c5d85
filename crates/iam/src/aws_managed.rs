//! Policies that AWS provides, as facts: the few that people attach to what openvpc serves
//! (AWS managed policy reference guide).

use openvpc_model::UnixMillis;

/// 2015-02-06T18:39:46Z, when AWS published the first of them.
pub const CREATED_AT: UnixMillis = 1_423_247_986_000;

pub struct AwsPolicy {
    pub name: &'static str,
    pub path: &'static str,
    pub document: &'static str,
}

impl AwsPolicy {
    pub fn arn(&self) -> String {
        format!("arn:aws:iam::aws:policy{}{}", self.path, self.name)
    }

    /// The same in every account; not AWS's own number.
    pub fn id(&self) -> String {
        let letters = self.name.to_ascii_uppercase();
        let letters = letters.chars().filter(char::is_ascii_alphabetic);
        "ANPA"
            .chars()
            .chain(letters.chain(std::iter::repeat('A')).take(17))
            .collect()
    }
}

/// The policy of an ARN.
pub fn find(arn: &str) -> Option<&'static AwsPolicy> {
    let rest = arn.strip_prefix("arn:aws:iam::aws:policy")?;
    ALL.iter().find(|policy| {
        rest.strip_prefix(policy.path)
            .is_some_and(|name| name == policy.name)
    })
}

const fn row(name: &'static str, path: &'static str, document: &'static str) -> AwsPolicy {
    AwsPolicy {
        name,
        path,
        document,
    }
}

#[rustfmt::skip]
pub const ALL: &[AwsPolicy] = &[
    row("AdministratorAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#),
    row("PowerUserAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},{"Effect":"Allow","Action":["account:GetAccountInformation","account:GetPrimaryEmail","account:ListRegions","iam:CreateServiceLinkedRole","iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}]}"#),
    row("ReadOnlyAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:BatchGet*","dynamodb:Describe*","dynamodb:Get*","dynamodb:List*","dynamodb:PartiQLSelect","dynamodb:Query","dynamodb:Scan","ec2:Describe*","ec2:Get*","ec2:ListSnapshotsInRecycleBin","ec2:SearchLocalGatewayRoutes","ec2:SearchTransitGatewayRoutes","elasticloadbalancing:Describe*","iam:Generate*","iam:Get*","iam:List*","iam:Simulate*","logs:Describe*","logs:FilterLogEvents","logs:Get*","logs:ListTagsForResource","logs:ListTagsLogGroup","logs:StartQuery","logs:StopQuery","logs:TestMetricFilter","s3:DescribeJob","s3:Get*","s3:List*","sts:GetAccessKeyInfo","sts:GetCallerIdentity","sts:GetSessionToken"],"Resource":"*"}]}"#),
    row("IAMFullAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","organizations:DescribeAccount","organizations:DescribeOrganization","organizations:DescribeOrganizationalUnit","organizations:DescribePolicy","organizations:ListChildren","organizations:ListParents","organizations:ListPoliciesForTarget","organizations:ListRoots","organizations:ListPolicies","organizations:ListTargetsForPolicy"],"Resource":"*"}]}"#),
    row("IAMReadOnlyAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:GenerateCredentialReport","iam:GenerateServiceLastAccessedDetails","iam:Get*","iam:List*","iam:SimulateCustomPolicy","iam:SimulatePrincipalPolicy"],"Resource":"*"}]}"#),
    row("AmazonS3FullAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","s3-object-lambda:*"],"Resource":"*"}]}"#),
    row("AmazonS3ReadOnlyAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*","s3:Describe*","s3-object-lambda:Get*","s3-object-lambda:List*"],"Resource":"*"}]}"#),
    row("AmazonDynamoDBFullAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:*","dax:*"],"Resource":"*"}]}"#),
    row("AmazonDynamoDBReadOnlyAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:BatchGetItem","dynamodb:Describe*","dynamodb:List*","dynamodb:GetAbacStatus","dynamodb:GetItem","dynamodb:GetResourcePolicy","dynamodb:Query","dynamodb:Scan","dynamodb:PartiQLSelect"],"Resource":"*"}]}"#),
    row("AmazonEC2FullAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"},{"Effect":"Allow","Action":["elasticloadbalancing:*","cloudwatch:*","autoscaling:*"],"Resource":"*"}]}"#),
    row("AmazonEC2ReadOnlyAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:Describe*","ec2:GetSecurityGroupsForVpc"],"Resource":"*"},{"Effect":"Allow","Action":"elasticloadbalancing:Describe*","Resource":"*"}]}"#),
    row("AmazonVPCFullAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:AcceptVpcEndpointConnections","ec2:AcceptVpcPeeringConnection","ec2:AllocateAddress","ec2:AssignIpv6Addresses","ec2:AssignPrivateIpAddresses","ec2:Associate*","ec2:Attach*","ec2:Authorize*","ec2:Create*","ec2:Delete*","ec2:Describe*","ec2:Detach*","ec2:Disassociate*","ec2:Get*","ec2:Modify*","ec2:MoveAddressToVpc","ec2:RejectVpcEndpointConnections","ec2:RejectVpcPeeringConnection","ec2:ReleaseAddress","ec2:Replace*","ec2:ResetNetworkInterfaceAttribute","ec2:RestoreAddressToClassic","ec2:Revoke*","ec2:Unassign*","ec2:UpdateSecurityGroupRuleDescriptions*"],"Resource":"*"}]}"#),
    row("AmazonVPCReadOnlyAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ec2:DescribeAccountAttributes","ec2:DescribeAddresses","ec2:DescribeAvailabilityZones","ec2:DescribeDhcpOptions","ec2:DescribeEgressOnlyInternetGateways","ec2:DescribeFlowLogs","ec2:DescribeInternetGateways","ec2:DescribeManagedPrefixLists","ec2:DescribeNatGateways","ec2:DescribeNetworkAcls","ec2:DescribeNetworkInterface*","ec2:DescribePrefixLists","ec2:DescribeRouteTables","ec2:DescribeSecurityGroup*","ec2:DescribeSubnets","ec2:DescribeTags","ec2:DescribeVpc*","ec2:Get*"],"Resource":"*"}]}"#),
    row("CloudWatchLogsFullAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*","cloudwatch:GenerateQuery"],"Resource":"*"}]}"#),
    row("CloudWatchLogsReadOnlyAccess", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:Describe*","logs:Get*","logs:List*","logs:StartQuery","logs:StopQuery","logs:TestMetricFilter","logs:FilterLogEvents","logs:StartLiveTail","logs:StopLiveTail"],"Resource":"*"}]}"#),
    row("AmazonSSMManagedInstanceCore", "/", r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["ssm:DescribeAssociation","ssm:GetDeployablePatchSnapshotForInstance","ssm:GetDocument","ssm:DescribeDocument","ssm:GetManifest","ssm:GetParameter","ssm:GetParameters","ssm:ListAssociations","ssm:ListInstanceAssociations","ssm:PutInventory","ssm:PutComplianceItems","ssm:PutConfigurePackageResult","ssm:UpdateAssociationStatus","ssm:UpdateInstanceAssociationStatus","ssm:UpdateInstanceInformation"],"Resource":"*"},{"Effect":"Allow","Action":["ssmmessages:CreateControlChannel","ssmmessages:CreateDataChannel","ssmmessages:OpenControlChannel","ssmmessages:OpenDataChannel"],"Resource":"*"},{"Effect":"Allow","Action":["ec2messages:AcknowledgeMessage","ec2messages:DeleteMessage","ec2messages:FailMessage","ec2messages:GetEndpoint","ec2messages:GetMessages","ec2messages:SendReply"],"Resource":"*"}]}"#),
];
