//! The commands by what they are about: a few groups, so that help fits a screen.
//!
//! A command is in the group with the longest word that is in its name; of several, in the first.

use super::command::spelled;
use super::phrase::spaced;
use crate::schema::{Catalogue, Spec};
use crate::text::nearest;
use std::cmp::Reverse;

/// Commands that are about one kind of thing.
#[derive(Debug)]
pub(crate) struct Group {
    /// What it is called, as in `help vpc` and `capuchin-vpc(1)`.
    pub(crate) name: &'static str,
    /// What it is about, in a few words.
    pub(crate) about: &'static str,
    words: &'static [&'static str],
}

/// The groups, the most asked for first; the last takes what is in no other.
pub(crate) static GROUPS: &[Group] = &[
    Group {
        name: "zone",
        about: "Zones, pods, physical networks and the traffic on them",
        words: &[
            "zone",
            "pod",
            "physicalnetwork",
            "traffictype",
            "region",
            "networkservice",
            "virtualrouterelement",
            "internalloadbalancerelement",
        ],
    },
    Group {
        name: "address",
        about: "Public, portable and guest addresses and the ranges they are of",
        words: &[
            "ipaddress",
            "publicip",
            "iprange",
            "vlan",
            "portableip",
            "iptonic",
            "ipfromnic",
            "nicip",
            "quarantinedip",
            "ipv4subnet",
            "ipv6prefix",
            "asnumber",
            "asnrange",
            "bgppeer",
        ],
    },
    Group {
        name: "network",
        about: "Networks and their offerings",
        words: &[
            "network",
            "networkoffering",
            "networkpermission",
            "isolationmethod",
            "nics",
            "nicto",
            "nicfrom",
        ],
    },
    Group {
        name: "vpc",
        about: "VPCs, their offerings, gateways and routes",
        words: &["vpc", "vpcoffering", "privategateway", "staticroute"],
    },
    Group {
        name: "rule",
        about: "Firewalls, NAT, load balancers and access control lists",
        words: &[
            "firewall",
            "portforwarding",
            "ipforwarding",
            "staticnat",
            "loadbalancer",
            "networkacl",
            "lbhealth",
            "lbsticki",
            "sslcert",
            "securitygroup",
        ],
    },
    Group { name: "vpn", about: "VPN gateways, connections and users", words: &["vpn"] },
    Group {
        name: "vm",
        about: "Virtual machines and what scales and groups them",
        words: &[
            "virtualmachine",
            "vm",
            "instance",
            "affinity",
            "sshkey",
            "userdata",
            "autoscale",
            "condition",
            "counter",
            "console",
            "vnfappliance",
            "kubernetes",
            "cni",
            "drsplan",
        ],
    },
    Group {
        name: "storage",
        about: "Volumes, snapshots, backups and where they are kept",
        words: &[
            "volume",
            "snapshot",
            "storage",
            "imagestore",
            "backup",
            "bucket",
            "sharedfilesystem",
            "objectstor",
            "swift",
            "staging",
        ],
    },
    Group {
        name: "template",
        about: "Templates, ISOs and types of operating systems",
        words: &["template", "iso", "ostype", "oscategor", "guestos", "isopermission"],
    },
    Group {
        name: "offering",
        about: "Compute and disk offerings",
        words: &["serviceoffering", "diskoffering", "offering", "gpu"],
    },
    Group {
        name: "account",
        about: "Domains, accounts, users, projects, roles and limits",
        words: &[
            "account",
            "user",
            "domain",
            "project",
            "role",
            "ldap",
            "oauth",
            "saml",
            "login",
            "logout",
            "twofactor",
            "resourcelimit",
            "resourcecount",
            "quota",
        ],
    },
    Group {
        name: "setting",
        about: "Settings, tags and what the server can do",
        words: &[
            "configuration",
            "capabilit",
            "apis",
            "apilimit",
            "detail",
            "cloudidentifier",
            "tags",
            "annotation",
            "resourceicon",
            "extension",
            "customaction",
            "webhook",
        ],
    },
    Group {
        name: "job",
        about: "Jobs, events, alerts, capacity and usage",
        words: &["job", "event", "alert", "capacity", "usage", "metrics", "quotausage"],
    },
    Group {
        name: "system",
        about: "Hosts, routers, system VMs and management servers",
        words: &[
            "host",
            "cluster",
            "router",
            "systemvm",
            "managementserver",
            "hypervisor",
            "certificate",
            "caprovider",
            "diagnostic",
            "outofband",
            "shutdown",
            "infrastructure",
            "maintenance",
            "deploymentplanner",
        ],
    },
    Group {
        name: "device",
        about: "Appliances and controllers of other makers",
        words: &[
            "netscaler",
            "nicira",
            "nsxcontroller",
            "netris",
            "brocade",
            "bigswitch",
            "globodns",
            "opendaylight",
            "paloaltofirewall",
            "ovselement",
            "balancerelement",
            "routerelement",
            "networkdevice",
            "trafficmonitor",
            "baremetal",
            "ucs",
            "stratosphere",
            "elastistor",
            "solidfire",
            "cloudian",
            "vmwaredc",
        ],
    },
    OTHER,
];

const OTHER: Group = Group { name: "other", about: "What is in no other group", words: &[] };

impl Group {
    /// Its commands, sorted by noun and then by verb.
    pub(crate) fn specs(&self, catalogue: &Catalogue) -> Vec<&'static Spec> {
        let mut specs: Vec<_> = catalogue.specs().iter().copied().filter(|s| self.has(s)).collect();
        specs.sort_by_key(|spec| (stem(&noun(spec)), spec.name));
        specs
    }

    fn has(&self, spec: &Spec) -> bool {
        of(spec).name == self.name
    }

    /// What its commands are about, that with the most commands first; of others the things that
    /// are listed.
    pub(crate) fn nouns(&self, catalogue: &Catalogue) -> Vec<String> {
        let specs = self.specs(catalogue);
        let stems: Vec<String> = specs.iter().map(|spec| stem(&noun(spec))).collect();
        let (lists, others): (Vec<_>, Vec<_>) =
            specs.into_iter().partition(|spec| spec.verb() == "list");
        let mut nouns: Vec<String> = Vec::new();
        for spec in lists.into_iter().chain(others) {
            let noun = noun(spec);
            if !nouns.iter().any(|known| stem(known) == stem(&noun)) {
                nouns.push(noun);
            }
        }
        nouns.sort_by_cached_key(|noun| {
            let own = stem(noun);
            Reverse(stems.iter().filter(|stem| **stem == own).count())
        });
        nouns
    }
}

/// The group of a command.
pub(crate) fn of(spec: &Spec) -> &'static Group {
    let name = spec.name.to_ascii_lowercase();
    let fits = |group: &Group| {
        let inside = group.words.iter().filter(|word| name.contains(**word));
        inside.map(|word| word.len()).max().unwrap_or(0)
    };
    let mut best: Option<(&Group, usize)> = None;
    for group in GROUPS {
        let length = fits(group);
        if length > best.map_or(0, |(_, longest)| longest) {
            best = Some((group, length));
        }
    }
    best.map_or(&OTHER, |(group, _)| group)
}

/// The groups that have commands.
pub(crate) fn present(catalogue: &Catalogue) -> Vec<&'static Group> {
    GROUPS.iter().filter(|group| catalogue.specs().iter().any(|spec| group.has(spec))).collect()
}

/// The group of this name, in any letter case and number.
pub(crate) fn find(name: &str) -> Option<&'static Group> {
    let name = name.to_lowercase();
    GROUPS.iter().find(|group| group.name == name || group.name == stem(&name))
}

/// The group that was perhaps meant.
pub(crate) fn near(name: &str) -> Option<&'static str> {
    nearest(name, GROUPS.iter().map(|group| group.name))
}

/// What the command is about: `public ip addresses`.
fn noun(spec: &Spec) -> String {
    let words = spaced(spec.name);
    let noun = words.get(1..).unwrap_or_default().join(" ");
    if noun.is_empty() { spelled(spec) } else { noun }
}

/// The noun without the endings of a plural.
fn stem(noun: &str) -> String {
    if let Some(stem) = noun.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let stem = noun.strip_suffix("sses").map(|stem| format!("{stem}ss"));
    stem.unwrap_or_else(|| match noun.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') => stem.to_owned(),
        _ => noun.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::catalogue;

    #[test]
    fn commands_are_where_people_look_for_them() {
        let group = |name: &'static str| of(&Spec { name, ..Spec::BLANK }).name;
        for (name, wanted) in [
            ("listZones", "zone"),
            ("createPod", "zone"),
            ("configureVirtualRouterElement", "zone"),
            ("createStorageNetworkIpRange", "address"),
            ("listRouters", "system"),
            ("associateIpAddress", "address"),
            ("createVlanIpRange", "address"),
            ("releasePodIpAddress", "address"),
            ("createNetworkOffering", "network"),
            ("listPhysicalNetworks", "zone"),
            ("updateVPCOffering", "vpc"),
            ("replaceNetworkACLList", "rule"),
            ("enableStaticNat", "rule"),
            ("createVMSnapshot", "storage"),
            ("deployVirtualMachine", "vm"),
            ("listUserData", "vm"),
            ("listUsers", "account"),
            ("quotaBalance", "account"),
            ("listConfigurations", "setting"),
            ("queryAsyncJobResult", "job"),
            ("listHosts", "system"),
            ("addPaloAltoFirewall", "device"),
            ("doWhatever", "other"),
        ] {
            assert_eq!(group(name), wanted, "{name}");
        }
    }

    #[test]
    fn every_command_of_ours_has_a_group() {
        let catalogue = catalogue();
        let lost: Vec<_> = OTHER.specs(&catalogue).iter().map(|spec| spec.name).collect();
        assert_eq!(lost, [""; 0]);
        let all: usize = GROUPS.iter().map(|group| group.specs(&catalogue).len()).sum();
        assert_eq!(all, catalogue.specs().len());
    }

    #[test]
    fn names_are_found_in_any_number() {
        assert_eq!(find("VPCs").map(|group| group.name), Some("vpc"));
        assert_eq!(find("address").map(|group| group.name), Some("address"));
        assert_eq!(find("addresses").map(|group| group.name), Some("address"));
        assert!(find("banana").is_none());
        assert_eq!(near("adress"), Some("address"));
    }
}
