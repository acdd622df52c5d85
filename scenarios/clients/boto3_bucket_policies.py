# Bucket policies, as the S3 user guide tells them, by boto3.
import json
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import os


def client(service, key, secret):
    return boto3.client(service, aws_access_key_id=key, aws_secret_access_key=secret)


root = boto3.client("s3")
iam = boto3.client("iam")
stranger = client("s3", "stranger", "secret")


def refused(code, part, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        said = error.response["Error"]
        assert said["Code"] == code and part in said["Message"], said
        return
    raise SystemExit(f"{arguments} was not refused with {code}")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def on(effect, principal, action="s3:GetObject", resource="arn:aws:s3:::box/*", **more):
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **more}


root.create_bucket(Bucket="box")
root.put_object(Bucket="box", Key="k", Body=b"bytes")
refused("NoSuchBucketPolicy", "does not exist", root.get_bucket_policy, Bucket="box")

# What S3 does not store.
for text, part in [
    ("[]", "first byte must be"),
    (policy(on("Allow", "*", resource="arn:aws:s3:::other/*")), "invalid resource"),
    (policy(on("Allow", "*", resource="arn:aws:s3:::boxes/*")), "invalid resource"),
    (policy(on("Allow", {"AWS": "Bob"})), "Invalid principal"),
    (policy(on("Allow", "*", action="ec2:RunInstances")), "invalid action"),
    (policy({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::box"}), "Missing required field Principal"),
    (policy(on("Deny", "*")) + " " * 20480, "maximum allowed document size"),
]:
    refused("MalformedPolicy", part, root.put_bucket_policy, Bucket="box", Policy=text)

# A user of the account, named by the bucket alone.
user = iam.create_user(UserName="Bob")["User"]["Arn"]
made = iam.create_access_key(UserName="Bob")["AccessKey"]
bob = client("s3", made["AccessKeyId"], made["SecretAccessKey"])
get = {"Bucket": "box", "Key": "k"}
refused("AccessDenied", f'User: {user} is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::box/k" because no identity-based policy allows the s3:GetObject action', bob.get_object, **get)
root.put_bucket_policy(Bucket="box", Policy=policy(on("Allow", {"AWS": user})))
assert bob.get_object(**get)["Body"].read() == b"bytes"
refused("AccessDenied", "s3:ListBucket", bob.get_object, Bucket="box", Key="no such key")
assert json.loads(root.get_bucket_policy(Bucket="box")["Policy"])["Statement"][0]["Principal"]["AWS"] == user

# Another account.
refused("AccessDenied", "because no resource-based policy allows the s3:GetObject action", stranger.get_object, **get)
root.put_bucket_policy(Bucket="box", Policy=policy(on("Allow", {"AWS": "444455556666"}), on("Allow", {"AWS": "444455556666"}, "s3:*BucketPolicy", "arn:aws:s3:::box")))
assert stranger.get_object(**get)["Body"].read() == b"bytes"
refused("MethodNotAllowed", "not allowed", stranger.delete_bucket_policy, Bucket="box")

# Everyone, once the block on public policies is gone.
everyone = policy(on("Allow", "*"))
refused("AccessDenied", "BlockPublicPolicy", root.put_bucket_policy, Bucket="box", Policy=everyone)
assert not root.get_bucket_policy_status(Bucket="box")["PolicyStatus"]["IsPublic"]
root.delete_public_access_block(Bucket="box")
root.put_bucket_policy(Bucket="box", Policy=everyone)
assert root.get_bucket_policy_status(Bucket="box")["PolicyStatus"]["IsPublic"]
address = os.environ["AWS_ENDPOINT_URL"] + "/box/k"
assert urllib.request.urlopen(address).read() == b"bytes"
root.put_public_access_block(Bucket="box", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
for forged in [{}, {"X-Forwarded-For": "10.0.0.1", "X-Amz-Source-Vpce": "vpce-1a2b3c4d", "SourceVpce": "vpce-1a2b3c4d"}]:
    try:
        urllib.request.urlopen(urllib.request.Request(address, headers=forged))
        raise SystemExit("a restricted bucket was read")
    except urllib.error.HTTPError as error:
        assert error.code == 403

# Closed to everything but one endpoint: the owner is locked out too, and forging helps nobody.
closed = policy(on("Deny", "*", "s3:*", ["arn:aws:s3:::box", "arn:aws:s3:::box/*"],
                   Condition={"StringNotEquals": {"aws:sourceVpce": "vpce-1a2b3c4d"}}))
root.put_bucket_policy(Bucket="box", Policy=closed)
root.meta.events.register("before-send.s3", lambda request, **_: request.headers.__setitem__("X-Amz-Source-Vpce", "vpce-1a2b3c4d"))
refused("AccessDenied", "with an explicit deny in a resource-based policy", root.get_object, **get)
refused("AccessDenied", "with an explicit deny in a resource-based policy", root.list_objects_v2, Bucket="box")
root.delete_bucket_policy(Bucket="box")
assert root.get_object(**get)["Body"].read() == b"bytes"

# By Version 4 of the signature alone, whatever else a request says of itself.
version4 = policy(on("Deny", "*", Condition={"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}))
root.put_bucket_policy(Bucket="box", Policy=version4)
root.get_object(**get)
for forged in [{}, {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"}]:
    address = boto3.client("s3", config=Config(signature_version="s3")).generate_presigned_url("get_object", Params=get)
    try:
        urllib.request.urlopen(urllib.request.Request(address, headers=forged))
        raise SystemExit("Version 2 was taken for Version 4")
    except urllib.error.HTTPError as error:
        assert error.code == 403 and b"explicit deny" in error.read()

# From this machine's address; never from another.
here = lambda block: policy(on("Deny", "*", Condition={"NotIpAddress": {"aws:SourceIp": block}}))
root.put_bucket_policy(Bucket="box", Policy=here("127.0.0.0/8"))
root.get_object(**get)
root.put_bucket_policy(Bucket="box", Policy=here("203.0.113.0/24"))
refused("AccessDenied", "explicit deny", root.get_object, **get)
root.put_bucket_policy(Bucket="box", Policy=policy(on("Deny", "*", Condition={"Bool": {"aws:SecureTransport": "false"}})))
refused("AccessDenied", "explicit deny", root.get_object, **get)

# A form goes where its policy says, and where its signer may put.
root.delete_bucket_policy(Bucket="box")
iam.put_user_policy(UserName="Bob", PolicyName="forms", PolicyDocument=policy(
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::box/in/*"}))


def post(signed_for, sent_to, signer=None, without=()):
    form = (signer or bob4).generate_presigned_post("box", signed_for)
    fields = {name: value for name, value in {**form["fields"], "key": sent_to}.items() if name not in without}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    parts.append('--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nposted\r\n--b--\r\n')
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    request = urllib.request.Request(form["url"], data="".join(parts).encode(), headers=headers)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code


bob4 = boto3.client("s3", aws_access_key_id=made["AccessKeyId"], aws_secret_access_key=made["SecretAccessKey"],
                    config=Config(signature_version="s3v4"))
assert post("in/k", "in/k") == 204
assert root.get_object(Bucket="box", Key="in/k")["Body"].read() == b"posted"
assert post("out/k", "out/k") == 403
assert post("in/k", "in/other") == 400

# With temporary credentials it bears their token, which its policy covers.
trust = policy({"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole"})
role = iam.create_role(RoleName="uploader", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
iam.put_role_policy(RoleName="uploader", PolicyName="forms", PolicyDocument=policy(
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::box/role/*"}))
sts = client("sts", made["AccessKeyId"], made["SecretAccessKey"])
assumed = sts.assume_role(RoleArn=role, RoleSessionName="form")["Credentials"]


def session(token):
    return boto3.client("s3", aws_access_key_id=assumed["AccessKeyId"], aws_secret_access_key=assumed["SecretAccessKey"],
                        aws_session_token=token, config=Config(signature_version="s3v4"))


uploader = session(assumed["SessionToken"])
assert post("role/k", "role/k", uploader) == 204
assert root.get_object(Bucket="box", Key="role/k")["Body"].read() == b"posted"
assert post("in/k", "in/k", uploader) == 403, "the role may not put there"
assert post("role/k", "role/k", session("forged")) == 400
assert post("role/k", "role/k", session(None)) == 400, "a key without its token is no one's"
assert post("role/k", "role/k", uploader, without=["x-amz-security-token"]) == 400, "the policy asks for it"

# A user's own folder, by the prefix that it asks for.
root.put_bucket_policy(Bucket="box", Policy=policy(on("Allow", {"AWS": user}, "s3:ListBucket", "arn:aws:s3:::box",
    Condition={"StringLike": {"s3:prefix": "home/${aws:username}/*"}})))
bob.list_objects_v2(Bucket="box", Prefix="home/Bob/x")
refused("AccessDenied", "s3:ListBucket", bob.list_objects_v2, Bucket="box", Prefix="home/Ann/x")
refused("AccessDenied", "s3:ListBucket", bob.list_objects_v2, Bucket="box")
print("done")
