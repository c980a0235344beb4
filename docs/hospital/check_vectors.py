#!/usr/bin/env python3
"""Checks docs/hospital/vectors.json with the standard library alone: SM3, SM4 and SM2 are written out below.

    python3 check_vectors.py [vectors.json]

Whoever writes a client of the hospital interface may take the functions of their scheme from here as they are.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import sys

# --- SM3, GB/T 32905 -------------------------------------------------------------------------------------------------


def rotate(word, by):
    by %= 32
    return (word << by | word >> 32 - by) & 0xFFFFFFFF


def sm3(text):
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = text + b"\x80" + bytes(-(len(text) + 9) % 64) + (8 * len(text)).to_bytes(8, "big")
    for at in range(0, len(padded), 64):
        w = [int.from_bytes(padded[i:i + 4], "big") for i in range(at, at + 64, 4)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rotate(w[j - 3], 15)
            w.append(x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = state
        for j in range(64):
            constant = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = rotate(rotate(a, 12) + e + rotate(constant, j) & 0xFFFFFFFF, 7)
            ff = a ^ b ^ c if j < 16 else a & b | a & c | b & c
            gg = e ^ f ^ g if j < 16 else e & f | ~e & g
            tt1 = ff + d + (ss1 ^ rotate(a, 12)) + (w[j] ^ w[j + 4]) & 0xFFFFFFFF
            tt2 = gg + h + ss1 + w[j] & 0xFFFFFFFF
            a, b, c, d = tt1, a, rotate(b, 9), c
            e, f, g, h = tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17), e, rotate(f, 19), g
        state = [old ^ new for old, new in zip(state, (a, b, c, d, e, f, g, h))]
    return b"".join(word.to_bytes(4, "big") for word in state)


def hmac_sm3(key, text):
    key = (sm3(key) if len(key) > 64 else key).ljust(64, b"\0")
    inner = sm3(bytes(it ^ 0x36 for it in key) + text)
    return sm3(bytes(it ^ 0x5C for it in key) + inner)


# --- SM4, GB/T 32907, in ECB with PKCS7 ------------------------------------------------------------------------------

BOX = bytes.fromhex(
    "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa441326498606999c4250f491ef987a33540b43edcfac62"
    "e4b31ca9c908e89580df94fa758f3fa64707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35"
    "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89eeabf8ad240c738b5a3f7f2cef96115a1"
    "e0ae5da49b341a55ad933230f58cb1e31df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51"
    "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b08969974a0c96777e65b9f109c56ec684"
    "18f07dec3adc4d2079ee5f3ed7cb3948"
)
SYSTEM = (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC)


def substituted(word):
    return int.from_bytes(bytes(BOX[it] for it in word.to_bytes(4, "big")), "big")


def round_keys(key):
    k = [int.from_bytes(key[i:i + 4], "big") ^ SYSTEM[i // 4] for i in range(0, 16, 4)]
    for i in range(32):
        constant = int.from_bytes(bytes((4 * i + j) * 7 % 256 for j in range(4)), "big")
        b = substituted(k[i + 1] ^ k[i + 2] ^ k[i + 3] ^ constant)
        k.append(k[i] ^ b ^ rotate(b, 13) ^ rotate(b, 23))
    return k[4:]


def sm4_blocks(keys, text):
    out = b""
    for at in range(0, len(text), 16):
        x = [int.from_bytes(text[i:i + 4], "big") for i in range(at, at + 16, 4)]
        for key in keys:
            b = substituted(x[1] ^ x[2] ^ x[3] ^ key)
            x = x[1:] + [x[0] ^ b ^ rotate(b, 2) ^ rotate(b, 10) ^ rotate(b, 18) ^ rotate(b, 24)]
        out += b"".join(word.to_bytes(4, "big") for word in reversed(x))
    return out


def sm4_encrypt(key, plain):
    more = 16 - len(plain) % 16
    return sm4_blocks(round_keys(key), plain + bytes([more]) * more)


def sm4_decrypt(key, sealed):
    plain = sm4_blocks(round_keys(key)[::-1], sealed)
    return plain[:-plain[-1]]


# --- SM2 signatures with SM3, GB/T 32918.2 ---------------------------------------------------------------------------

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
     0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)


def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % P == 0:
        return None
    if p == q:
        slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(number, point):
    out = None
    for bit in bin(number)[2:]:
        out = add(out, out)
        if bit == "1":
            out = add(out, point)
    return out


def digest_of(user, key, text):
    numbers = b"".join(it.to_bytes(32, "big") for it in (A, B, *G, *key))
    z = sm3((8 * len(user)).to_bytes(2, "big") + user + numbers)
    return int.from_bytes(sm3(z + text), "big")


def sm2_verifies(user, key, text, signature):
    """key: 130 hexadecimal digits; signature: 64 bytes, r and s."""
    key = int(key[2:66], 16), int(key[66:130], 16)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or not (0 < r < N and 0 < s < N) or (r + s) % N == 0:
        return False
    point = add(times(s, G), times((r + s) % N, key))
    return point is not None and (digest_of(user, key, text) + point[0]) % N == r


# --- The schemes -----------------------------------------------------------------------------------------------------


def api(it):
    text = "&".join(f"{name}={it['headers'][name]}" for name in
                    ("_api_access_key", "_api_name", "_api_timestamp", "_api_version"))
    made = hmac.new(it["secret"].encode(), text.encode(), hashlib.sha1).digest()
    return text == it["signed_text"] and base64.b64encode(made).decode() == it["headers"]["_api_signature"]


def tif(it):
    headers = it["headers"]
    text = headers["x-tif-timestamp"] + it["secret"] + headers["x-tif-nonce"] + headers["x-tif-timestamp"]
    return text == it["signed_text"] and hashlib.sha256(text.encode()).hexdigest() == headers["x-tif-signature"]


def ca(it):
    time, signature = it["headers"]["x-ca-signature"].split(":")
    text = (time + "\n" + it["body"]).encode()
    secret = it["secret"].encode()
    made = hmac_sm3(secret, text) if it["digest"] == "sm3" else hmac.new(secret, text, hashlib.sha256).digest()
    return text.decode() == it["signed_text"] and made.hex().upper() == signature


def sealed(client, key, body, field, signed_text):
    """A message (field input) or an answer (field output) whose signature covers that field's plain text."""
    text, body, user = body, json.loads(body), client.encode()
    if body.get("enc_type") == "SM4":
        plain = sm4_decrypt(user, base64.b64decode(body[field]))
        right = plain.decode() == signed_text and base64.b64encode(sm4_encrypt(user, plain)).decode() == body[field]
    else:
        right = f'"{field}":{signed_text}' in text
    return right and sm2_verifies(user, key, signed_text.encode(), base64.b64decode(body["cainfo"]))


def oauth(it):
    client = it["access_key"]
    question = sealed(client, it["sm2_public_key"], it["body"], "input", it["signed_text"])
    answer = sealed(client, it["platform_sm2_public_key"], it["answer"], "output", it["answer_signed_text"])
    basic = base64.b64encode(f"{client}:{it['secret']}".encode()).decode()
    return question and answer and it["token_request"]["headers"]["authorization"] == f"Basic {basic}"


def apikey(it):
    return it["headers"]["apikey"] == f"{it['access_key']}.{it['secret']}"


SCHEMES = {"api": api, "tif": tif, "ca": ca, "oauth": oauth, "apikey": apikey}


def main():
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0", "SM3"
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert sm4_encrypt(key, key)[:16].hex() == "681edf34d206965e86b3e94f536e4246", "SM4"
    page = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name("vectors.json")
    wrong = 0
    for it in json.loads(page.read_text(encoding="utf-8")):
        right = SCHEMES[it["scheme"]](it)
        wrong += not right
        print("right" if right else "WRONG", it["scheme"], it["name"])
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
