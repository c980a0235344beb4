#!/bin/sh
# A sale at a pharmacy: who the patient is, what it would cost, settle, ask again, undo. Needs curl and openssl.
set -eu
base=${BASE:-http://127.0.0.1:8080}
place=${PLACE:-P32030000001}
access_key=${ACCESS_KEY:-$place}
secret=${SECRET:-demo-$place}
begun=${BEGUN:-2025-06-16 09:40:00}
run=$(date +%Y%m%d%H%M%S)
number=$$

# Puts a message id that was never used into $msgid: the institution's code, the time, a number.
new_msgid() {
  number=$((number + 1))
  msgid=$(printf '%s%s%04d' "$place" "$run" $((number % 10000)))
}

# send INFNO MSGID INPUT: signs a message, sends it, prints the answer.
send() {
  now=$(date +%s)000
  text="_api_access_key=$access_key&_api_name=$1&_api_timestamp=$now&_api_version=1.0"
  signature=$(printf %s "$text" | openssl dgst -sha1 -hmac "$secret" -binary | openssl base64)
  curl --silent --show-error --max-time 30 "$base/hospital/$1" -H 'Content-Type: application/json' \
    -H "_api_access_key: $access_key" -H "_api_name: $1" -H "_api_timestamp: $now" \
    -H "_api_version: 1.0" -H "_api_signature: $signature" \
    --data-binary "{\"infno\":\"$1\",\"msgid\":\"$2\",\"mdtrtarea_admvs\":\"320300\",\"opter\":\"0001\",\"fixmedins_code\":\"$place\",\"input\":$3}"
}

# done_or_stop ANSWER: stops where infcode is not 0, and says why.
done_or_stop() {
  case $1 in
  *'"infcode":0'*) ;;
  *) echo "$1" >&2; exit 1 ;;
  esac
}

# field NAME ANSWER: the first value of a field.
field() { printf %s "$2" | grep -o "\"$1\":\"*[^\",}]*" | head -n 1 | sed 's/^"[^"]*":"*//'; }

person='"mdtrt_cert_type":"03","mdtrt_cert_no":"C990000201606010116","card_sn":"06010116"'
new_msgid
answer=$(send 1101 "$msgid" "{\"data\":{$person}}")
done_or_stop "$answer"
psn_no=$(field psn_no "$answer")
echo "1101 psn_no $psn_no"

bill="{\"druginfo\":{\"psn_no\":\"$psn_no\",$person,\"insutype\":\"390\",\"med_type\":\"41\",\"begntime\":\"$begun\",
  \"medfee_sumamt\":\"20.00\",\"acct_used_flag\":\"1\"},\"drugdetail\":[{\"feedetl_sn\":\"1\",
  \"med_list_codg\":\"ZA04CDX0534010103065\",\"cnt\":\"2\",\"pric\":\"10.00\",\"det_item_fee_sumamt\":\"20.00\"}]}"
new_msgid
answer=$(send 2101 "$msgid" "$bill")
done_or_stop "$answer"
echo "2101 acct_mulaid_pay $(field acct_mulaid_pay "$answer") psn_cash_pay $(field psn_cash_pay "$answer")"

new_msgid
sale=$msgid
settled=$(send 2102 "$sale" "$bill")
done_or_stop "$settled"
setl_id=$(field setl_id "$settled")
mdtrt_id=$(field mdtrt_id "$settled")
echo "2102 setl_id $setl_id acct_mulaid_pay $(field acct_mulaid_pay "$settled") psn_cash_pay $(field psn_cash_pay "$settled")"

# As if the answer had been lost: the same message again gets the same answer.
[ "$(send 2102 "$sale" "$bill")" = "$settled" ]
echo "2102 again: the same answer"
new_msgid
answer=$(send GJ01 "$msgid" "{\"data\":{\"omsgid\":\"$sale\"}}")
done_or_stop "$answer"
echo "GJ01 $(field GJ_STATE "$answer")"

new_msgid
answer=$(send 2103 "$msgid" "{\"data\":{\"psn_no\":\"$psn_no\",\"setl_id\":\"$setl_id\",\"mdtrt_id\":\"$mdtrt_id\"}}")
done_or_stop "$answer"
echo "2103 acct_mulaid_pay $(field acct_mulaid_pay "$answer")"
