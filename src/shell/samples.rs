//! A catalogue and a transport made up for tests.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use serde_json::{Value as Json, json};

use crate::schema::{
    Catalogue, Completes, Exception, Fault, Field, Kind, Mode, Param, Spec, Words,
};
use crate::transport::{Answer, Failure, Transport};

/// Keeps what is written for whoever holds a clone of it.
#[derive(Clone, Default)]
pub(super) struct Shared(pub(super) Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const fn param(name: &'static str, wire: &'static str, completes: Completes) -> Param {
    Param { name, about: "what it is for", wire, required: false, completes, length: 255 }
}

const fn text(name: &'static str) -> Param {
    param(name, "string", Completes::Nothing)
}

const fn flag(name: &'static str) -> Param {
    param(name, "boolean", Completes::Choices(&["true", "false"]))
}

const fn id(name: &'static str, api: &'static str) -> Param {
    param(name, "uuid", Completes::ListedBy(api))
}

const fn must(param: Param) -> Param {
    Param { required: true, ..param }
}

const PAGED: &[Param] = &[text("keyword"), text("page"), text("pagesize")];
const FIELDS: &[Field] = &[
    Field { name: "id", about: "the id", wire: "string" },
    Field { name: "name", about: "the name", wire: "string" },
];

const fn list(name: &'static str, key: &'static str, own: &'static [Param]) -> Spec {
    Spec {
        name,
        about: "Lists things.",
        kind: Kind::List,
        key,
        own,
        groups: &[PAGED],
        fields: FIELDS,
        columns: &["name", "id"],
        class: key,
        ..Spec::BLANK
    }
}

static SPECS: &[Spec] = &[
    list("listZones", "zone", &[id("id", "listZones"), text("name"), flag("available")]),
    list("listVPCs", "vpc", &[id("zoneid", "listZones")]),
    list("listVPCOfferings", "vpcoffering", &[text("name")]),
    list("listConfigurations", "configuration", &[text("name")]),
    list(
        "listPublicIpAddresses",
        "publicipaddress",
        &[
            text("ipaddress"),
            flag("allocatedonly"),
            param("state", "string", Completes::Choices(&["Free", "Allocated"])),
            id("zoneid", "listZones"),
        ],
    ),
    Spec {
        name: "createVPC",
        about: "Creates a VPC.",
        mode: Mode::Create,
        kind: Kind::Object,
        key: "vpc",
        event: "VPC.CREATE",
        own: &[
            text("cidr"),
            must(text("name")),
            must(id("vpcofferingid", "listVPCOfferings")),
            must(id("zoneid", "listZones")),
            param("details", "map", Completes::Nothing),
            param("tags", "list", Completes::ListedBy("listZones")),
        ],
        fields: FIELDS,
        columns: &["name", "id"],
        class: "vpc",
        example: "create vpc name=web vpcofferingid='Default VPC offering'",
        ..Spec::BLANK
    },
    Spec {
        name: "updateConfiguration",
        about: "Changes a setting.",
        kind: Kind::Object,
        key: "configuration",
        event: "CONFIGURATION.VALUE.EDIT",
        own: &[must(text("name")), text("value")],
        class: "configuration",
        ..Spec::BLANK
    },
    Spec {
        name: "disassociateIpAddress",
        about: "Gives an address back.",
        mode: Mode::Job,
        event: "NET.IPRELEASE",
        own: &[id("id", "listPublicIpAddresses")],
        ..Spec::BLANK
    },
    Spec {
        name: "deleteZone",
        about: "Deletes a zone.",
        event: "ZONE.DELETE",
        own: &[must(id("id", "listZones"))],
        ..Spec::BLANK
    },
];

/// The catalogue.
pub(crate) fn catalogue() -> Catalogue {
    Catalogue::new(SPECS)
}

/// The description of one API.
pub(crate) fn spec(name: &str) -> &'static Spec {
    catalogue().find(name).unwrap()
}

pub(crate) const SANDBOX: &str = "00000000-0000-8000-8000-000000000001";
pub(crate) const OFFERING: &str = "00000000-0000-8000-8000-000000000011";
pub(crate) const FAST: &str = "00000000-0000-8000-8000-000000000012";
pub(crate) const ADDRESS: &str = "00000000-0000-8000-8000-000000000021";

/// Answers from a few rows that never change, and remembers what it was asked.
pub(crate) struct Sample {
    catalogue: Catalogue,
    zones: Json,
    pub(crate) calls: RefCell<Vec<String>>,
}

impl Sample {
    /// One zone, four offerings, two addresses.
    pub(crate) fn new() -> Self {
        let zones = json!([{"id": SANDBOX, "name": "sandbox", "networktype": "Advanced"}]);
        Self { catalogue: catalogue(), zones, calls: RefCell::default() }
    }

    /// The same with these zones.
    pub(crate) fn with_zones(zones: Json) -> Self {
        Self { zones, ..Self::new() }
    }

    fn rows(&self, spec: &Spec) -> Json {
        match spec.name {
            "listZones" => self.zones.clone(),
            "listVPCOfferings" => json!([
                {"id": OFFERING, "name": "Default VPC offering"},
                {"id": FAST, "name": "fast"},
                {"id": SANDBOX, "name": "twice"},
                {"id": ADDRESS, "name": "twice"},
            ]),
            "listConfigurations" => json!([{"name": "network.gc.wait", "value": "600"}]),
            "listPublicIpAddresses" => {
                json!([{"id": ADDRESS, "ipaddress": "203.0.113.2", "state": "Allocated"}])
            }
            _ => json!([]),
        }
    }
}

impl Transport for Sample {
    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn call(&self, spec: &Spec, words: &Words) -> Result<Answer, Failure> {
        let given: Vec<_> = words.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        self.calls.borrow_mut().push(format!("{}{}", spec.name, given.concat()));
        let body = match spec.kind {
            Kind::List => json!({"count": 1, spec.key: self.rows(spec)}),
            Kind::Object => json!({spec.key: {"id": FAST, "name": words.get("name")}}),
            Kind::Success | Kind::Flat => json!({"success": true}),
        };
        if spec.name == "deleteZone" {
            let fault = Fault::invalid("The zone is in use").about(SANDBOX, "zone");
            return Err(Failure::Refused { fault, job: Some("job-1".into()) });
        }
        if words.get("name") == Some("unreachable") {
            let fault = Fault::new(Exception::ResourceUnavailable, "No way");
            return Err(Failure::Refused { fault, job: None });
        }
        let job = spec.is_async().then(|| "job-7".to_owned());
        let made = (spec.mode == Mode::Create).then(|| FAST.to_owned());
        Ok(Answer { body, job, made })
    }

    fn wait(&self, job: &str) -> Result<Answer, Failure> {
        Ok(Answer { body: json!({"success": true}), job: Some(job.to_owned()), made: None })
    }
}
