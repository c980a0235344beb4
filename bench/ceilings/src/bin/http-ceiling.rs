//! `http-ceiling ADDR`: reads a purchase as hospitals send it and answers as if it were settled; no more.
#![allow(clippy::print_stdout, reason = "this is a tool for a terminal")]

use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use axum::{Json, Router};
use clap::Parser;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// What any server of purchases in JSON over HTTP can at most answer on this machine.
#[derive(Parser)]
struct Options {
    /// Where to listen: on loopback only.
    #[arg(default_value = "127.0.0.1:5690", value_parser = loopback)]
    address: SocketAddr,
    /// Threads that serve.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    workers: u16,
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text.parse().map_err(|_| "an address is like 127.0.0.1:5690".to_owned())?;
    if address.ip().is_loopback() { Ok(address) } else { Err("this is for loopback only".to_owned()) }
}

/// A message of transaction 2102, as far as it would be looked at.
#[derive(Deserialize)]
struct Message {
    infno: String,
    msgid: String,
    fixmedins_code: String,
    inf_time: String,
    input: Input,
}

#[derive(Deserialize)]
struct Input {
    druginfo: Purchase,
    drugdetail: Vec<Line>,
}

#[derive(Deserialize)]
struct Purchase {
    psn_no: String,
    mdtrt_cert_type: String,
    mdtrt_cert_no: String,
    insutype: String,
    med_type: String,
    begntime: String,
    medfee_sumamt: String,
    acct_used_flag: String,
}

#[derive(Deserialize)]
struct Line {
    feedetl_sn: String,
    med_list_codg: String,
    cnt: String,
    pric: String,
    det_item_fee_sumamt: String,
}

/// An amount in fen, written in yuan.
#[derive(Clone, Copy)]
struct Fen(u64);

impl Fen {
    /// Of `112.50`; nothing here depends on what comes of another text.
    fn read(text: &str) -> Fen {
        let digits = text.bytes().filter(u8::is_ascii_digit);
        Fen(digits.fold(0, |sum: u64, digit| sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))))
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Fen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[derive(Serialize)]
struct Answer {
    infcode: i8,
    inf_refmsgid: String,
    respond_time: String,
    err_msg: &'static str,
    output: Output,
}

#[derive(Serialize)]
struct Output {
    setlinfo: Settled,
    setldetail: [Paid; 2],
    exp_content: Told,
}

#[derive(Serialize)]
struct Settled {
    psn_no: String,
    certno: String,
    mdtrt_cert_type: String,
    insutype: String,
    med_type: String,
    setl_time: String,
    medins_setl_id: String,
    setl_id: u64,
    medfee_sumamt: Fen,
    fulamt_ownpay_amt: Fen,
    preselfpay_amt: Fen,
    inscp_scp_amt: Fen,
    act_pay_dedc: Fen,
    fund_pay_sumamt: Fen,
    psn_part_amt: Fen,
    acct_pay: Fen,
    acct_mulaid_pay: Fen,
    psn_cash_pay: Fen,
    balc: Fen,
}

#[derive(Serialize)]
struct Paid {
    fund_pay_type: &'static str,
    fund_pay_type_name: &'static str,
    inscp_scp_amt: Fen,
    fund_payamt: Fen,
}

#[derive(Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct Told {
    gj_no: String,
    gj_split: [Part; 2],
    gj_codes: Vec<String>,
    gj_till: &'static str,
}

#[derive(Serialize)]
struct Part {
    giver: &'static str,
    amount: Fen,
}

async fn settle(body: Bytes) -> Result<Json<Answer>, JsonRejection> {
    let Json(message) = Json::<Message>::from_bytes(&body)?;
    Ok(Json(answer(message)))
}

/// An answer as long as a true one, of made-up amounts that depend on the message.
fn answer(message: Message) -> Answer {
    let Input { druginfo, drugdetail } = message.input;
    let total = drugdetail.iter().map(|it| Fen::read(&it.det_item_fee_sumamt).0).sum::<u64>();
    let read = drugdetail.iter().map(|it| it.cnt.len() + it.pric.len() + it.feedetl_sn.len()).sum::<usize>();
    std::hint::black_box((read, &druginfo.acct_used_flag, &druginfo.begntime, &druginfo.medfee_sumamt));
    let (fund, accounts) = (total / 2, total / 4);
    let paid = |fund_pay_type, fund_pay_type_name, paid| Paid {
        fund_pay_type,
        fund_pay_type_name,
        inscp_scp_amt: Fen(total),
        fund_payamt: Fen(paid),
    };
    let settled = Settled {
        psn_no: druginfo.psn_no,
        certno: druginfo.mdtrt_cert_no,
        mdtrt_cert_type: druginfo.mdtrt_cert_type,
        insutype: druginfo.insutype,
        med_type: druginfo.med_type,
        setl_time: message.inf_time.clone(),
        medins_setl_id: message.msgid.clone(),
        setl_id: 9_000_000_001,
        medfee_sumamt: Fen(total),
        fulamt_ownpay_amt: Fen(0),
        preselfpay_amt: Fen(0),
        inscp_scp_amt: Fen(total),
        act_pay_dedc: Fen(0),
        fund_pay_sumamt: Fen(fund),
        psn_part_amt: Fen(total - fund),
        acct_pay: Fen(accounts),
        acct_mulaid_pay: Fen(accounts),
        psn_cash_pay: Fen(total - fund - accounts),
        balc: Fen(99_887_700),
    };
    let part = |giver, amount| Part { giver, amount: Fen(amount) };
    let told = Told {
        gj_no: format!("{}-{}", message.infno, message.fixmedins_code),
        gj_split: [part("李*", accounts / 2), part("王*", accounts - accounts / 2)],
        gj_codes: drugdetail.into_iter().take(1).map(|it| it.med_list_codg).collect(),
        gj_till: "family account paid",
    };
    Answer {
        infcode: 0,
        inf_refmsgid: message.msgid,
        respond_time: message.inf_time,
        err_msg: "success",
        output: Output {
            setlinfo: settled,
            setldetail: [
                paid("390100", "城乡居民基本医疗保险基金", fund),
                paid("310200", "城镇职工基本医疗保险个人账户基金", accounts),
            ],
            exp_content: told,
        },
    }
}

fn main() -> std::io::Result<()> {
    let Options { address, workers } = Options::parse();
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(usize::from(workers))
        .enable_all()
        .build()?;
    threads.block_on(async {
        // A small answer is sent at once rather than held back for more of it.
        let listener = TcpListener::bind(address).await?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        println!("http-ceiling answers on http://{address}/");
        // At every address, so that whatever drives the true server can drive this one.
        axum::serve(listener, Router::new().fallback(post(settle))).await
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, the ceiling was measured with messages of another size than those it stands for.
    #[test]
    fn messages_have_the_size_of_true_ones() {
        let purchase = include_str!("../../purchase.json");
        let answer = answer(serde_json::from_str(purchase).unwrap());
        assert_eq!(answer.output.setlinfo.medfee_sumamt.to_string(), "112.50");
        assert!((1_300..1_500).contains(&purchase.len()), "the request has {} bytes", purchase.len());
        let size = serde_json::to_vec(&answer).unwrap().len();
        assert!((950..1_150).contains(&size), "the answer has {size} bytes");
    }
}
