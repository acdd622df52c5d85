"""Reads an IPFIX file with the package `ipfix`, one JSON object a record."""

import json
import sys

import ipfix.ie
import ipfix.reader

ipfix.ie.use_iana_default()
with open(sys.argv[1], "rb") as file:
    for record in ipfix.reader.from_stream(file).namedict_iterator():
        print(json.dumps(record, default=str))
