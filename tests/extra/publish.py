"""What the checks of publishing need of object stores: a bucket, a user and a container, and copies of what they hold.

    publish.py prepare S3_PORT AZURE_PORT          prints the key of the user
    publish.py s3|azure FOLDER S3_PORT AZURE_PORT  copies what the store holds into the folder
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree

import boto3


def client(service, port, key="a", secret="b"):
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


def azure(method, port, path, query):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    account = "devstoreaccount1"
    path = f"/{account}/{urllib.parse.quote(path)}"
    fields = "".join(f"\n{name}:{value}" for name, value in sorted(query.items()))
    text = f"{method}{chr(10) * 12}x-ms-date:{now}\nx-ms-version:2021-08-06\n/{account}{path}{fields}"
    key = base64.b64decode(os.environ["AZURE_STORAGE_KEY"])
    signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    url = f"http://127.0.0.1:{port}{path}?{urllib.parse.urlencode(query)}"
    headers = {"x-ms-date": now, "x-ms-version": "2021-08-06", "Authorization": f"SharedKey {account}:{signature}"}
    return urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers)).read()


def prepare(s3_port, azure_port):
    client("s3", s3_port).create_bucket(Bucket="blog")
    iam = client("iam", s3_port)
    iam.create_user(UserName="author")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="author", PolicyName="publish", PolicyDocument=policy)
    key = iam.create_access_key(UserName="author")["AccessKey"]
    azure("PUT", azure_port, "blog", {"restype": "container"})
    print(key["AccessKeyId"], key["SecretAccessKey"])


def write(folder, name, content):
    file = pathlib.Path(folder) / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def copy_s3(folder, port):
    s3 = client("s3", port, os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket="blog"):
        for entry in page.get("Contents", []):
            body = s3.get_object(Bucket="blog", Key=entry["Key"])["Body"].read()
            write(folder, entry["Key"].removeprefix("a site/"), body)


def copy_azure(folder, port):
    listed = azure("GET", port, "blog", {"restype": "container", "comp": "list"})
    for name in xml.etree.ElementTree.fromstring(listed.decode("utf-8-sig")).iter("Name"):
        write(folder, name.text, azure("GET", port, f"blog/{name.text}", {}))


def main():
    match sys.argv[1:]:
        case ["prepare", s3_port, azure_port]:
            prepare(s3_port, azure_port)
        case ["s3", folder, s3_port, _]:
            copy_s3(folder, s3_port)
        case ["azure", folder, _, azure_port]:
            copy_azure(folder, azure_port)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
