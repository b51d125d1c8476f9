"""Drives virtual machines, and the rules that lead to them, with `apache-libcloud`."""

import os
from urllib.parse import urlsplit

from libcloud.compute.providers import get_driver
from libcloud.compute.types import NodeState, Provider
from libcloud.loadbalancer.base import Algorithm, Member
from libcloud.loadbalancer.providers import get_driver as get_balancing_driver
from libcloud.loadbalancer.types import Provider as BalancingProvider
from libcloud.loadbalancer.types import State

ENDPOINT, KEY, SECRET = (
    os.environ["CLOUDSTACK_" + name] for name in ("ENDPOINT", "KEY", "SECRET"))


def connect(driver):
    url = urlsplit(ENDPOINT)
    made = driver(
        key=KEY, secret=SECRET, secure=False, host=url.hostname, port=url.port, path=url.path)
    made.connection.poll_interval = 0.05
    return made


def by_name(things, name):
    [thing] = [thing for thing in things if thing.name == name]
    return thing


driver = connect(get_driver(Provider.CLOUDSTACK))
balancing = connect(get_balancing_driver(BalancingProvider.CLOUDSTACK))
[zone] = driver.list_locations()
size, bigger = (by_name(driver.list_sizes(), name) for name in ("Small Instance", "Medium Instance"))
image = by_name(driver.list_images(zone), "builtin")
assert {offer.name for offer in driver.ex_list_disk_offerings()} >= {"Small", "Custom"}
assert driver.list_volumes() == [] and driver.list_key_pairs() == []

offering = by_name(
    driver.ex_list_network_offerings(), "DefaultIsolatedNetworkOfferingWithSourceNatService")
network = driver.ex_create_network("of libcloud", "web", offering, zone)
one = driver.create_node("web1", size, image, zone, networks=[network], ex_start_vm=True)
two = driver.create_node(
    "web2", size, image, zone, networks=[network], ex_ip_address="10.1.1.20", ex_start_vm=True)
assert one.state == NodeState.RUNNING and one.private_ips == ["10.1.1.2"], one
assert two.private_ips == ["10.1.1.20"], two

nic = driver.ex_list_nics(one)[0]
assert (nic.ip_address, nic.gateway, nic.net_mask) == ("10.1.1.2", "10.1.1.1", "255.255.255.0")
db = driver.ex_create_network("of libcloud", "db", offering, zone)
assert driver.ex_attach_nic_to_node(one, db, "10.1.1.30")
[first, second] = driver.ex_list_nics(one)
assert second.ip_address == "10.1.1.30"
assert driver.ex_detach_nic_from_node(second, one)

# Static NAT, for which libcloud has no method of its own, with what it lets through.
public = driver.ex_allocate_public_ip(network_id=network.id)
driver._sync_request("enableStaticNat", params={"ipaddressid": public.id, "virtualmachineid": one.id})
seen = by_name(driver.list_nodes(), "web1")
assert seen.public_ips == [public.address], seen.public_ips
rule = driver.ex_create_ip_forwarding_rule(seen, public, "TCP", 80, 90)
[shown] = driver.ex_list_ip_forwarding_rules()
assert (shown.id, shown.start_port, shown.end_port) == (rule.id, 80, 90)
assert driver.ex_delete_ip_forwarding_rule(seen, rule)
driver._async_request("disableStaticNat", params={"ipaddressid": public.id})
assert by_name(driver.list_nodes(), "web1").public_ips == []

forwarded = driver.ex_create_port_forwarding_rule(two, public, 22, 2222, "TCP")
[shown] = driver.ex_list_port_forwarding_rules()
assert (shown.id, int(shown.public_port), int(shown.private_port)) == (forwarded.id, 2222, 22)
assert by_name(driver.list_nodes(), "web2").public_ips == [public.address]
assert driver.ex_delete_port_forwarding_rule(two, forwarded)

members = [Member(node.id, node.private_ips[0], 8080) for node in (one, two)]
balancer = balancing.create_balancer(
    "web", members, port=80, private_port=8080, algorithm=Algorithm.LEAST_CONNECTIONS,
    location=zone, network_id=network.id)
[shown] = balancing.list_balancers()
assert (shown.id, shown.name, shown.state) == (balancer.id, "web", State.RUNNING)
assert (int(shown.port), int(shown.ex_private_port)) == (80, 8080)
assert balancing.get_balancer(balancer.id).ip == balancer.ip
ips = {member.ip for member in balancing.balancer_list_members(shown)}
assert ips == {"10.1.1.2", "10.1.1.20"}, ips
assert balancing.balancer_detach_member(shown, members[0])
[left] = balancing.balancer_list_members(shown)
assert left.id == two.id
try:
    balancing.create_balancer("other", [], port=80, algorithm=Algorithm.ROUND_ROBIN, vpc_id="x")
except Exception as why:
    assert "431" in str(why) or "vpcid" in str(why), why
else:
    raise AssertionError("there is no such VPC")
balancing.destroy_balancer(shown)
assert balancing.list_balancers() == []

assert driver.reboot_node(one)
assert driver.ex_stop(one) in (NodeState.STOPPED, "Stopped")
assert driver.ex_start(one) in (NodeState.RUNNING, "Running")
for node in (one, two):
    assert driver.destroy_node(node, ex_expunge=True)
assert driver.list_nodes() == []
assert driver.ex_release_public_ip(public)
for gone in (network, db):
    assert driver.ex_delete_network(gone)
