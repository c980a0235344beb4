//! Keys and what they protect: names and documents at rest are encrypted, people are found by keyed hashes, slip
//! numbers cannot be guessed. No key, name or number ever reaches a log.

use crate::shangmi::PrivateKey;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use domain::ids::Lookup;
use hmac::Mac;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The keys of an installation. Sealing keys can be rotated: what was sealed with an older one is still opened.
pub struct Vault {
    keys: Keys,
    /// The lookup key, as far as it can be hashed before there is a message.
    keyed: Keyed,
    /// The sealing keys with their schedules.
    ciphers: Vec<Aes256Gcm>,
    /// Our own SM2 key.
    answer_key: PrivateKey,
}

struct Keys {
    lookup: [u8; 32],
    slip: [u8; 32],
    sealing: Vec<[u8; 32]>,
    /// Stated in the file where it is to be another than the one that follows from the lookup key.
    sm2: Option<[u8; 32]>,
}

/// HMAC-SM3 with its key, before any message.
type Keyed = hmac::Hmac<sm3::Sm3>;

/// How long a seal's nonce and its tag are.
const NONCE: usize = 12;
const TAG: usize = 16;

/// What is wrong with the keys, or with something sealed.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The key file cannot be read or written.
    #[error("key file {0}: {1}")]
    File(String, std::io::Error),
    /// The key file does not hold keys.
    #[error("key file {0} does not hold keys: {1}")]
    Form(String, String),
    /// Something sealed cannot be opened with any key at hand.
    #[error("something sealed cannot be opened with the keys at hand")]
    Sealed,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    lookup: String,
    slip: String,
    sealing: Vec<String>,
    sm2: Option<String>,
}

/// What a person is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// `psn_no`.
    PersonNo,
    /// ID document.
    IdDocument,
    /// Social-security card.
    Card,
    /// The card's serial, with its card number.
    CardSerial,
    /// Medical code, or the token of a visit.
    Code,
    /// Name of a login.
    Login,
}

impl Vault {
    /// Keys made from fresh randomness.
    pub fn fresh() -> Vault {
        Vault::of(Keys { lookup: random(), slip: random(), sealing: vec![random()], sm2: None })
    }

    /// Keys made from a seed: for simulations and tests only.
    pub fn seeded(seed: u8) -> Vault {
        let [slip, sealing] = [1, 2].map(|it| [seed.wrapping_add(it); 32]);
        Vault::of(Keys { lookup: [seed; 32], slip, sealing: vec![sealing], sm2: None })
    }

    fn of(keys: Keys) -> Vault {
        let ciphers = keys.sealing.iter().map(|it| Aes256Gcm::new(it.into())).collect();
        let keyed = keyed(&keys.lookup);
        let stated = keys.sm2.as_ref().and_then(PrivateKey::of);
        let answer_key = stated.unwrap_or_else(|| derived_key(&keyed));
        Vault { keyed, ciphers, answer_key, keys }
    }

    /// The keys in a file; where there is none, fresh ones, written there for the owner only.
    ///
    /// # Errors
    /// [`VaultError`] naming the file.
    pub fn open_or_create(path: &Path) -> Result<Vault, VaultError> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Vault::parse(&text).map_err(|it| VaultError::Form(name, it)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let vault = Vault::fresh();
                vault.write(path).map_err(|it| VaultError::File(name, it))?;
                Ok(vault)
            }
            Err(error) => Err(VaultError::File(name, error)),
        }
    }

    fn parse(text: &str) -> Result<Vault, String> {
        let file: KeyFile = toml::from_str(text).map_err(|it| it.message().to_owned())?;
        let key = |text: &String| unhex(text).ok_or_else(|| "a key is 64 hexadecimal digits".to_owned());
        let sealing = file.sealing.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        if sealing.is_empty() || sealing.len() > 255 {
            return Err("there are 1 to 255 sealing keys".to_owned());
        }
        let sm2 = file.sm2.as_ref().map(key).transpose()?;
        if sm2.is_some_and(|it| PrivateKey::of(&it).is_none()) {
            return Err("sm2 is no private key of the curve".to_owned());
        }
        Ok(Vault::of(Keys { lookup: key(&file.lookup)?, slip: key(&file.slip)?, sealing, sm2 }))
    }

    fn write(&self, path: &Path) -> std::io::Result<()> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let Keys { lookup, slip, sealing, .. } = &self.keys;
        let quoted: Vec<String> = sealing.iter().map(|it| format!("\"{}\"", hex(it))).collect();
        let text = format!(
            "# Keys of this installation. Whoever has them can read the names in its store: keep a copy apart.\n\
             # A new sealing key goes to the end of the list; older ones stay.\n\
             lookup = \"{}\"\nslip = \"{}\"\nsealing = [{}]\n",
            hex(lookup),
            hex(slip),
            quoted.join(", ")
        );
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // Without its name in the folder, a file does not outlive a power cut.
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::File::open(folder)?.sync_all()
    }

    /// Tells these keys from others and says nothing about them. Sealing keys that are added do not change it.
    pub fn check(&self) -> [u8; 32] {
        const WHAT: &[&[u8]] = &[b"gongji key check"];
        let sealing = self.keys.sealing.first().map(|it| mac(keyed(it), WHAT)).unwrap_or_default();
        mac(self.keyed.clone(), &[WHAT[0], &mac(keyed(&self.keys.slip), WHAT), &sealing])
    }

    /// The keyed hash that finds a person.
    pub fn lookup(&self, found: Found, text: &str) -> Lookup {
        let kind: &[u8] = match found {
            Found::PersonNo => b"psn_no:",
            Found::IdDocument => b"id:",
            Found::Card => b"card:",
            Found::CardSerial => b"serial:",
            Found::Code => b"code:",
            Found::Login => b"login:",
        };
        let mac = mac(self.keyed.clone(), &[kind, text.trim().to_ascii_uppercase().as_bytes()]);
        let mut short = [0; 16];
        short.copy_from_slice(&mac[..16]);
        Lookup(short)
    }

    /// The key of slip numbers.
    pub fn slip_key(&self) -> &[u8; 32] {
        &self.keys.slip
    }

    /// Our own SM2 key, with which answers are signed. Unless `sm2` in the key file states another, it follows from the
    /// lookup key: every process and every copy of the key file has the same.
    pub fn answer_key(&self) -> &PrivateKey {
        &self.answer_key
    }

    /// A secret number derived for a purpose, the same each time it is asked for.
    pub fn derived(&self, purpose: &str, text: &str) -> [u8; 32] {
        self.fingerprint(purpose, text.as_bytes())
    }

    /// What tells these bytes from others for a purpose, and says nothing about them to who has not the keys.
    pub fn fingerprint(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        mac(self.keyed.clone(), &[purpose.as_bytes(), b"|", bytes])
    }

    /// Encrypts and authenticates, with the newest key. The nonce must never repeat.
    pub fn seal(&self, nonce: [u8; 12], plain: &[u8]) -> Vec<u8> {
        self.seal_about(b"", nonce, plain)
    }

    /// Seals what is about something: put in another place, it does not open.
    pub fn seal_about(&self, about: &[u8], nonce: [u8; 12], plain: &[u8]) -> Vec<u8> {
        let number = self.ciphers.len() - 1;
        let mut out = Vec::with_capacity(1 + NONCE + plain.len() + TAG);
        out.push(u8::try_from(number).expect("there are at most 255 keys"));
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plain);
        let tag = self.ciphers[number]
            .encrypt_inout_detached(&Nonce::from(nonce), about, (&mut out[1 + NONCE..]).into())
            .expect("messages are far shorter than AES-GCM's limit");
        out.extend_from_slice(&tag);
        out
    }

    /// Opens what [`Vault::seal`] made.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] where it is damaged or the key is missing.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.open_about(b"", sealed)
    }

    /// Opens what [`Vault::seal_about`] made about the same.
    ///
    /// # Errors
    /// [`VaultError::Sealed`] where it is damaged, is about something else, or the key is missing.
    pub fn open_about(&self, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (number, rest) = sealed.split_first().ok_or(VaultError::Sealed)?;
        let cipher = self.ciphers.get(usize::from(*number)).ok_or(VaultError::Sealed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE>().ok_or(VaultError::Sealed)?;
        let (body, tag) = body.split_last_chunk::<TAG>().ok_or(VaultError::Sealed)?;
        let mut plain = body.to_vec();
        let opened = cipher.decrypt_inout_detached(
            &Nonce::from(*nonce),
            about,
            plain.as_mut_slice().into(),
            &Tag::from(*tag),
        );
        opened.map(|()| plain).map_err(|_| VaultError::Sealed)
    }
}

fn keyed(key: &[u8; 32]) -> Keyed {
    <Keyed as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// The SM2 key that follows from the lookup key.
fn derived_key(keyed: &Keyed) -> PrivateKey {
    let number = |attempt: u8| mac(keyed.clone(), &[b"gongji sm2|", &[attempt]]);
    let mut keys = (0..=u8::MAX).filter_map(|it| PrivateKey::of(&number(it)));
    keys.next().expect("one number in four thousand million is no key, and 256 are tried")
}

/// HMAC-SM3 over parts.
fn mac(mut keyed: Keyed, parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().for_each(|it| keyed.update(it));
    keyed.finalize().into_bytes().into()
}

/// Fresh randomness from the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    crate::randomness::fill(&mut bytes);
    bytes
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|it| [it >> 4, it & 15]);
    digits.map(|it| char::from(DIGITS[usize::from(it)])).collect()
}

/// Reads sixty-four hexadecimal digits.
pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    let right = text.len() == 64 && text.bytes().all(|it| it.is_ascii_hexdigit());
    for (at, byte) in key.iter_mut().enumerate().filter(|_| right) {
        *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
    }
    right.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by other software. If this fails, what an earlier version sealed cannot be opened by this one.
    #[test]
    fn seals_and_hashes_are_what_they_always_were() {
        let vault = Vault::seeded(7);
        let sealed = vault.seal_about(b"key", [1; 12], "李明".as_bytes());
        assert_eq!(hex(&sealed), "000101010101010101010101015fed0f838b690751a0e41a3cc5590281b8708594b8c3");
        assert_eq!(hex(&vault.lookup(Found::Card, " c1 ").0), "1d740805b58133d3d141cb162d0806b9");
        assert_eq!(hex(&vault.check()), "4cd3ba545b91f38975c0649cebbf52a7c7872a1b1328b1a1660ba2efe33d12cb");
    }

    /// If this fails, names at rest cannot be read back, or damage goes unnoticed.
    #[test]
    fn what_is_sealed_is_opened_and_damage_is_noticed() {
        let vault = Vault::fresh();
        let mut sealed = vault.seal(random(), "李明".as_bytes());
        assert_eq!(vault.open(&sealed).expect("opens"), "李明".as_bytes());
        let about = vault.seal_about(b"one", random(), b"answer");
        assert_eq!(vault.open_about(b"one", &about).expect("opens"), b"answer");
        assert!(vault.open_about(b"two", &about).is_err() && vault.open(&about).is_err());
        sealed[20] ^= 1;
        assert!(vault.open(&sealed).is_err());
        assert!(vault.open(&[]).is_err());
    }

    #[test]
    fn a_person_is_found_by_the_same_text_only() {
        let vault = Vault::seeded(7);
        let one = vault.lookup(Found::IdDocument, "99000019560220031x ");
        assert_eq!(one, vault.lookup(Found::IdDocument, "99000019560220031X"));
        assert_ne!(one, vault.lookup(Found::Card, "99000019560220031X"));
        assert_ne!(one, Vault::seeded(8).lookup(Found::IdDocument, "99000019560220031X"));
    }

    #[test]
    fn a_key_file_is_written_once_and_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys.toml");
        let made = Vault::open_or_create(&path).expect("makes one");
        let read = Vault::open_or_create(&path).expect("reads it");
        assert_eq!(made.lookup(Found::Card, "C1"), read.lookup(Found::Card, "C1"));
        std::fs::write(&path, "lookup = 'x'\nslip = ''\nsealing = []").expect("writes");
        assert!(matches!(Vault::open_or_create(&path), Err(VaultError::Form(..))));
    }

    /// If this fails, the keys of an older version are refused, or an institution cannot verify answers after a restore.
    #[test]
    fn the_answer_key_follows_from_the_others_unless_it_is_stated() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys.toml");
        let [lookup, slip, sealing, own] = ["07", "08", "09", "11"].map(|it| it.repeat(32));
        let older = format!("lookup = '{lookup}'\nslip = '{slip}'\nsealing = ['{sealing}']\n");
        let open = |more: &str| {
            std::fs::write(&path, format!("{older}{more}")).expect("writes");
            Vault::open_or_create(&path)
        };
        let key = |vault: &Vault| vault.answer_key().public().hex();
        let vault = open("").expect("reads it");
        assert_eq!(key(&vault), key(&Vault::seeded(7)), "the same wherever the same keys are");
        assert_ne!(key(&vault), key(&Vault::seeded(8)));
        let stated = open(&format!("sm2 = '{own}'")).expect("reads it");
        assert_eq!(key(&stated), PrivateKey::of(&[0x11; 32]).expect("a key").public().hex());
        assert_eq!(stated.check(), vault.check(), "the store is used on");
        for wrong in ["00".repeat(32), "ff".repeat(32), "11".to_owned()] {
            assert!(open(&format!("sm2 = '{wrong}'")).is_err(), "{wrong}");
        }
    }
}
