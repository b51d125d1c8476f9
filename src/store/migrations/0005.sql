-- Rules of firewalls. place: of the public address in its range; NULL for traffic from the guests.
CREATE TABLE firewall_rule (
    id @id, direction @name NOT NULL, range_id @big, place @big, network_id @big NOT NULL,
    account_id @big NOT NULL, domain_id @big NOT NULL, protocol @name NOT NULL, first_port @big,
    last_port @big, icmp_type @big, icmp_code @big, sources @text NOT NULL, destinations @text,
    display @flag NOT NULL, created @big NOT NULL, removed @big,
    CONSTRAINT firewall_rule_direction CHECK (direction IN ('Ingress', 'Egress')),
    CONSTRAINT firewall_rule_has_an_address CHECK
        ((direction = 'Ingress') = (range_id IS NOT NULL AND place IS NOT NULL)),
    CONSTRAINT firewall_rule_ports CHECK
        ((first_port IS NULL) = (last_port IS NULL) AND first_port <= last_port)
);
CREATE INDEX firewall_rule_address ON firewall_rule (range_id, place, removed);
CREATE INDEX firewall_rule_network ON firewall_rule (network_id, removed);
-- Rules of ACL lists, tried in the order of their numbers.
CREATE TABLE acl_item (
    id @id, acl_id @big NOT NULL REFERENCES acl (id), number @big NOT NULL, action @name NOT NULL,
    direction @name NOT NULL, protocol @name NOT NULL, first_port @big, last_port @big,
    icmp_type @big, icmp_code @big, cidrs @text NOT NULL, reason @text, display @flag NOT NULL,
    created @big NOT NULL, removed @big, live @live,
    UNIQUE (acl_id, number, live),
    CONSTRAINT acl_item_action CHECK (action IN ('Allow', 'Deny')),
    CONSTRAINT acl_item_direction CHECK (direction IN ('Ingress', 'Egress')),
    CONSTRAINT acl_item_ports CHECK
        ((first_port IS NULL) = (last_port IS NULL) AND first_port <= last_port)
);
