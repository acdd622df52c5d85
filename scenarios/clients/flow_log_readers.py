"""Reads flow logs from both sinks as others do: flowlogs_reader, and DuckDB over Parquet.

Arguments: the log group, the bucket, the interface, the prefix of its private address. Prints one line of JSON."""

import json
import os
import sys
import tempfile
from collections import Counter
from datetime import datetime, timedelta

import boto3
import duckdb
from flowlogs_reader import FlowLogsReader, S3FlowLogsReader

group, bucket, eni = sys.argv[1:4]
span = {
    "start_time": datetime.utcnow() - timedelta(hours=2),
    "end_time": datetime.utcnow() + timedelta(hours=1),
    "region_name": "us-east-1",
}


def flows(reader):
    """Packets and bytes of the interface's pings by their ends; what the reader could not read fails."""
    sums = Counter()
    for record in reader:
        if record.log_status == "OK" and record.interface_id == eni and record.protocol == 1:
            key = f"{record.srcaddr} {record.dstaddr} {record.action}"
            sums[key + " packets"] += record.packets
            sums[key + " bytes"] += record.bytes
    assert reader.skipped_records == 0
    return sums


def parquet():
    """The same from Parquet by SQL, with the types of the columns."""
    s3 = boto3.client("s3")
    names = [
        item["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="AWSLogs/aws-account-id=")
        for item in page.get("Contents", [])
    ]
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names):
            assert "/hour=" in name and name.endswith(".log.parquet"), name
            s3.download_file(bucket, name, os.path.join(folder, f"{number}.parquet"))
        table = f"read_parquet('{folder}/*.parquet')"
        types = duckdb.sql(f"DESCRIBE SELECT * FROM {table}").fetchall()
        rows = duckdb.sql(
            f"""SELECT srcaddr || ' ' || dstaddr || ' ' || action, sum(packets)::BIGINT, sum(bytes)::BIGINT FROM {table}
            WHERE log_status = 'OK' AND interface_id = '{eni}' AND protocol = 1 GROUP BY ALL"""
        ).fetchall()
        why = duckdb.sql(
            f"""SELECT DISTINCT openvpc_security_group_rule, openvpc_gateway, openvpc_network_acl_rule, next_hop_interface_id,
            openvpc_revision > 0 FROM {table} WHERE log_status = 'OK' AND interface_id = '{eni}' AND flow_direction = 'egress'
            AND protocol = 1"""
        ).fetchall()
    sums = Counter()
    for key, packets, size in rows:
        sums[key + " packets"] += packets
        sums[key + " bytes"] += size
    return sums, {name: kind for name, kind, *_ in types}, why


sums, types, why = parquet()
print(
    json.dumps(
        {
            "logs": flows(FlowLogsReader(group, fields=None, **span)),
            "text": flows(S3FlowLogsReader(f"{bucket}/net", **span)),
            "parquet": sums,
            "types": types,
            "why": why,
        }
    )
)
