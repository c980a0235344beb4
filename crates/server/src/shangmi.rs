//! SM2 signatures (GB/T 32918) and SM4 texts (GB/T 32907) as messages of institutions carry them.

use crate::vault::hex;
use ecb::cipher::block_padding::Pkcs7;
use ecb::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyInit as _};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};

/// How long a signature is: `r` and `s`.
pub const SIGNATURE: usize = 64;

/// A public SM2 key, which is a point of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(sm2::PublicKey);

/// A private SM2 key.
#[derive(Clone)]
pub struct PrivateKey(sm2::SecretKey);

impl PublicKey {
    /// Reads a key: PEM, or hexadecimal with or without the leading `04`, or compressed. `None` where it is no point of
    /// the curve.
    pub fn parse(text: &str) -> Option<PublicKey> {
        let text = text.trim();
        if text.starts_with("-----BEGIN") {
            return sm2::PublicKey::from_public_key_pem(text).ok().map(PublicKey);
        }
        let bytes = unhex(text)?;
        let whole = if bytes.len() == SIGNATURE { [&[4], bytes.as_slice()].concat() } else { bytes };
        PublicKey::of(&whole)
    }

    /// The key of these bytes, as [`PublicKey::bytes`] gives them.
    pub fn of(bytes: &[u8]) -> Option<PublicKey> {
        sm2::PublicKey::from_sec1_bytes(bytes).ok().map(PublicKey)
    }

    /// The point, not compressed: 65 bytes.
    pub fn bytes(&self) -> Vec<u8> {
        self.0.to_sec1_bytes().into_vec()
    }

    /// Lower-case hexadecimal, with the leading `04`.
    pub fn hex(&self) -> String {
        hex(&self.bytes())
    }

    /// Whether these 64 bytes are a signature of this user over a text. Whatever the bytes are, there is an answer.
    pub fn verifies(&self, user: &str, text: &[u8], signature: &[u8]) -> bool {
        let key = VerifyingKey::new(user, self.0);
        let signature = Signature::from_slice(signature);
        key.is_ok_and(|key| signature.is_ok_and(|it| key.verify(text, &it).is_ok()))
    }
}

impl PrivateKey {
    /// The key of this number; `None` where the curve has no such key, which one number in four thousand million is.
    pub fn of(number: &[u8; 32]) -> Option<PrivateKey> {
        sm2::SecretKey::from_slice(number).ok().map(PrivateKey)
    }

    /// Reads a key: PEM of PKCS#8, or 64 hexadecimal digits. `None` where it is no key of the curve.
    pub fn parse(text: &str) -> Option<PrivateKey> {
        let text = text.trim();
        if text.starts_with("-----BEGIN") {
            return sm2::SecretKey::from_pkcs8_pem(text).ok().map(PrivateKey);
        }
        PrivateKey::of(unhex(text)?.as_slice().try_into().ok()?)
    }

    /// Its public key.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.public_key())
    }

    /// Signs a text as a user: the same text gets the same signature, so that no randomness can be weak. `None` for a
    /// user whose name is longer than 8,000 bytes.
    pub fn sign(&self, user: &str, text: &[u8]) -> Option<[u8; SIGNATURE]> {
        let key = SigningKey::new(user, &self.0).ok()?;
        key.try_sign(text).ok().map(|it| it.to_bytes().into())
    }
}

/// Encrypts with SM4/ECB/PKCS7, which tells equal blocks from others: the interface has it so.
pub fn encrypt(key: &[u8; 16], plain: &[u8]) -> Vec<u8> {
    ecb::Encryptor::<sm4::Sm4>::new(key.into()).encrypt_padded_vec::<Pkcs7>(plain)
}

/// Decrypts what [`encrypt`] made; `None` where it is no such text.
pub fn decrypt(key: &[u8; 16], sealed: &[u8]) -> Option<Vec<u8>> {
    ecb::Decryptor::<sm4::Sm4>::new(key.into()).decrypt_padded_vec::<Pkcs7>(sealed).ok()
}

/// Reads hexadecimal digits, two for each byte.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |it: u8| char::from(it).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hmac::digest::Digest as _;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        unhex(text).and_then(|it| it.try_into().ok()).expect("hexadecimal of that length")
    }

    /// The examples of GB/T 32905-2016, appendix A. If this fails, no signature of any scheme with SM3 is right.
    #[test]
    fn sm3_is_the_standards() {
        let cases = [
            ("abc".to_owned(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
            ("abcd".repeat(16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
        ];
        for (text, expected) in cases {
            assert_eq!(hex(&sm3::Sm3::digest(text.as_bytes())), expected, "{text}");
        }
    }

    /// The example of GB/T 32907-2016, appendix A. If this fails, no encrypted message can be read.
    #[test]
    fn sm4_is_the_standards() {
        let key = bytes("0123456789abcdeffedcba9876543210");
        let sealed = encrypt(&key, &key);
        assert_eq!(hex(&sealed[..16]), "681edf34d206965e86b3e94f536e4246");
        assert_eq!(sealed.len(), 32, "a whole block is padded by another");
        assert_eq!(decrypt(&key, &sealed).as_deref(), Some(&key[..]));
        for cut in [0, 1, 15, 16, 17, 31] {
            assert_eq!(decrypt(&key, &sealed[..cut]), None, "{cut} bytes");
        }
        assert_ne!(decrypt(&bytes("00000000000000000000000000000000"), &sealed), Some(key.to_vec()));
    }

    /// The key, text and signature of GB/T 32918.5-2017, appendix A.2. If this fails, no institution's signature is
    /// verified.
    #[test]
    fn sm2_is_the_standards() {
        let user = "1234567812345678";
        let private =
            PrivateKey::of(&bytes("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"));
        let private = private.expect("a key");
        let public = "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                      ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
        assert_eq!(private.public().hex(), format!("04{public}"));
        let key = PublicKey::parse(public).expect("a key");
        let signature: [u8; 64] = bytes(
            "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
             b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa",
        );
        let text = b"message digest";
        assert!(key.verifies(user, text, &signature));
        assert!(!key.verifies("1234567812345679", text, &signature));
        assert!(!key.verifies(user, b"message digesT", &signature));
        for wrong in [&signature[..63], &[], &[0; 64], &[0xff; 64], &[signature.as_slice(), &[0]].concat()] {
            assert!(!key.verifies(user, text, wrong), "{wrong:?}");
        }
        let own = private.sign(user, text).expect("signs");
        assert!(key.verifies(user, text, &own));
        assert_eq!(private.sign(user, text), Some(own));
    }

    /// If this fails, a vendor cannot sign with the key that OpenSSL wrote, or signs with none.
    #[test]
    fn a_private_key_is_read_in_each_of_its_forms() {
        let key = PrivateKey::of(&[7; 32]).expect("a key");
        let pem = sm2::pkcs8::EncodePrivateKey::to_pkcs8_pem(&key.0, sm2::pkcs8::LineEnding::LF);
        for form in [pem.expect("PEM").to_string(), "07".repeat(32), format!(" {}\n", "07".repeat(32))] {
            let read = PrivateKey::parse(&form).expect("a key");
            assert_eq!(read.public(), key.public());
        }
        for wrong in ["", "07", "zz", &"00".repeat(32), &"ff".repeat(32), "-----BEGIN PRIVATE KEY-----"] {
            assert!(PrivateKey::parse(wrong).is_none(), "{wrong}");
        }
    }

    /// If this fails, an institution cannot hand in its key in the form its software writes, or hands in none.
    #[test]
    fn a_public_key_is_read_in_each_of_its_forms() {
        let key = PrivateKey::of(&[7; 32]).expect("a key").public();
        let pem = sm2::pkcs8::EncodePublicKey::to_public_key_pem(&key.0, sm2::pkcs8::LineEnding::LF);
        let whole = key.hex();
        let compressed =
            format!("{}{}", if key.bytes()[64].is_multiple_of(2) { "02" } else { "03" }, &whole[2..66]);
        let forms =
            [pem.expect("PEM"), whole.clone(), whole[2..].to_owned(), whole.to_uppercase(), compressed];
        for form in &forms {
            assert_eq!(PublicKey::parse(form), Some(key), "{form}");
        }
        let off = format!("{}0", &whole[..129]);
        for wrong in
            ["", "04", "zz", "+1", &whole[..128], &off, "-----BEGIN PUBLIC KEY-----", &"00".repeat(65)]
        {
            assert_eq!(PublicKey::parse(wrong), None, "{wrong}");
        }
    }
}
