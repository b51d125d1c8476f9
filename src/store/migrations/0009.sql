-- Public and portable ranges, quarantine, shared networks.

-- An address that was given up and is kept from all others than the account that had it. place: as
-- in address. Its bit is set as long as the row lives.
CREATE TABLE quarantine (
    id @id, range_id @big NOT NULL REFERENCES vlan_range (id), place @big NOT NULL,
    account_id @big NOT NULL, ends @big NOT NULL, reason @text, remover_id @big,
    created @big NOT NULL, removed @big, live @live,
    UNIQUE (range_id, place, live)
);
CREATE INDEX quarantine_ends ON quarantine (removed, ends);

-- A portable address that somebody holds. place: its offset in the subnet of its range.
-- vlan_range_id: the range of one address that stands for it in a zone.
CREATE TABLE portable_address (
    range_id @big NOT NULL, place @big NOT NULL, vlan_range_id @big NOT NULL,
    PRIMARY KEY (range_id, place)
) @clustered;
CREATE INDEX portable_address_vlan_range ON portable_address (vlan_range_id);

-- VLANs or VNIs of a physical network that only the networks of one account get.
CREATE TABLE guest_vlan_range (
    id @id, physical_network_id @big NOT NULL REFERENCES physical_network (id),
    account_id @big NOT NULL REFERENCES account (id), first @big NOT NULL, last @big NOT NULL,
    created @big NOT NULL, removed @big,
    CONSTRAINT guest_vlan_range_is_ordered CHECK (first <= last)
);
CREATE INDEX guest_vlan_range_account ON guest_vlan_range (account_id, removed);
CREATE INDEX guest_vlan_range_physical ON guest_vlan_range (physical_network_id, removed);

-- The domain that may use a network of acl_type Domain, and whether those below it may.
CREATE TABLE network_domain_access (
    network_id @big NOT NULL, domain_id @big NOT NULL, subdomains @flag NOT NULL,
    PRIMARY KEY (network_id)
) @clustered;
CREATE INDEX network_domain_access_domain ON network_domain_access (domain_id);

-- Accounts other than its owner's that may use a network.
CREATE TABLE network_permission (
    network_id @big NOT NULL, account_id @big NOT NULL,
    PRIMARY KEY (network_id, account_id)
) @clustered;
CREATE INDEX network_permission_account ON network_permission (account_id);
