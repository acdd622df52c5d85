# S3 kept by another server, as boto3 sees it: argument 1 is the daemon in front of it, argument 2 that server.
import base64
import hashlib
import http.client
import json
import os
import sys
import urllib.parse

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

front, other = (boto3.client("s3", endpoint_url=url) for url in sys.argv[1:3])
host = sys.argv[1].removeprefix("http://")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise SystemExit(f"{arguments} was not refused with {code}")


front.create_bucket(Bucket="box")
assert [bucket["Name"] for bucket in other.list_buckets()["Buckets"]] == ["box"]

# Keys that need escaping, metadata, ranges and conditions.
key = "a b/ü+&?%2F=~.txt"
put = front.put_object(Bucket="box", Key=key, Body=b"0123456789", ContentType="text/plain", Metadata={"kind": "first"})
got = other.get_object(Bucket="box", Key=key)
assert got["Body"].read() == b"0123456789" and got["ETag"] == put["ETag"], got
assert got["ContentType"] == "text/plain" and got["Metadata"] == {"kind": "first"}, got
assert front.get_object(Bucket="box", Key=key, Range="bytes=2-4")["Body"].read() == b"234"
assert front.head_object(Bucket="box", Key=key)["ContentLength"] == 10
refused("304", front.get_object, Bucket="box", Key=key, IfNoneMatch=put["ETag"])
refused("NoSuchKey", front.get_object, Bucket="box", Key="none")
listed = front.list_objects_v2(Bucket="box", Prefix="a b/", Delimiter="&")
assert [prefix["Prefix"] for prefix in listed["CommonPrefixes"]] == ["a b/ü+&"], listed

# A body that is signed piece by piece arrives without its wrapping.
streamed = boto3.client("s3", endpoint_url=sys.argv[1], config=Config(request_checksum_calculation="when_required"))
streamed.put_object(Bucket="box", Key="plain", Body=b"x" * 100_000)
assert other.head_object(Bucket="box", Key="plain")["ContentLength"] == 100_000

# In parts, and what is given up.
upload = front.create_multipart_upload(Bucket="box", Key="parts")["UploadId"]
part = lambda number, body: {"PartNumber": number, "ETag": front.upload_part(
    Bucket="box", Key="parts", UploadId=upload, PartNumber=number, Body=body)["ETag"]}
parts = [part(1, b"1" * (5 << 20)), part(2, b"2")]
front.complete_multipart_upload(Bucket="box", Key="parts", UploadId=upload, MultipartUpload={"Parts": parts})
assert other.head_object(Bucket="box", Key="parts")["ContentLength"] == (5 << 20) + 1
given_up = front.create_multipart_upload(Bucket="box", Key="never")["UploadId"]
front.abort_multipart_upload(Bucket="box", Key="never", UploadId=given_up)
assert "Uploads" not in other.list_multipart_uploads(Bucket="box")


# With the bucket in the host's name, by an address that is signed itself.
def presigned(method, key, name, **more):
    client = boto3.client("s3", endpoint_url="http://s3.us-east-1.amazonaws.com",
                          config=Config(s3={"addressing_style": "virtual"}, signature_version="s3v4"))
    url = urllib.parse.urlsplit(client.generate_presigned_url(method, Params={"Bucket": "box", "Key": key, **more}))
    assert url.netloc == "box.s3.us-east-1.amazonaws.com", url
    connection = http.client.HTTPConnection(host)
    body = b"by its name" if name == "PUT" else None
    connection.request(name, f"{url.path}?{url.query}", body=body, headers={"Host": url.netloc})
    answer = connection.getresponse()
    return answer.status, answer.read()


assert presigned("put_object", "named", "PUT")[0] == 200
assert presigned("get_object", "named", "GET") == (200, b"by its name")
assert other.get_object(Bucket="box", Key="named")["Body"].read() == b"by its name"


# A checksum that follows the body is checked before the other server has all of it.
class Trailing(S3SigV4Auth):
    def payload(self, request):
        return "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def trailed(checksum):
    headers = {"x-amz-decoded-content-length": "5", "x-amz-trailer": "x-amz-checksum-sha256",
               "content-encoding": "aws-chunked"}
    body = b"5\r\nbytes\r\n0\r\nx-amz-checksum-sha256:" + checksum + b"\r\n\r\n"
    request = AWSRequest("PUT", f"{sys.argv[1]}/box/trailed", headers=headers, data=body)
    request.context["client_config"] = Config(s3={})
    Trailing(Credentials("test", "test"), "s3", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection(host)
    connection.request("PUT", "/box/trailed", body=body, headers=dict(request.headers))
    answer = connection.getresponse()
    return answer.status, answer.read()


right = base64.b64encode(hashlib.sha256(b"bytes").digest())
status, answer = trailed(base64.b64encode(bytes(32)))
assert status == 400 and b"BadDigest" in answer, (status, answer)
refused("404", other.head_object, Bucket="box", Key="trailed")
assert trailed(right)[0] == 200
assert other.get_object(Bucket="box", Key="trailed")["Body"].read() == b"bytes"

# Who may not is asked here, and nothing is asked there.
iam = boto3.client("iam", endpoint_url=sys.argv[1])
bob = iam.create_user(UserName="Bob")["User"]["Arn"]
made = iam.create_access_key(UserName="Bob")["AccessKey"]


def may(*actions, resource="arn:aws:s3:::box/in/*"):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}
    iam.put_user_policy(UserName="Bob", PolicyName="p", PolicyDocument=json.dumps(document))


bobs = boto3.client("s3", endpoint_url=sys.argv[1], aws_access_key_id=made["AccessKeyId"],
                    aws_secret_access_key=made["SecretAccessKey"])
refused("AccessDenied", bobs.get_object, Bucket="box", Key="plain")
may("s3:PutObject")
refused("AccessDenied", bobs.copy_object, Bucket="box", Key="in/copy", CopySource="box/plain")
refused("AccessDenied", bobs.put_object, Bucket="box", Key="out", Body=b"")
refused("AccessDenied", bobs.put_object_tagging, Bucket="box", Key="in/k", Tagging={"TagSet": []})
may("s3:DeleteObject")
refused("AccessDenied", bobs.delete_objects, Bucket="box", Delete={"Objects": [{"Key": "in/k"}, {"Key": "plain"}]})
assert other.head_object(Bucket="box", Key="plain")
anonymous = http.client.HTTPConnection(host)
anonymous.request("GET", "/box/plain")
answer = anonymous.getresponse()
assert answer.status == 403 and b"AccessDenied" in answer.read()

# The bucket's policy is kept here, and decides.
deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::box/*", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}]}
front.put_bucket_policy(Bucket="box", Policy=json.dumps(deny))
refused("AccessDenied", front.get_object, Bucket="box", Key="plain")
refused("NoSuchBucketPolicy", other.get_bucket_policy, Bucket="box")
assert json.loads(front.get_bucket_policy(Bucket="box")["Policy"]) == deny
front.delete_bucket_policy(Bucket="box")
front.get_object(Bucket="box", Key="plain")

# A bucket that was there before is the account's that sets something on it.
other.create_bucket(Bucket="older")
front.put_object(Bucket="older", Key="k", Body=b"k")
front.put_bucket_policy(Bucket="older", Policy=json.dumps(deny).replace("box", "older"))
refused("AccessDenied", front.get_object, Bucket="older", Key="k")
refused("NoSuchBucket", front.get_bucket_policy, Bucket="nowhere")

# Copies, and an end.
front.copy_object(Bucket="box", Key="copy", CopySource={"Bucket": "box", "Key": key})
assert other.get_object(Bucket="box", Key="copy")["Body"].read() == b"0123456789"
refused("BucketNotEmpty", front.delete_bucket, Bucket="box")
listed = [{"Key": item["Key"]} for item in front.list_objects_v2(Bucket="box")["Contents"]]
assert len(front.delete_objects(Bucket="box", Delete={"Objects": listed})["Deleted"]) == len(listed)
front.delete_bucket(Bucket="box")
refused("NoSuchBucket", front.list_objects_v2, Bucket="box")

# Streams, in pieces both ways, are never whole in the daemon.
front.create_bucket(Bucket="large")
resident = lambda: int(next(line for line in open(f"/proc/{sys.argv[3]}/status") if line.startswith("VmRSS")).split()[1])
before, len_kib = resident(), 128 << 10


class Zeros:
    def __init__(self):
        self.left = len_kib << 10

    def read(self, size=-1):
        piece = bytes(min(self.left, 1 << 20 if size < 0 else size))
        self.left -= len(piece)
        most.append(resident())
        return piece


most = []
url = urllib.parse.urlsplit(front.generate_presigned_url("put_object", Params={"Bucket": "large", "Key": "zeros"}))
connection = http.client.HTTPConnection(host)
connection.request("PUT", f"{url.path}?{url.query}", body=Zeros(), headers={"Content-Length": str(len_kib << 10)})
assert connection.getresponse().status == 200
body = front.get_object(Bucket="large", Key="zeros")["Body"]
while body.read(1 << 20):
    most.append(resident())
assert max(most) - before < len_kib / 4, (before, max(most))
print("done")
