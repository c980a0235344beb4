//! Clerks, and when somebody else has to decide what one of them started (R-D2, R-D12).

use serde::{Deserialize, Serialize};

/// A clerk or supervisor at a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clerk {
    /// The number of the token.
    pub token: u64,
    /// Whose it is: the same for a login whose role or area, and with them its token, were changed.
    pub bearer: u64,
}

impl Clerk {
    /// Whether this is somebody else: another token of the same bearer is nobody else.
    pub fn is_other_than(self, clerk: Clerk) -> bool {
        self.bearer != clerk.bearer
    }
}
