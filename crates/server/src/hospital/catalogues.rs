//! The transactions about institutions, catalogues and the dictionary.

use super::wire::{Malformed, Stamp, answer};
use super::{Answered, Call, Kind, Transaction, catalogue_map, dictionary, downloads, institution, payment};
use super::{Failure, Json};
use domain::needs::Needs;

/// All of them, by number.
#[rustfmt::skip]
pub(super) const TRANSACTIONS: &[Transaction] = &[
    Transaction { infno: "1201", name: "医药机构信息获取", kind: Kind::Runs(|app, call| Box::pin(institution::find(app, call))) },
    Transaction { infno: "1301", name: "西药中成药目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::drugs(app, call))) },
    Transaction { infno: "1302", name: "中药饮片目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::pieces(app, call))) },
    Transaction { infno: "1303", name: "医疗机构制剂目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1304", name: "民族药品目录查询", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1305", name: "医疗服务项目目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::services(app, call))) },
    Transaction { infno: "1306", name: "医用耗材目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1307", name: "疾病与诊断目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1308", name: "手术操作目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1309", name: "门诊慢特病种目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1310", name: "按病种付费病种目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1311", name: "日间手术治疗病种目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1312", name: "医保目录信息查询", kind: Kind::Asks(nothing, payment::items) },
    Transaction { infno: "1313", name: "肿瘤形态学目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1314", name: "中医疾病目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1315", name: "中医证候目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
    Transaction { infno: "1316", name: "医疗目录与医保目录匹配信息查询", kind: Kind::Asks(nothing, payment::matches) },
    Transaction { infno: "1317", name: "医药机构目录匹配信息查询", kind: Kind::Runs(|app, call| Box::pin(catalogue_map::list(app, call))) },
    Transaction { infno: "1318", name: "医保目录限价信息查询", kind: Kind::Asks(nothing, payment::limits) },
    Transaction { infno: "1319", name: "医保目录先自付比例信息查询", kind: Kind::Asks(nothing, payment::shares) },
    Transaction { infno: "1320", name: "中药配方颗粒目录下载", kind: Kind::Runs(|app, call| Box::pin(downloads::nothing(app, call))) },
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
