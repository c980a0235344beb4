//! The addresses of the interface: one for all, base address and transaction number, or a path for each transaction.

use super::failure::gateways_own;
use super::gateway::Opened;
use super::wire::Malformed;
use super::{Hospital, HttpRequest, Transaction, receive, transactions, voucher};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, any, post};

/// Style (a), one address for everything, as several provinces have it.
const ONE_FOR_ALL: &[&str] = &[
    "/hospital",
    "/fsi/api/rsfComIfsService/callService",
    "/mbs/fmi/fsi/api/callFsiService/callService",
    "/eapdomain/callService",
    "/CSB",
];

/// Where addresses of the interface begin, and none that is known may follow: a word of a path is soon misspelt.
const BEGINNINGS: &[&str] = &[
    "/hospital/{infno}/",
    "/hospital/{infno}/{*rest}",
    "/fsi/{*rest}",
    "/mbs/{*rest}",
    "/eapdomain/{*rest}",
    "/CSB/{*rest}",
];

/// Where the paths of style (c) begin.
pub const BASE: &str = "/fsi/api";

/// Style (c): below [`BASE`] a path, in the interface's own spelling, and the transactions that belong to it.
#[rustfmt::skip]
pub const OF_THEIR_OWN: &[(&str, &[&str])] = &[
    ("signInSignOutService/signIn",                      &["9001"]),
    ("signInSignOutService/signOut",                     &["9002"]),
    ("fsiPsnInfoService/queryPsnInfo",                   &["1101"]),
    ("hsecfc/localQrCodeQuery",                          &["1162"]),
    ("fsiFixMedInsService/queryFixMedIns",               &["1201"]),
    ("catalogdownservice/downCatalog1301",               &["1301"]),
    ("catalogdownservice/downCatalog1302",               &["1302"]),
    ("catalogdownservice/downCatalog1303",               &["1303"]),
    ("catalogdownservice/downCatalog1304",               &["1304"]),
    ("catalogdownservice/downCatalog1305",               &["1305"]),
    ("catalogdownservice/downCatalog1306",               &["1306"]),
    ("catalogdownservice/downCatalog1307",               &["1307"]),
    ("catalogdownservice/downCatalog1308",               &["1308"]),
    ("catalogdownservice/downCatalog1309",               &["1309"]),
    ("catalogdownservice/downCatalog1310",               &["1310"]),
    ("catalogdownservice/downCatalog1311",               &["1311"]),
    ("catalogdownservice/downCatalog1313",               &["1313"]),
    ("catalogdownservice/downCatalog1314",               &["1314"]),
    ("catalogdownservice/downCatalog1315",               &["1315"]),
    ("catalogdownservice/downCatalog1320",               &["1320"]),
    ("catalogqueryservice/queryHilist",                  &["1312"]),
    ("catalogqueryservice/queryDataDic",                 &["1901"]),
    ("fsiPsnPriorityInfoService/queryPsnPriorityInfo",   &["2001"]),
    ("outpatientDocInfoService/outpatientRregistration", &["2201"]),
    ("outpatientDocInfoService/outpatientRegistrationCancel", &["2202"]),
    ("outpatientDocInfoService/outpatientMdtrtinfoUp",   &["2203"]),
    ("outpatientDocInfoService/outpatientMdtrtinfoUpA",  &["2203A"]),
    ("outpatientDocInfoService/outpatientFeeListUp",     &["2204"]),
    ("outpatientDocInfoService/outpatientFeeListUpCancel", &["2205"]),
    ("outpatientSettleService/preSettletment",           &["2206"]),
    ("outpatientSettleService/preSettletmentA",          &["2206A"]),
    ("outpatientSettleService/saveSettletment",          &["2207"]),
    ("outpatientSettleService/saveSettletmentA",         &["2207A"]),
    ("outpatientSettleService/saveSettletmentV2",        &["2207", "2207A"]),
    ("outpatientSettleService/cancleSettletment",        &["2208"]),
    ("hospFeeDtlService/feeDtlUp",                       &["2301"]),
    ("hospFeeDtlService/feeDtlCl",                       &["2302"]),
    ("hospSettService/preSett",                          &["2303"]),
    ("hospSettService/sett",                             &["2304"]),
    ("hospSettService/settV2",                           &["2304"]),
    ("hospSettService/settCl",                           &["2305"]),
    ("hospitalRegisterService/hospitalRegisterSave",     &["2401"]),
    ("dscgService/dischargeProcess",                     &["2402"]),
    ("hospitalRegisterService/hospitalRegisterEdit",     &["2403"]),
    ("hospitalRegisterService/hospitalRegisterCancel",   &["2404"]),
    ("dscgService/dischargeUndo",                        &["2405"]),
    ("reverseService/revsMethod",                        &["2601"]),
    ("ybSettlementStmtService/stmtTotal",                &["3201"]),
    ("ybSettlementStmtService/stmtDetail",               &["3202"]),
    ("catalogCompService/catalogCompUp",                 &["3301"]),
    ("catalogCompService/deleteCatalogCompAudited",      &["3302"]),
    ("fsiIntegratedQueryService/querySetlInfo",          &["5203"]),
    ("fsiIntegratedQueryService/queryFeeList",           &["5204"]),
    ("fsiIntegratedQueryService/queryFixmedinsPracPsnSum", &["5206"]),
    ("fsiIntegratedQueryService/queryPsnOpspReg",        &["5301"]),
    ("fsiIntegratedQueryService/queryInhospInfo",        &["5303"]),
    ("fileupload/upload",                                &["9101"]),
    ("fileupload/download",                              &["9102"]),
];

/// What an address says of the transaction that comes to it.
pub(super) enum Address {
    /// Nothing: any may come.
    OfAll,
    /// Its number.
    Number(String),
    /// It is one of these.
    One(&'static [&'static str]),
}

impl Address {
    /// Whether a transaction of this number may come here.
    pub(super) fn takes(&self, infno: &str) -> bool {
        match self {
            Address::OfAll => true,
            Address::Number(it) => it.eq_ignore_ascii_case(infno),
            Address::One(infnos) => infnos.contains(&infno),
        }
    }

    /// The transaction of this number, where it may come here.
    pub(super) fn transaction(&self, infno: &str) -> Result<&'static Transaction, Malformed> {
        if matches!(self, Address::Number(_)) && !self.takes(infno) {
            return Err(Malformed::new("infno", "与请求地址中的交易编号不一致"));
        }
        let known = transactions().find(|it| it.infno == infno && self.takes(infno));
        known.ok_or_else(|| Malformed::new("infno", "未知交易编号"))
    }

    /// An answer as clients of this address read it. What will be encrypted stays as it is: its data would stand beside it
    /// in plain text.
    pub(super) fn formed(&self, answer: Vec<u8>, opened: &Opened) -> Vec<u8> {
        match self {
            Address::One([voucher::SCAN]) if opened.input.is_none() => voucher::with_own_form(&answer),
            Address::OfAll | Address::Number(_) | Address::One(_) => answer,
        }
    }
}

/// The routes of all three styles.
pub(super) fn router() -> Router<Hospital> {
    let taken = |handler: MethodRouter<Hospital>| handler.fallback(other_method);
    let mut router = Router::new().route("/hospital/{infno}", taken(post(by_number)));
    for path in ONE_FOR_ALL {
        router = router.route(path, taken(post(for_all)));
    }
    for path in BEGINNINGS {
        router = router.route(path, any(no_address));
    }
    for (path, infnos) in OF_THEIR_OWN {
        let handler = move |State(hospital): State<Hospital>, request: HttpRequest| async move {
            receive(&hospital, request, Address::One(infnos)).await
        };
        router = router.route(&format!("{BASE}/{path}"), taken(post(handler)));
    }
    router
}

/// Whoever asks here speaks the interface, and reads no page.
async fn other_method() -> Response {
    let text = "报文请用 POST 发送";
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")], gateways_own(405, text.into()))
        .into_response()
}

async fn no_address() -> Response {
    let text = "没有这个地址，请核对路径的拼写，或用 /hospital 加交易编号";
    (StatusCode::NOT_FOUND, gateways_own(404, text.into())).into_response()
}

async fn for_all(State(hospital): State<Hospital>, request: HttpRequest) -> Response {
    receive(&hospital, request, Address::OfAll).await
}

async fn by_number(
    State(hospital): State<Hospital>,
    Path(infno): Path<String>,
    request: HttpRequest,
) -> Response {
    receive(&hospital, request, Address::Number(infno)).await
}
