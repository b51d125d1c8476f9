-- Private gateways and static routes of VPCs, and the tags of all things.

-- A way out of a VPC into a private network, and the address that its router has there. Of the
-- living ones in a VLAN of a physical network no two have one address.
CREATE TABLE private_gateway (
    id @id, vpc_id @big NOT NULL REFERENCES vpc (id), zone_id @big NOT NULL,
    account_id @big NOT NULL, domain_id @big NOT NULL, physical_network_id @big NOT NULL,
    vlan @name NOT NULL, associated_id @big, offering_id @big, ip @big NOT NULL,
    gateway @big NOT NULL, netmask @big NOT NULL, source_nat @flag NOT NULL,
    acl_id @big NOT NULL REFERENCES acl (id), state @name NOT NULL, created @big NOT NULL,
    removed @big, live @live,
    UNIQUE (physical_network_id, vlan, ip, live),
    CONSTRAINT private_gateway_state CHECK (state IN ('Creating', 'Ready', 'Deleting'))
);
CREATE INDEX private_gateway_vpc ON private_gateway (vpc_id, removed);
CREATE INDEX private_gateway_associated ON private_gateway (associated_id, removed);
-- Where the traffic of a VPC to a CIDR elsewhere goes: to a private gateway, or to an address.
CREATE TABLE static_route (
    id @id, vpc_id @big NOT NULL REFERENCES vpc (id),
    gateway_id @big REFERENCES private_gateway (id), next_hop @big, cidr @name NOT NULL,
    account_id @big NOT NULL, domain_id @big NOT NULL, state @name NOT NULL,
    created @big NOT NULL, removed @big,
    CONSTRAINT static_route_way CHECK ((gateway_id IS NULL) <> (next_hop IS NULL)),
    CONSTRAINT static_route_state CHECK (state IN ('Staged', 'Add', 'Active', 'Update', 'Revoke',
        'Deleting'))
);
CREATE INDEX static_route_vpc ON static_route (vpc_id, removed);
CREATE INDEX static_route_gateway ON static_route (gateway_id, removed);
-- A word that somebody has put on a thing. Nothing has two of one key, whatever the letter case.
CREATE TABLE tag (
    id @id, kind @big NOT NULL, a @big NOT NULL, b @big NOT NULL, name @name NOT NULL,
    value @name NOT NULL, folded_name @name NOT NULL, folded_value @name NOT NULL,
    customer @name, account_id @big NOT NULL, domain_id @big NOT NULL,
    UNIQUE (kind, a, b, folded_name)
);
CREATE INDEX tag_value ON tag (folded_name, kind);
CREATE INDEX tag_account ON tag (account_id);
