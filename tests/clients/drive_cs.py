"""Drives a server with the client `cs`; fails where an answer is not the expected one."""

import os

from cs import CloudStack, CloudStackApiException

KEYS = {name: os.environ["CLOUDSTACK_" + name.upper()] for name in ("endpoint", "key", "secret")}


def refused(code, call, **params):
    try:
        call(**params)
    except CloudStackApiException as error:
        assert error.error["errorcode"] == code, error.error
        return error.error["errortext"]
    raise AssertionError("it was not refused")


def drive(cs, name):
    [zone] = cs.listZones(fetch_list=True)
    assert zone["name"] == "sandbox"
    assert cs.listZones(name="nothing") == {}
    [offering] = cs.listNetworkOfferings(
        name="DefaultIsolatedNetworkOfferingWithSourceNatService", fetch_list=True)
    network = cs.createNetwork(
        name=name, displaytext="a ~ * : / \u00e9 + & = b", zoneid=zone["id"],
        networkofferingid=offering["id"])["network"]
    assert network["displaytext"] == "a ~ * : / \u00e9 + & = b", network
    first = cs.associateIpAddress(networkid=network["id"], fetch_result=True)["ipaddress"]
    assert first["issourcenat"] and first["state"] == "Allocated", first
    second = cs.associateIpAddress(networkid=network["id"], fetch_result=True)["ipaddress"]
    assert not second["issourcenat"]
    held = cs.listPublicIpAddresses(associatednetworkid=network["id"], fetch_list=True)
    assert {row["id"] for row in held} == {first["id"], second["id"]}
    done = cs.disassociateIpAddress(id=second["id"], fetch_result=True)
    assert done["success"] is True, done
    held = cs.listPublicIpAddresses(associatednetworkid=network["id"], fetch_list=True)
    assert [row["id"] for row in held] == [first["id"]]
    text = refused(431, cs.listNetworks, id="00000000-0000-0000-0000-000000000000")
    assert "Invalid parameter id value=00000000-0000-0000-0000-000000000000 due to" in text
    refused(431, cs.createNetwork, name="x")
    done = cs.deleteNetwork(id=network["id"], fetch_result=True)
    assert done["success"] is True, done
    assert cs.listNetworks(id=network["id"]) == {}


drive(CloudStack(**KEYS), "by get")
drive(CloudStack(**KEYS, method="post"), "by post")
drive(CloudStack(**KEYS, expiration=-1), "without expiry")
refused(401, CloudStack(**dict(KEYS, secret="wrong")).listZones)
refused(401, CloudStack(**dict(KEYS, key="wrong")).listZones)
