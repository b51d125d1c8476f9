//! What is kept from others for a while, or for good: addresses that were given up, and the VLANs
//! of an account.

use crate::model::{Time, record};

record! {
    /// An address that was given up and that only the account that had it may take again, until
    /// an end.
    Quarantine in "quarantine" {
        /// The range of the address.
        range_id: i64,
        /// Its place in the range.
        place: i64,
        /// The account that had it.
        account_id: i64,
        /// Until when it is kept from others.
        ends: Time,
        /// Why it is over.
        reason: Option<String>,
        /// The account that ended it.
        remover_id: Option<i64>,
        /// When it was given up.
        created: Time,
        /// When it was over.
        removed: Option<Time>,
    }
}

record! {
    /// VLANs or VNIs of a physical network that only the networks of one account get.
    GuestVlanRange in "guest_vlan_range" {
        /// The physical network.
        physical_network_id: i64,
        /// The account.
        account_id: i64,
        /// The first of them, inclusive.
        first: i64,
        /// The last of them, inclusive.
        last: i64,
        /// When they were dedicated.
        created: Time,
        /// When they were released.
        removed: Option<Time>,
    }
}
