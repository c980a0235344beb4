//! What the till says to the hospital interface: the messages that other software would send for the same bill. At a
//! hospital a visit is begun, stated, its lines uploaded, and the batch settled; a pharmacy says it all at once.

use super::bill::{Bill, Note, Offer, Patient, Settled, Shown};
use super::reply::Reply;
use crate::hospital::{Inside, inside};
use crate::people::masked;
use crate::web::opening::Opening;
use crate::web::trouble::Trouble;
use serde_json::{Map, Value, json};

/// Kinds of treatment: 11 普通门诊, 41 定点药店购药.
const OUTPATIENT: &str = "11";
const PHARMACY: &str = "41";

/// What came of a step: done, or why not.
pub(super) type Step<T> = Result<T, Note>;

/// One object of several.
fn merged<const N: usize>(parts: [Value; N]) -> Value {
    let objects =
        parts.into_iter().filter_map(|it| if let Value::Object(map) = it { Some(map) } else { None });
    Value::Object(objects.flatten().collect())
}

/// What was shown, in the fields of the interface.
fn credential(shown: &Shown) -> Value {
    json!({ "mdtrt_cert_type": shown.kind, "mdtrt_cert_no": shown.number, "card_sn": shown.serial })
}

/// The patient and what they showed.
fn identity(patient: &Patient) -> Value {
    merged([credential(&patient.shown), json!({ "psn_no": patient.psn_no, "insutype": patient.scheme })])
}

/// Our keys in `exp_content`: what the giver showed, and whether a repetition is meant.
fn extension(bill: &Bill) -> String {
    let mut ours = Map::new();
    if let Some(giver) = &bill.giver {
        ours.insert("GJ_GIVER_CERT".to_owned(), json!([{ "type": giver.kind, "no": giver.number }]));
    }
    if let Some(proxy) = &bill.proxy {
        ours.insert("GJ_PROXY".to_owned(), proxy.said());
    }
    if bill.another {
        ours.insert("GJ_REPEAT".to_owned(), json!("1"));
    }
    Value::Object(ours).to_string()
}

/// The lines, numbered by turn and place.
fn lines(bill: &Bill) -> Vec<Value> {
    let row = |(at, line): (usize, &super::bill::Line)| {
        let sn = format!("{}-{}", bill.turn, at + 1);
        json!({
            "feedetl_sn": sn, "med_list_codg": line.code, "durg_trac_info": line.traced(&sn),
            "medins_list_codg": line.own_code, "cnt": line.count, "pric": line.price,
            "det_item_fee_sumamt": line.cost.to_string(), "fee_ocur_time": bill.begun.to_string(),
            "rx_circ_flag": "0", "hosp_appr_flag": "0",
        })
    };
    bill.lines.iter().enumerate().map(row).collect()
}

/// What is common to all bills that are to be settled.
fn sums(bill: &Bill) -> Value {
    json!({
        "medfee_sumamt": bill.total().to_string(), "exp_content": extension(bill),
        "acct_used_flag": if bill.accounts { "1" } else { "0" },
    })
}

/// The bill of a pharmacy: 2101, 2102.
fn purchase(bill: &Bill, patient: &Patient) -> Value {
    let own = json!({ "med_type": PHARMACY, "begntime": bill.begun.to_string() });
    json!({ "druginfo": merged([identity(patient), sums(bill), own]), "drugdetail": lines(bill) })
}

/// The bill of a visit: 2206, 2207.
fn batch(bill: &Bill, patient: &Patient, visit: &str) -> Value {
    let own = json!({
        "mdtrt_id": visit, "med_type": OUTPATIENT, "psn_setlway": "01", "chrg_bchno": bill.turn.to_string(),
    });
    json!({ "data": merged([identity(patient), sums(bill), own]) })
}

impl Opening {
    /// Whether the till is a pharmacy's.
    pub(super) fn is_pharmacy(&self) -> Result<bool, Trouble> {
        Ok(self.till()?.to_string().starts_with('P'))
    }

    /// Sends a message of a bill in its present turn.
    async fn say(&self, bill: &Bill, infno: &str, input: Value) -> Result<Reply, Trouble> {
        self.say_in(bill, bill.turn, infno, input).await
    }

    async fn say_in(&self, bill: &Bill, turn: u16, infno: &str, input: Value) -> Result<Reply, Trouble> {
        let (institution, operator) = (self.till()?, self.token()?.no.to_string());
        let msgid = bill.message(institution, turn, infno);
        self.say_as(infno, &msgid, &operator, input).await
    }

    /// Sends a message.
    pub(super) async fn say_as(
        &self,
        infno: &str,
        msgid: &str,
        operator: &str,
        input: Value,
    ) -> Result<Reply, Trouble> {
        let institution = self.till()?;
        let Value::Object(input) = input else { return Err(Trouble::Unreadable) };
        let message = Inside { institution, infno, msgid, operator, input };
        inside(&self.app, message).await.map(Reply).map_err(|_| Trouble::Busy)
    }

    /// 1101: who it is. Of several enrolments the one in force counts, the employee scheme before the others.
    pub(super) async fn who(&self, bill: &Bill, shown: Shown) -> Result<Step<Patient>, Trouble> {
        let asked = json!({ "psn_cert_type": "01", "certno": "", "psn_name": "" });
        let data = json!({ "data": merged([credential(&shown), asked]) });
        let reply = self.say(bill, "1101", data).await?;
        if let Some(note) = reply.refusal(false) {
            return Ok(Err(note));
        }
        let text =
            |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let row = reply
            .rows("/output/insuinfo")
            .iter()
            .min_by_key(|it| (text(it, "psn_insu_stas") != "1", text(it, "insutype") != "310"));
        Ok(Ok(Patient {
            psn_no: reply.text("/output/baseinfo/psn_no"),
            name: masked(&reply.text("/output/baseinfo/psn_name")),
            scheme: row.map(|it| text(it, "insutype")).unwrap_or_default(),
            enrolled: row.is_some_and(|it| text(it, "psn_insu_stas") == "1"),
            shown,
        }))
    }

    /// 2101, or 2201 to 2206: who would pay what.
    pub(super) async fn offered(&self, bill: &mut Bill) -> Result<Step<Offer>, Trouble> {
        let patient = bill.patient()?.clone();
        if self.is_pharmacy()? {
            let reply = self.say(bill, "2101", purchase(bill, &patient)).await?;
            return Ok(offer(&reply, reply.rows("/output/detlcutinfo")));
        }
        let visit = match self.visit(bill, &patient).await? {
            Ok(visit) => visit,
            Err(note) => return Ok(Err(note)),
        };
        let uploaded = self.upload(bill, &patient, &visit).await?;
        if let Some(note) = uploaded.refusal(false) {
            return Ok(Err(note));
        }
        let reply = self.say(bill, "2206", batch(bill, &patient, &visit)).await?;
        Ok(offer(&reply, uploaded.rows("/output/result")))
    }

    /// 2201 and 2203: the visit, begun once for a bill.
    async fn visit(&self, bill: &mut Bill, patient: &Patient) -> Result<Step<String>, Trouble> {
        if let Some(visit) = &bill.visit {
            return Ok(Ok(visit.clone()));
        }
        let begun = bill.begun.to_string();
        let own = json!({ "begntime": begun, "ipt_otp_no": bill.no });
        let reply = self.say(bill, "2201", json!({ "data": merged([identity(patient), own]) })).await?;
        if let Some(note) = reply.refusal(false) {
            return Ok(Err(note));
        }
        let visit = reply.text("/output/data/mdtrt_id");
        let stated = json!({
            "mdtrt_id": visit, "psn_no": patient.psn_no, "med_type": OUTPATIENT, "begntime": begun,
        });
        let reply = self.say(bill, "2203", json!({ "mdtrtinfo": stated, "diseinfo": [] })).await?;
        if let Some(note) = reply.refusal(false) {
            return Ok(Err(note));
        }
        bill.visit = Some(visit.clone());
        self.keep_bill(bill).await?;
        Ok(Ok(visit))
    }

    /// 2205 for lines of an earlier turn, which are settled by nobody, and 2204 for those of this one.
    async fn upload(&self, bill: &mut Bill, patient: &Patient, visit: &str) -> Result<Reply, Trouble> {
        let of = json!({ "mdtrt_id": visit, "psn_no": patient.psn_no });
        if bill.uploaded.is_some_and(|it| it != bill.turn) {
            let all = merged([of.clone(), json!({ "chrg_bchno": "0000" })]);
            // Where nothing lies there any more, there is nothing to remove.
            self.say(bill, "2205", json!({ "data": all })).await?;
        }
        bill.uploaded = Some(bill.turn);
        self.keep_bill(bill).await?;
        let batch = json!({ "chrg_bchno": bill.turn.to_string() });
        let rows: Vec<Value> =
            lines(bill).into_iter().map(|it| merged([of.clone(), batch.clone(), it])).collect();
        self.say(bill, "2204", json!({ "feedetail": rows })).await
    }

    /// 2102 or 2207: settles, once for the bill's turn.
    pub(super) async fn settle(&self, bill: &Bill) -> Result<Reply, Trouble> {
        let patient = bill.patient()?;
        let input = match &bill.visit {
            None => purchase(bill, patient),
            Some(visit) => batch(bill, patient, visit),
        };
        self.say(bill, self.settling()?, input).await
    }

    fn settling(&self) -> Result<&'static str, Trouble> {
        Ok(if self.is_pharmacy()? { "2102" } else { "2207" })
    }

    /// GJ01: what became of the message that was to settle the bill in a turn; nothing while that is under way. One that
    /// never arrived never will: 2601 bars it.
    pub(super) async fn found(&self, bill: &Bill, turn: u16) -> Result<Option<Step<Settled>>, Trouble> {
        let infno = self.settling()?;
        let msgid = bill.message(self.till()?, turn, infno);
        let asked = json!({ "data": { "omsgid": msgid } });
        let reply = self.say_in(bill, turn, "GJ01", asked).await?;
        match reply.text("/output/result/GJ_STATE").as_str() {
            "done" => {
                let answer = reply.0.pointer("/output/result/GJ_ANSWER").cloned().unwrap_or_default();
                Ok(Some(settled(&Reply(answer))))
            }
            "never arrived" | "barred" => self.bar(bill, turn, &msgid).await,
            _ => Ok(None),
        }
    }

    async fn bar(&self, bill: &Bill, turn: u16, msgid: &str) -> Result<Option<Step<Settled>>, Trouble> {
        let of = json!({ "psn_no": bill.patient()?.psn_no, "omsgid": msgid, "oinfno": self.settling()? });
        let reply = self.say_in(bill, turn, "2601", json!({ "data": of })).await?;
        let note = Note { code: Note::LOST.to_owned(), said: String::new(), settling: true };
        // Refused, it has barred nothing: the outcome is as unknown as before.
        Ok(reply.refusal(true).is_none().then_some(Err(note)))
    }

    /// 2103 or 2208: takes a settlement back, whole.
    pub(super) async fn undo(&self, bill: &Bill, it: &Settled, turn: u16) -> Result<Reply, Trouble> {
        let infno = if self.is_pharmacy()? { "2103" } else { "2208" };
        let data =
            json!({ "setl_id": it.settlement, "mdtrt_id": it.visit, "psn_no": bill.patient()?.psn_no });
        self.say_in(bill, turn, infno, json!({ "data": data })).await
    }

    /// 2205 and 2202: leaves no visit behind of which nothing is settled.
    pub(super) async fn leave_visit(&self, bill: &Bill) -> Result<(), Trouble> {
        let (Some(visit), Some(patient)) = (&bill.visit, &bill.patient) else { return Ok(()) };
        let of = json!({ "mdtrt_id": visit, "psn_no": patient.psn_no });
        if bill.uploaded.is_some() {
            let all = merged([of.clone(), json!({ "chrg_bchno": "0000" })]);
            self.say(bill, "2205", json!({ "data": all })).await?;
        }
        self.say(bill, "2202", json!({ "data": of })).await.map(|_| ())
    }
}

/// What the answer to a settlement says.
pub(super) fn settled(reply: &Reply) -> Step<Settled> {
    match reply.refusal(true) {
        Some(note) => Err(note),
        None => Ok(reply.settled()),
    }
}

fn offer(reply: &Reply, judged: &[Value]) -> Step<Offer> {
    if let Some(note) = reply.refusal(false) {
        return Err(note);
    }
    let level = |row: &Value| row.get("chrgitm_lv").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Offer { shares: reply.shares(), levels: judged.iter().map(level).collect() })
}
