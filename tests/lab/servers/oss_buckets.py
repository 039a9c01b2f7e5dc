"""Operations of OSS on a bucket: https://www.alibabacloud.com/help/en/oss/developer-reference/list-of-operations-by-function."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote

from tests.lab.servers.exchange import Reply
from tests.lab.servers.oss_policy import check, is_public
from tests.lab.servers.oss_state import READABLE, Bucket, Call, Operation
from tests.lab.servers.oss_words import Content, RefusedError, text_of

_ACLS = ("private", *READABLE)


def put_bucket(call: Call) -> Reply:
    name, acl = call.line.bucket, call.request.headers.get("x-oss-acl", "private")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", name):
        raise RefusedError(400, "InvalidBucketName", "The specified bucket is not valid.")
    assert call.key is not None  # anonymous requests end before
    had = call.buckets.get(name)
    if had and (had.owner != call.key.account or had.region != call.region):
        # https://www.alibabacloud.com/help/en/oss/user-guide/http-status-code-409; names are those of all accounts
        raise RefusedError(409, "BucketAlreadyExists", "The requested bucket name is not available.")
    if had:
        _set_acl(had, acl)
        return Reply(200)
    # Public access of a new bucket is blocked since 2025-10-13, whatever its ACL was to be:
    # https://alibabacloud.com/help/en/oss/developer-reference/create-buckets-1
    new = Bucket(region=call.region, owner=call.key.account, blocked=True, created=call.now)
    _set_acl(new, acl)
    call.buckets[name] = new
    return Reply(200, {"location": f"/{name}"})


def delete_bucket(call: Call) -> Reply:
    if call.bucket.objects:
        raise RefusedError(409, "BucketNotEmpty", "The bucket you tried to delete is not empty.")
    del call.buckets[call.line.bucket]
    return Reply(204)


def get_bucket_info(call: Call) -> Reply:
    """https://alibabacloud.com/help/en/oss/developer-reference/getbucketinfo."""
    bucket = call.bucket
    endpoint = f"oss-{bucket.region}"
    info: dict[str, Content] = {
        "Name": call.line.bucket,
        "Location": endpoint,
        "CreationDate": bucket.created.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "ExtranetEndpoint": f"{endpoint}.aliyuncs.com",
        "IntranetEndpoint": f"{endpoint}-internal.aliyuncs.com",
        "StorageClass": "Standard",
        "DataRedundancyType": "LRS",
        "BlockPublicAccess": _bool(bucket.blocked),
        "Owner": _owner(bucket),
        "AccessControlList": {"Grant": bucket.acl},
    }
    return call.xml("BucketInfo", {"Bucket": info})


def get_bucket_location(call: Call) -> Reply:
    return call.xml("LocationConstraint", f"oss-{call.bucket.region}")


def get_bucket_acl(call: Call) -> Reply:
    content: dict[str, Content] = {"Owner": _owner(call.bucket), "AccessControlList": {"Grant": call.bucket.acl}}
    return call.xml("AccessControlPolicy", content)


def put_bucket_acl(call: Call) -> Reply:
    _set_acl(call.bucket, call.request.headers.get("x-oss-acl", ""))
    return Reply(200)


def get_bucket_policy(call: Call) -> Reply:
    if call.bucket.policy is None:
        # https://help.aliyun.com/zh/oss/user-guide/0030-00000006
        raise RefusedError(404, "NoSuchBucketPolicy", "The bucket policy does not exist.", "0030-00000006")
    # Not the bytes that were put: whoever compares must compare data.
    body = json.dumps(call.bucket.policy, sort_keys=True, separators=(",", ":")).encode()
    return Reply(200, {"content-type": "application/json"}, body)


def put_bucket_policy(call: Call) -> Reply:
    """One policy a bucket: this one is all of it. https://www.alibabacloud.com/help/doc-detail/154652.htm."""
    policy = check(call.request.body)
    if call.bucket.blocked and is_public(policy):
        raise _blocked("policy")
    call.bucket.policy = policy
    return Reply(200)


def delete_bucket_policy(call: Call) -> Reply:
    call.bucket.policy = None
    return Reply(204)


def get_bucket_policy_status(call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/getbucketpolicystatus."""
    return call.xml("PolicyStatus", {"IsPublic": _bool(is_public(call.bucket.policy))})


def get_bucket_public_access_block(call: Call) -> Reply:
    return call.xml("PublicAccessBlockConfiguration", {"BlockPublicAccess": _bool(call.bucket.blocked)})


def put_bucket_public_access_block(call: Call) -> Reply:
    """https://help.aliyun.com/en/oss/developer-reference/putbucketpublicaccessblock: what is public is only ignored."""
    call.bucket.blocked = text_of(call.request.body, "BlockPublicAccess") == "true"
    return Reply(200)


def delete_bucket_public_access_block(call: Call) -> Reply:
    call.bucket.blocked = False
    return Reply(204)


def list_objects(call: Call) -> Reply:
    """ListObjectsV2: https://www.alibabacloud.com/help/en/object-storage-service/latest/getbucketv2."""
    query = call.request.query
    prefix, delimiter, size = query.get("prefix", ""), query.get("delimiter", ""), query.get("max-keys", "100")
    if query.get("list-type") != "2" or not size.isdecimal() or not 1 <= int(size) <= 1000:
        raise RefusedError(400, "InvalidArgument", "list-type must be 2, max-keys from 1 to 1000.")
    after = max(query.get("start-after", ""), _after(query.get("continuation-token", "")))
    entries = [entry for entry in _entries(call.bucket, prefix, delimiter) if entry > after]
    page, more = entries[: int(size)], entries[int(size) :]

    def text(value: str) -> str:
        return quote(value) if query.get("encoding-type") == "url" else value

    content: list[tuple[str, Content]] = [
        ("Name", call.line.bucket),
        ("Prefix", text(prefix)),
        ("MaxKeys", size),
        ("Delimiter", text(delimiter)),
        ("EncodingType", query.get("encoding-type", "")),
        ("IsTruncated", _bool(bool(more))),
        ("KeyCount", str(len(page))),
    ]
    if more:
        content.append(("NextContinuationToken", base64.b64encode(page[-1].encode()).decode()))
    for entry in page:
        if entry in call.bucket.objects and not _is_folder(entry, prefix, delimiter):
            content.append(("Contents", _contents(call.bucket, entry, text(entry))))
        else:
            content.append(("CommonPrefixes", {"Prefix": text(entry)}))
    return call.xml("ListBucketResult", content)


def _entries(bucket: Bucket, prefix: str, delimiter: str) -> list[str]:
    """Keys below ``prefix``, and in place of those behind a delimiter what they have in common."""

    def entry(key: str) -> str:
        head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
        return f"{prefix}{head}{found}" if found else key

    return sorted({entry(key) for key in bucket.objects if key.startswith(prefix)})


def _is_folder(entry: str, prefix: str, delimiter: str) -> bool:
    return bool(delimiter) and delimiter in entry[len(prefix) :]


def _contents(bucket: Bucket, key: str, name: str) -> Content:
    stored = bucket.objects[key]
    return {
        "Key": name,
        "LastModified": stored.modified.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "ETag": stored.etag,
        "Type": "Normal",
        "Size": str(len(stored.data)),
        "StorageClass": stored.headers.get("x-oss-storage-class", "Standard"),
    }


def _after(token: str) -> str:
    try:
        return base64.b64decode(token, validate=True).decode()
    except ValueError:
        raise RefusedError(400, "InvalidArgument", "The continuation token is not valid.") from None


def _set_acl(bucket: Bucket, acl: str) -> None:
    if acl not in _ACLS:
        raise RefusedError(400, "InvalidArgument", "no such bucket access control exists")
    if bucket.blocked and acl in READABLE:
        raise _blocked("acl")
    bucket.acl = acl


def _blocked(what: str) -> RefusedError:
    """geek-fun/serverlessinsight#170, for the ACL; that the sentence for a policy is alike is inferred."""
    return RefusedError(403, "AccessDenied", f"Put public bucket {what} is not allowed")


def _owner(bucket: Bucket) -> Content:
    return {"ID": bucket.owner, "DisplayName": bucket.owner}


def _bool(value: bool) -> str:
    return "true" if value else "false"


# Method, sub-resource → the operation. The permission is called like it, but for what the table in oss.py names.
OPERATIONS: dict[tuple[str, str], tuple[str, Operation]] = {
    ("PUT", ""): ("PutBucket", put_bucket),
    ("DELETE", ""): ("DeleteBucket", delete_bucket),
    ("GET", ""): ("ListObjectsV2", list_objects),
    ("GET", "bucketInfo"): ("GetBucketInfo", get_bucket_info),
    ("GET", "location"): ("GetBucketLocation", get_bucket_location),
    ("GET", "acl"): ("GetBucketAcl", get_bucket_acl),
    ("PUT", "acl"): ("PutBucketAcl", put_bucket_acl),
    ("GET", "policy"): ("GetBucketPolicy", get_bucket_policy),
    ("PUT", "policy"): ("PutBucketPolicy", put_bucket_policy),
    ("DELETE", "policy"): ("DeleteBucketPolicy", delete_bucket_policy),
    ("GET", "policyStatus"): ("GetBucketPolicyStatus", get_bucket_policy_status),
    ("GET", "publicAccessBlock"): ("GetBucketPublicAccessBlock", get_bucket_public_access_block),
    ("PUT", "publicAccessBlock"): ("PutBucketPublicAccessBlock", put_bucket_public_access_block),
    ("DELETE", "publicAccessBlock"): ("DeleteBucketPublicAccessBlock", delete_bucket_public_access_block),
}
