"""What the checks of publishing need of object stores: a bucket, a user and a container, and what they hold.

    publish.py prepare S3_PORT AZURE_PORT                 prints the key of the user
    publish.py copy s3|azure FOLDER S3_PORT AZURE_PORT    copies what the store holds into the folder
    publish.py put s3|azure PATH TEXT S3_PORT AZURE_PORT  puts a file there
    publish.py head s3|azure PATH S3_PORT AZURE_PORT      prints what the store sends with a file
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


def azure(method, port, path, query, body=b"", own=None):
    """An answer of the store to a signed request."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")
    account = "devstoreaccount1"
    path = f"/{account}/{urllib.parse.quote(path)}"
    fields = "".join(f"\n{name}:{value}" for name, value in sorted(query.items()))
    headers = {"x-ms-date": now, "x-ms-version": "2021-08-06", **(own or {})}
    listed = "".join(f"{name}:{value}\n" for name, value in sorted(headers.items()))
    length = len(body) or ""
    type_ = "application/octet-stream" if body else ""
    text = f"{method}\n\n\n{length}\n\n{type_}\n\n\n\n\n\n\n{listed}/{account}{path}{fields}"
    key = base64.b64decode(os.environ["AZURE_STORAGE_KEY"])
    signature = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    url = f"http://127.0.0.1:{port}{path}?{urllib.parse.urlencode(query)}"
    headers["Authorization"] = f"SharedKey {account}:{signature}"
    if body:
        headers["Content-Type"] = type_
    request = urllib.request.Request(url, data=body or None, method=method, headers=headers)
    return urllib.request.urlopen(request)


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


def bucket(port):
    return client("s3", port, os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])


def copy(store, folder, s3_port, azure_port):
    if store == "s3":
        s3 = bucket(s3_port)
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket="blog"):
            for entry in page.get("Contents", []):
                body = s3.get_object(Bucket="blog", Key=entry["Key"])["Body"].read()
                write(folder, entry["Key"].removeprefix("a site/"), body)
        return
    listed = azure("GET", azure_port, "blog", {"restype": "container", "comp": "list"}).read()
    for name in xml.etree.ElementTree.fromstring(listed.decode("utf-8-sig")).iter("Name"):
        write(folder, name.text, azure("GET", azure_port, f"blog/{name.text}", {}).read())


def put(store, path, text, s3_port, azure_port):
    if store == "s3":
        bucket(s3_port).put_object(Bucket="blog", Key=f"a site/{path}", Body=text.encode())
    else:
        azure("PUT", azure_port, f"blog/{path}", {}, text.encode(), {"x-ms-blob-type": "BlockBlob"})


def head(store, path, s3_port, azure_port):
    """What is sent with a file, a line for each of the headers that matter."""
    if store == "s3":
        answer = bucket(s3_port).head_object(Bucket="blog", Key=f"a site/{path}")
        found = {name.lower(): value for name, value in answer["ResponseMetadata"]["HTTPHeaders"].items()}
    else:
        found = {name.lower(): value for name, value in azure("HEAD", azure_port, f"blog/{path}", {}).headers.items()}
    for name in ["content-type", "content-encoding", "cache-control", "x-amz-website-redirect-location"]:
        if name in found:
            print(f"{name}: {found[name]}")


def main():
    match sys.argv[1:]:
        case ["prepare", s3_port, azure_port]:
            prepare(s3_port, azure_port)
        case ["copy", store, folder, s3_port, azure_port]:
            copy(store, folder, s3_port, azure_port)
        case ["put", store, path, text, s3_port, azure_port]:
            put(store, path, text, s3_port, azure_port)
        case ["head", store, path, s3_port, azure_port]:
            head(store, path, s3_port, azure_port)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
