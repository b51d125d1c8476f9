-- Words with @ are types that servers write differently; dialect.rs has them.
-- removed: milliseconds since the epoch, NULL while the thing lives. live: 1 then, else NULL, so
-- that UNIQUE holds among the living only.

-- This installation: one row. uid_key: the key of the ids that the API shows.
CREATE TABLE installation (uid_key @bits NOT NULL);

-- How many of something an owner has. owner: account, domain or range. owner_id: the row of the
-- owner. what: what is counted, as public_ip. n: how many there are.
CREATE TABLE counter (
    owner @name NOT NULL, owner_id @big NOT NULL, what @name NOT NULL, n @big NOT NULL,
    PRIMARY KEY (owner, owner_id, what),
    CONSTRAINT counter_is_never_negative CHECK (n >= 0)
) @clustered;

-- A pool of numbers from 0, of which some are taken: the addresses of a range, or the VLANs and
-- VNIs of a physical network. kind: address, portable, pod or vnet.
CREATE TABLE pool (id @id, kind @name NOT NULL);
-- Which 4096 numbers of a pool are taken; a chunk without a row is free. pool_id: the pool. chunk:
-- which chunk, from 0. open: whether any number is free. bits: a bit for each number, 1 where it
-- is taken.
CREATE TABLE chunk (
    pool_id @big NOT NULL, chunk @big NOT NULL, open @flag NOT NULL, bits @bits NOT NULL,
    PRIMARY KEY (pool_id, chunk)
) @clustered;
CREATE INDEX chunk_full ON chunk (pool_id, open, chunk);

-- A setting that has another value than its default. scope: global, zone, domain or account.
-- scope_id: the row of the place, 0 for global. name: the key, as network.gc.wait. value: the
-- value.
CREATE TABLE setting (
    scope @name NOT NULL, scope_id @big NOT NULL, name @name NOT NULL, value @text NOT NULL,
    PRIMARY KEY (scope, scope_id, name)
) @clustered;

CREATE TABLE region (
    id @id, name @name NOT NULL, endpoint @text NOT NULL, portable @flag NOT NULL
);
CREATE TABLE role (
    id @id, name @name NOT NULL, type @name NOT NULL, description @text NOT NULL,
    is_default @flag NOT NULL, is_public @flag NOT NULL, state @name NOT NULL, created @big NOT NULL, removed @big
);
CREATE TABLE domain (
    id @id, parent_id @big REFERENCES domain (id), name @name NOT NULL, path @text NOT NULL,
    level @big NOT NULL, state @name NOT NULL, network_domain @name, created @big NOT NULL,
    removed @big, live @live,
    UNIQUE (parent_id, name, live)
);
CREATE TABLE account (
    id @id, name @name NOT NULL, type @big NOT NULL, domain_id @big NOT NULL REFERENCES domain (id),
    role_id @big NOT NULL REFERENCES role (id), state @name NOT NULL, network_domain @name,
    is_default @flag NOT NULL, created @big NOT NULL, removed @big, live @live,
    UNIQUE (domain_id, name, live)
);
CREATE TABLE user (
    id @id, account_id @big NOT NULL REFERENCES account (id), username @name NOT NULL,
    firstname @name NOT NULL, lastname @name NOT NULL, email @name, timezone @name,
    state @name NOT NULL, is_default @flag NOT NULL, created @big NOT NULL, removed @big
);
-- How many of something an owner may have, where that is not the default. owner: account or
-- domain. owner_id: the row of the owner. what: what is limited, as public_ip. max: how many there
-- may be, -1 for any number.
CREATE TABLE resource_limit (
    owner @name NOT NULL, owner_id @big NOT NULL, what @name NOT NULL, max @big NOT NULL,
    PRIMARY KEY (owner, owner_id, what)
) @clustered;

CREATE TABLE zone (
    id @id, name @name NOT NULL, network_type @name NOT NULL, dns1 @name NOT NULL, dns2 @name,
    ip6_dns1 @name, ip6_dns2 @name, internal_dns1 @name NOT NULL, internal_dns2 @name,
    guest_cidr @name, network_domain @name, domain_id @big REFERENCES domain (id),
    state @name NOT NULL, dhcp_provider @name NOT NULL, local_storage @flag NOT NULL,
    security_groups @flag NOT NULL, created @big NOT NULL, removed @big, live @live,
    UNIQUE (name, live),
    CONSTRAINT zone_network_type CHECK (network_type IN ('Basic', 'Advanced')),
    CONSTRAINT zone_state CHECK (state IN ('Enabled', 'Disabled'))
);
CREATE TABLE physical_network (
    id @id, zone_id @big NOT NULL REFERENCES zone (id), name @name NOT NULL, state @name NOT NULL,
    isolation @name NOT NULL, vnets @text NOT NULL, vnet_pool @big NOT NULL REFERENCES pool (id),
    broadcast_domain @name NOT NULL, speed @name, tags @text NOT NULL,
    domain_id @big REFERENCES domain (id), created @big NOT NULL, removed @big
);
CREATE INDEX physical_network_zone ON physical_network (zone_id);
-- A VLAN or VNI in use; a free one has no row. physical_network_id: the physical network. vnet:
-- the VLAN or VNI. network_id: the network that uses it. account_id: the account of that network.
-- taken: when it was taken, in milliseconds since 1970.
CREATE TABLE vnet (
    physical_network_id @big NOT NULL, vnet @big NOT NULL, network_id @big NOT NULL,
    account_id @big NOT NULL, taken @big NOT NULL,
    PRIMARY KEY (physical_network_id, vnet)
) @clustered;
CREATE TABLE traffic_type (
    id @id, physical_network_id @big NOT NULL REFERENCES physical_network (id), type @name NOT NULL,
    xenserver @name, kvm @name, vmware @name, hyperv @name, ovm3 @name, vlan @name, removed @big, live @live,
    UNIQUE (physical_network_id, type, live),
    CONSTRAINT traffic_type_type CHECK
        (type IN ('Public', 'Management', 'Storage', 'Guest', 'Control'))
);
CREATE TABLE pod (
    id @id, zone_id @big NOT NULL REFERENCES zone (id), name @name NOT NULL, gateway @big NOT NULL,
    netmask @big NOT NULL, first @big NOT NULL, last @big NOT NULL, state @name NOT NULL,
    pool_id @big NOT NULL REFERENCES pool (id), created @big NOT NULL, removed @big, live @live,
    UNIQUE (zone_id, name, live),
    CONSTRAINT pod_range_is_ordered CHECK (first <= last)
);

CREATE TABLE network_offering (
    id @id, name @name NOT NULL, display_text @text NOT NULL, traffic_type @name NOT NULL,
    guest_type @name NOT NULL, is_default @flag NOT NULL, availability @name NOT NULL,
    state @name NOT NULL, specify_vlan @flag NOT NULL, specify_ip_ranges @flag NOT NULL,
    conserve_mode @flag NOT NULL, persistent @flag NOT NULL, for_vpc @flag NOT NULL,
    egress_allow @flag NOT NULL, network_rate @big, tags @text, max_connections @big,
    services @text NOT NULL, internet_protocol @name NOT NULL, network_mode @name,
    sort_key @big NOT NULL, created @big NOT NULL, removed @big, live @live,
    UNIQUE (name, live),
    CONSTRAINT network_offering_state CHECK (state IN ('Enabled', 'Disabled', 'Inactive')),
    CONSTRAINT network_offering_guest_type CHECK (guest_type IN ('Isolated', 'Shared', 'L2'))
);
CREATE TABLE vpc_offering (
    id @id, name @name NOT NULL, display_text @text NOT NULL, is_default @flag NOT NULL,
    state @name NOT NULL, redundant @flag NOT NULL, distributed @flag NOT NULL,
    region_level @flag NOT NULL, services @text NOT NULL, internet_protocol @name NOT NULL,
    network_mode @name, sort_key @big NOT NULL, created @big NOT NULL, removed @big, live @live,
    UNIQUE (name, live),
    CONSTRAINT vpc_offering_state CHECK (state IN ('Enabled', 'Disabled'))
);
CREATE TABLE vpc (
    id @id, name @name NOT NULL, display_text @text NOT NULL,
    zone_id @big NOT NULL REFERENCES zone (id), account_id @big NOT NULL REFERENCES account (id),
    domain_id @big NOT NULL REFERENCES domain (id),
    offering_id @big NOT NULL REFERENCES vpc_offering (id), cidr @name NOT NULL,
    state @name NOT NULL, network_domain @name, restart_required @flag NOT NULL,
    redundant @flag NOT NULL, display @flag NOT NULL, public_mtu @big NOT NULL, dns1 @name,
    dns2 @name, ip6_dns1 @name, ip6_dns2 @name, created @big NOT NULL, removed @big,
    CONSTRAINT vpc_state CHECK (state IN ('Enabled', 'Inactive'))
);
CREATE INDEX vpc_zone ON vpc (zone_id, removed, cidr);
CREATE TABLE acl (
    id @id, name @name NOT NULL, description @text NOT NULL, vpc_id @big, display @flag NOT NULL,
    removed @big
);
CREATE INDEX acl_vpc ON acl (vpc_id);
CREATE TABLE network (
    id @id, name @name NOT NULL, display_text @text NOT NULL,
    zone_id @big NOT NULL REFERENCES zone (id), physical_network_id @big, offering_id @big,
    vpc_id @big REFERENCES vpc (id), acl_id @big, account_id @big NOT NULL REFERENCES account (id),
    domain_id @big NOT NULL REFERENCES domain (id), traffic_type @name NOT NULL, guest_type @name,
    state @name NOT NULL, gateway @big, cidr @name, network_cidr @name, ip6_gateway @name,
    ip6_cidr @name, broadcast_uri @name, network_domain @name, acl_type @name,
    restart_required @flag NOT NULL, display @flag NOT NULL, dns1 @name, dns2 @name,
    ip6_dns1 @name, ip6_dns2 @name, public_mtu @big, private_mtu @big, system @flag NOT NULL,
    redundant @flag NOT NULL, created @big NOT NULL, removed @big,
    CONSTRAINT network_state CHECK (state IN
        ('Allocated', 'Setup', 'Implementing', 'Implemented', 'Shutdown', 'Destroy')),
    CONSTRAINT network_vni_only_when_implemented CHECK
        (broadcast_uri IS NULL OR state <> 'Allocated' OR removed IS NOT NULL)
);
CREATE INDEX network_zone ON network (zone_id, traffic_type);
CREATE INDEX network_vpc ON network (vpc_id, removed);
CREATE INDEX network_account ON network (account_id, zone_id);
CREATE INDEX network_name ON network (name, account_id);
CREATE INDEX network_uri ON network (broadcast_uri, zone_id);

-- A range of addresses: two numbers, however many addresses it has. Its row number is its pool's.
CREATE TABLE vlan_range (
    id @id, zone_id @big NOT NULL REFERENCES zone (id), physical_network_id @big NOT NULL,
    network_id @big NOT NULL REFERENCES network (id), pod_id @big, type @name NOT NULL,
    vlan @name NOT NULL, gateway @big, netmask @big, first @big, last @big, ip6_gateway @name,
    ip6_cidr @name, ip6_first @name, ip6_last @name, account_id @big REFERENCES account (id),
    domain_id @big REFERENCES domain (id), for_system_vms @flag NOT NULL, portable @flag NOT NULL,
    created @big NOT NULL, removed @big,
    CONSTRAINT vlan_range_is_ordered CHECK (first <= last),
    CONSTRAINT vlan_range_is_whole CHECK
        ((first IS NULL) = (last IS NULL) AND (first IS NULL) = (gateway IS NULL)
         AND (first IS NULL) = (netmask IS NULL)),
    CONSTRAINT vlan_range_type CHECK (type IN ('VirtualNetwork', 'DirectAttached'))
);
CREATE INDEX vlan_range_zone ON vlan_range (zone_id, type, removed, id);
CREATE INDEX vlan_range_network ON vlan_range (network_id);

-- A held address; a free one has no row. The primary key is what makes a second holder impossible.
-- range_id: the range. place: its offset in the subnet of the range, from 0. state: 1 Allocating,
-- 2 Allocated, 3 Releasing, 4 Reserved. account_id: the holder. domain_id: the domain of the
-- holder. network_id: the network that it is associated with. vpc_id: the VPC that it belongs to.
-- allocated: when it was taken, in milliseconds since 1970. source_nat: whether outgoing traffic
-- of its network or VPC carries it. static_nat: whether it is translated to one guest, port for
-- port. system: whether the system took it for itself. display: whether its holder sees it. vm_id:
-- the VM of the static NAT. vm_ip: the address of that VM.
CREATE TABLE address (
    range_id @big NOT NULL, place @big NOT NULL, state @flag NOT NULL, account_id @big NOT NULL,
    domain_id @big NOT NULL, network_id @big, vpc_id @big, allocated @big NOT NULL,
    source_nat @flag NOT NULL, static_nat @flag NOT NULL, system @flag NOT NULL,
    display @flag NOT NULL, vm_id @big, vm_ip @big,
    PRIMARY KEY (range_id, place),
    CONSTRAINT address_state CHECK (state IN (1, 2, 3, 4)),
    CONSTRAINT address_reserved_has_no_network CHECK
        (state <> 4 OR (network_id IS NULL AND vpc_id IS NULL)),
    CONSTRAINT address_source_nat_belongs_to_a_network CHECK
        (source_nat = 0 OR network_id IS NOT NULL OR vpc_id IS NOT NULL),
    CONSTRAINT address_one_nat_at_most CHECK (source_nat = 0 OR static_nat = 0),
    CONSTRAINT address_place CHECK (place >= 0)
) @clustered;
CREATE INDEX address_network ON address (network_id, source_nat) @where(network_id IS NOT NULL);
CREATE INDEX address_vpc ON address (vpc_id, source_nat) @where(vpc_id IS NOT NULL);

CREATE TABLE portable_range (
    id @id, region_id @big NOT NULL REFERENCES region (id), vlan @name NOT NULL, gateway @big NOT NULL,
    netmask @big NOT NULL, first @big NOT NULL, last @big NOT NULL, created @big NOT NULL,
    removed @big,
    CONSTRAINT portable_range_is_ordered CHECK (first <= last)
);

CREATE TABLE job (
    id @id, cmd @name NOT NULL, user_id @big NOT NULL, account_id @big NOT NULL,
    status @big NOT NULL, result_code @big NOT NULL, result @text, instance_type @name,
    instance @name, created @big NOT NULL, completed @big,
    CONSTRAINT job_status CHECK (status IN (0, 1, 2, 3))
);
CREATE TABLE event (
    id @id, type @name NOT NULL, state @name NOT NULL, level @name NOT NULL,
    description @text NOT NULL, account_id @big NOT NULL, domain_id @big NOT NULL,
    user_id @big NOT NULL, start_id @big, resource_kind @big, resource_a @big, resource_b @big,
    created @big NOT NULL, archived @flag NOT NULL
);
-- An id that somebody chose instead of the encoded one. kind: the kind of thing. a: the first
-- number of the encoded id. b: the second number. uuid: the id.
CREATE TABLE alias (
    kind @big NOT NULL, a @big NOT NULL, b @big NOT NULL, uuid @name NOT NULL UNIQUE,
    PRIMARY KEY (kind, a, b)
) @clustered;
