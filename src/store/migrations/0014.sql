-- Addresses of pods, system VMs and virtual routers.

CREATE TABLE provider (
    id @id, physical_network_id @big NOT NULL REFERENCES physical_network (id),
    name @name NOT NULL, state @name NOT NULL, services @text NOT NULL, destination_id @big,
    created @big NOT NULL, removed @big, live @live,
    UNIQUE (physical_network_id, name, live),
    CONSTRAINT provider_state CHECK (state IN ('Disabled', 'Enabled', 'Shutdown'))
);
CREATE TABLE provider_element (
    id @id, provider_id @big NOT NULL REFERENCES provider (id), kind @name NOT NULL,
    enabled @flag NOT NULL, created @big NOT NULL, removed @big, live @live,
    UNIQUE (provider_id, kind, live)
);

CREATE TABLE pod_range (
    id @id, pod_id @big NOT NULL REFERENCES pod (id), first @big NOT NULL, last @big NOT NULL,
    for_system_vms @flag NOT NULL, vlan @name NOT NULL, created @big NOT NULL, removed @big,
    CONSTRAINT pod_range_ends CHECK (first <= last)
);
CREATE INDEX pod_range_pod ON pod_range (pod_id, removed);
CREATE TABLE storage_range (
    id @id, zone_id @big NOT NULL REFERENCES zone (id), pod_id @big NOT NULL REFERENCES pod (id),
    gateway @big NOT NULL, netmask @big NOT NULL, first @big NOT NULL, last @big NOT NULL,
    vlan @big, created @big NOT NULL, removed @big,
    CONSTRAINT storage_range_ends CHECK (first <= last)
);
CREATE INDEX storage_range_zone ON storage_range (zone_id, removed);
-- The number of an address in the pool of its pod is the address itself. The unique key is what
-- makes a second holder impossible.
CREATE TABLE pod_address (
    id @id, pod_id @big NOT NULL REFERENCES pod (id), ip @big NOT NULL, traffic @name NOT NULL,
    kind @name NOT NULL, holder_id @big NOT NULL, taken @big NOT NULL,
    UNIQUE (pod_id, ip),
    CONSTRAINT pod_address_traffic CHECK (traffic IN ('Management', 'Storage', 'Control')),
    CONSTRAINT pod_address_kind CHECK (kind IN ('Account', 'SystemVm'))
);
CREATE INDEX pod_address_holder ON pod_address (kind, holder_id);

CREATE TABLE system_vm (
    id @id, kind @name NOT NULL, zone_id @big NOT NULL REFERENCES zone (id), pod_id @big,
    account_id @big NOT NULL, domain_id @big NOT NULL, network_id @big, vpc_id @big,
    place @big NOT NULL, is_primary @flag NOT NULL, state @name NOT NULL,
    service_offering_id @big, public_range_id @big, public_place @big, created @big NOT NULL,
    removed @big, live @live,
    UNIQUE (network_id, place, live),
    UNIQUE (vpc_id, place, live),
    CONSTRAINT system_vm_kind CHECK
        (kind IN ('DomainRouter', 'ConsoleProxy', 'SecondaryStorageVm')),
    CONSTRAINT system_vm_routes CHECK
        (kind <> 'DomainRouter' OR (network_id IS NULL) <> (vpc_id IS NULL))
);
CREATE INDEX system_vm_zone ON system_vm (zone_id, kind, removed);
CREATE INDEX system_vm_account ON system_vm (account_id, removed);
-- Its row is the holder of the address.
CREATE TABLE router_nic (
    id @id, router_id @big NOT NULL REFERENCES system_vm (id), network_id @big NOT NULL,
    ip @big NOT NULL,
    UNIQUE (router_id, network_id)
);
CREATE INDEX router_nic_network ON router_nic (network_id);

-- A store that was made before gets what a new one has: the providers served its networks all the
-- time, so they are enabled.
INSERT INTO provider (physical_network_id, name, state, services, created)
    SELECT p.id, 'VirtualRouter', 'Enabled',
    'Dhcp,Dns,UserData,Firewall,Gateway,SourceNat,StaticNat,PortForwarding,Lb,Vpn', p.created
    FROM physical_network p WHERE p.removed IS NULL AND NOT EXISTS
    (SELECT 1 FROM provider o WHERE o.physical_network_id = p.id AND o.name = 'VirtualRouter');
INSERT INTO provider (physical_network_id, name, state, services, created)
    SELECT p.id, 'SecurityGroupProvider', 'Enabled', 'SecurityGroup', p.created
    FROM physical_network p WHERE p.removed IS NULL AND NOT EXISTS
    (SELECT 1 FROM provider o WHERE o.physical_network_id = p.id
    AND o.name = 'SecurityGroupProvider');
INSERT INTO provider (physical_network_id, name, state, services, created)
    SELECT p.id, 'VpcVirtualRouter', 'Enabled',
    'Dhcp,Dns,UserData,NetworkACL,Gateway,SourceNat,StaticNat,PortForwarding,Lb,Vpn', p.created
    FROM physical_network p WHERE p.removed IS NULL AND NOT EXISTS
    (SELECT 1 FROM provider o WHERE o.physical_network_id = p.id AND o.name = 'VpcVirtualRouter');
INSERT INTO provider (physical_network_id, name, state, services, created)
    SELECT p.id, 'InternalLbVm', 'Enabled', 'Lb', p.created
    FROM physical_network p WHERE p.removed IS NULL AND NOT EXISTS
    (SELECT 1 FROM provider o WHERE o.physical_network_id = p.id AND o.name = 'InternalLbVm');
INSERT INTO provider (physical_network_id, name, state, services, created)
    SELECT p.id, 'ConfigDrive', 'Enabled', 'Dhcp,Dns,UserData', p.created
    FROM physical_network p WHERE p.removed IS NULL AND NOT EXISTS
    (SELECT 1 FROM provider o WHERE o.physical_network_id = p.id AND o.name = 'ConfigDrive');
INSERT INTO provider_element (provider_id, kind, enabled, created)
    SELECT p.id, CASE p.name WHEN 'VpcVirtualRouter' THEN 'VPCVirtualRouter' ELSE p.name END, 1,
    p.created FROM provider p
    WHERE p.name IN ('VirtualRouter', 'VpcVirtualRouter', 'InternalLbVm') AND p.removed IS NULL
    AND NOT EXISTS (SELECT 1 FROM provider_element e WHERE e.provider_id = p.id);
INSERT INTO pod_range (pod_id, first, last, for_system_vms, vlan, created)
    SELECT p.id, p.first, p.last, 0, 'vlan://untagged', p.created FROM pod p
    WHERE p.removed IS NULL AND NOT EXISTS (SELECT 1 FROM pod_range r WHERE r.pod_id = p.id);
INSERT INTO system_vm (kind, zone_id, account_id, domain_id, place, is_primary, state, created)
    SELECT 'ConsoleProxy', z.id, 1, 1, 0, 0, 'Stopped', z.created FROM zone z
    WHERE z.removed IS NULL AND z.state = 'Enabled' AND NOT EXISTS
    (SELECT 1 FROM system_vm v WHERE v.zone_id = z.id AND v.kind = 'ConsoleProxy');
INSERT INTO system_vm (kind, zone_id, account_id, domain_id, place, is_primary, state, created)
    SELECT 'SecondaryStorageVm', z.id, 1, 1, 0, 0, 'Stopped', z.created FROM zone z
    WHERE z.removed IS NULL AND z.state = 'Enabled' AND NOT EXISTS
    (SELECT 1 FROM system_vm v WHERE v.zone_id = z.id AND v.kind = 'SecondaryStorageVm');
