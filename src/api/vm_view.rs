//! Virtual machines and their interfaces as the API shows them.

use crate::api::network_view::vlan_of;
use crate::api::owner_view::OwnerView;
use crate::api::tags::{self, TagView};
use crate::api::templates::os_type_name;
use crate::engine::addresses::{self, Found};
use crate::engine::{Cx, Owner, guests, vms};
use crate::model::{
    Column, EntityKind, GuestType, Network, Nic, SecondaryIp, ServiceOffering, Template, Time, Uid,
    User, Vm, Vpc, Zone,
};
use crate::net::Cidr6;
use crate::schema::{Fault, view};
use std::net::{Ipv4Addr, Ipv6Addr};

view! {
    /// A further address of an interface.
    SecondaryIpView in "NicSecondaryIpResponse" shows ["ipaddress", "id"] {
        /// the id of the further address
        id: Uid,
        /// the further address
        ipaddress: Ipv4Addr,
    }
}

view! {
    /// An interface of a virtual machine.
    NicView in "NicResponse" shows ["ipaddress", "networkname", "macaddress", "isdefault", "type",
        "publicip", "id"] root ["broadcasturi", "isolationuri", "vlanid"] {
        /// the id of the interface
        id: Uid,
        /// the id of the network
        networkid: Uid,
        /// the name of the network
        networkname: String,
        /// the id of the virtual machine
        virtualmachineid: Uid,
        /// the first address
        ipaddress: Option<Ipv4Addr>,
        /// the netmask
        netmask: Option<Ipv4Addr>,
        /// the gateway
        gateway: Option<Ipv4Addr>,
        /// the IPv6 address, which follows from the network's /64 and the MAC address
        ip6address: Option<Ipv6Addr>,
        /// the IPv6 gateway
        ip6gateway: Option<String>,
        /// the IPv6 CIDR
        ip6cidr: Option<String>,
        /// the MAC address
        macaddress: Option<String>,
        /// the place of the interface in the virtual machine, from 0
        deviceid: String,
        /// whether traffic to elsewhere goes through it
        isdefault: bool,
        /// the kind of network: `Isolated`, `Shared` or `L2`
        guesttype as "type": Option<&'static str>,
        /// `Guest`
        traffictype: &'static str,
        /// the broadcast URI of the network, for example `vxlan://5000`
        broadcasturi: Option<String>,
        /// the same, which keeps the traffic apart
        isolationuri: Option<String>,
        /// the VLAN or VNI
        vlanid: Option<i64>,
        /// the MTU of the network, in bytes
        mtu: Option<i64>,
        /// the further addresses
        secondaryip: Option<Vec<SecondaryIpView>>,
        /// the public address that is translated to the interface
        publicip: Option<Ipv4Addr>,
        /// the id of that address
        publicipid: Option<Uid>,
        /// the id of the VPC whose tier the network is
        vpcid: Option<Uid>,
        /// the name of that VPC
        vpcname: Option<String>,
    }
}

view! {
    /// What a virtual machine was made of, which is part of its own view.
    MadeOfView in "UserVmResponse" shows ["serviceofferingname"] {
        /// the id of the service offering
        serviceofferingid: Uid,
        /// the name of the service offering
        serviceofferingname: String,
        /// how many processors it has
        cpunumber: Option<i64>,
        /// how fast each of them is, in MHz
        cpuspeed: Option<i64>,
        /// how much memory it has, in MB
        memory: Option<i64>,
        /// the id of the template
        templateid: Uid,
        /// the name of the template
        templatename: String,
        /// what the template is
        templatedisplaytext: String,
        /// the format of the template
        templateformat: String,
        /// the id of the type of its operating system
        guestosid: Uid,
        /// the same
        ostypeid: Uid,
        /// the name of the type of its operating system
        osdisplayname: &'static str,
        /// whether it has a password from the system
        passwordenabled: bool,
    }
}

view! {
    /// A virtual machine.
    VmView in "UserVmResponse" shows ["name", "state", "ipaddress", "publicip", "zonename",
        "account", "serviceofferingname", "templatename", "created", "id"]
        root ["instancename", "displayvm"] {
        /// the id of the virtual machine
        id: Uid,
        /// the name that it has as a host
        name: String,
        /// the name that its owner calls it by
        displayname: String,
        /// the name that hypervisors know it by
        instancename: String,
        /// the id of the user who made it
        userid: Uid,
        /// the name of that user
        username: String,
        /// when it was made
        created: Time,
        /// when its state changed last
        lastupdated: Time,
        /// `Running`, `Stopped`, `Destroyed`, `Error` and others
        state: &'static str,
        /// whether it is started elsewhere when its host fails
        haenable: bool,
        /// the group that its owner has put it into
        group: Option<String>,
        /// the id of the zone
        zoneid: Uid,
        /// the name of the zone
        zonename: String,
        /// the hypervisor that it would run on
        hypervisor: String,
        /// the address of its default interface
        ipaddress: Option<Ipv4Addr>,
        /// the public address that is translated to it
        publicip: Option<Ipv4Addr>,
        /// the id of that address
        publicipid: Option<Uid>,
        /// the interfaces
        nic: Vec<NicView>,
        /// the security groups
        securitygroup: Vec<String>,
        /// the affinity groups
        affinitygroup: Vec<String>,
        /// the tags of the virtual machine
        tags: Vec<TagView>,
        /// whether it may change its size while it runs
        isdynamicallyscalable: bool,
        /// whether it must not be deleted
        deleteprotection: bool,
        /// whether the owner sees it
        displayvm: bool,
        /// `User`
        vmtype: &'static str,
        /// whether somebody left a comment
        hasannotations: bool,
        ..owner: OwnerView,
        ..made: MadeOfView,
    }
}

/// A virtual machine as the admin sees it.
pub(crate) fn show(cx: &mut Cx<'_>, vm: Vm) -> Result<VmView, Fault> {
    let zone: Zone = cx.must(vm.zone_id)?;
    let user: User = cx.must(vm.user_id)?;
    let offering: ServiceOffering = cx.must(vm.service_offering_id)?;
    let nics = vms::nics_of(cx, vm.id)?;
    let nic = nics.into_iter().map(|nic| show_nic(cx, nic)).collect::<Result<Vec<_>, _>>()?;
    let first = nic.iter().find(|nic| nic.isdefault).or(nic.first());
    let public = nic.iter().find(|nic| nic.publicip.is_some());
    Ok(VmView {
        id: cx.uid::<Vm>(vm.id),
        instancename: vm.instance_name(),
        userid: cx.uid::<User>(vm.user_id),
        username: user.username,
        created: vm.created,
        lastupdated: vm.updated,
        state: vm.state.word(),
        haenable: offering.offer_ha,
        zoneid: cx.uid::<Zone>(zone.id),
        zonename: zone.name,
        ipaddress: first.and_then(|nic| nic.ipaddress),
        publicip: public.and_then(|nic| nic.publicip),
        publicipid: public.and_then(|nic| nic.publicipid),
        securitygroup: Vec::new(),
        affinitygroup: Vec::new(),
        tags: tags::views(cx, (EntityKind::Vm, 0, vm.id))?,
        isdynamicallyscalable: false,
        deleteprotection: vm.protected,
        displayvm: vm.display,
        vmtype: "User",
        hasannotations: false,
        owner: OwnerView::of(cx, Owner::from(&vm))?,
        made: made_of(cx, &vm, offering)?,
        nic,
        name: vm.name,
        displayname: vm.display_name,
        group: vm.group_name,
        hypervisor: vm.hypervisor,
    })
}

fn made_of(cx: &mut Cx<'_>, vm: &Vm, offering: ServiceOffering) -> Result<MadeOfView, Fault> {
    let template: Template = cx.must(vm.template_id)?;
    let os = cx.tx.uid(EntityKind::OsType, template.os_type);
    Ok(MadeOfView {
        serviceofferingid: cx.uid::<ServiceOffering>(offering.id),
        serviceofferingname: offering.name,
        cpunumber: offering.cpu_number,
        cpuspeed: offering.cpu_speed,
        memory: offering.memory,
        templateid: cx.uid::<Template>(template.id),
        templatename: template.name,
        templatedisplaytext: template.display_text,
        templateformat: template.format,
        guestosid: os,
        ostypeid: os,
        osdisplayname: os_type_name(template.os_type),
        passwordenabled: false,
    })
}

/// An interface as the admin sees it.
pub(crate) fn show_nic(cx: &mut Cx<'_>, nic: Nic) -> Result<NicView, Fault> {
    let network: Network = cx.must(nic.network_id)?;
    let vpc: Option<Vpc> = network.vpc_id.map(|id| cx.must(id)).transpose()?;
    let public = public_of(cx, &nic)?;
    let subnet = nic.ip.map(|ip| guests::subnet_of(cx, &network, ip)).transpose()?.flatten();
    let vlan = network.broadcast_uri.as_deref().and_then(vlan_of);
    let block = network.ip6_cidr.as_deref().and_then(|text| Cidr6::parse(text).ok());
    let ip6 = block.zip(nic.mac.as_deref()).and_then(|(block, mac)| block.eui64(mac));
    Ok(NicView {
        id: cx.uid::<Nic>(nic.id),
        networkid: cx.uid::<Network>(network.id),
        virtualmachineid: cx.uid::<Vm>(nic.vm_id),
        ipaddress: nic.ip,
        netmask: subnet.map(|(_, netmask)| netmask),
        gateway: subnet.and_then(|(gateway, _)| gateway),
        ip6address: ip6,
        ip6gateway: network.ip6_gateway.clone().filter(|_| ip6.is_some()),
        ip6cidr: network.ip6_cidr.clone().filter(|_| ip6.is_some()),
        deviceid: nic.device.to_string(),
        isdefault: nic.is_default,
        guesttype: network.guest_type.map(GuestType::word),
        traffictype: network.traffic_type.word(),
        isolationuri: network.broadcast_uri.clone(),
        vlanid: vlan.and_then(|vlan| vlan.parse().ok()),
        mtu: network.private_mtu,
        secondaryip: show_ips(cx, nic.id)?,
        publicip: public.as_ref().map(|found| found.place.ip),
        publicipid: public.map(|found| addresses::uid(cx, &found.place)).transpose()?,
        vpcid: vpc.as_ref().map(|vpc| cx.uid::<Vpc>(vpc.id)),
        vpcname: vpc.map(|vpc| vpc.name),
        macaddress: nic.mac,
        networkname: network.name,
        broadcasturi: network.broadcast_uri,
    })
}

/// The further addresses of an interface; none are not shown.
pub(crate) fn show_ips(
    cx: &mut Cx<'_>,
    nic_id: i64,
) -> Result<Option<Vec<SecondaryIpView>>, Fault> {
    let ips = vms::ips_of(cx, nic_id)?;
    let shown = |one: &SecondaryIp| SecondaryIpView {
        id: cx.uid::<SecondaryIp>(one.id),
        ipaddress: one.ip,
    };
    Ok((!ips.is_empty()).then(|| ips.iter().map(shown).collect()))
}

/// The public address that is translated to an interface.
fn public_of(cx: &mut Cx<'_>, nic: &Nic) -> Result<Option<Found>, Fault> {
    let sql = "SELECT range_id, place FROM address WHERE network_id = ? AND vm_id = ? \
               AND static_nat = 1 ORDER BY range_id, place LIMIT 1";
    let mut found = None;
    cx.tx.each(sql, &[nic.network_id.into(), nic.vm_id.into()], |cell| {
        found = Some((i64::from_cell(cell(0))?, i64::from_cell(cell(1))?));
        Ok(false)
    })?;
    match found {
        Some((range, place)) => Found::at(cx, range, place),
        None => Ok(None),
    }
}
