//! What there is to call, and what this installation can do: every answer comes from the table.

use crate::api::{APIS, EVERYBODY, Rows, api};
use crate::engine::{Cx, may_call};
use crate::model::Zone;
use crate::schema::{Completes, Exception, Fault, Field, Kind, Param, Spec, Text, view};
use std::collections::HashMap;

/// The version of CloudStack whose API this is.
pub(crate) const VERSION: &str = "4.22.0.0";

view! {
    /// An API, as `listApis` shows it.
    ApiView in "ApiDiscoveryResponse" shows ["name", "isasync", "description"] {
        /// the name of the API
        name: &'static str,
        /// what the API does
        description: &'static str,
        /// since which version of CloudStack there is such an API
        since: Option<&'static str>,
        /// whether the answer is a job
        isasync: bool,
        /// the other APIs that answer with the same things, separated by commas
        related: Option<String>,
        /// the parameters of the API
        params: Vec<ParamView>,
        /// the fields of the answer
        response: Vec<FieldView>,
    }
}

view! {
    /// A parameter of an API.
    ParamView in "ApiParameterResponse" shows ["name", "type", "required", "description"] {
        /// the name of the parameter
        name: &'static str,
        /// what the parameter is for
        description: &'static str,
        /// the type of the value
        kind as "type": &'static str,
        /// the longest value, in characters
        length: u64,
        /// whether a call without the parameter is refused
        required: bool,
        /// the APIs that answer with what the parameter names, separated by commas
        related: Option<String>,
    }
}

view! {
    /// A field of an answer.
    FieldView in "ApiResponseResponse" shows ["name", "type", "description"] {
        /// the name of the field
        name: &'static str,
        /// what the field says
        description: &'static str,
        /// the type of the value
        kind as "type": &'static str,
    }
}

view! {
    /// What the installation can do, as `listCapabilities` shows it.
    CapabilityView in "CapabilitiesResponse" shows ["cloudstackversion"] {
        /// the version of CloudStack whose API this is
        cloudstackversion: &'static str,
        /// whether some zone has security groups
        securitygroupsenabled: bool,
        /// whether roles can be made and changed
        dynamicrolesenabled: bool,
        /// whether elastic load balancing is there: `true` or `false`
        support_elb as "supportELB": &'static str,
        /// whether who joins a project must be invited first
        projectinviterequired: bool,
        /// whether users may make projects
        allowusercreateprojects: bool,
        /// whether users see destroyed VMs
        allowuserviewdestroyedvm: bool,
        /// whether users may expunge and recover VMs
        allowuserexpungerecovervm: bool,
        /// whether users may expunge and recover volumes
        allowuserexpungerecovervolume: bool,
        /// whether users see all accounts of their domain
        allowuserviewalldomainaccounts: bool,
        /// whether users may make templates that all see
        userpublictemplateenabled: bool,
        /// whether snapshots of KVM are there
        kvmsnapshotenabled: bool,
        /// whether secondary storage spans the region
        regionsecondaryenabled: bool,
        /// whether Kubernetes clusters are there
        kubernetesserviceenabled: bool,
        /// whether experimental features of Kubernetes clusters are there
        kubernetesclusterexperimentalfeaturesenabled: bool,
        /// the entries on a page of the web interface
        defaultuipagesize: i64,
    }
}

api! {
    /// Lists the APIs with their parameters and the fields of their answers.
    now list "listApis" { key: "api", since: "4.1.0", roles: EVERYBODY,
        example: "list apis name=listZones" }
    => apis -> ApiView;
    ListApis {
        /// the exact name of the API
        name: Option<Text>,
    }
}

api! {
    /// Tells the version and what the installation can do.
    now object "listCapabilities" { key: "capability", example: "list capabilities" }
    => capabilities -> CapabilityView;
    ListCapabilities {}
}

/// The fields that an answer about a thing has while a job is at work on the thing.
const JOB_FIELDS: [FieldView; 2] = [
    FieldView {
        name: "jobid",
        description: "the id of the latest job on it, where one is at work",
        kind: "string",
    },
    FieldView {
        name: "jobstatus",
        description: "the status of the latest job on it, where one is at work",
        kind: "integer",
    },
];

fn apis(cx: &mut Cx<'_>, args: &ListApis) -> Result<Rows<ApiView>, Fault> {
    let name = args.name.as_deref();
    let mut callable = Vec::new();
    for spec in APIS.iter().map(|api| &api.spec) {
        if may_call(cx.tx, cx.caller, spec.name, spec.roles)? {
            callable.push(spec);
        }
    }
    let related = Related::new(callable.iter().copied());
    let wanted = |spec: &&&Spec| name.is_none_or(|name| name == spec.name);
    let root = cx.caller.is_root();
    let rows: Vec<_> =
        callable.iter().filter(wanted).map(|spec| show(spec, &related, root)).collect();
    if rows.is_empty() {
        return Err(Fault::new(
            Exception::CloudRuntime,
            "Api Discovery plugin was unable to find an api by that name or process any apis",
        ));
    }
    let total = rows.len() as u64;
    Ok(Rows { rows, total })
}

/// Which APIs answer with which class.
struct Related(HashMap<&'static str, Vec<&'static str>>);

impl Related {
    fn new(specs: impl Iterator<Item = &'static Spec>) -> Self {
        let mut by_class: HashMap<_, Vec<_>> = HashMap::new();
        // That something worked says nothing about what it was.
        for spec in specs.filter(|spec| spec.kind != Kind::Success) {
            by_class.entry(spec.class).or_default().push(spec.name);
        }
        Self(by_class)
    }

    /// The APIs that answer with `class`, but for `besides`.
    fn of(&self, class: &str, besides: &str) -> Option<String> {
        let names = self.0.get(class)?.iter().copied().filter(|name| *name != besides);
        let names = names.collect::<Vec<_>>().join(",");
        if names.is_empty() { None } else { Some(names) }
    }

    /// The APIs that answer with what a parameter names.
    fn to(&self, param: &Param) -> Option<String> {
        let Completes::ListedBy(list) = param.completes else { return None };
        let spec = &crate::api::find(list)?.spec;
        self.of(spec.class, "")
    }
}

/// Describes an API; to others than root admins without what is for them only.
fn show(spec: &Spec, related: &Related, root: bool) -> ApiView {
    let params = spec.params().filter(|param| root || !spec.root_params.contains(&param.name));
    let fields = spec.fields.iter();
    let fields = fields.filter(|field| root || !spec.root_fields.contains(&field.name));
    ApiView {
        name: spec.name,
        description: spec.about,
        since: Some(spec.since).filter(|since| !since.is_empty()),
        isasync: spec.is_async(),
        related: related.of(spec.class, spec.name),
        params: params.map(|param| show_param(param, related)).collect(),
        response: fields.map(show_field).chain(JOB_FIELDS).collect(),
    }
}

fn show_param(param: &Param, related: &Related) -> ParamView {
    ParamView {
        name: param.name,
        description: param.about,
        kind: param.wire,
        length: param.length as u64,
        required: param.required,
        related: related.to(param),
    }
}

const fn show_field(field: &Field) -> FieldView {
    FieldView { name: field.name, description: field.about, kind: field.wire }
}

fn capabilities(cx: &mut Cx<'_>, _: &ListCapabilities) -> Result<CapabilityView, Fault> {
    let tail = "WHERE removed IS NULL AND security_groups = 1";
    Ok(CapabilityView {
        cloudstackversion: VERSION,
        securitygroupsenabled: cx.tx.first::<Zone>(tail, &[])?.is_some(),
        dynamicrolesenabled: true,
        support_elb: "false",
        projectinviterequired: cx.setting_flag("project.invite.required")?,
        allowusercreateprojects: cx.setting_flag("allow.user.create.projects")?,
        allowuserviewdestroyedvm: false,
        allowuserexpungerecovervm: false,
        allowuserexpungerecovervolume: false,
        allowuserviewalldomainaccounts: false,
        userpublictemplateenabled: true,
        kvmsnapshotenabled: false,
        regionsecondaryenabled: false,
        kubernetesserviceenabled: false,
        kubernetesclusterexperimentalfeaturesenabled: false,
        defaultuipagesize: cx.setting_int("default.ui.page.size")?,
    })
}

#[cfg(test)]
mod tests;
