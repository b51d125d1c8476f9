//! What virtual machines are made of: templates, types of operating systems, hypervisors.

use crate::api::owned::Owned;
use crate::api::owner_view::OwnerView;
use crate::api::paging::{Paged, cut};
use crate::api::{Rows, api};
use crate::engine::{Cx, Owner};
use crate::model::{EntityKind, OsType, Template, TemplateFilter, Time, Uid, Zone};
use crate::schema::{Exception, Fault, Id, List, Map, Text, view};

view! {
    /// A template.
    TemplateView in "TemplateResponse" shows ["name", "hypervisor", "ostypename", "size",
        "account", "created", "id"] {
        /// the id of the template
        id: Uid,
        /// the name of the template
        name: String,
        /// what the template is
        displaytext: String,
        /// whether everybody may use it
        ispublic: bool,
        /// whether it is shown first
        isfeatured: bool,
        /// whether virtual machines can be made of it
        isready: bool,
        /// whether its image can be fetched
        isextractable: bool,
        /// whether it is there in all zones
        crosszones as "crossZones": bool,
        /// whether virtual machines of it get a password
        passwordenabled: bool,
        /// the format of its image
        format: String,
        /// the id of the type of its operating system
        ostypeid: Uid,
        /// the name of the type of its operating system
        ostypename: &'static str,
        /// the hypervisor that it is for
        hypervisor: String,
        /// the size of its disk, in bytes
        size: i64,
        /// `USER`, `BUILTIN` or `SYSTEM`
        templatetype: &'static str,
        /// how far it was fetched
        status: &'static str,
        /// the id of the zone, where one was asked for
        zoneid: Option<Uid>,
        /// the name of that zone
        zonename: Option<String>,
        /// when it was made
        created: Time,
        /// the tags of the template
        tags: Vec<String>,
        ..owner: OwnerView,
    }
}

api! {
    /// Lists the templates that virtual machines can begin with. There is one, which stands for
    /// guests that exist as records only.
    now list "listTemplates" { key: "template",
        example: "list templates templatefilter=executable" } => list -> TemplateView;
    ListTemplates {
        /// which templates: featured, self, executable, community, all and others
        templatefilter: TemplateFilter,
        /// the id of the template
        id: Option<Id<Template>>,
        /// the ids of the templates
        ids: Option<List<Id<Template>>>,
        /// the name of the template
        name: Option<Text>,
        /// the hypervisor that it is for
        hypervisor: Option<Text>,
        /// the zone that it is for
        zoneid: Option<Id<Zone>>,
        /// only templates with these tags
        tags: Option<Map>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListTemplates) -> Result<Rows<TemplateView>, Fault> {
    let zone = cx.find_opt(args.zoneid.as_ref())?;
    args.owned.scope(cx, true)?;
    let mut filter = args.paged.filter();
    filter.is("id", cx.row_opt(args.id.as_ref())?);
    if let Some(ids) = &args.ids {
        filter.among(cx, "id", &ids.0)?;
    }
    filter.is("name", args.name.as_deref().map(str::to_owned));
    filter.is("hypervisor", args.hypervisor.as_deref().map(str::to_owned));
    filter.keyword(&["name", "display_text"]);
    filter.tagged(EntityKind::Template, args.tags.as_ref())?;
    let own = cx.caller.account_id;
    match args.templatefilter {
        TemplateFilter::Featured => filter.is("is_featured", Some(true)),
        TemplateFilter::Community => filter.holds("is_public = 1 AND is_featured = 0", []),
        TemplateFilter::Own | TemplateFilter::SelfExecutable => filter.is("account_id", Some(own)),
        TemplateFilter::SharedExecutable => filter.holds("1 = 0", []),
        TemplateFilter::Executable => {
            filter.holds("(is_public = 1 OR account_id = ?)", [own.into()]);
        }
        TemplateFilter::All if !cx.caller.is_root() => {
            let text = "Only root admins may list all templates; use templatefilter=executable";
            return Err(Fault::new(Exception::PermissionDenied, text));
        }
        TemplateFilter::All => {}
    }
    let (found, total) = filter.living::<Template>(cx, "id")?;
    let shown = found.into_iter().map(|template| show(cx, template, zone.as_ref()));
    Ok(Rows { rows: shown.collect::<Result<_, _>>()?, total })
}

fn show(cx: &mut Cx<'_>, template: Template, zone: Option<&Zone>) -> Result<TemplateView, Fault> {
    let owner = Owner { account_id: template.account_id, domain_id: template.domain_id };
    Ok(TemplateView {
        id: cx.uid::<Template>(template.id),
        name: template.name,
        displaytext: template.display_text,
        ispublic: template.is_public,
        isfeatured: template.is_featured,
        isready: true,
        isextractable: false,
        crosszones: true,
        passwordenabled: false,
        format: template.format,
        ostypeid: cx.tx.uid(EntityKind::OsType, template.os_type),
        ostypename: os_type_name(template.os_type),
        hypervisor: template.hypervisor,
        size: template.size,
        templatetype: "BUILTIN",
        status: "Download Complete",
        zoneid: zone.map(|zone| cx.uid::<Zone>(zone.id)),
        zonename: zone.map(|zone| zone.name.clone()),
        created: template.created,
        tags: Vec::new(),
        owner: OwnerView::of(cx, owner)?,
    })
}

/// Types of operating systems, by their numbers from 1, each with its category.
const OS_TYPES: &[(&str, &str)] = &[
    ("Other (64-bit)", "Other"),
    ("Other Linux (64-bit)", "Other"),
    ("Debian GNU/Linux 12 (64-bit)", "Debian"),
    ("Ubuntu 24.04 LTS", "Ubuntu"),
    ("Rocky Linux 9", "Rocky Linux"),
    ("FreeBSD 14 (64-bit)", "Unix"),
    ("Windows Server 2022 (64-bit)", "Windows"),
];

/// The name of a type of operating systems.
pub(crate) fn os_type_name(number: i64) -> &'static str {
    let at = usize::try_from(number.saturating_sub(1)).ok();
    at.and_then(|at| OS_TYPES.get(at)).map_or("Other", |(name, _)| name)
}

view! {
    /// A type of operating systems.
    OsTypeView in "GuestOSResponse" shows ["description", "oscategoryname", "id"] {
        /// the id of the type
        id: Uid,
        /// the name of the type
        name: &'static str,
        /// what the type is called
        description: &'static str,
        /// the name of its category
        oscategoryname: &'static str,
        /// whether somebody added it
        isuserdefined: bool,
    }
}

api! {
    /// Lists types of operating systems.
    now list "listOsTypes" { key: "ostype", example: "list os types keyword=linux" }
        => list_os_types -> OsTypeView;
    ListOsTypes {
        /// the id of the type
        id: Option<Id<OsType>>,
        /// what the type is called
        description: Option<Text>,
        ..paged: Paged,
    }
}

fn list_os_types(cx: &mut Cx<'_>, args: &ListOsTypes) -> Result<Rows<OsTypeView>, Fault> {
    let mut rows = Vec::new();
    for (number, (name, category)) in (1..).zip(OS_TYPES) {
        let id = cx.tx.uid(EntityKind::OsType, number);
        let has = |part: &Text| name.to_lowercase().contains(&part.to_lowercase());
        let is = |wanted: &Id<OsType>| wanted.text.eq_ignore_ascii_case(&id.to_string());
        if args.id.as_ref().is_none_or(is)
            && args.description.as_ref().is_none_or(has)
            && args.paged.keyword.as_ref().is_none_or(has)
        {
            let (name, description) = (*name, *name);
            rows.push(OsTypeView {
                id,
                name,
                description,
                oscategoryname: category,
                isuserdefined: false,
            });
        }
    }
    let total = rows.len() as u64;
    Ok(Rows { rows: cut(rows, args.paged.page()?), total })
}

view! {
    /// A hypervisor.
    HypervisorView in "HypervisorResponse" shows ["name"] {
        /// the name of the hypervisor
        name: &'static str,
    }
}

api! {
    /// Lists hypervisors. There is none but the simulator, which keeps records.
    now list "listHypervisors" { key: "hypervisor", example: "list hypervisors" }
        => list_hypervisors -> HypervisorView;
    ListHypervisors {
        /// the zone that it is in
        zoneid: Option<Id<Zone>>,
    }
}

fn list_hypervisors(
    cx: &mut Cx<'_>,
    args: &ListHypervisors,
) -> Result<Rows<HypervisorView>, Fault> {
    cx.find_opt(args.zoneid.as_ref())?;
    Ok(Rows { rows: vec![HypervisorView { name: "Simulator" }], total: 1 })
}
