//! How a destination knows that a message is ours and fresh: a keyed hash over the time and the body.

use crate::gateway_keys::Hash;
use crate::vault::hex;
use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};

/// The header with the id of what is delivered, the same however often it is sent.
pub const DELIVERY: &str = "gongji-delivery";
/// The header with the seconds since 1970 at which it was sent.
pub const TIMESTAMP: &str = "gongji-timestamp";
/// The header with the hash's name and the keyed hash in hexadecimal: `sha256=…` or `sm3=…`.
pub const SIGNATURE: &str = "gongji-signature";

/// The value of [`SIGNATURE`]: the keyed hash over the timestamp, a full stop, and the body byte for byte. The key is the text
/// of the secret as it was shown.
pub fn signature(hash: Hash, secret: &str, timestamp: &str, body: &[u8]) -> String {
    let code = match hash {
        Hash::Sha256 => mac::<Hmac<sha2::Sha256>>(secret, timestamp, body),
        Hash::Sm3 => mac::<Hmac<sm3::Sm3>>(secret, timestamp, body),
    };
    format!("{}={}", hash.word(), hex(&code))
}

fn mac<M: Mac + KeyInit>(secret: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    [timestamp.as_bytes(), b".", body].into_iter().for_each(|it| mac.update(it));
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by `openssl dgst -hmac` over `1750000000.{}`. If this fails, no destination takes what is sent any more.
    #[test]
    fn signatures_are_what_other_software_computes() {
        for (hash, wanted) in [
            (Hash::Sha256, "sha256=87ad960ac726744a7928cfcb36f399391cebdff1153918b3815ea09570aee2e4"),
            (Hash::Sm3, "sm3=4ffa94aaf593b7961e266c4ef5dcf37ac5059e8ddef547c512dfeaa3140f76f7"),
        ] {
            assert_eq!(signature(hash, "gongji_webhook_test", "1750000000", b"{}"), wanted);
        }
    }
}
