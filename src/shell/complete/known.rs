//! Words that a parameter takes where CloudStack's description only says that it is a text.

use crate::schema::Spec;

/// A part of the API's name, the parameter, and its words; the first that fits holds.
type Known = (&'static str, &'static str, &'static [&'static str]);

const HYPERVISORS: &[&str] =
    &["KVM", "VMware", "XenServer", "Hyperv", "LXC", "BareMetal", "Ovm3", "Simulator", "External"];
const ON_OR_OFF: &[&str] = &["Enabled", "Disabled"];
const CLUSTERS: &[&str] = &["CloudManaged", "ExternalManaged"];
const MACHINES: &[&str] = &[
    "Running",
    "Stopped",
    "Starting",
    "Stopping",
    "Migrating",
    "Destroyed",
    "Expunging",
    "Error",
    "Unknown",
    "Present",
];
const HOSTS: &[&str] = &[
    "Up",
    "Down",
    "Alert",
    "Connecting",
    "Creating",
    "Disconnected",
    "Rebalancing",
    "Removed",
    "Error",
];
const RESOURCES: &[&str] = &[
    "UserVm",
    "Volume",
    "Template",
    "ISO",
    "Snapshot",
    "Network",
    "Vpc",
    "Nic",
    "LoadBalancer",
    "PortForwardingRule",
    "FirewallRule",
    "SecurityGroup",
    "PublicIpAddress",
    "Project",
    "Account",
    "NetworkACL",
    "StaticRoute",
    "VMSnapshot",
    "RemoteAccessVpn",
    "Zone",
    "ServiceOffering",
    "DiskOffering",
    "Storage",
    "User",
    "VpnGateway",
    "PrivateGateway",
    "NetworkACLList",
    "AutoScaleVmGroup",
    "AutoScaleVmProfile",
    "Backup",
    "Host",
    "Cluster",
    "Pod",
    "Domain",
    "NetworkOffering",
    "VpcOffering",
];
const FILTERS: &[&str] =
    &["executable", "featured", "self", "selfexecutable", "sharedexecutable", "community", "all"];
const INTERVALS: &[&str] = &["HOURLY", "DAILY", "WEEKLY", "MONTHLY"];
const PROTOCOLS: &[&str] = &["tcp", "udp", "icmp", "all"];
const FORMATS: &[&str] = &["QCOW2", "VHD", "OVA", "ISO", "RAW", "VMDK", "VDI", "TAR", "BareMetal"];

const KNOWN: &[Known] = &[
    ("", "hypervisor", HYPERVISORS),
    ("", "arch", &["x86_64", "aarch64"]),
    ("", "networktype", &["Basic", "Advanced"]),
    ("", "allocationstate", ON_OR_OFF),
    ("listVirtualMachines", "state", MACHINES),
    ("VnfAppliances", "state", MACHINES),
    ("listRouters", "state", MACHINES),
    ("listSystemVms", "state", MACHINES),
    ("InternalLoadBalancerVMs", "state", MACHINES),
    ("listHosts", "state", HOSTS),
    ("listHosts", "type", &["Routing", "Storage", "SecondaryStorage", "ConsoleProxy"]),
    (
        "listHosts",
        "resourcestate",
        &[
            "Enabled",
            "Disabled",
            "PrepareForMaintenance",
            "ErrorInMaintenance",
            "Maintenance",
            "Degraded",
        ],
    ),
    ("", "outofbandmanagementpowerstate", &["On", "Off", "Unknown", "Disabled"]),
    (
        "listPublicIpAddresses",
        "state",
        &["Allocated", "Allocating", "Free", "Releasing", "Reserved"],
    ),
    ("listVPCs", "state", ON_OR_OFF),
    ("Account", "state", &["enabled", "disabled", "locked"]),
    ("User", "state", &["enabled", "disabled", "locked"]),
    ("Project", "state", &["Active", "Disabled", "Suspended"]),
    ("Invitation", "state", &["Pending", "Completed", "Expired", "Declined"]),
    (
        "listVolumes",
        "state",
        &[
            "Allocated",
            "Creating",
            "Ready",
            "Migrating",
            "Snapshotting",
            "Expunging",
            "Expunged",
            "Destroy",
            "Uploaded",
            "UploadError",
        ],
    ),
    (
        "listVMSnapshot",
        "state",
        &["Allocated", "Creating", "Ready", "Reverting", "Expunging", "Error"],
    ),
    ("Offerings", "state", &["Active", "Inactive"]),
    ("NetworkOffering", "state", ON_OR_OFF),
    ("VPCOffering", "state", ON_OR_OFF),
    ("listEvents", "state", &["Created", "Scheduled", "Started", "Completed"]),
    ("listEvents", "level", &["INFO", "WARN", "ERROR"]),
    ("KubernetesSupportedVersion", "state", ON_OR_OFF),
    (
        "listKubernetesClusters",
        "state",
        &[
            "Created",
            "Starting",
            "Running",
            "Stopping",
            "Stopped",
            "Scaling",
            "Upgrading",
            "Alert",
            "Recovering",
            "Destroyed",
            "Destroying",
            "Error",
        ],
    ),
    ("Extension", "state", ON_OR_OFF),
    ("Webhook", "state", ON_OR_OFF),
    ("PhysicalNetwork", "state", ON_OR_OFF),
    ("NetworkServiceProvider", "state", ON_OR_OFF),
    ("listVolumes", "type", &["ROOT", "DATADISK"]),
    ("listNetworks", "type", &["Isolated", "Shared", "L2"]),
    ("AffinityGroup", "type", &["host anti-affinity", "host affinity"]),
    ("", "traffictype", &["Guest", "Public", "Management", "Storage"]),
    ("", "guestiptype", &["Isolated", "Shared", "L2"]),
    ("", "acltype", &["account", "domain"]),
    ("", "internetprotocol", &["ipv4", "dualstack"]),
    ("", "networkmode", &["NATTED", "ROUTED"]),
    ("", "routingmode", &["Static", "Dynamic"]),
    ("", "availability", &["Required", "Optional"]),
    ("", "isolatedpvlantype", &["Promiscuous", "Isolated", "Community", "None"]),
    ("", "networkfilter", &["account", "domain", "accountdomain", "shared", "all"]),
    ("createNetworkACL", "action", &["allow", "deny"]),
    ("NetworkACLItem", "action", &["allow", "deny"]),
    ("NetworkACL", "traffictype", &["ingress", "egress"]),
    ("RoutingFirewallRule", "traffictype", &["ingress", "egress"]),
    ("Ipv6FirewallRule", "traffictype", &["ingress", "egress"]),
    ("NetworkACL", "protocol", PROTOCOLS),
    ("LoadBalancerRule", "protocol", &["tcp", "udp", "tcp-proxy", "ssl"]),
    ("PortForwardingRule", "protocol", &["tcp", "udp"]),
    ("", "protocol", PROTOCOLS),
    ("LoadBalancer", "algorithm", &["roundrobin", "leastconn", "source"]),
    ("", "methodname", &["LbCookie", "AppCookie", "SourceBased"]),
    ("", "clustertype", CLUSTERS),
    ("Cluster", "managedstate", &["Managed", "Unmanaged"]),
    ("StoragePool", "scope", &["CLUSTER", "ZONE", "HOST"]),
    (
        "StoragePool",
        "status",
        &[
            "Up",
            "Maintenance",
            "Disabled",
            "PrepareForMaintenance",
            "ErrorInMaintenance",
            "Initial",
            "Removed",
        ],
    ),
    ("Webhook", "scope", &["Local", "Domain", "Global"]),
    ("", "storagetype", &["shared", "local"]),
    ("", "provisioningtype", &["thin", "sparse", "fat"]),
    ("", "cachemode", &["none", "writeback", "writethrough"]),
    ("", "systemvmtype", &["domainrouter", "consoleproxy", "secondarystoragevm"]),
    ("", "templatetype", &["USER", "VNF", "SYSTEM", "BUILTIN", "ROUTING"]),
    ("", "templatefilter", FILTERS),
    ("", "isofilter", FILTERS),
    ("", "format", FORMATS),
    ("Snapshot", "intervaltype", INTERVALS),
    ("Backup", "intervaltype", INTERVALS),
    ("listSnapshots", "snapshottype", &["MANUAL", "RECURRING"]),
    ("Role", "type", &["Admin", "ResourceAdmin", "DomainAdmin", "User"]),
    ("RolePermission", "permission", &["allow", "deny"]),
    ("", "roletype", &["Admin", "Regular"]),
    ("", "apikeyaccess", &["ENABLED", "DISABLED", "INHERIT"]),
    ("listUsers", "usersource", &["native", "ldap", "saml2", "oauth2"]),
    ("VMSchedule", "action", &["START", "STOP", "REBOOT", "FORCE_STOP", "FORCE_REBOOT"]),
    ("AutoScalePol", "action", &["ScaleUp", "ScaleDown"]),
    ("OutOfBandManagementPower", "action", &["ON", "OFF", "CYCLE", "RESET", "SOFT", "STATUS"]),
    ("", "relationaloperator", &["GT", "GE", "EQ", "LE", "LT"]),
    ("", "boottype", &["BIOS", "UEFI"]),
    ("", "bootmode", &["Legacy", "Secure"]),
    ("", "keyboard", &["us", "uk", "jp", "de", "fr", "es", "it", "de-ch", "fr-ch", "fi", "no"]),
    ("", "iodriverpolicy", &["native", "threads", "io_uring", "storage_specific"]),
    ("", "leaseexpiryaction", &["STOP", "DESTROY"]),
    ("", "ikeversion", &["ike", "ikev1", "ikev2"]),
    ("extract", "mode", &["HTTP_DOWNLOAD", "FTP_UPLOAD"]),
    ("", "migrationtype", &["balance", "complete"]),
    ("", "gslblbmethod", &["roundrobin", "leastconn", "proximity"]),
    ("linkUserData", "userdatapolicy", &["ALLOWOVERRIDE", "DENYOVERRIDE", "APPEND"]),
    ("", "filesystem", &["EXT4", "XFS"]),
    (
        "Limit",
        "resourcetypename",
        &[
            "user_vm",
            "public_ip",
            "volume",
            "snapshot",
            "template",
            "project",
            "network",
            "vpc",
            "cpu",
            "memory",
            "primary_storage",
            "secondary_storage",
        ],
    ),
    ("Tags", "resourcetype", RESOURCES),
    ("ResourceDetail", "resourcetype", RESOURCES),
    ("ResourceIcon", "resourcetype", RESOURCES),
    (
        "Annotation",
        "entitytype",
        &[
            "VM",
            "VOLUME",
            "SNAPSHOT",
            "VM_SNAPSHOT",
            "NETWORK",
            "VPC",
            "PUBLIC_IP_ADDRESS",
            "TEMPLATE",
            "ISO",
            "HOST",
            "CLUSTER",
            "POD",
            "ZONE",
            "DOMAIN",
            "SERVICE_OFFERING",
            "DISK_OFFERING",
            "NETWORK_OFFERING",
            "PRIMARY_STORAGE",
            "SECONDARY_STORAGE",
            "SYSTEM_VM",
            "VR",
            "USER",
            "PROJECT",
        ],
    ),
];

/// What a list must be told to answer at all, or to list those that can be used; the person's own
/// words go before.
const NEEDED: &[(&str, &str, &str)] = &[
    ("listTemplates", "templatefilter", "executable"),
    ("listVnfTemplates", "templatefilter", "executable"),
    ("listIsos", "isofilter", "executable"),
    ("listPublicIpAddresses", "allocatedonly", "false"),
    ("listProjects", "listall", "true"),
];

/// What a list is told besides, for the values of one parameter.
const CHOSEN: &[(&str, &str, &str, &str)] = &[
    ("associateIpAddress", "ipaddress", "state", "Free"),
    ("disassociateIpAddress", "id", "allocatedonly", "true"),
    ("StaticNat", "ipaddressid", "allocatedonly", "true"),
    ("Rule", "ipaddressid", "allocatedonly", "true"),
    ("Rule", "publicipid", "allocatedonly", "true"),
    ("deployVirtualMachine", "hostid", "type", "Routing"),
    ("startVirtualMachine", "hostid", "type", "Routing"),
    ("migrate", "hostid", "type", "Routing"),
];

/// Parameters whose values a list shows though no description says so: parameter, a part of the
/// API's name, the list.
const LISTED: &[(&str, &str, &str)] = &[
    ("account", "", "listAccounts"),
    ("ipaddress", "associateIpAddress", "listPublicIpAddresses"),
    ("ipaddress", "listPublicIpAddresses", "listPublicIpAddresses"),
    ("username", "listUsers", "listUsers"),
    ("keypair", "", "listSSHKeyPairs"),
];

/// The words that the parameter takes.
pub(super) fn words(api: &str, param: &str) -> Option<&'static [&'static str]> {
    let fits = |known: &&Known| known.1 == param && api.contains(known.0);
    let all = KNOWN.iter().filter(fits);
    // The longest part says most of the API.
    all.max_by_key(|(part, ..)| part.len()).map(|(.., words)| *words)
}

/// The list that shows the values.
pub(super) fn list(api: &str, param: &str) -> Option<&'static str> {
    let fits = |(name, part, _): &&(&str, &str, &str)| *name == param && api.contains(part);
    LISTED.iter().find(fits).map(|(.., list)| *list)
}

/// What the list is told for the values of `param` of `api`.
pub(super) fn told(
    list: &str,
    api: &str,
    param: &str,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let chosen = CHOSEN.iter().filter(move |(part, name, ..)| api.contains(part) && *name == param);
    let chosen: Vec<_> = chosen.map(|(.., name, value)| (*name, *value)).collect();
    let needed = NEEDED.iter().filter(move |(name, ..)| *name == list);
    chosen.into_iter().chain(needed.map(|(_, name, value)| (*name, *value)))
}

/// What a list must be told to answer at all.
pub(crate) fn must_be_told(list: &Spec) -> Vec<(&'static str, &'static str)> {
    let is_required = |name: &str| list.param(name).is_some_and(|param| param.required);
    told(list.name, "", "").filter(|(name, _)| is_required(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::built_in;

    #[test]
    fn what_is_known_is_a_parameter_of_an_api() {
        let catalogue = built_in();
        let specs = catalogue.specs();
        let is_there = |part: &str, param: &str| {
            specs.iter().any(|spec| spec.name.contains(part) && spec.param(param).is_some())
        };
        for (part, param, words) in KNOWN {
            assert!(is_there(part, param), "{part} {param}");
            let mut sorted = words.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), words.len(), "{part} {param}");
        }
        for (param, part, list) in LISTED {
            assert!(is_there(part, param) && catalogue.find(list).is_some(), "{part} {param}");
        }
        for (part, param, name, _) in CHOSEN {
            assert!(is_there(part, param) && is_there("list", name), "{part} {param}");
        }
        for (list, param, _) in NEEDED {
            assert!(is_there(list, param), "{list} {param}");
        }
    }

    #[test]
    fn the_longest_name_decides() {
        assert_eq!(words("listNetworkACLs", "traffictype"), Some(["ingress", "egress"].as_slice()));
        assert_eq!(words("createNetworkOffering", "traffictype").map(<[_]>::len), Some(4));
        assert_eq!(words("listHosts", "version"), None);
    }
}
