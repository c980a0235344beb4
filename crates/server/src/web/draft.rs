//! Drafts: the answers of a flow of several pages, kept while it goes on. Sealed, under the login of whoever writes them:
//! they outlive a session, and nobody else reads them.

use super::opening::Opening;
use super::trouble::Trouble;
use crate::vault::random;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::Fault;

/// The drawer of the desk that drafts lie in.
const DRAWER: &str = "draft";
/// A draft nobody went on with for so long is gone.
const KEPT_MS: i64 = 24 * 3_600_000;

impl Opening {
    fn draft_key(&self, flow: &str) -> Result<String, Trouble> {
        Ok(format!("{}:{flow}", self.token()?.no))
    }

    /// The draft of a flow; an empty one where none was begun.
    pub(crate) async fn draft<T: DeserializeOwned + Default>(&self, flow: &str) -> Result<T, Trouble> {
        let key = self.draft_key(flow)?;
        let Some(sealed) = self.app.desk.get(DRAWER, &key, self.app.clock.now()).await? else {
            return Ok(T::default());
        };
        let damaged = || Fault::Damaged("a draft cannot be read".to_owned());
        let plain = self.app.vault.open_about(key.as_bytes(), &sealed).map_err(|_| damaged())?;
        // A draft of an older version of the flow is begun again.
        Ok(serde_json::from_slice(&plain).unwrap_or_default())
    }

    /// Keeps the draft of a flow.
    pub(crate) async fn keep_draft(&self, flow: &str, draft: &impl Serialize) -> Result<(), Trouble> {
        let key = self.draft_key(flow)?;
        let plain = serde_json::to_vec(draft).expect("drafts are plain data");
        let sealed = self.app.vault.seal_about(key.as_bytes(), random(), &plain);
        let until = self.app.clock.now().plus_millis(KEPT_MS);
        Ok(self.app.desk.put(DRAWER, &key, &sealed, Some(until)).await?)
    }

    /// Throws the draft of a flow away.
    pub(crate) async fn drop_draft(&self, flow: &str) -> Result<(), Trouble> {
        Ok(self.app.desk.remove(DRAWER, &self.draft_key(flow)?).await?)
    }
}
