"""Drives a server with the CloudStack driver of `apache-libcloud`."""

import os
from urllib.parse import urlsplit

from libcloud.common.types import InvalidCredsError
from libcloud.compute.providers import get_driver
from libcloud.compute.types import Provider

ENDPOINT, KEY, SECRET = (
    os.environ["CLOUDSTACK_" + name] for name in ("ENDPOINT", "KEY", "SECRET"))


def connect(secret):
    url = urlsplit(ENDPOINT)
    return get_driver(Provider.CLOUDSTACK)(
        key=KEY, secret=secret, secure=False, host=url.hostname, port=url.port, path=url.path)


def by_name(things, name):
    [thing] = [thing for thing in things if thing.name == name]
    return thing


driver = connect(SECRET)
driver.connection.poll_interval = 0.05
[zone] = driver.list_locations()
assert zone.name == "sandbox"

offering = by_name(
    driver.ex_list_network_offerings(), "DefaultIsolatedNetworkOfferingWithSourceNatService")
network = driver.ex_create_network("of libcloud", "libcloud", offering, zone)
assert by_name(driver.ex_list_networks(), "libcloud").id == network.id
first = driver.ex_allocate_public_ip(network_id=network.id)
second = driver.ex_allocate_public_ip(network_id=network.id)
addresses = {address.address for address in driver.ex_list_public_ips()}
assert addresses == {first.address, second.address}, addresses
assert driver.ex_release_public_ip(second)
assert [address.id for address in driver.ex_list_public_ips()] == [first.id]

rule = driver.ex_create_firewall_rule(first, "198.51.100.0/24", "TCP", start_port=80, end_port=90)
[seen] = driver.ex_list_firewall_rules()
assert (seen.id, seen.protocol, seen.start_port, seen.end_port) == (rule.id, "tcp", 80, 90)
assert seen.address.id == first.id and seen.cidr_list == "198.51.100.0/24"
assert driver.ex_delete_firewall_rule(rule)
assert driver.ex_list_firewall_rules() == []
egress = driver.ex_create_egress_firewall_rule(network.id, "10.1.1.0/24", "udp", start_port=53)
[seen] = driver.ex_list_egress_firewall_rules()
assert (seen.id, seen.network_id, seen.end_port) == (egress.id, network.id, 53)
assert driver.ex_delete_egress_firewall_rule(egress)
assert driver.ex_create_tags([network.id], "Network", {"env": "prod", "team": "net"})
[network] = driver.ex_list_networks()
assert network.extra["tags"] == {"env": "prod", "team": "net"}, network.extra
assert driver.ex_delete_tags([network.id], "Network", ["env"])
[network] = driver.ex_list_networks()
assert network.extra["tags"] == {"team": "net"}, network.extra
assert driver.ex_delete_network(network)

offering = by_name(driver.ex_list_vpc_offerings(), "Default VPC offering")
vpc = driver.ex_create_vpc("10.9.0.0/16", "of libcloud", "libcloud", offering, zone.id)
assert by_name(driver.ex_list_vpcs(), "libcloud").cidr == "10.9.0.0/16"
acls = driver.ex_create_network_acllist("web", vpc.id, "of libcloud")
assert by_name(driver.ex_list_network_acllists(), "web").id == acls.id
acl = driver.ex_create_network_acl("TCP", acls.id, "0.0.0.0/0", 443, 443, traffic_type="Ingress")
assert [seen.id for seen in driver.ex_list_network_acl()] == [acl.id]
tier_offering = by_name(
    driver.ex_list_network_offerings(), "DefaultIsolatedNetworkOfferingForVpcNetworks")
tier = driver.ex_create_network(
    "tier", "tier", tier_offering, zone, gateway="10.9.1.1", netmask="255.255.255.0",
    vpc_id=vpc.id)
assert driver.ex_replace_network_acllist(acls.id, tier.id)
assert driver.ex_delete_network(tier)
assert driver.ex_delete_vpc(vpc)
assert driver.ex_list_vpcs() == []

try:
    connect("wrong").list_locations()
except InvalidCredsError:
    pass
else:
    raise AssertionError("a wrong secret was good enough")
