//! Virtual machines: made, listed and changed.

use crate::api::owned::{ForOwner, Owned};
use crate::api::paging::{Filter, Paged};
use crate::api::vm_view::{VmView, show};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::vms::{self, NewVm, VmChanges, Wanted};
use crate::model::{EntityKind, Network, ServiceOffering, Template, User, Vm, VmState, Vpc, Zone};
use crate::schema::{Fault, Id, List, Map, Text};
use std::net::Ipv4Addr;

api! {
    /// Makes a virtual machine as a record: no hypervisor runs it, but its interfaces have their
    /// addresses, and rules lead to them.
    create object "deployVirtualMachine" { key: "virtualmachine", event: "VM.CREATE",
        root_params: &["displayvm"],
        example: "deploy virtual machine zoneid=sandbox serviceofferingid=\"Small Instance\" \
            templateid=builtin networkids=web name=web1" } => deploy -> VmView;
    DeployVirtualMachine {
        /// the zone
        zoneid: Id<Zone>,
        /// how big it is
        serviceofferingid: Id<ServiceOffering>,
        /// what it begins with
        templateid: Option<Id<Template>>,
        /// the name that it has as a host; one is made where none is given
        name: Option<Text>,
        /// the name that its owner calls it by
        displayname: Option<Text>,
        /// the group that its owner puts it into
        group: Option<Text>,
        /// the networks that it stands in, the default one first; the account's only one, where
        /// nothing is said
        networkids: Option<List<Id<Network>>>,
        /// the networks with the addresses there, instead of networkids:
        /// `iptonetworklist[0].networkid=web iptonetworklist[0].ip=10.1.1.9`
        iptonetworklist: Option<Map>,
        /// the address in the first network; the lowest free one, where nothing is said
        ipaddress: Option<Ipv4Addr>,
        /// the MAC address in the first network
        macaddress: Option<Text>,
        /// whether it is started at once; yes, where nothing is said
        startvm: Option<bool>,
        /// whether the owner sees it
        displayvm: Option<bool>,
        /// the hypervisor; that of the template counts
        _hypervisor as "hypervisor": Option<Text>,
        /// a disk offering; disks are not kept
        _diskofferingid as "diskofferingid": Option<Text>,
        ..owner: ForOwner,
    }
}

fn deploy(cx: &mut Cx<'_>, args: &DeployVirtualMachine) -> Result<VmView, Fault> {
    let template = args.templateid.as_ref().ok_or_else(|| {
        Fault::invalid("Parameter templateid is needed; `list templates` shows what there is")
    })?;
    let new = NewVm {
        zone: cx.find(&args.zoneid)?,
        offering: cx.find(&args.serviceofferingid)?,
        template: cx.find(template)?,
        owner: args.owner.owner(cx)?,
        name: text(args.name.as_ref()),
        display_name: text(args.displayname.as_ref()),
        group: text(args.group.as_ref()),
        networks: networks(cx, args)?,
        ip: args.ipaddress,
        mac: text(args.macaddress.as_ref()),
        start: args.startvm.unwrap_or(true),
        display: args.displayvm.unwrap_or(true),
    };
    let vm = vms::deploy(cx, new)?;
    show(cx, vm)
}

/// The networks that are named, in one way or the other.
fn networks(cx: &mut Cx<'_>, args: &DeployVirtualMachine) -> Result<Vec<Wanted>, Fault> {
    let ids = args.networkids.iter().flat_map(|list| &list.0);
    let Some(map) = &args.iptonetworklist else {
        return ids
            .map(|id| {
                let network = cx.usable_network(&Id::new(id.text.clone(), "networkids"))?;
                Ok(Wanted { network, ip: None, mac: None })
            })
            .collect();
    };
    if args.networkids.is_some() || args.ipaddress.is_some() {
        return Err(Fault::invalid("Parameter iptonetworklist excludes networkids and ipaddress"));
    }
    map.0.iter().map(|entry| wanted(cx, entry)).collect()
}

/// An entry of `iptonetworklist`.
fn wanted(cx: &mut Cx<'_>, entry: &[(String, String)]) -> Result<Wanted, Fault> {
    let param = "iptonetworklist";
    let word = |key: &str| {
        let found = entry.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.clone())
    };
    let id = word("networkid").ok_or_else(|| {
        Fault::invalid(format!("Invalid parameter {param}: an entry has no networkid"))
    })?;
    let ip = word("ip").map(|ip| {
        let wrong =
            |_| Fault::invalid(format!("Invalid parameter {param}: {ip} is no IPv4 address"));
        ip.parse().map_err(wrong)
    });
    let network = cx.usable_network(&Id::new(id, param))?;
    Ok(Wanted { network, ip: ip.transpose()?, mac: word("mac") })
}

fn text(given: Option<&Text>) -> Option<String> {
    given.map(|text| text.0.clone())
}

api! {
    /// Lists virtual machines with their interfaces and addresses.
    now list "listVirtualMachines" { key: "virtualmachine", root_params: &["displayvm"],
        example: "list virtual machines networkid=web state=Running" } => list -> VmView;
    ListVirtualMachines {
        /// the id of the virtual machine
        id: Option<Id<Vm>>,
        /// the ids of the virtual machines
        ids: Option<List<Id<Vm>>>,
        /// a part of its name
        name: Option<Text>,
        /// what it does: Running, Stopped and others, or Present for all that are not destroyed
        state: Option<Text>,
        /// the id of the zone
        zoneid: Option<Id<Zone>>,
        /// the id of a network that it stands in
        networkid: Option<Id<Network>>,
        /// the id of a VPC in whose tiers it stands
        vpcid: Option<Id<Vpc>>,
        /// the id of the template that it began with
        templateid: Option<Id<Template>>,
        /// the id of its service offering
        serviceofferingid: Option<Id<ServiceOffering>>,
        /// the id of the user who made it
        userid: Option<Id<User>>,
        /// the hypervisor
        hypervisor: Option<Text>,
        /// whether the owner sees it
        displayvm: Option<bool>,
        /// only virtual machines with these tags
        tags: Option<Map>,
        /// accepted for other clients; everything is always shown
        _details as "details": Option<List<String>>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListVirtualMachines) -> Result<Rows<VmView>, Fault> {
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    if let Some(ids) = &args.ids {
        filter.among(cx, "id", &ids.0)?;
    }
    filter.contains("name", args.name.as_deref());
    filter.is("zone_id", cx.row_opt(args.zoneid.as_ref())?);
    filter.is("template_id", cx.row_opt(args.templateid.as_ref())?);
    filter.is("service_offering_id", cx.row_opt(args.serviceofferingid.as_ref())?);
    filter.is("user_id", cx.row_opt(args.userid.as_ref())?);
    filter.is("hypervisor", text(args.hypervisor.as_ref()));
    filter.is("display", args.displayvm);
    filter.keyword(&["name", "display_name", "state"]);
    filter.tagged(EntityKind::Vm, args.tags.as_ref())?;
    narrow_by_state(cx, args, &mut filter)?;
    let inside = "SELECT vm_id FROM nic WHERE removed IS NULL AND network_id";
    if let Some(network) = cx.row_opt(args.networkid.as_ref())? {
        filter.holds(&format!("id IN ({inside} = ?)"), [network.into()]);
    }
    if let Some(vpc) = cx.row_opt(args.vpcid.as_ref())? {
        let tiers = "SELECT id FROM network WHERE vpc_id = ?";
        filter.holds(&format!("id IN ({inside} IN ({tiers}))"), [vpc.into()]);
    }
    args.owned.narrow(cx, &mut filter, "account_id", args.id.is_some() || args.ids.is_some())?;
    let (found, total) = filter.living::<Vm>(cx, "id")?;
    let rows = found.into_iter().map(|vm| show(cx, vm)).collect::<Result<_, _>>()?;
    Ok(Rows { rows, total })
}

/// Destroyed ones are shown to admins, and to users where a setting says so.
fn narrow_by_state(
    cx: &mut Cx<'_>,
    args: &ListVirtualMachines,
    filter: &mut Filter<'_>,
) -> Result<(), Fault> {
    let setting = "allow.user.view.destroyed.vm";
    let account = cx.caller.account_id;
    if !cx.caller.is_root()
        && !cx.caller.is_domain_admin()
        && !cx.setting_at(setting, "account", account)?.eq_ignore_ascii_case("true")
    {
        filter.holds("state NOT IN ('Destroyed', 'Expunging')", []);
    }
    let Some(state) = args.state.as_deref() else { return Ok(()) };
    if state.eq_ignore_ascii_case("Present") {
        filter.holds("state NOT IN ('Destroyed', 'Expunging')", []);
        return Ok(());
    }
    // In CloudStack a state that there is not is no error: nothing is in it.
    match VmState::from_word(state) {
        Some(state) => filter.is("state", Some(state)),
        None => filter.holds("1 = 0", []),
    }
    Ok(())
}

api! {
    /// Starts a virtual machine; its networks are implemented.
    job object "startVirtualMachine" { key: "virtualmachine", event: "VM.START",
        example: "start virtual machine id=web1" } => start -> VmView;
    StartVirtualMachine {
        /// the id of the virtual machine
        id: Id<Vm>,
    }
}

fn start(cx: &mut Cx<'_>, args: &StartVirtualMachine) -> Result<VmView, Fault> {
    let vm = cx.find(&args.id)?;
    let vm = vms::start(cx, vm)?;
    show(cx, vm)
}

api! {
    /// Stops a virtual machine; its addresses stay its own.
    job object "stopVirtualMachine" { key: "virtualmachine", event: "VM.STOP",
        example: "stop virtual machine id=web1" } => stop -> VmView;
    StopVirtualMachine {
        /// the id of the virtual machine
        id: Id<Vm>,
        /// accepted for other clients; stopping never fails
        _forced as "forced": Option<bool>,
    }
}

fn stop(cx: &mut Cx<'_>, args: &StopVirtualMachine) -> Result<VmView, Fault> {
    let vm = cx.find(&args.id)?;
    let vm = vms::stop(cx, vm)?;
    show(cx, vm)
}

api! {
    /// Restarts a virtual machine that runs.
    job object "rebootVirtualMachine" { key: "virtualmachine", event: "VM.REBOOT",
        example: "reboot virtual machine id=web1" } => reboot -> VmView;
    RebootVirtualMachine {
        /// the id of the virtual machine
        id: Id<Vm>,
        /// accepted for other clients; it makes no difference
        _forced as "forced": Option<bool>,
    }
}

fn reboot(cx: &mut Cx<'_>, args: &RebootVirtualMachine) -> Result<VmView, Fault> {
    let vm = cx.find(&args.id)?;
    let vm = vms::reboot(cx, vm)?;
    show(cx, vm)
}

api! {
    /// Destroys a virtual machine. Until it is expunged it can be recovered and keeps its
    /// addresses.
    job object "destroyVirtualMachine" { key: "virtualmachine", event: "VM.DESTROY",
        example: "destroy virtual machine id=web1 expunge=true" } => destroy -> VmView;
    DestroyVirtualMachine {
        /// the id of the virtual machine
        id: Id<Vm>,
        /// whether it is removed for good at once, with its addresses
        expunge: Option<bool>,
        /// accepted for other clients; disks are not kept
        _volumeids as "volumeids": Option<List<String>>,
    }
}

fn destroy(cx: &mut Cx<'_>, args: &DestroyVirtualMachine) -> Result<VmView, Fault> {
    let vm = cx.find(&args.id)?;
    let vm = vms::destroy(cx, vm, args.expunge == Some(true))?;
    show(cx, vm)
}

api! {
    /// Removes a destroyed virtual machine for good, with its interfaces and addresses.
    job success "expungeVirtualMachine" { event: "VM.EXPUNGE",
        example: "expunge virtual machine id=web1" } => expunge;
    ExpungeVirtualMachine {
        /// the id of the virtual machine
        id: Id<Vm>,
    }
}

fn expunge(cx: &mut Cx<'_>, args: &ExpungeVirtualMachine) -> Result<(), Fault> {
    let vm = cx.find(&args.id)?;
    vms::expunge(cx, vm)
}

api! {
    /// Gives a destroyed virtual machine back to its owner.
    now object "recoverVirtualMachine" { key: "virtualmachine", event: "VM.RECOVER",
        example: "recover virtual machine id=web1" } => recover -> VmView;
    RecoverVirtualMachine {
        /// the id of the virtual machine
        id: Id<Vm>,
    }
}

fn recover(cx: &mut Cx<'_>, args: &RecoverVirtualMachine) -> Result<VmView, Fault> {
    let vm = cx.find(&args.id)?;
    let vm = vms::recover(cx, vm)?;
    show(cx, vm)
}

api! {
    /// Changes what is known of a virtual machine.
    now object "updateVirtualMachine" { key: "virtualmachine", event: "VM.UPDATE",
        root_params: &["displayvm"],
        example: "update virtual machine id=web1 displayname=\"The web\"" } => update -> VmView;
    UpdateVirtualMachine {
        /// the id of the virtual machine
        id: Id<Vm>,
        /// the new name that it has as a host
        name: Option<Text>,
        /// the new name that its owner calls it by
        displayname: Option<Text>,
        /// the group that its owner puts it into
        group: Option<Text>,
        /// whether it must not be deleted
        deleteprotection: Option<bool>,
        /// whether the owner sees it
        displayvm: Option<bool>,
    }
}

fn update(cx: &mut Cx<'_>, args: &UpdateVirtualMachine) -> Result<VmView, Fault> {
    let vm = cx.find(&args.id)?;
    let changes = VmChanges {
        name: text(args.name.as_ref()),
        display_name: text(args.displayname.as_ref()),
        group: text(args.group.as_ref()),
        display: args.displayvm,
        protected: args.deleteprotection,
    };
    let vm = vms::update(cx, vm, changes)?;
    show(cx, vm)
}

api! {
    /// Makes a stopped virtual machine as big as another service offering says.
    now object "changeServiceForVirtualMachine" { key: "virtualmachine", event: "VM.UPGRADE",
        example: "change service for virtual machine id=web1 \
            serviceofferingid=\"Medium Instance\"" }
        => change_service -> VmView;
    ChangeServiceForVirtualMachine {
        /// the id of the virtual machine
        id: Id<Vm>,
        /// the id of the service offering
        serviceofferingid: Id<ServiceOffering>,
    }
}

fn change_service(cx: &mut Cx<'_>, args: &ChangeServiceForVirtualMachine) -> Result<VmView, Fault> {
    let vm = cx.find(&args.id)?;
    let offering = cx.find(&args.serviceofferingid)?;
    let vm = vms::change_offering(cx, vm, &offering)?;
    show(cx, vm)
}
