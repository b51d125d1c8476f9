-- Virtual machines, their interfaces and the rules of addresses.
CREATE TABLE service_offering (
    id @id, name @name NOT NULL, display_text @text NOT NULL, cpu_number @big, cpu_speed @big,
    memory @big, storage_type @name NOT NULL, host_tags @name, network_rate @big,
    is_system @flag NOT NULL, offer_ha @flag NOT NULL, limit_cpu @flag NOT NULL,
    state @name NOT NULL, created @big NOT NULL, removed @big,
    CONSTRAINT service_offering_state CHECK (state IN ('Active', 'Inactive'))
);
CREATE TABLE template (
    id @id, name @name NOT NULL, display_text @text NOT NULL, os_type @big NOT NULL,
    hypervisor @name NOT NULL, format @name NOT NULL, size @big NOT NULL,
    account_id @big NOT NULL REFERENCES account (id), domain_id @big NOT NULL,
    is_public @flag NOT NULL, is_featured @flag NOT NULL, created @big NOT NULL, removed @big
);
CREATE TABLE vm (
    id @id, name @name NOT NULL, display_name @name NOT NULL, account_id @big NOT NULL,
    domain_id @big NOT NULL, user_id @big NOT NULL, zone_id @big NOT NULL REFERENCES zone (id),
    service_offering_id @big NOT NULL REFERENCES service_offering (id),
    template_id @big NOT NULL REFERENCES template (id), state @name NOT NULL,
    hypervisor @name NOT NULL, group_name @name, protected @flag NOT NULL, display @flag NOT NULL,
    created @big NOT NULL, updated @big NOT NULL, removed @big,
    CONSTRAINT vm_state CHECK (state IN ('Stopped', 'Starting', 'Running', 'Stopping',
        'Destroyed', 'Expunging', 'Error'))
);
CREATE INDEX vm_account ON vm (account_id, removed);
CREATE INDEX vm_name ON vm (name, removed);
-- device: the place of the interface in its VM, from 0. Two living interfaces of a network never
-- have one MAC address.
CREATE TABLE nic (
    id @id, vm_id @big NOT NULL REFERENCES vm (id), network_id @big NOT NULL, ip @big, mac @name,
    device @big NOT NULL, is_default @flag NOT NULL, created @big NOT NULL, removed @big,
    live @live,
    UNIQUE (vm_id, device, live),
    UNIQUE (network_id, mac, live)
);
CREATE INDEX nic_network ON nic (network_id, removed);
CREATE TABLE secondary_ip (
    id @id, nic_id @big NOT NULL REFERENCES nic (id), vm_id @big NOT NULL,
    network_id @big NOT NULL, ip @big NOT NULL, account_id @big NOT NULL, domain_id @big NOT NULL,
    created @big NOT NULL, removed @big
);
CREATE INDEX secondary_ip_nic ON secondary_ip (nic_id, removed);
-- Every address of a guest network that somebody has, whatever for; a free one has no row. The
-- primary key is what makes a second holder impossible. The bits of its pool are those of the
-- pool whose number is that of the network, negative.
CREATE TABLE guest_address (
    network_id @big NOT NULL, ip @big NOT NULL, kind @name NOT NULL, holder_id @big NOT NULL,
    PRIMARY KEY (network_id, ip),
    UNIQUE (kind, holder_id),
    CONSTRAINT guest_address_kind CHECK (kind IN ('Nic', 'SecondaryIp', 'Router', 'LoadBalancer',
        'PrivateGateway'))
) @clustered;
-- Ports of public addresses that go to one guest. place: of the address in its range. firewall_id:
-- the firewall rule that was made with it, and goes with it.
CREATE TABLE port_forwarding_rule (
    id @id, range_id @big NOT NULL, place @big NOT NULL, network_id @big NOT NULL,
    account_id @big NOT NULL, domain_id @big NOT NULL, protocol @name NOT NULL,
    first_port @big NOT NULL, last_port @big NOT NULL, private_first @big NOT NULL,
    private_last @big NOT NULL, vm_id @big NOT NULL REFERENCES vm (id), vm_ip @big NOT NULL,
    sources @text, firewall_id @big, display @flag NOT NULL, created @big NOT NULL, removed @big,
    CONSTRAINT port_forwarding_ports CHECK
        (first_port <= last_port AND last_port - first_port = private_last - private_first)
);
CREATE INDEX port_forwarding_address ON port_forwarding_rule (range_id, place, removed);
CREATE INDEX port_forwarding_vm ON port_forwarding_rule (vm_id, removed);
CREATE INDEX port_forwarding_network ON port_forwarding_rule (network_id, removed);
-- What an address with static NAT lets through to its guest.
CREATE TABLE static_nat_rule (
    id @id, range_id @big NOT NULL, place @big NOT NULL, network_id @big NOT NULL,
    account_id @big NOT NULL, domain_id @big NOT NULL, protocol @name NOT NULL,
    first_port @big NOT NULL, last_port @big NOT NULL, vm_id @big NOT NULL REFERENCES vm (id),
    firewall_id @big, created @big NOT NULL, removed @big,
    CONSTRAINT static_nat_ports CHECK (first_port <= last_port)
);
CREATE INDEX static_nat_address ON static_nat_rule (range_id, place, removed);
CREATE INDEX static_nat_vm ON static_nat_rule (vm_id, removed);
-- One port of an address that is shared out among guests: a public address (range_id and place),
-- or one of the network source_network_id (source_ip).
CREATE TABLE load_balancer_rule (
    id @id, name @name NOT NULL, description @text, scheme @name NOT NULL,
    algorithm @name NOT NULL, range_id @big, place @big, source_network_id @big, source_ip @big,
    network_id @big NOT NULL, account_id @big NOT NULL, domain_id @big NOT NULL,
    protocol @name NOT NULL, public_port @big NOT NULL, private_port @big NOT NULL, sources @text,
    firewall_id @big, display @flag NOT NULL, created @big NOT NULL, removed @big,
    CONSTRAINT load_balancer_scheme CHECK (scheme IN ('Public', 'Internal')),
    CONSTRAINT load_balancer_address CHECK
        ((scheme = 'Public') = (range_id IS NOT NULL AND place IS NOT NULL)
         AND (scheme = 'Internal') = (source_network_id IS NOT NULL AND source_ip IS NOT NULL))
);
CREATE INDEX load_balancer_address ON load_balancer_rule (range_id, place, removed);
CREATE INDEX load_balancer_source ON load_balancer_rule (source_network_id, source_ip, removed);
CREATE INDEX load_balancer_network ON load_balancer_rule (network_id, removed);
-- The guests among whom a port is shared out.
CREATE TABLE load_balancer_member (
    id @id, rule_id @big NOT NULL REFERENCES load_balancer_rule (id),
    vm_id @big NOT NULL REFERENCES vm (id), vm_ip @big NOT NULL, created @big NOT NULL,
    removed @big, live @live,
    UNIQUE (rule_id, vm_id, vm_ip, live)
);
CREATE INDEX load_balancer_member_vm ON load_balancer_member (vm_id, removed);
-- A store that was made before gets what a new one begins with.
INSERT INTO service_offering (id, name, display_text, cpu_number, cpu_speed, memory, storage_type,
    is_system, offer_ha, limit_cpu, state, created)
    SELECT 1, 'System Offering For Software Router', 'Routers of guest networks', 1, 500, 512,
    'shared', 1, 0, 0, 'Active', 0 FROM installation
    WHERE NOT EXISTS (SELECT id FROM service_offering WHERE id = 1);
INSERT INTO service_offering (id, name, display_text, cpu_number, cpu_speed, memory, storage_type,
    is_system, offer_ha, limit_cpu, state, created)
    SELECT 2, 'Small Instance', 'Small Instance', 1, 500, 512, 'shared', 0, 0, 0, 'Active', 0
    FROM installation WHERE NOT EXISTS (SELECT id FROM service_offering WHERE id = 2);
INSERT INTO service_offering (id, name, display_text, cpu_number, cpu_speed, memory, storage_type,
    is_system, offer_ha, limit_cpu, state, created)
    SELECT 3, 'Medium Instance', 'Medium Instance', 1, 1000, 1024, 'shared', 0, 0, 0, 'Active', 0
    FROM installation WHERE NOT EXISTS (SELECT id FROM service_offering WHERE id = 3);
INSERT INTO template (id, name, display_text, os_type, hypervisor, format, size, account_id,
    domain_id, is_public, is_featured, created)
    SELECT 1, 'builtin', 'A guest that exists as a record only', 1, 'Simulator', 'QCOW2',
    1073741824, 1, 1, 1, 1, 0 FROM installation
    WHERE NOT EXISTS (SELECT id FROM template WHERE id = 1);
