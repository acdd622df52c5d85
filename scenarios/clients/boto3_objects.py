import io, boto3, urllib.request
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

s3 = boto3.client("s3")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert error.response["Error"]["Message"], error
    else:
        raise AssertionError(f"{call} was not refused with {code}")


s3.create_bucket(Bucket="good")
refused("BucketAlreadyOwnedByYou", s3.create_bucket, Bucket="good")

# In parts, and back.
big = bytes(range(256)) * 65536
s3.upload_fileobj(io.BytesIO(big), "good", "big", Config=TransferConfig(multipart_threshold=1 << 20))
assert s3.get_object(Bucket="good", Key="big")["Body"].read() == big
assert s3.get_object(Bucket="good", Key="big", Range="bytes=8388607-8388608")["Body"].read() == b"\xff\x00"

# Keys are opaque, and x stands beside x/.
for key in ["..", "../../etc/passwd", "x", "x/", "//", "a\\b", "e\u0301", "\u00e9", "sp ace+%41"]:
    s3.put_object(Bucket="good", Key=key, Body=key.encode(), Metadata={"k": "v"})
    got = s3.get_object(Bucket="good", Key=key)
    assert got["Body"].read() == key.encode() and got["Metadata"] == {"k": "v"}, key
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="good", PaginationConfig={"PageSize": 3})
assert len([o["Key"] for page in pages for o in page["Contents"]]) == 10

# Conditions and checksums.
refused("PreconditionFailed", s3.put_object, Bucket="good", Key="x", Body=b"", IfNoneMatch="*")
refused("PreconditionFailed", s3.put_object, Bucket="good", Key="x", Body=b"", IfMatch='"0"')
tags = {key: s3.put_object(Bucket="good", Key=key, Body=b"meant")["ETag"] for key in ["meant", "spared"]}
meant = [{"Key": "meant", "ETag": tags["meant"]}, {"Key": "spared", "ETag": '"0"'}]
deleted = s3.delete_objects(Bucket="good", Delete={"Objects": meant})
assert [one["Key"] for one in deleted["Deleted"]] == ["meant"], deleted
assert [(one["Key"], one["Code"]) for one in deleted["Errors"]] == [("spared", "PreconditionFailed")], deleted
s3.delete_object(Bucket="good", Key="spared", IfMatch=tags["spared"])
for algorithm in ["CRC32", "SHA1", "SHA256"]:
    put = s3.put_object(Bucket="good", Key="sum", Body=b"hello", ChecksumAlgorithm=algorithm)
    assert put["Checksum" + algorithm]
refused("BadDigest", s3.put_object, Bucket="good", Key="sum", Body=b"x", ChecksumCRC32="AAAAAA==")

# Presigned: the URL alone opens the object, and no other.
url = s3.generate_presigned_url("get_object", Params={"Bucket": "good", "Key": "x"})
assert urllib.request.urlopen(url).read() == b"x"
for closed in [url.replace("/x?", "/big?"), url.split("?")[0]]:
    try:
        urllib.request.urlopen(closed)
        raise AssertionError(closed)
    except urllib.error.HTTPError as error:
        assert error.code == 403

# No address opens for longer than a week, and no header without a time is a signature.
from botocore.config import Config

newest = boto3.client("s3", config=Config(signature_version="s3v4"))
try:
    urllib.request.urlopen(newest.generate_presigned_url("get_object", Params={"Bucket": "good", "Key": "x"}, ExpiresIn=604801))
    raise AssertionError("an address for more than a week")
except urllib.error.HTTPError as error:
    assert error.code == 400 and b"AuthorizationQueryParametersError" in error.read()
refused("InvalidRequest", boto3.client("s3", config=Config(signature_version="s3")).list_buckets)

# Lists tell the owner to who asks.
assert "Owner" not in s3.list_objects_v2(Bucket="good")["Contents"][0]
assert s3.list_objects_v2(Bucket="good", FetchOwner=True)["Contents"][0]["Owner"]["ID"] == "123456789012"
assert s3.list_objects(Bucket="good")["Contents"][0]["Owner"]["ID"] == "123456789012"

stranger = boto3.client("s3", aws_access_key_id="stranger", aws_secret_access_key="secret")
refused("AccessDenied", stranger.get_object, Bucket="good", Key="x")
refused("BucketAlreadyExists", stranger.create_bucket, Bucket="good")
refused("SignatureDoesNotMatch", boto3.client("s3", aws_access_key_id="test", aws_secret_access_key="no").list_buckets)
refused("NoSuchKey", s3.get_object, Bucket="good", Key="none")
refused("NoSuchBucket", s3.list_objects_v2, Bucket="none")
refused("BucketNotEmpty", s3.delete_bucket, Bucket="good")

# Every object is its own version, "null"; and whoever empties a bucket by its versions, as Terraform does, empties it.
pages = list(s3.get_paginator("list_object_versions").paginate(Bucket="good", PaginationConfig={"PageSize": 4}))
versions = [version for page in pages for version in page["Versions"]]
assert [len(page["Versions"]) for page in pages] == [4, 4, 3], pages
assert all(version["VersionId"] == "null" and version["IsLatest"] for version in versions)
assert [version["Key"] for version in versions] == [o["Key"] for o in s3.list_objects_v2(Bucket="good")["Contents"]]
below = s3.list_object_versions(Bucket="good", Prefix="x", Delimiter="/")
assert [v["Key"] for v in below["Versions"]] == ["x"] and below["CommonPrefixes"] == [{"Prefix": "x/"}], below
assert s3.get_object(Bucket="good", Key="x", VersionId="null")["Body"].read() == b"x"
refused("NoSuchVersion", s3.get_object, Bucket="good", Key="x", VersionId="other")
refused("NoSuchVersion", s3.delete_object, Bucket="good", Key="x", VersionId="other")
refused("InvalidArgument", s3.list_object_versions, Bucket="good", VersionIdMarker="null")
s3.delete_object(Bucket="good", Key="x", VersionId="null")
refused("NoSuchKey", s3.get_object, Bucket="good", Key="x")
boto3.resource("s3").Bucket("good").object_versions.delete()
assert "Versions" not in s3.list_object_versions(Bucket="good")
s3.delete_bucket(Bucket="good")

tables = boto3.resource("dynamodb")
table = tables.create_table(
    TableName="Music",
    KeySchema=[{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "Song", "KeyType": "RANGE"}],
    AttributeDefinitions=[
        {"AttributeName": "Artist", "AttributeType": "S"},
        {"AttributeName": "Song", "AttributeType": "S"},
    ],
    BillingMode="PAY_PER_REQUEST",
)
table.wait_until_exists()
assert table.table_arn == "arn:aws:dynamodb:us-east-1:123456789012:table/Music"
with table.batch_writer() as batch:
    for n in range(30):
        batch.put_item(Item={"Artist": "A", "Song": f"{n:02}", "n": n})
from boto3.dynamodb.conditions import Key

assert table.query(KeyConditionExpression=Key("Artist").eq("A") & Key("Song").between("10", "19"))["Count"] == 10
refused("ConditionalCheckFailedException", table.put_item, Item={"Artist": "A", "Song": "00"},
        ConditionExpression="attribute_not_exists(Artist)")
refused("ResourceNotFoundException", boto3.client("dynamodb").scan, TableName="None")
refused("UnrecognizedClientException", boto3.client("dynamodb", aws_access_key_id="nobody", aws_secret_access_key="no").list_tables)
table.delete()
print("done")
