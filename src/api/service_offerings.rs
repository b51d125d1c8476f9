//! Service offerings: how big virtual machines are.

use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::engine::service_offerings as offerings;
use crate::model::{ServiceOffering, ServiceOfferingState, Time, Uid, Vm, Zone};
use crate::schema::{Fault, Id, Text, view};

view! {
    /// A service offering.
    ServiceOfferingView in "ServiceOfferingResponse" shows ["name", "cpunumber", "cpuspeed",
        "memory", "issystem", "created", "id"] {
        /// the id of the service offering
        id: Uid,
        /// the name of the service offering
        name: String,
        /// what the service offering is
        displaytext: String,
        /// how many processors
        cpunumber: Option<i64>,
        /// how fast each of them is, in MHz
        cpuspeed: Option<i64>,
        /// how much memory, in MB
        memory: Option<i64>,
        /// `shared` or `local`
        storagetype: String,
        /// the tags of the hosts that it needs
        hosttags: Option<String>,
        /// the data rate, in MBit/s
        networkrate: Option<i64>,
        /// whether virtual machines are started elsewhere when their host fails
        offerha: bool,
        /// whether they get no more of a processor than is said
        limitcpuuse: bool,
        /// whether it is for the system's own virtual machines
        issystem: bool,
        /// whether it is the one that is taken when none is named
        defaultuse: bool,
        /// whether each virtual machine says its size itself
        iscustomized: bool,
        /// whether disks begin anew when the virtual machine does
        isvolatile: bool,
        /// whether virtual machines may change their size while they run
        dynamicscalingenabled: bool,
        /// `Active` or `Inactive`
        state: &'static str,
        /// when it was made
        created: Time,
        /// whether somebody left a comment
        hasannotations: bool,
    }
}

api! {
    /// Creates a service offering.
    now object "createServiceOffering" { key: "serviceoffering",
        event: "SERVICE.OFFERING.CREATE",
        example: "create service offering name=tiny cpunumber=1 cpuspeed=500 memory=256" }
        => create -> ServiceOfferingView;
    CreateServiceOffering {
        /// the name of the service offering
        name: Text,
        /// what it is; its name when nothing is said
        displaytext: Option<Text>,
        /// how many processors; none for virtual machines that say it themselves
        cpunumber: Option<u32>,
        /// how fast each of them is, in MHz
        cpuspeed: Option<u32>,
        /// how much memory, in MB
        memory: Option<u32>,
        /// `shared` or `local`
        storagetype: Option<Text>,
        /// the tags of the hosts that it needs
        hosttags: Option<Text>,
        /// the data rate, in MBit/s
        networkrate: Option<u32>,
        /// whether virtual machines are started elsewhere when their host fails
        offerha: Option<bool>,
        /// whether they get no more of a processor than is said
        limitcpuuse: Option<bool>,
        /// whether it is for the system's own virtual machines
        issystem: Option<bool>,
    }
}

fn create(cx: &mut Cx<'_>, args: &CreateServiceOffering) -> Result<ServiceOfferingView, Fault> {
    let storage = args.storagetype.as_deref().unwrap_or("shared").to_lowercase();
    if !matches!(storage.as_str(), "shared" | "local") {
        let text = "Invalid parameter storagetype: it is neither shared nor local";
        return Err(Fault::invalid(text));
    }
    let new = ServiceOffering {
        id: 0,
        name: args.name.to_string(),
        display_text: args.displaytext.as_deref().unwrap_or(&args.name).to_owned(),
        cpu_number: args.cpunumber.map(i64::from),
        cpu_speed: args.cpuspeed.map(i64::from),
        memory: args.memory.map(i64::from),
        storage_type: storage,
        host_tags: args.hosttags.as_deref().map(str::to_owned),
        network_rate: args.networkrate.map(i64::from),
        is_system: args.issystem == Some(true),
        offer_ha: args.offerha == Some(true),
        limit_cpu: args.limitcpuuse == Some(true),
        state: ServiceOfferingState::Active,
        created: cx.now,
        removed: None,
    };
    let offering = offerings::create(cx, new)?;
    Ok(show(cx, offering))
}

api! {
    /// Deletes a service offering; virtual machines that were made by it stay as they are.
    now success "deleteServiceOffering" { event: "SERVICE.OFFERING.DELETE",
        example: "delete service offering id=tiny" } => delete;
    DeleteServiceOffering {
        /// the id of the service offering
        id: Id<ServiceOffering>,
    }
}

fn delete(cx: &mut Cx<'_>, args: &DeleteServiceOffering) -> Result<(), Fault> {
    let offering = cx.find(&args.id)?;
    offerings::delete(cx, offering)
}

api! {
    /// Lists service offerings.
    now list "listServiceOfferings" { key: "serviceoffering", example: "list service offerings" }
        => list -> ServiceOfferingView;
    ListServiceOfferings {
        /// the id of the service offering
        id: Option<Id<ServiceOffering>>,
        /// the name of the service offering
        name: Option<Text>,
        /// true for those of the system's own virtual machines
        issystem: Option<bool>,
        /// how many processors it must have
        cpunumber: Option<u32>,
        /// how fast they must be, in MHz
        cpuspeed: Option<u32>,
        /// how much memory it must have, in MB
        memory: Option<u32>,
        /// the virtual machine that is to change to it
        virtualmachineid: Option<Id<Vm>>,
        /// the zone that it is for
        zoneid: Option<Id<Zone>>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListServiceOfferings) -> Result<Rows<ServiceOfferingView>, Fault> {
    args.owned.scope(cx, true)?;
    cx.find_opt(args.zoneid.as_ref())?;
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("is_system", Some(args.issystem == Some(true)));
    filter.is("cpu_number", args.cpunumber);
    filter.is("cpu_speed", args.cpuspeed);
    filter.is("memory", args.memory);
    if let Some(vm) = cx.find_opt(args.virtualmachineid.as_ref())? {
        filter.holds("id <> ?", [vm.service_offering_id.into()]);
    }
    filter.keyword(&["name", "display_text"]);
    let (found, total) = filter.living::<ServiceOffering>(cx, "id")?;
    Ok(Rows { rows: found.into_iter().map(|offering| show(cx, offering)).collect(), total })
}

fn show(cx: &Cx<'_>, offering: ServiceOffering) -> ServiceOfferingView {
    ServiceOfferingView {
        id: cx.uid::<ServiceOffering>(offering.id),
        name: offering.name,
        displaytext: offering.display_text,
        cpunumber: offering.cpu_number,
        cpuspeed: offering.cpu_speed,
        memory: offering.memory,
        storagetype: offering.storage_type,
        hosttags: offering.host_tags,
        networkrate: offering.network_rate,
        offerha: offering.offer_ha,
        limitcpuuse: offering.limit_cpu,
        issystem: offering.is_system,
        defaultuse: false,
        iscustomized: offering.cpu_number.is_none(),
        isvolatile: false,
        dynamicscalingenabled: false,
        state: offering.state.word(),
        created: offering.created,
        hasannotations: false,
    }
}
