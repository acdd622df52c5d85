"""Golden cases for the codec, made and checked with botocore (`cargo xtask golden`).

make.py requests FILE   one line per case: a form as botocore serialises it, and its parameters
make.py signed FILE     one line per request that botocore's own signers signed
make.py outputs FILE    one line per action: a value of its output shape, every member set
make.py parse FILE      reads lines with "output" and "xml"; fails where botocore's parser
                        does not give the output back
"""
import base64, datetime, json, pathlib, re, sys
from urllib.parse import urlencode, urlsplit

import botocore.auth
import botocore.session
from botocore import awsrequest, config, credentials, parsers, serialize

HERE = pathlib.Path(__file__).parent
TABLES = HERE.parent.parent / "src" / "generated"
VERSIONS = {"ec2": "2016-11-15", "sts": "2011-06-15", "iam": "2010-05-08", "elbv2": "2015-12-01"}
WHEN = datetime.datetime(2025, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
DEPTH_MAX = 5
session = botocore.session.Session()
models = {service: session.get_service_model(service, version) for service, version in VERSIONS.items()}


def actions(service):
    return re.findall(r'Action \{\s*name: "(\w+)"', (TABLES / f"{service}.rs").read_text())


class Filler:
    """A value of a shape with every member set, lists with `items` items; no two strings alike."""

    def __init__(self, items):
        self.items, self.count = items, 0

    def fill(self, shape, depth=0):
        self.count += 1
        kind = shape.type_name
        if kind == "structure":
            if depth > DEPTH_MAX:
                return {}
            members = shape.members.items()
            return {name: self.fill(member, depth + 1) for name, member in members if member.type_name != "map"}
        if kind == "list":
            return [self.fill(shape.member, depth + 1) for _ in range(self.items)]
        return {
            "string": f"{shape.name} {self.count} +%&=<é>",
            "integer": -self.count,
            "long": 2**53 + self.count,
            "double": self.count + 0.5,
            "float": self.count + 0.5,
            "boolean": self.count % 2 == 0,
            "blob": bytes([0, 255, self.count % 256]),
            "timestamp": WHEN + datetime.timedelta(seconds=self.count),
        }[kind]


def plain(value):
    """As JSON: times as botocore writes them into forms, blobs as base64."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value


def pruned(value):
    """Without what a form cannot say: structures and lists that are empty."""
    if isinstance(value, dict):
        parts = {name: pruned(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part not in ({}, [])}
    if isinstance(value, list):
        return [part for part in map(pruned, value) if part not in ({}, [])]
    return value


def form(service, action, params):
    model = models[service]
    serializer = serialize.create_serializer(model.metadata["protocol"], include_validation=False)
    body = serializer.serialize_to_request(params, model.operation_model(action))["body"]
    return urlencode(body)


def by_hand():
    """What people really send."""
    permission = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "ssh"}],
                   "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
                  {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-0123456789abcdef0", "UserId": "123456789012"}],
                   "PrefixListIds": [{"PrefixListId": "pl-63a5400a"}]}]
    tags = lambda kind: [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": "a b+c"}, {"Key": "empty", "Value": ""}]}]
    yield "CreateVpc", {"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": True, "TagSpecifications": tags("vpc")}
    yield "DescribeVpcs", {}
    yield "DescribeVpcs", {"VpcIds": ["vpc-1", "vpc-2"], "MaxResults": 5, "DryRun": False,
                           "Filters": [{"Name": "tag:Name", "Values": ["a*", "b?"]}, {"Name": "state", "Values": ["available"]}]}
    yield "ModifyVpcAttribute", {"VpcId": "vpc-1", "EnableDnsHostnames": {"Value": True}}
    yield "CreateRoute", {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"}
    yield "AuthorizeSecurityGroupIngress", {"GroupId": "sg-1", "IpPermissions": permission}
    yield "CreateNetworkAclEntry", {"NetworkAclId": "acl-1", "RuleNumber": 90, "Protocol": "1", "RuleAction": "deny", "Egress": True,
                                    "CidrBlock": "0.0.0.0/0", "IcmpTypeCode": {"Type": -1, "Code": -1}}
    yield "CreateNetworkAclEntry", {"NetworkAclId": "acl-1", "RuleNumber": 100, "Protocol": "6", "RuleAction": "allow", "Egress": False,
                                    "Ipv6CidrBlock": "::/0", "PortRange": {"From": 0, "To": 65535}}
    yield "CreateFlowLogs", {"ResourceIds": ["vpc-1"], "ResourceType": "VPC", "TrafficType": "ALL", "LogGroupName": "g",
                             "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/r", "MaxAggregationInterval": 60}
    yield "CreateTags", {"Resources": ["i-1", "vpc-1"], "Tags": [{"Key": "k", "Value": "ünï ☃"}]}
    yield "DeleteTags", {"Resources": ["i-1"], "Tags": [{"Key": "k"}]}
    yield "RunInstances", {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 2, "UserData": "IyEvYmluL3NoCg==", "TagSpecifications": tags("instance"),
                           "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": "subnet-1", "Groups": ["sg-1", "sg-2"], "AssociatePublicIpAddress": True,
                                                  "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.5", "Primary": True}]}]}
    yield "CreateDhcpOptions", {"DhcpConfigurations": [{"Key": "domain-name-servers", "Values": ["10.2.5.1", "10.2.5.2"]}]}
    yield "ModifyManagedPrefixList", {"PrefixListId": "pl-1", "CurrentVersion": 1, "AddEntries": [{"Cidr": "10.0.0.0/8"}], "RemoveEntries": [{"Cidr": "10.1.0.0/16"}]}
    yield "ModifyVpcEndpointServicePermissions", {"ServiceId": "vpce-svc-1", "AddAllowedPrincipals": ["arn:aws:iam::1:root", "*"]}
    yield "ModifyInstanceAttribute", {"InstanceId": "i-1", "UserData": {"Value": b"#!/bin/sh\n"}, "Groups": ["sg-1"]}


def requests():
    for action, params in by_hand():
        yield "ec2", action, params
    for service, model in models.items():
        for action in actions(service):
            shape = model.operation_model(action).input_shape
            params = pruned(Filler(items=2).fill(shape)) if shape else {}
            yield service, action, params


def outputs():
    for service, model in models.items():
        for action in actions(service):
            shape = model.operation_model(action).output_shape
            yield service, action, plain(Filler(items=1).fill(shape)) if shape else {}


def captured(service, region, action, params, token=None):
    """What a client sends, header for header, without sending it."""
    client = session.create_client(service, region_name=region, endpoint_url="http://127.0.0.1:4566", aws_access_key_id="test",
                                   aws_secret_access_key="test", aws_session_token=token, config=config.Config(retries={"max_attempts": 0}))

    class Captured(Exception):
        pass

    def capture(request, **_):
        raise Captured(request)

    client.meta.events.register("before-send", capture)
    try:
        client._make_api_call(action, params)
    except Captured as captured:
        return captured.args[0]


def by_signer(signer, service, method, url, headers=(), body=b"", token=None, **options):
    """What a signer makes of a request that no client would send."""
    request = awsrequest.AWSRequest(method=method, url=url, headers=dict(headers), data=body)
    signer(credentials.Credentials("test", "test", token), service, "eu-west-1", **options).add_auth(request)
    return request.prepare()


def signed():
    botocore.auth.get_current_datetime = lambda *_: WHEN.replace(tzinfo=None)
    header, query = botocore.auth.SigV4Auth, botocore.auth.SigV4QueryAuth
    yield "client", captured("ec2", "us-east-1", "CreateVpc", {"CidrBlock": "10.0.0.0/16"})
    yield "client", captured("ec2", "eu-central-1", "DescribeVpcs", {}, token="a+session/token==")
    yield "client", captured("sts", "us-east-1", "GetCallerIdentity", {})
    yield "client", captured("logs", "us-west-2", "DescribeLogGroups", {"logGroupNamePrefix": "ü"})
    yield "header", by_signer(header, "ec2", "GET", "http://127.0.0.1:4566/?Action=DescribeVpcs&Version=2016-11-15&Filter.1.Value.1=a%20b%2Bc%2F~%C3%A9&B=&A=2&A=1")
    yield "header", by_signer(header, "ec2", "POST", "http://localhost/", {"X-Amz-Meta": "  a   b  ", "My-Header": "x"}, b"Action=A")
    yield "header", by_signer(header, "ec2", "POST", "http://localhost/a%20b/c", (), b"")
    yield "query", by_signer(query, "sts", "GET", "http://127.0.0.1:4566/?Action=GetCallerIdentity&Version=2011-06-15", expires=60)
    yield "query", by_signer(query, "sts", "GET", "https://sts.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15", {"x-k8s-aws-id": "c"}, token="a+b/c=", expires=604800)


def vector(kind, request):
    parts = urlsplit(request.url)
    text = lambda value: value.decode() if isinstance(value, bytes) else str(value)
    volatile = ("user-agent", "amz-sdk-invocation-id", "amz-sdk-request")  # nobody signs these
    headers = {name.lower(): text(value) for name, value in request.headers.items() if name.lower() not in volatile}
    headers.setdefault("host", parts.netloc)
    return {"kind": kind, "method": request.method, "path": parts.path or "/", "query": parts.query,
            "headers": headers, "body": text(request.body or b"")}


def parse(line):
    model = models[line["service"]]
    shape = model.operation_model(line["action"]).output_shape
    parser = parsers.create_parser(model.metadata["protocol"])
    parsed = parser.parse({"status_code": 200, "headers": {}, "body": line["xml"].encode()}, shape)
    metadata = parsed.pop("ResponseMetadata")
    assert metadata["RequestId"] == "11111111-2222-3333-4444-555555555555", metadata
    assert plain(parsed) == line["output"], f"{line['action']}: botocore reads\n{plain(parsed)}\nnot\n{line['output']}"


def main(what, path):
    if what == "parse":
        lines = [json.loads(line) for line in open(path, encoding="utf-8")]
        for line in lines:
            parse(line)
        print(f"botocore reads {len(lines)} answers as they were meant")
        return
    with open(path, "w", encoding="utf-8") as out:
        if what == "signed":
            for kind, request in signed():
                print(json.dumps(vector(kind, request), ensure_ascii=False, sort_keys=True), file=out)
            return
        cases = requests() if what == "requests" else outputs()
        for service, action, value in cases:
            line = {"service": service, "action": action}
            if what == "requests":
                line |= {"form": form(service, action, value), "input": plain(value)}
            else:
                line |= {"output": value}
            print(json.dumps(line, ensure_ascii=False, sort_keys=True), file=out)


main(*sys.argv[1:])
