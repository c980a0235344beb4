"""A sale at a pharmacy: who the patient is, what it would cost, settle, ask again, undo. Standard library only."""

import base64
import hashlib
import hmac
import itertools
import json
import os
import sys
import time
import urllib.request
from decimal import Decimal

BASE = os.environ.get("BASE", "http://127.0.0.1:8080")
PLACE = os.environ.get("PLACE", "P32030000001")
ACCESS_KEY = os.environ.get("ACCESS_KEY", PLACE)
SECRET = os.environ.get("SECRET", "demo-" + PLACE)
BEGUN = os.environ.get("BEGUN", "2025-06-16 09:40:00")

RUN = time.strftime("%Y%m%d%H%M%S")
NUMBERS = itertools.count(os.getpid() % 9000)


def msgid():
    """A message id that was never used: the institution's code, the time, a number."""
    return f"{PLACE}{RUN}{next(NUMBERS):04d}"


def headers(infno):
    """The signature: HMAC-SHA1 over the four headers in their order."""
    signed = {
        "_api_access_key": ACCESS_KEY,
        "_api_name": infno,
        "_api_timestamp": str(int(time.time() * 1000)),
        "_api_version": "1.0",
    }
    text = "&".join(f"{name}={value}" for name, value in signed.items())
    digest = hmac.new(SECRET.encode(), text.encode(), hashlib.sha1).digest()
    return {**signed, "_api_signature": base64.b64encode(digest).decode(), "Content-Type": "application/json"}


def send(infno, number, content):
    """Sends a message; the whole answer as text. Amounts are read as decimals, never as floats."""
    envelope = {
        "infno": infno, "msgid": number, "mdtrtarea_admvs": "320300", "opter": "0001",
        "fixmedins_code": PLACE, "input": content,
    }
    body = json.dumps(envelope, ensure_ascii=False).encode()
    request = urllib.request.Request(f"{BASE}/hospital/{infno}", body, headers(infno), method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def output(answer):
    """The output of a message that is done; stops with the reason where it is not."""
    read = json.loads(answer, parse_float=Decimal)
    if read["infcode"] != 0:
        sys.exit(read["err_msg"])
    return read["output"]


def main():
    person = {"mdtrt_cert_type": "03", "mdtrt_cert_no": "C990000201606010116", "card_sn": "06010116"}
    psn_no = output(send("1101", msgid(), {"data": person}))["baseinfo"]["psn_no"]
    print("1101 psn_no", psn_no)

    bill = {
        "druginfo": {
            **person, "psn_no": psn_no, "insutype": "390", "med_type": "41", "begntime": BEGUN,
            "medfee_sumamt": "20.00", "acct_used_flag": "1",
        },
        "drugdetail": [{
            "feedetl_sn": "1", "med_list_codg": "ZA04CDX0534010103065", "cnt": "2", "pric": "10.00",
            "det_item_fee_sumamt": "20.00",
        }],
    }
    info = output(send("2101", msgid(), bill))["setlinfo"]
    print("2101 acct_mulaid_pay", info["acct_mulaid_pay"], "psn_cash_pay", info["psn_cash_pay"])

    sale = msgid()
    settled = send("2102", sale, bill)
    info = output(settled)["setlinfo"]
    print("2102 setl_id", info["setl_id"], "acct_mulaid_pay", info["acct_mulaid_pay"], "psn_cash_pay", info["psn_cash_pay"])

    # As if the answer had been lost: the same message again gets the same answer.
    assert send("2102", sale, bill) == settled
    print("2102 again: the same answer")
    print("GJ01", output(send("GJ01", msgid(), {"data": {"omsgid": sale}}))["result"]["GJ_STATE"])

    undo = {"data": {"psn_no": psn_no, "setl_id": info["setl_id"], "mdtrt_id": info["mdtrt_id"]}}
    print("2103 acct_mulaid_pay", output(send("2103", msgid(), undo))["setlinfo"]["acct_mulaid_pay"])


if __name__ == "__main__":
    main()
