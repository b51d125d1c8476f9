//! Further addresses of interfaces.

use crate::engine::guests::{self, Holder};
use crate::engine::{Cx, Owner, rules};
use crate::model::{EntityKind, GuestKind, GuestType, Network, Nic, SecondaryIp, Vm};
use crate::schema::{Exception, Fault};
use crate::text::quoted;
use std::net::Ipv4Addr;

/// The further addresses of an interface.
pub(crate) fn ips_of(cx: &mut Cx<'_>, nic_id: i64) -> Result<Vec<SecondaryIp>, Fault> {
    let tail = "WHERE nic_id = ? AND removed IS NULL ORDER BY id";
    Ok(cx.tx.select(tail, &[nic_id.into()])?)
}

/// Gives an interface one more address: `wanted`, else the lowest free one of its network
/// (`allocateSecondaryGuestIP`). In CloudStack two callers may get the same one.
pub(crate) fn add_ip(
    cx: &mut Cx<'_>,
    nic: &Nic,
    wanted: Option<Ipv4Addr>,
) -> Result<SecondaryIp, Fault> {
    let vm: Vm = cx.must(nic.vm_id)?;
    let network: Network = cx.must(nic.network_id)?;
    let setting = "vm.network.nic.max.secondary.ipaddresses";
    let most = cx.setting_int(setting)?;
    let have = ips_of(cx, nic.id)?.len();
    if i64::try_from(have).is_ok_and(|have| have >= most) {
        return Err(Fault::invalid(format!(
            "Invalid parameter nicid: the interface has {have} further addresses already, as many \
             as the setting {setting} allows"
        )));
    }
    if network.guest_type == Some(GuestType::L2) || network.cidr.is_none() {
        let name = quoted(&network.name);
        let text = format!("The network {name} has no addresses of its own to give");
        return Err(Fault::new(Exception::CloudRuntime, text));
    }
    let mut ip = SecondaryIp {
        id: 0,
        nic_id: nic.id,
        vm_id: vm.id,
        network_id: network.id,
        ip: wanted.unwrap_or(Ipv4Addr::UNSPECIFIED),
        account_id: vm.account_id,
        domain_id: vm.domain_id,
        created: cx.now,
        removed: None,
    };
    ip.id = cx.tx.insert(&ip)?;
    let holder = Holder { kind: GuestKind::SecondaryIp, id: ip.id, owner: Owner::from(&vm) };
    ip.ip =
        guests::acquire(cx, &network, wanted, holder).map_err(guests::as_invalid("ipaddress"))?;
    cx.tx.save(&ip)?;
    concerns(cx, &ip, "adding", &vm);
    Ok(ip)
}

fn concerns(cx: &mut Cx<'_>, ip: &SecondaryIp, doing: &str, vm: &Vm) {
    let what = format!("{doing} the address {} of the virtual machine {}", ip.ip, vm.name);
    cx.concerns(EntityKind::SecondaryIp, (0, ip.id), Owner::from(vm), what);
}

/// Takes a further address from an interface; none that rules lead to.
pub(crate) fn remove_ip(cx: &mut Cx<'_>, ip: SecondaryIp) -> Result<(), Fault> {
    let vm: Vm = cx.must(ip.vm_id)?;
    concerns(cx, &ip, "removing", &vm);
    let nic: Nic = cx.must(ip.nic_id)?;
    if let Some(rule) = rules::leading_to(cx, &nic, Some(ip.ip))? {
        let text = format!("Invalid parameter id: {rule} leads to {}; remove that before", ip.ip);
        return Err(Fault::invalid(text).in_job());
    }
    forget(cx, ip).map_err(Fault::in_job)
}

fn forget(cx: &mut Cx<'_>, mut ip: SecondaryIp) -> Result<(), Fault> {
    guests::release(cx, ip.network_id, ip.ip)?;
    ip.removed = Some(cx.now);
    cx.tx.save(&ip)?;
    Ok(())
}

/// Takes all further addresses from an interface that goes.
pub(super) fn drop_all(cx: &mut Cx<'_>, nic_id: i64) -> Result<(), Fault> {
    for ip in ips_of(cx, nic_id)? {
        forget(cx, ip)?;
    }
    Ok(())
}
