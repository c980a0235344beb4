//! 3301 目录对照上传: an institution's own codes and the national codes they stand for.

use super::Call;
use super::wire::Malformed;
use domain::request::{Body, MapItems};

/// The most pairs a message may carry.
const MOST_PAIRS: usize = 2_000;

/// 3301: node `data`, one row a pair (`fixmedins_hilist_id`, `list_type`, `med_list_codg`).
pub(super) fn decode(call: &Call<'_>) -> Result<Body, Malformed> {
    let nodes = call.envelope.many("data")?;
    if nodes.len() > MOST_PAIRS {
        return Err(Malformed::new("data", format!("一次最多 {MOST_PAIRS} 行")));
    }
    let pair = |node: &super::wire::Node<'_>| {
        let (own, national) = (node.short("fixmedins_hilist_id", 150)?, node.short("med_list_codg", 50)?);
        Ok((own.to_owned(), national.to_owned()))
    };
    let pairs = nodes.iter().map(pair).collect::<Result<Vec<_>, Malformed>>()?;
    Ok(Body::MapItems(MapItems { institution: call.envelope.institution, pairs }))
}
