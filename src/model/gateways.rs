//! Private gateways and static routes of VPCs.

use crate::model::{Time, choice, record};
use std::net::Ipv4Addr;

choice! {
    /// The state of a private gateway (`VpcGateway.State`).
    PrivateGatewayState {
        /// Its address is being plugged in.
        Creating = "Creating",
        /// It can be used.
        Ready = "Ready",
        /// It is being taken away.
        Deleting = "Deleting",
    }
}

choice! {
    /// What happens to a private gateway.
    PrivateGatewayEvent {
        /// What was begun succeeded.
        Applied = "Applied",
        /// What was begun failed.
        Failed = "Failed",
        /// It is to be taken away.
        Delete = "Delete",
    }
}

impl PrivateGatewayState {
    /// The state after `event`; `None` where there is no such transition. One that was not made,
    /// or was taken away, has no row.
    pub(crate) const fn next(self, event: PrivateGatewayEvent) -> Option<Self> {
        use PrivateGatewayEvent::*;
        use PrivateGatewayState::*;
        match (self, event) {
            (Creating, Applied) | (Deleting, Failed) => Some(Ready),
            (Ready | Creating, Delete) => Some(Deleting),
            _ => None,
        }
    }
}

record! {
    /// A way out of a VPC into a private network.
    PrivateGateway in "private_gateway" {
        /// The VPC.
        vpc_id: i64,
        /// The zone.
        zone_id: i64,
        /// The account that owns it.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// The physical network under the private network.
        physical_network_id: i64,
        /// What keeps the private network apart, as `vlan://100`.
        vlan: String,
        /// The guest network whose VLAN or VNI that is.
        associated_id: Option<i64>,
        /// The offering that was named.
        offering_id: Option<i64>,
        /// The address of the VPC's router there.
        ip: Ipv4Addr,
        /// The router on the other side.
        gateway: Ipv4Addr,
        /// The netmask of the private network.
        netmask: Ipv4Addr,
        /// Whether traffic leaves with the address of the VPC's router.
        source_nat: bool,
        /// The ACL list of what it lets through.
        acl_id: i64,
        /// Its state.
        state: PrivateGatewayState,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

choice! {
    /// The state of a static route (`StaticRoute.State`).
    StaticRouteState {
        /// It was written down and is not looked at yet.
        Staged = "Staged",
        /// It is about to be set.
        Add = "Add",
        /// It is set.
        Active = "Active",
        /// It is about to be changed.
        Update = "Update",
        /// It is about to be taken away.
        Revoke = "Revoke",
        /// It is gone.
        Deleting = "Deleting",
    }
}

choice! {
    /// What happens to a static route.
    StaticRouteEvent {
        /// Nothing speaks against it.
        Checked = "Checked",
        /// What was begun succeeded.
        Applied = "Applied",
        /// It is to be changed.
        Change = "Change",
        /// It is to be taken away.
        Revoke = "Revoke",
    }
}

impl StaticRouteState {
    /// The state after `event`; `None` where there is no such transition.
    pub(crate) const fn next(self, event: StaticRouteEvent) -> Option<Self> {
        use StaticRouteState::*;
        match (self, event) {
            (Staged, StaticRouteEvent::Checked) => Some(Add),
            (Staged, StaticRouteEvent::Revoke) => Some(Deleting),
            (Add | Update, StaticRouteEvent::Applied) => Some(Active),
            (Active, StaticRouteEvent::Change) => Some(Update),
            (Add | Active | Update, StaticRouteEvent::Revoke) => Some(Revoke),
            (Revoke, StaticRouteEvent::Applied) => Some(Deleting),
            _ => None,
        }
    }
}

record! {
    /// Where the traffic of a VPC to a CIDR elsewhere goes.
    StaticRoute in "static_route" {
        /// The VPC.
        vpc_id: i64,
        /// The private gateway that it goes to.
        gateway_id: Option<i64>,
        /// The address that it goes to, instead of a private gateway.
        next_hop: Option<Ipv4Addr>,
        /// The CIDR as it was given.
        cidr: String,
        /// The account that owns it.
        account_id: i64,
        /// The account's domain.
        domain_id: i64,
        /// Its state.
        state: StaticRouteState,
        /// When it was made.
        created: Time,
        /// When it was removed.
        removed: Option<Time>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_goes_through_no_other_states() {
        use PrivateGatewayEvent::*;
        use PrivateGatewayState::*;
        let known = [
            (Creating, Applied, Ready),
            (Creating, Delete, Deleting),
            (Ready, Delete, Deleting),
            (Deleting, Failed, Ready),
        ];
        for state in PrivateGatewayState::ALL {
            for event in PrivateGatewayEvent::ALL {
                let want = known.iter().find(|(from, on, _)| from == state && on == event);
                assert_eq!(state.next(*event), want.map(|(_, _, to)| *to), "{state} on {event}");
            }
        }
    }

    #[test]
    fn a_route_goes_through_no_other_states() {
        use StaticRouteEvent as Event;
        use StaticRouteState::*;
        let known = [
            (Staged, Event::Checked, Add),
            (Staged, Event::Revoke, Deleting),
            (Add, Event::Applied, Active),
            (Add, Event::Revoke, Revoke),
            (Active, Event::Change, Update),
            (Active, Event::Revoke, Revoke),
            (Update, Event::Applied, Active),
            (Update, Event::Revoke, Revoke),
            (Revoke, Event::Applied, Deleting),
        ];
        for state in StaticRouteState::ALL {
            for event in Event::ALL {
                let want = known.iter().find(|(from, on, _)| from == state && on == event);
                assert_eq!(state.next(*event), want.map(|(_, _, to)| *to), "{state} on {event}");
            }
        }
    }
}
