//! Every setting there is, sorted by name: keys and defaults as in CloudStack 4.22
//! (`Config` and the `ConfigKey` fields of each component), and a few of Capuchin's own.

use super::setting::Setting;
use super::setting::SettingKind::{
    Address, Boolean, Cidr, CidrList, DomainName, Double, Float, Integer, Long, String, Timeouts,
};
use super::setting::SettingScope::{Account, Domain, Zone};

/// The highest value of a 32-bit number, CloudStack's `Integer`.
const INT_MAX: i64 = 2_147_483_647;

/// The settings in alphabetical order of their names.
pub(crate) const SETTINGS: &[Setting] = &[
    Setting::new("account.cleanup.interval", Integer, "86400", "Advanced")
        .range(1, INT_MAX)
        .about("Seconds between two sweeps that finish the removal of deleted accounts"),
    Setting::new("allow.duplicate.networkname", Boolean, "true", "Advanced")
        .scope(Account)
        .dynamic()
        .component("NetworkService")
        .about("Whether an account may have two networks of the same name"),
    Setting::new("allow.empty.start.end.ipaddress", Boolean, "true", "Advanced")
        .scope(Account)
        .dynamic()
        .component("NetworkService")
        .about("Whether a shared network may be created without start and end address"),
    Setting::new("allow.end.users.to.specify.vr.mtu", Boolean, "false", "Advanced")
        .scope(Zone)
        .dynamic()
        .component("NetworkService")
        .about("Whether users may choose the MTU of their network's router"),
    Setting::new("allow.non.rfc1918.compliant.ips", Boolean, "false", "Advanced")
        .dynamic()
        .component("ConfigurationManagerImpl")
        .about("Whether guest networks may use addresses outside RFC 1918 and RFC 6598"),
    Setting::new("allow.subdomain.network.access", Boolean, "true", "Advanced")
        .about("Whether a domain's shared network serves its subdomains too"),
    Setting::new("allow.user.create.projects", Boolean, "true", "Project Defaults")
        .dynamic()
        .about("Whether users may create projects, or only admins"),
    Setting::new("allow.user.expunge.recover.vm", Boolean, "false", "Advanced")
        .scope(Account)
        .dynamic()
        .component("UserVmManager")
        .about("Whether users may expunge and recover their virtual machines"),
    Setting::new("allow.user.list.available.ips.on.shared.network", Boolean, "false", "Advanced")
        .dynamic()
        .component("ManagementServerImpl")
        .about("Whether users see the free addresses of shared networks"),
    Setting::new("allow.user.view.destroyed.vm", Boolean, "false", "Advanced")
        .scope(Account)
        .dynamic()
        .component("UserVmManager")
        .about("Whether users see their virtual machines that are destroyed and not expunged yet"),
    Setting::new("api.allowed.source.cidr.list", CidrList, "0.0.0.0/0,::/0", "Advanced")
        .scope(Account)
        .dynamic()
        .component("ApiServiceConfiguration")
        .about("Blocks from which an account may call the API, comma separated"),
    Setting::new("api.throttling.enabled", Boolean, "false", "Advanced")
        .about("Whether the requests of an account are limited; root administrators' are not"),
    Setting::new("api.throttling.interval", Integer, "1", "Advanced")
        .range(1, INT_MAX)
        .about("Seconds in which an account may make api.throttling.max requests"),
    Setting::new("api.throttling.max", Integer, "25", "Advanced")
        .range(1, INT_MAX)
        .about("Requests that an account may make in api.throttling.interval"),
    Setting::new("capacity.check.period", Integer, "300000", "Alert")
        .range(1, INT_MAX)
        .about("Milliseconds between two looks at the capacity thresholds"),
    Setting::new("client.token.lifetime", Integer, "86400", "Advanced")
        .dynamic()
        .component("Capuchin")
        .range(1, INT_MAX)
        .about("Seconds for which a call with the same clienttoken is answered as the first was"),
    Setting::new("commands.timeout", Timeouts, "", "Advanced")
        .dynamic()
        .component("AgentManager")
        .about("Timeouts of single commands in seconds, as name=seconds,name=seconds"),
    Setting::new("control.cidr", Cidr, "169.254.0.0/16", "Advanced")
        .about("Link-local block for control traffic of system machines"),
    Setting::new("control.gateway", Address, "169.254.0.1", "Advanced")
        .about("Gateway inside control.cidr"),
    Setting::new("default.page.size", Long, "500", "Advanced")
        .range(1, INT_MAX)
        .about("Most rows that one list call returns"),
    Setting::new("default.ui.page.size", Long, "20", "Advanced")
        .range(1, INT_MAX)
        .dynamic()
        .component("ApiServiceConfiguration")
        .about("Rows that interactive clients ask for at once"),
    Setting::new("denied.routes", CidrList, "", "Network")
        .scope(Zone)
        .dynamic()
        .component("VpcManager")
        .about("Blocks that no static route may lead to, comma separated"),
    Setting::new("enable.account.settings.for.domain", Boolean, "false", "Advanced")
        .dynamic()
        .component("ConfigurationManagerImpl")
        .about("Whether account settings can be set on a domain, for all its accounts"),
    Setting::new("enable.domain.settings.for.child.domain", Boolean, "false", "Advanced")
        .dynamic()
        .component("ConfigurationManagerImpl")
        .about("Whether a domain without a value of its own takes its parent's"),
    Setting::new("expunge.delay", Integer, "86400", "Advanced")
        .range(1, INT_MAX)
        .dynamic()
        .component("UserVmManager")
        .about("Seconds for which a destroyed or failed virtual machine is kept"),
    Setting::new("guest.domain.suffix", DomainName, "cloud.internal", "Network")
        .scope(Zone)
        .dynamic()
        .component("NetworkOrchestrationService")
        .about("DNS domain of guests whose network names none"),
    Setting::new("guest.vlan.bits", Integer, "12", "Network")
        .range(0, 24)
        .about("Bits of a guest address that carry the VLAN id behind external devices"),
    Setting::new("integration.api.port", Integer, "0", "Advanced")
        .range(-1, 65_535)
        .component("ApiServer")
        .about("TCP port of the API without authentication; 0 or less closes it"),
    Setting::new("ipv6.offering.enabled", Boolean, "false", "Advanced")
        .dynamic()
        .component("Ipv6Service")
        .about("Whether network and VPC offerings may be created with IPv6"),
    Setting::new("job.cancel.threshold.minutes", Long, "60", "Advanced")
        .range(1, INT_MAX)
        .dynamic()
        .component("AsyncJobManager")
        .about("Minutes after which a job still running is cancelled"),
    Setting::new("job.expire.minutes", Long, "1440", "Advanced")
        .range(1, INT_MAX)
        .dynamic()
        .component("AsyncJobManager")
        .about("Minutes that a finished job is kept"),
    Setting::new("max.account.networks", Long, "20", "Account Defaults")
        .range(-1, i64::MAX)
        .about("Networks that an account may own"),
    Setting::new("max.account.projects", Long, "10", "Account Defaults")
        .range(-1, i64::MAX)
        .about("Projects that an account may administer"),
    Setting::new("max.account.public.ips", Long, "20", "Account Defaults")
        .range(-1, i64::MAX)
        .about("Public addresses that an account may hold"),
    Setting::new("max.account.user.vms", Long, "20", "Account Defaults")
        .range(-1, i64::MAX)
        .about("Virtual machines that an account may own"),
    Setting::new("max.account.vpcs", Long, "20", "Account Defaults")
        .range(-1, i64::MAX)
        .about("VPCs that an account may own"),
    Setting::new("max.domain.networks", Long, "40", "Domain Defaults")
        .range(-1, i64::MAX)
        .about("Networks that all accounts of a domain may own together"),
    Setting::new("max.domain.projects", Long, "50", "Domain Defaults")
        .range(-1, i64::MAX)
        .about("Projects that all accounts of a domain may administer together"),
    Setting::new("max.domain.public.ips", Long, "40", "Domain Defaults")
        .range(-1, i64::MAX)
        .about("Public addresses that all accounts of a domain may hold together"),
    Setting::new("max.domain.user.vms", Long, "40", "Domain Defaults")
        .range(-1, i64::MAX)
        .about("Virtual machines that all accounts of a domain may own together"),
    Setting::new("max.domain.vpcs", Long, "40", "Domain Defaults")
        .range(-1, i64::MAX)
        .about("VPCs that all accounts of a domain may own together"),
    Setting::new("max.project.networks", Long, "20", "Project Defaults")
        .range(-1, i64::MAX)
        .about("Networks that a project may own"),
    Setting::new("max.project.public.ips", Long, "20", "Project Defaults")
        .range(-1, i64::MAX)
        .about("Public addresses that a project may hold"),
    Setting::new("max.project.user.vms", Long, "20", "Project Defaults")
        .range(-1, i64::MAX)
        .about("Virtual machines that a project may own"),
    Setting::new("max.project.vpcs", Long, "20", "Project Defaults")
        .range(-1, i64::MAX)
        .about("VPCs that a project may own"),
    Setting::new("network.dns.basiczone.updates", String, "all", "Advanced")
        .choices(&["all", "pod"])
        .component("NetworkManager")
        .about("Which DHCP servers of a Basic zone learn of a new guest"),
    Setting::new("network.gc.interval", Integer, "600", "Advanced")
        .range(1, INT_MAX)
        .component("NetworkOrchestrationService")
        .about("Seconds between two sweeps for idle networks"),
    Setting::new("network.gc.wait", Integer, "600", "Advanced")
        .range(1, INT_MAX)
        .dynamic()
        .component("NetworkOrchestrationService")
        .about("Seconds that a network stays idle before it is shut down"),
    Setting::new("network.guest.cidr.limit", Integer, "22", "Network")
        .range(8, 30)
        .component("NetworkManager")
        .about("Shortest prefix length that a guest network may have"),
    Setting::new("network.ipv6.prefix.subnet.cleanup.interval", Integer, "1800", "Advanced")
        .range(1, INT_MAX)
        .dynamic()
        .component("Ipv6Service")
        .about("Seconds after which an IPv6 subnet of a failed network is freed"),
    Setting::new("network.lock.timeout", Integer, "600", "Network")
        .range(1, INT_MAX)
        .dynamic()
        .component("NetworkOrchestrationService")
        .about("Seconds to wait for a network that another operation holds"),
    Setting::new("network.rolling.restart", Boolean, "true", "Advanced")
        .dynamic()
        .component("NetworkOrchestrationService")
        .about("Whether a network restart starts the new router before it stops the old"),
    Setting::new("network.rule.delete.ignoreerror", Boolean, "true", "Advanced")
        .dynamic()
        .component("IpAddressManager")
        .about("Whether releasing an address goes on when one of its rules cannot be removed"),
    Setting::new("network.throttling.rate", Integer, "200", "Network")
        .range(-1, INT_MAX)
        .scope(Zone)
        .dynamic()
        .component("NetworkOrchestrationService")
        .about("Megabits per second of a network whose offering names no rate"),
    Setting::new("pod.privateip.capacity.notificationthreshold", Float, "0.75", "Alert")
        .share()
        .about("Used share of a pod's management addresses that raises an alert"),
    Setting::new("project.invite.required", Boolean, "false", "Project Defaults")
        .about("Whether a member joins a project by invitation only"),
    Setting::new("public.ip.address.quarantine.duration", Integer, "0", "Network")
        .range(0, INT_MAX)
        .scope(Domain)
        .dynamic()
        .component("IpAddressManager")
        .about("Minutes that a released public address stays reserved for its last owner"),
    Setting::new("public.ip.lowest.first", Boolean, "false", "Network")
        .dynamic()
        .component("Capuchin")
        .about(
            "Whether the lowest free public address is taken also when several servers take some \
                at the same time, which is slower",
        ),
    Setting::new("publish.action.events", Boolean, "true", "Advanced")
        .about("Whether action events go to the event bus"),
    Setting::new("publish.alert.events", Boolean, "true", "Advanced")
        .about("Whether alerts go to the event bus"),
    Setting::new("publish.async.job.events", Boolean, "true", "Advanced")
        .about("Whether job events go to the event bus"),
    Setting::new("publish.usage.events", Boolean, "true", "Advanced")
        .about("Whether usage events go to the event bus"),
    Setting::new("routed.ipv4.network.cidr.auto.allocation.enabled", Boolean, "true", "Network")
        .scope(Account)
        .dynamic()
        .component("RoutedIpv4Manager")
        .about("Whether a routed network may carve its block out of the zone's subnets"),
    Setting::new("routed.ipv4.vpc.max.cidr.size", Integer, "28", "Network")
        .range(8, 32)
        .scope(Account)
        .dynamic()
        .component("RoutedIpv4Manager")
        .about("Longest prefix length of a routed VPC"),
    Setting::new("routed.ipv4.vpc.min.cidr.size", Integer, "22", "Network")
        .range(8, 32)
        .scope(Account)
        .dynamic()
        .component("RoutedIpv4Manager")
        .about("Shortest prefix length of a routed VPC"),
    Setting::new("routed.network.ipv4.max.cidr.size", Integer, "30", "Network")
        .range(8, 32)
        .scope(Account)
        .dynamic()
        .component("RoutedIpv4Manager")
        .about("Longest prefix length of a routed network"),
    Setting::new("routed.network.ipv4.min.cidr.size", Integer, "24", "Network")
        .range(8, 32)
        .scope(Account)
        .dynamic()
        .component("RoutedIpv4Manager")
        .about("Shortest prefix length of a routed network"),
    Setting::new("routed.network.vpc.enabled", Boolean, "true", "Network")
        .scope(Zone)
        .dynamic()
        .component("RoutedIpv4Manager")
        .about("Whether networks and VPCs may be routed instead of translated"),
    Setting::new("simulate.vm.failure", String, "none", "Advanced")
        .choices(&["none", "Starting"])
        .dynamic()
        .component("Capuchin")
        .about("Where virtual machines fail, to see what such a failure leaves"),
    Setting::new(
        "system.vm.management.ip.reservation.mode.strictness",
        Boolean,
        "false",
        "Advanced",
    )
    .component("NetworkOrchestrationService")
    .about("Whether system machines take reserved management addresses only"),
    Setting::new("system.vm.public.ip.reservation.mode.strictness", Boolean, "false", "Advanced")
        .dynamic()
        .component("IpAddressManager")
        .about("Whether system machines take reserved public addresses only"),
    Setting::new("use.external.dns", Boolean, "false", "Advanced")
        .scope(Zone)
        .dynamic()
        .component("VirtualNetworkApplianceManager")
        .about("Whether guests ask the zone's DNS servers instead of their router"),
    Setting::new("use.system.bgp.peers", Boolean, "true", "Network")
        .scope(Account)
        .dynamic()
        .component("RoutedIpv4Manager")
        .about("Whether an account with its own BGP peers may use the system's too"),
    Setting::new("use.system.guest.vlans", Boolean, "true", "Network")
        .scope(Account)
        .dynamic()
        .component("NetworkOrchestrationService")
        .about("Whether an account with dedicated VLANs may use the system's once they run out"),
    Setting::new("use.system.public.ips", Boolean, "true", "Advanced")
        .scope(Account)
        .dynamic()
        .component("IpAddressManager")
        .about(
            "Whether an account with dedicated addresses may use the system's once they run out",
        ),
    Setting::new("vm.network.nic.max.secondary.ipaddresses", Integer, "256", "Network")
        .range(0, INT_MAX)
        .about("Secondary addresses that a NIC may have"),
    Setting::new("vm.network.throttling.rate", Integer, "200", "Network")
        .range(-1, INT_MAX)
        .about("Megabits per second of a guest's NIC whose offering names no rate"),
    Setting::new("vpc.cidr.pool", Cidr, "10.0.0.0/8", "Network")
        .dynamic()
        .component("Capuchin")
        .about("Block from which a VPC without a CIDR is carved"),
    Setting::new("vpc.cidr.size", Integer, "16", "Network")
        .range(8, 29)
        .dynamic()
        .component("Capuchin")
        .about("Prefix length of a VPC carved from vpc.cidr.pool"),
    Setting::new("vpc.cleanup.interval", Integer, "3600", "Advanced")
        .range(1, INT_MAX)
        .about("Seconds between two sweeps that remove inactive VPCs"),
    Setting::new("vpc.max.networks", Integer, "3", "Advanced")
        .range(1, INT_MAX)
        .about("Tiers that a VPC may have"),
    Setting::new("vpc.tier.cidr.size", Integer, "24", "Network")
        .range(16, 29)
        .dynamic()
        .component("Capuchin")
        .about("Prefix length of a tier carved from its VPC"),
    Setting::new("vpc.tier.name.prepend", Boolean, "false", "Advanced")
        .dynamic()
        .component("VpcManager")
        .about("Whether a tier's name is shown behind that of its VPC"),
    Setting::new("vpc.tier.name.prepend.delimiter", String, " ", "Advanced")
        .dynamic()
        .component("VpcManager")
        .about("Text between the name of a VPC and that of its tier"),
    Setting::new("vr.private.interface.max.mtu", Integer, "1500", "Advanced")
        .range(68, 65_535)
        .scope(Zone)
        .dynamic()
        .component("NetworkService")
        .about("Largest MTU of a router's guest interface, in bytes"),
    Setting::new("vr.public.interface.max.mtu", Integer, "1500", "Advanced")
        .range(68, 65_535)
        .scope(Zone)
        .dynamic()
        .component("NetworkService")
        .about("Largest MTU of a router's public interface, in bytes"),
    Setting::new("vrouter.redundant.tiers.placement", String, "random", "Advanced")
        .choices(&["first", "last", "random"])
        .scope(Account)
        .dynamic()
        .component("IpAddressManager")
        .about("Where in a tier a redundant router takes its addresses"),
    Setting::new(
        "zone.directnetwork.publicip.capacity.notificationthreshold",
        Float,
        "0.75",
        "Alert",
    )
    .share()
    .about("Used share of a zone's shared network addresses that raises an alert"),
    Setting::new(
        "zone.virtualnetwork.ipv6subnet.capacity.notificationthreshold",
        Double,
        "0.75",
        "Alert",
    )
    .share()
    .dynamic()
    .component("AlertManager")
    .about("Used share of a zone's IPv6 subnets that raises an alert"),
    Setting::new(
        "zone.virtualnetwork.publicip.capacity.notificationthreshold",
        Float,
        "0.75",
        "Alert",
    )
    .share()
    .about("Used share of a zone's public addresses that raises an alert"),
    Setting::new("zone.vlan.capacity.notificationthreshold", Float, "0.75", "Alert")
        .share()
        .about("Used share of a zone's VLANs that raises an alert"),
];
