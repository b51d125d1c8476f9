//! A zone from nothing to its first guest, as scripts for cmk set one up.

use crate::harness::Capuchin;
use serde_json::Value;

fn id(of: &Value) -> String {
    of["id"].as_str().unwrap_or_else(|| panic!("{of}")).to_owned()
}

/// The id of the thing that a command makes.
fn made(capuchin: &Capuchin, key: &str, line: &str) -> String {
    id(&capuchin.run(line).json()[key])
}

/// The physical network with its traffic and its providers.
fn physical_network(capuchin: &Capuchin, zone: &str) -> String {
    let line = format!(
        "create physicalnetwork name=west-core zoneid={zone} isolationmethods=VLAN vlan=1000-1999"
    );
    let physical = made(capuchin, "physicalnetwork", &line);
    for kind in ["Guest", "Public", "Management", "Storage"] {
        let line = format!("add traffictype traffictype={kind} physicalnetworkid={physical}");
        capuchin.run(&line).text();
    }
    capuchin.run(&format!("update physicalnetwork state=Enabled id={physical}")).text();
    physical
}

/// Enables the elements, and then the providers.
fn enable_providers(capuchin: &Capuchin, physical: &str) {
    let elements = [
        ("VirtualRouter", "virtualrouterelement"),
        ("VpcVirtualRouter", "virtualrouterelement"),
        ("InternalLbVm", "internalloadbalancerelement"),
    ];
    for (name, key) in elements {
        let line = format!(
            "list networkserviceproviders name={name} physicalnetworkid={physical} filter=id,state"
        );
        let provider = id(&capuchin.run(&line).json()["networkserviceprovider"][0]);
        let element = capuchin.run(&format!("list {key}s nspid={provider}")).json();
        let element = id(&element[key][0]);
        capuchin.run(&format!("configure {key} id={element} enabled=true")).text();
        let line = format!("update networkserviceprovider state=Enabled id={provider}");
        let provider = capuchin.run(&line).json();
        assert_eq!(provider["networkserviceprovider"]["state"], "Enabled");
    }
}

#[test]
fn a_zone_is_set_up_as_scripts_do_it() {
    let capuchin = Capuchin::new();
    let line = "create zone name=west dns1=192.0.2.53 internaldns1=192.0.2.53 \
                networktype=Advanced guestcidraddress=10.8.0.0/24";
    let zone = made(&capuchin, "zone", line);
    let physical = physical_network(&capuchin, &zone);
    enable_providers(&capuchin, &physical);
    let line = format!(
        "create pod name=west-pod zoneid={zone} gateway=172.18.0.1 netmask=255.255.255.0 \
         startip=172.18.0.10 endip=172.18.0.99"
    );
    let pod = made(&capuchin, "pod", &line);
    let range = "gateway=198.18.0.1 netmask=255.255.255.0 startip=198.18.0.10 endip=198.18.0.99";
    let line = format!("create vlaniprange zoneid={zone} vlan=70 forvirtualnetwork=true {range}");
    capuchin.run(&line).text();
    let range = "gateway=172.18.0.1 netmask=255.255.255.0 startip=172.18.0.200 endip=172.18.0.203";
    let line = format!("create managementnetworkiprange podid={pod} forsystemvms=true {range}");
    capuchin.run(&line).text();
    let range = "gateway=172.19.0.1 netmask=255.255.255.0 startip=172.19.0.10 endip=172.19.0.19";
    capuchin.run(&format!("create storagenetworkiprange podid={pod} {range}")).text();
    capuchin.run(&format!("update zone allocationstate=Enabled id={zone}")).text();

    let vms = capuchin.run(&format!("list systemvms zoneid={zone}")).json();
    let storage = vms["systemvm"].as_array().unwrap();
    let storage = storage.iter().find(|vm| vm["systemvmtype"] == "secondarystoragevm").unwrap();
    let started = capuchin.run(&format!("start systemvm id={}", id(storage))).json();
    let started = &started["systemvm"];
    assert_eq!(started["privateip"], "172.18.0.200", "{started}");
    assert_eq!(started["publicip"], "198.18.0.10", "{started}");

    let offering = "DefaultIsolatedNetworkOfferingWithSourceNatService";
    let line = format!("create network name=web zoneid={zone} networkofferingid={offering}");
    let network = made(&capuchin, "network", &line);
    let line = format!(
        "deploy virtualmachine zoneid={zone} serviceofferingid='Small Instance' \
         templateid=builtin networkids={network}"
    );
    capuchin.run(&line).text();
    let router = capuchin.run(&format!("list routers networkid={network}")).json();
    let router = &router["router"][0];
    assert_eq!(router["state"], "Running");
    assert_eq!(router["publicip"], "198.18.0.11", "{router}");
    assert_eq!(router["guestipaddress"], "10.8.0.1", "{router}");
    assert_eq!(router["linklocalip"], "169.254.0.3", "{router}");
    capuchin.run("store check").text();
}
