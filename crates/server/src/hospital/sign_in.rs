//! 9001 签到 and 9002 签退. The number proves that an operator signed in on this day; nothing else depends on it.

use super::Call;
use super::json::{Json, object};
use super::wire::Malformed;
use crate::vault::hex;
use domain::day::Day;

/// 9001.
pub(super) fn sign_in(call: &Call<'_>) -> Result<Json, Malformed> {
    let operator = call.envelope.one("signIn")?.short("opter_no", 20)?;
    let number = number(call, operator, call.at.day());
    Ok(object! { "signinoutb": object! { "sign_time": call.at, "sign_no": number } })
}

/// 9002: the number of today or, around midnight, of yesterday.
pub(super) fn sign_out(call: &Call<'_>) -> Result<Json, Malformed> {
    let node = call.envelope.one("signOut")?;
    let (stated, operator) = (node.short("sign_no", 30)?, node.short("opter_no", 20)?);
    let today = call.at.day();
    let given = [today, today.plus(-1)].into_iter().any(|day| number(call, operator, day) == stated);
    if !given {
        return Err(node.complain("sign_no", "不是该操作员今天签到所得的编号，请重新签到"));
    }
    Ok(object! { "signoutoutb": object! { "sign_time": call.at } })
}

/// The same for the same institution, operator and day, so that signing in twice does no harm.
fn number(call: &Call<'_>, operator: &str, day: Day) -> String {
    let secret = call.vault.derived("sign-in", &format!("{}|{operator}|{day}", call.envelope.institution));
    hex(&secret[..10])
}
