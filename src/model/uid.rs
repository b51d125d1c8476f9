//! Ids as the API shows them: a reversible encoding of (kind, two numbers) under the key of the
//! installation, in the shape of a version 8 UUID (RFC 9562, section 5.8).
//!
//! So a free address has a stable id without a row, a look-up by id needs no index, and an id that
//! was never issued is told from one of something that is gone. The key keeps ids of different
//! installations apart and neighbours unlike each other; it is no secret that protects anything.

use crate::model::EntityKind;
use siphasher::sip::SipHasher24;
use std::fmt;
use std::hash::Hasher;

/// An id: 128 bits, shown as 8-4-4-4-12 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Uid(u128);

/// The key of an installation, chosen at random when its store is made.
#[derive(Clone, Copy)]
pub(crate) struct UidKey([u8; 16]);

/// Bits of one half of what is shuffled; both halves are all of a UUID but version and variant.
const HALF: u32 = 61;
const HALF_MASK: u64 = (1 << HALF) - 1;
/// Passes of the Feistel network; four make a strong pseudo-random permutation (Luby and Rackoff).
const ROUNDS: u8 = 4;
/// Bits of the first number; the second has 64, the kind 8, and the ten left over must be zero.
const FIRST_BITS: u32 = 40;

impl Uid {
    /// Reads 8-4-4-4-12 hexadecimal digits in any letter case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return None;
        }
        let mut bits: u128 = 0;
        for (at, byte) in bytes.iter().enumerate() {
            if matches!(at, 8 | 13 | 18 | 23) {
                if *byte != b'-' {
                    return None;
                }
                continue;
            }
            bits = bits << 4 | u128::from(char::from(*byte).to_digit(16)?);
        }
        Some(Self(bits))
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let places = (0..36).filter(|at| !matches!(at, 8 | 13 | 18 | 23));
        for (digit, at) in places.enumerate() {
            let nibble = (self.0 >> (124 - 4 * digit)) & 0xf;
            text[at] = DIGITS[usize::try_from(nibble).unwrap_or(0)];
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or("?"))
    }
}

impl serde::Serialize for Uid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl UidKey {
    /// The key made of these bytes.
    pub(crate) const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The id of (`kind`, `a`, `b`). Of `a` only the low 40 bits count.
    pub(crate) fn encode(&self, kind: EntityKind, a: u64, b: u64) -> Uid {
        let plain = u128::from(kind as u8) << (FIRST_BITS + 64)
            | u128::from(a & ((1 << FIRST_BITS) - 1)) << 64
            | u128::from(b);
        let (mut left, mut right) = halves(plain);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.mix(round, right));
        }
        Uid(dress(u128::from(left) << HALF | u128::from(right)))
    }

    /// The numbers that `uid` was made of, if it was made by this key for this kind.
    pub(crate) fn decode(&self, kind: EntityKind, uid: Uid) -> Option<(u64, u64)> {
        let (mut left, mut right) = halves(undress(uid.0)?);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.mix(round, left), left);
        }
        let plain = u128::from(left) << HALF | u128::from(right);
        let b = u64::try_from(plain & u128::from(u64::MAX)).ok()?;
        let rest = u64::try_from(plain >> 64).ok()?;
        let a = rest & ((1 << FIRST_BITS) - 1);
        (rest >> FIRST_BITS == u64::from(kind as u8)).then_some((a, b))
    }

    /// The kind of thing that `uid` names, if it was made by this key at all.
    pub(crate) fn kind_of(&self, uid: Uid) -> Option<EntityKind> {
        EntityKind::ALL.iter().copied().find(|kind| self.decode(*kind, uid).is_some())
    }

    fn mix(&self, round: u8, half: u64) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.0);
        hasher.write_u8(round);
        hasher.write_u64(half);
        hasher.finish() & HALF_MASK
    }
}

impl fmt::Debug for UidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UidKey")
    }
}

fn halves(bits: u128) -> (u64, u64) {
    let mask = u128::from(HALF_MASK);
    let half = |value: u128| u64::try_from(value & mask).unwrap_or(0);
    (half(bits >> HALF), half(bits))
}

/// Puts version 8 and the variant of RFC 9562 around 122 bits.
const fn dress(bits: u128) -> u128 {
    let high = bits >> 74;
    let middle = bits >> 62 & 0xfff;
    let low = bits & ((1 << 62) - 1);
    high << 80 | 0x8 << 76 | middle << 64 | 0b10 << 62 | low
}

/// Takes them off again; `None` when they are not there.
const fn undress(bits: u128) -> Option<u128> {
    if bits >> 76 & 0xf != 0x8 || bits >> 62 & 0b11 != 0b10 {
        return None;
    }
    Some((bits >> 80) << 74 | (bits >> 64 & 0xfff) << 62 | bits & ((1 << 62) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: UidKey = UidKey::new(*b"an install's key");

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(a in 0u64..1 << 40, b: u64, at in 0..EntityKind::ALL.len()) {
            let kind = EntityKind::ALL[at];
            let uid = KEY.encode(kind, a, b);
            let text = uid.to_string();
            prop_assert_eq!(&text[14..15], "8");
            prop_assert!(matches!(&text[19..20], "8" | "9" | "a" | "b"));
            let read = Uid::parse(&text).unwrap();
            prop_assert_eq!(read, uid);
            prop_assert_eq!(KEY.decode(kind, read), Some((a, b)));
            prop_assert_eq!(KEY.kind_of(read), Some(kind));
        }

        #[test]
        fn what_was_not_issued_is_hardly_ever_taken_for_an_id(bits: u128) {
            let uid = Uid(bits & !(0xf << 76) | 0x4 << 76);
            prop_assert_eq!(KEY.kind_of(uid), None, "version 4 is none of ours");
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = Uid::parse(&text);
        }
    }

    #[test]
    fn another_key_makes_other_ids_and_reads_none_of_ours() {
        let other = UidKey::new(*b"another one's ke");
        let strays = (0..10_000)
            .filter(|n| other.kind_of(KEY.encode(EntityKind::Zone, 0, *n)).is_some())
            .count();
        // Eighteen bits of kind and zeros must fit by chance, for any of the kinds.
        assert!(strays <= 5, "{strays} of 10,000 foreign ids were taken for ours");
    }

    #[test]
    fn neighbours_do_not_look_alike() {
        let one = KEY.encode(EntityKind::Address, 1, 1).0;
        let two = KEY.encode(EntityKind::Address, 1, 2).0;
        assert!((one ^ two).count_ones() > 30);
    }
}
