//! Pure arithmetic over addresses, blocks, ranges, tags and sets of ids.
//!
//! Nothing here allocates an address: this room only counts. Every range is inclusive at both
//! ends, and nothing panics or overflows at the edges of the address space. Blocks and ranges
//! are small values: comparisons take the other one as it comes, by value or by reference.

pub(crate) mod addr;
pub(crate) mod block;
pub(crate) mod cidr4;
pub(crate) mod cidr6;
pub(crate) mod error;
mod gap;
pub(crate) mod id_set;
pub(crate) mod isolation;
pub(crate) mod range4;
pub(crate) mod vlan;

pub(crate) use addr::{parse4, parse6};
pub(crate) use block::Block;
pub(crate) use cidr4::{Cidr4, next_free};
pub(crate) use cidr6::Cidr6;
pub(crate) use error::NetError;
pub(crate) use id_set::IdSet;
pub(crate) use isolation::IsolationMethod;
pub(crate) use range4::Range4;
pub(crate) use vlan::VlanTag;

/// Parses a prefix length: decimal digits without sign or leading zeros.
fn prefix_len(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}
