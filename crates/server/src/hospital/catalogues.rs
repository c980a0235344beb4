//! The transactions about institutions, catalogues and the dictionary.

use super::wire::{Malformed, Stamp, answer};
use super::{Answered, Call, Kind, Transaction, catalogue_map, dictionary, institution, payment};
use super::{Failure, Json};
use domain::needs::Needs;

/// All of them, by number.
#[rustfmt::skip]
pub(super) const TRANSACTIONS: &[Transaction] = &[
    Transaction { infno: "1201", name: "医药机构信息获取", kind: Kind::Runs(|app, call| Box::pin(institution::find(app, call))) },
    Transaction { infno: "1312", name: "医保目录信息查询", kind: Kind::Asks(nothing, payment::items) },
    Transaction { infno: "1316", name: "医疗目录与医保目录匹配信息查询", kind: Kind::Asks(nothing, payment::matches) },
    Transaction { infno: "1317", name: "医药机构目录匹配信息查询", kind: Kind::Runs(|app, call| Box::pin(catalogue_map::list(app, call))) },
    Transaction { infno: "1318", name: "医保目录限价信息查询", kind: Kind::Asks(nothing, payment::limits) },
    Transaction { infno: "1319", name: "医保目录先自付比例信息查询", kind: Kind::Asks(nothing, payment::shares) },
    Transaction { infno: "1901", name: "字典表查询", kind: Kind::Greets(dictionary::list) },
    Transaction { infno: "3302", name: "目录对照撤销", kind: Kind::Commits(catalogue_map::decode_removal, super::nothing) },
];

/// A question that needs to know nothing but who asks.
fn nothing(_: &Call<'_>) -> Result<Needs, Malformed> {
    Ok(Needs::default())
}

/// The message that an output goes out in.
pub(super) fn told(call: &Call<'_>, output: Json) -> Result<Answered, Failure> {
    Ok(Answered::Json(answer(&Stamp::fresh(call), Ok(output))))
}
