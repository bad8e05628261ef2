"""Checks of signatures, tree heads, log proofs and results that share no code with the program: Python's standard library.

Ed25519 by RFC 8032, sections 5.1 and 6; Merkle trees by RFC 9162, section 2.1; canonical JSON by RFC 8785. The formats are
those of docs/audit.md.
"""

import base64
import hashlib
import json

P = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SUBJECT_PUBLIC_KEY_INFO = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: of an Ed25519 key, which follows


def _add(a, b):
    u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    w, x = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = v - u, x - w, x + w, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(number, point):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point = _add(point, point)
        number >>= 1
    return total


def _same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _x_of(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(encoded):
    number = int.from_bytes(encoded, "little")
    y = number & (1 << 255) - 1
    x = _x_of(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (_x_of(BASE_Y, 0), BASE_Y, 1, _x_of(BASE_Y, 0) * BASE_Y % P)


def ed25519(public, message, signature):
    """Whether `signature` is that of `message` by this key."""
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return _same(_times(s, BASE), _add(r, _times(h, a)))


def canonical(value):
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(each)}" for name, each in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, float):
        return _ecmascript(value)
    return json.dumps(value, ensure_ascii=False)


def _ecmascript(value):
    """Number::toString of ECMAScript, from Python's shortest digits."""
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, exponent = f"{abs(value)!r}e0".split("e")[:2] if "e" not in repr(value) else repr(abs(value)).split("e")
    whole, _, fraction = mantissa.partition(".")
    digits, n = (whole + fraction), len(whole) + int(exponent)
    stripped = digits.lstrip("0")
    n -= len(digits) - len(stripped)
    digits = stripped.rstrip("0")
    k = len(digits)
    if k <= n <= 21:
        text = digits + "0" * (n - k)
    elif 0 < n <= 21:
        text = digits[:n] + "." + digits[n:]
    elif -6 < n <= 0:
        text = "0." + "0" * -n + digits
    else:
        text = digits[0] + ("." + digits[1:] if k > 1 else "") + f"e{n - 1:+d}"
    return sign + text


def is_signed(signature, domain, value, fingerprint):
    """Whether this is `signature["by"]`'s, whose key has this fingerprint."""
    key = bytes.fromhex(signature["key"])
    if hashlib.sha256(key).hexdigest() != fingerprint or not key.startswith(SUBJECT_PUBLIC_KEY_INFO):
        return False
    message = f"cohortium signature 1\n{domain}\n{canonical(value)}".encode()
    return ed25519(key[len(SUBJECT_PUBLIC_KEY_INFO):], message, bytes.fromhex(signature["signature"]))


def fingerprint_of(certificate):
    """SHA-256 of the SubjectPublicKeyInfo in a PEM certificate with an Ed25519 key."""
    der = base64.b64decode("".join(certificate.read_text().split("-----")[2].split()))
    at = der.index(SUBJECT_PUBLIC_KEY_INFO)
    return hashlib.sha256(der[at:at + len(SUBJECT_PUBLIC_KEY_INFO) + 32]).hexdigest()


def without_signature(value):
    return {name: each for name, each in value.items() if name != "signature"}


def is_head(head, fingerprint):
    return (head["signature"]["by"] == head["node"] and
            is_signed(head["signature"], "tree head", without_signature(head), fingerprint))


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def root(entries):
    """MTH of RFC 9162, 2.1.1, by its definition."""
    if len(entries) <= 1:
        return leaf_hash(entries[0]) if entries else hashlib.sha256(b"").digest()
    split = 1 << (len(entries) - 1).bit_length() - 1
    return node_hash(root(entries[:split]), root(entries[split:]))


def root_of_inclusion(leaf, index, size, path):
    """The root that the path leads to: recursion from the top instead of RFC 9162's loop."""
    if size == 1:
        if path:
            raise ValueError("the path is too long")
        return leaf
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return node_hash(root_of_inclusion(leaf, index, split, path[:-1]), path[-1])
    return node_hash(path[-1], root_of_inclusion(leaf, index - split, size - split, path[:-1]))


def roots_of_consistency(first, second, path, first_root, whole=True):
    """The roots of the old and the new tree that a consistency proof leads to."""
    if first == second:
        return (first_root, first_root) if whole else (path[-1], path[-1])
    split = 1 << (second - 1).bit_length() - 1
    if first <= split:
        old, new = roots_of_consistency(first, split, path[:-1], first_root, whole)
        return old, node_hash(new, path[-1])
    old, new = roots_of_consistency(first - split, second - split, path[:-1], first_root, False)
    return node_hash(path[-1], old), node_hash(path[-1], new)


def is_included(entry, head, path):
    number = json.loads(entry)["entry"]
    hashes = [bytes.fromhex(each) for each in path]
    return root_of_inclusion(leaf_hash(entry.encode()), number - 1, head["size"], hashes).hex() == head["root"]


def is_consistent(old, new, path):
    hashes = [bytes.fromhex(each) for each in path]
    roots = roots_of_consistency(old["size"], new["size"], hashes, bytes.fromhex(old["root"]))
    return [each.hex() for each in roots] == [old["root"], new["root"]]


def check_result(result, fingerprints):
    """Raises AssertionError unless the result is what all its nodes have signed and logged; returns who that is."""
    released = {"analyses": result["analyses"], "withheld": result["withheld"]}
    digest = hashlib.sha256(canonical(released).encode()).hexdigest()
    envelope = result["proof"]["envelope"]
    study = hashlib.sha256(canonical(envelope["study"]).encode()).hexdigest()
    assert envelope["statement"]["study"] == study == result["study"]["hash"]
    assert is_signed(envelope["signature"], "study", envelope["statement"], fingerprints[envelope["signature"]["by"]])
    nodes = set()
    for each in result["proof"]["statements"]:
        statement, node = each["statement"], each["statement"]["node"]
        assert each["signature"]["by"] == node
        assert is_signed(each["signature"], "result statement", statement, fingerprints[node]), node
        assert statement["released_sha256"] == digest and statement["study"] == study, node
        assert statement["run"] == result["run"]["id"] and statement["protocol"] == result["study"]["protocol"], node
        entry = json.loads(each["entry"])
        assert entry["event"] == "run.released" and entry["study"] == study, node
        assert entry["detail"]["statement_sha256"] == hashlib.sha256(canonical(statement).encode()).hexdigest(), node
        assert each["head"]["node"] == node and is_head(each["head"], fingerprints[node]), node
        assert is_included(each["entry"], each["head"], each["path"]), node
        nodes.add(node)
    assert nodes == set(result["study"]["sites"]) | set(result["run"]["compute_parties"])
    return nodes
