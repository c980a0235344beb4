//! The chain that makes the books tamper-evident: every lane hashes its records in blocks with SM3, each block over
//! the one before, over journals, digests of what was
//! asked and known, and salted digests of decisions, never over ciphertext (design §4).

use crate::decision::Turn;
use crate::ids::{Digest, Serial};
use crate::ledger::Journal;
use crate::request::Request;
use serde::{Deserialize, Serialize};

/// A block: what one lane committed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The lane.
    pub lane: u16,
    /// Its number in the lane, from 1.
    pub number: u64,
    /// Hash of the block before; all zeros before the first.
    pub previous: Digest,
    /// Hash of this block.
    pub hash: Digest,
}

/// What a block seals of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed<'a> {
    /// The record's serial.
    pub serial: Serial,
    /// Its journal, if money moved.
    pub journal: Option<&'a Journal>,
    /// Digest of what was asked, on which facts, by which law: [`content_digest`].
    pub content: Digest,
    /// Digest of its decision and salt.
    pub decision: Digest,
}

/// The block before the first of a lane.
pub const fn genesis(lane: u16) -> Block {
    Block { lane, number: 0, previous: Digest([0; 32]), hash: Digest([0; 32]) }
}

/// The next block of a lane over these records.
pub fn next(before: &Block, records: &[Sealed<'_>]) -> Block {
    let number = before.number + 1;
    let mut parts: Vec<Vec<u8>> =
        vec![before.lane.to_be_bytes().to_vec(), number.to_be_bytes().to_vec(), before.hash.0.to_vec()];
    for record in records {
        parts.push(record.serial.0.to_be_bytes().to_vec());
        parts.push(record.journal.map(canonical).unwrap_or_default());
        parts.push(record.content.0.to_vec());
        parts.push(record.decision.0.to_vec());
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Block { lane: before.lane, number, previous: before.hash, hash: Digest::of(&parts) }
}

/// The digest of a decision that a block seals: salted, so that it says nothing about a case to who does not hold it.
/// `decided` is the encoded [`crate::decision::Decision`].
pub fn decision_digest(salt: &[u8; 16], turn: Turn, decided: &[u8]) -> Digest {
    Digest::of(&[salt, &encode(&turn), decided])
}

/// The digest of everything a decision was made from: who asked what under which key, the encoded facts, the deciding
/// code and the law book. Only where all of these are sealed does deciding again prove anything. `asked` is the encoded
/// pair of actor and body.
pub fn content_digest(request: &Request, asked: &[u8], facts: &[u8], engine: u16, law: Digest) -> Digest {
    Digest::of(&[&encode(&request.key), asked, &request.digest.0, facts, &engine.to_be_bytes(), &law.0])
}

/// The canonical bytes of a journal.
pub fn canonical(journal: &Journal) -> Vec<u8> {
    encode(journal)
}

/// The version of the compact encoding that [`encode`] writes.
pub const ENCODING: u8 = 1;

/// The compact encoding of facts, requests and decisions: one byte of version, then the fields in order.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = vec![ENCODING];
    bytes.extend(postcard::to_stdvec(value).expect("facts, requests and decisions are plain data"));
    bytes
}

/// Bytes that are no value of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stored bytes are damaged or of an encoding this version does not know")]
pub struct Undecodable;

/// Reads what [`encode`] wrote.
///
/// # Errors
/// [`Undecodable`] for damaged bytes and unknown versions.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Undecodable> {
    match bytes.split_first() {
        Some((&ENCODING, rest)) => postcard::from_bytes(rest).map_err(|_| Undecodable),
        Some(_) | None => Err(Undecodable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// If this fails, a record could be changed, dropped or moved without the chain showing it.
    #[test]
    fn a_block_depends_on_everything_before_and_in_it() {
        let record = |serial: u64, byte: u8| Sealed {
            serial: Serial(serial),
            journal: None,
            content: Digest([0; 32]),
            decision: Digest([byte; 32]),
        };
        let first = next(&genesis(1), &[record(1, 1), record(2, 2)]);
        let others = [
            next(&genesis(2), &[record(1, 1), record(2, 2)]),
            next(&genesis(1), &[record(2, 2), record(1, 1)]),
            next(&genesis(1), &[record(1, 1)]),
            next(&genesis(1), &[record(1, 1), record(2, 3)]),
            next(&first, &[record(1, 1), record(2, 2)]),
        ];
        let moved = Sealed { content: Digest([1; 32]), ..record(1, 1) };
        assert_ne!(next(&genesis(1), &[moved, record(2, 2)]).hash, first.hash);
        assert!(others.iter().all(|it| it.hash != first.hash));
        assert_eq!(next(&first, &[]).previous, first.hash);
    }
}
