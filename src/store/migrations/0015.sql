-- IPv6, routed IPv4, BGP.

-- An IPv6 prefix of a zone, from which its guest networks get their /64s. Its number is that of its
-- pool.
CREATE TABLE ip6_prefix (
    id @id, zone_id @big NOT NULL REFERENCES zone (id), prefix @name NOT NULL,
    created @big NOT NULL, removed @big, live @live,
    UNIQUE (zone_id, prefix, live)
);
-- A /64 that a guest network has. prefix_id: the prefix that it was cut from. place: its place in
-- that prefix, counted in /64s from 0. network_id: the network.
CREATE TABLE ip6_subnet (
    prefix_id @big NOT NULL REFERENCES ip6_prefix (id), place @big NOT NULL,
    network_id @big NOT NULL, created @big NOT NULL,
    PRIMARY KEY (prefix_id, place),
    UNIQUE (network_id)
) @clustered;
-- The public IPv6 address of a router. range_id: the range whose subnet it lies in. ip: the
-- address. mac: the MAC address that it follows from. network_id: the network whose router it is.
-- vpc_id: the VPC whose router it is, for all its tiers.
CREATE TABLE ip6_router (
    range_id @big NOT NULL REFERENCES vlan_range (id), ip @name NOT NULL, mac @name NOT NULL,
    network_id @big, vpc_id @big, created @big NOT NULL,
    PRIMARY KEY (range_id, ip),
    UNIQUE (network_id),
    UNIQUE (vpc_id),
    CONSTRAINT ip6_router_is_of_one CHECK ((network_id IS NULL) <> (vpc_id IS NULL))
) @clustered;

-- A firewall rule of a whole network: of IPv6, or of a network in the mode ROUTED.
CREATE TABLE network_rule (
    id @id, purpose @name NOT NULL, direction @name NOT NULL, network_id @big NOT NULL,
    account_id @big NOT NULL, domain_id @big NOT NULL, protocol @name NOT NULL, first_port @big,
    last_port @big, icmp_type @big, icmp_code @big, sources @text NOT NULL,
    destinations @text NOT NULL, display @flag NOT NULL, created @big NOT NULL, removed @big,
    CONSTRAINT network_rule_purpose CHECK (purpose IN ('Ipv6Firewall', 'Firewall')),
    CONSTRAINT network_rule_direction CHECK (direction IN ('Ingress', 'Egress')),
    CONSTRAINT network_rule_ports CHECK
        ((first_port IS NULL) = (last_port IS NULL) AND first_port <= last_port)
);
CREATE INDEX network_rule_network ON network_rule (network_id, removed);

-- How the routers of an offering's networks learn routes, and whether their AS number is named.
ALTER TABLE network_offering ADD COLUMN routing_mode @name;
ALTER TABLE network_offering ADD COLUMN specify_as_number @flag NOT NULL DEFAULT 0;
ALTER TABLE vpc_offering ADD COLUMN routing_mode @name;
ALTER TABLE vpc_offering ADD COLUMN specify_as_number @flag NOT NULL DEFAULT 0;

-- AS numbers of a zone. Its number is that of its pool.
CREATE TABLE asn_range (
    id @id, zone_id @big NOT NULL REFERENCES zone (id), first @big NOT NULL, last @big NOT NULL,
    created @big NOT NULL, removed @big,
    CONSTRAINT asn_range_is_ordered CHECK (first <= last)
);
CREATE INDEX asn_range_zone ON asn_range (zone_id, removed);
-- An AS number that a network or a VPC has. range_id: the range that it is of. number: the AS
-- number. zone_id: the zone. network_id: the network. vpc_id: the VPC. account_id: the owner.
-- domain_id: the owner's domain. allocated: since when, in milliseconds since 1970.
CREATE TABLE as_number (
    range_id @big NOT NULL REFERENCES asn_range (id), number @big NOT NULL,
    zone_id @big NOT NULL, network_id @big, vpc_id @big, account_id @big NOT NULL,
    domain_id @big NOT NULL, allocated @big NOT NULL,
    PRIMARY KEY (range_id, number),
    UNIQUE (zone_id, number),
    UNIQUE (network_id),
    UNIQUE (vpc_id),
    CONSTRAINT as_number_is_of_one CHECK ((network_id IS NULL) <> (vpc_id IS NULL))
) @clustered;
-- A router outside, to which the routers of guest networks tell their routes.
CREATE TABLE bgp_peer (
    id @id, zone_id @big NOT NULL REFERENCES zone (id), ip @big, ip6 @name,
    as_number @big NOT NULL, details @text NOT NULL, account_id @big,
    domain_id @big, created @big NOT NULL, removed @big, live @live,
    UNIQUE (zone_id, as_number, ip, live),
    UNIQUE (zone_id, as_number, ip6, live),
    CONSTRAINT bgp_peer_has_an_address CHECK (ip IS NOT NULL OR ip6 IS NOT NULL)
);
-- A network or a VPC whose router speaks with a BGP peer. peer_id: the peer. holder: network or
-- vpc. holder_id: which.
CREATE TABLE bgp_peer_use (
    peer_id @big NOT NULL REFERENCES bgp_peer (id), holder @name NOT NULL,
    holder_id @big NOT NULL,
    PRIMARY KEY (peer_id, holder, holder_id),
    CONSTRAINT bgp_peer_use_holder CHECK (holder IN ('network', 'vpc'))
) @clustered;
CREATE INDEX bgp_peer_use_holder_id ON bgp_peer_use (holder, holder_id);

-- IPv4 subnets of a zone, from which its routed networks get theirs.
CREATE TABLE ip4_zone_subnet (
    id @id, zone_id @big NOT NULL REFERENCES zone (id), subnet @name NOT NULL,
    account_id @big, domain_id @big, created @big NOT NULL, removed @big, live @live,
    UNIQUE (zone_id, subnet, live)
);
-- An IPv4 subnet for a routed network or VPC.
CREATE TABLE ip4_network_subnet (
    id @id, zone_id @big NOT NULL REFERENCES zone (id),
    parent_id @big REFERENCES ip4_zone_subnet (id), subnet @name NOT NULL, network_id @big,
    vpc_id @big, allocated @big, created @big NOT NULL, removed @big, live @live,
    UNIQUE (zone_id, subnet, live),
    UNIQUE (network_id, live),
    UNIQUE (vpc_id, live),
    CONSTRAINT ip4_network_subnet_is_of_one CHECK (network_id IS NULL OR vpc_id IS NULL)
);
