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
assert driver.ex_delete_network(network)

offering = by_name(driver.ex_list_vpc_offerings(), "Default VPC offering")
vpc = driver.ex_create_vpc("10.9.0.0/16", "of libcloud", "libcloud", offering, zone.id)
assert by_name(driver.ex_list_vpcs(), "libcloud").cidr == "10.9.0.0/16"
assert driver.ex_delete_vpc(vpc)
assert driver.ex_list_vpcs() == []

try:
    connect("wrong").list_locations()
except InvalidCredsError:
    pass
else:
    raise AssertionError("a wrong secret was good enough")
