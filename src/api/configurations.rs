//! The global configuration.

use crate::api::paging::{Paged, cut};
use crate::api::{Rows, api};
use crate::engine::{Cx, Place};
use crate::model::setting::Setting;
use crate::model::setting_table::SETTINGS;
use crate::model::{Account, Domain, Zone};
use crate::schema::{Fault, Id, Refusal, Text, Value, Words, group, view};

view! {
    /// A setting, as `listConfigurations` shows it.
    SettingView in "ConfigurationResponse" shows ["name", "value", "defaultvalue", "scope",
        "description"] {
        /// the name of the setting
        name: &'static str,
        /// the value that holds, at the place asked for or else everywhere
        value: String,
        /// the value as long as nobody sets one
        defaultvalue: &'static str,
        /// what the setting does
        description: &'static str,
        /// the category of the setting
        category: &'static str,
        /// the group of the setting
        group: &'static str,
        /// the subgroup of the setting
        subgroup: &'static str,
        /// the component that reads the setting
        component: &'static str,
        /// the name of the setting in words
        displaytext: String,
        /// what the value is made of: `Boolean`, `Number`, `Decimal`, `Range`, `Select`, `CSV`
        /// or `String`
        kind as "type": &'static str,
        /// the narrowest place where the setting can have a value of its own
        scope: &'static str,
        /// the row number of the zone, domain or account whose value is shown
        id: Option<i64>,
        /// whether a new value takes effect without a restart
        isdynamic: bool,
        /// the values allowed, separated by commas, where there is a choice
        options: Option<String>,
        /// the setting that this one belongs to
        parent: Option<String>,
    }
}

/// The id of something that can be a place of settings in CloudStack and that does not exist here.
#[derive(Clone, Debug)]
pub(crate) struct Nowhere(&'static str);

impl Value for Nowhere {
    const WIRE: &'static str = "uuid";
    fn parse(_: &str) -> Result<Self, String> {
        Ok(Self("id"))
    }
    fn take(words: &Words, param: &'static str) -> Result<Self, Refusal> {
        let given = words.get(param).filter(|text| !text.trim().is_empty());
        given.map(|_| Self(param)).ok_or(Refusal::Missing { param })
    }
}

/// The value of a setting: up to 4096 characters, also none.
#[derive(Clone, Debug)]
pub(crate) struct SettingValue(String);

impl Value for SettingValue {
    const WIRE: &'static str = "string";
    const LENGTH: usize = 4096;
    fn parse(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
}

group! {
    /// The place of which a setting's value is meant; none is everywhere.
    At {
        /// the id of the account whose value is meant
        accountid: Option<Id<Account>>,
        /// the id of the domain whose value is meant
        domainid: Option<Id<Domain>>,
        /// the id of the zone whose value is meant
        zoneid: Option<Id<Zone>>,
        /// the id of a cluster; refused, as there are none
        clusterid: Option<Nowhere>,
        /// the id of a primary storage pool; refused, as there are none
        storageid: Option<Nowhere>,
    }
}

impl At {
    /// The place, which must be one and must exist. `other` is the parameter for image stores,
    /// which the APIs call differently.
    fn place(&self, cx: &mut Cx<'_>, other: Option<&Nowhere>) -> Result<Place, Fault> {
        let zone = cx.find_opt(self.zoneid.as_ref())?.map(|zone| Place::Zone(zone.id));
        let domain = cx.find_opt(self.domainid.as_ref())?.map(|found| Place::Domain(found.id));
        let account = cx.find_opt(self.accountid.as_ref())?.map(|found| Place::Account(found.id));
        let foreign = [self.clusterid.as_ref(), self.storageid.as_ref(), other];
        let places: Vec<_> = [zone, domain, account].into_iter().flatten().collect();
        let absent: Vec<_> = foreign.into_iter().flatten().collect();
        match (places.as_slice(), absent.as_slice()) {
            ([], []) => Ok(Place::Global),
            ([place], []) => Ok(*place),
            ([], [Nowhere(param)]) => Err(Fault::invalid(format!(
                "Invalid parameter {param}: there is nothing of the kind here; a setting can have \
                 a value of its own in a zone (`zoneid`), a domain (`domainid`) or an account \
                 (`accountid`)"
            ))),
            _ => Err(Fault::invalid(
                "cannot handle multiple IDs, provide only one ID corresponding to the scope: \
                 one of zoneid, domainid and accountid",
            )),
        }
    }
}

api! {
    /// Lists the settings with their values.
    now list "listConfigurations" {
        key: "configuration", example: "list configurations keyword=network.gc",
    } => list -> SettingView;
    ListConfigurations {
        /// the name of the setting
        name: Option<Text>,
        /// the category of the settings
        category: Option<Text>,
        /// the group of the settings
        group: Option<Text>,
        /// the subgroup of the settings
        subgroup: Option<Text>,
        /// the setting that the settings belong to
        parent: Option<Text>,
        /// the id of a secondary storage; refused, as there are none
        imagestoreuuid: Option<Nowhere>,
        ..at: At,
        ..paged: Paged,
    }
}

api! {
    /// Gives a setting a value, everywhere or at one place.
    now object "updateConfiguration" {
        key: "configuration", event: "CONFIGURATION.VALUE.EDIT",
        example: "update configuration name=network.gc.wait value=60",
    } => update -> SettingView;
    UpdateConfiguration {
        /// the name of the setting
        name: Text,
        /// the new value
        value: Option<SettingValue>,
        /// the id of a secondary storage; refused, as there are none
        imagestoreuuid: Option<Nowhere>,
        ..at: At,
    }
}

api! {
    /// Takes a setting's value back, so that the one of the wider place or the default holds.
    now object "resetConfiguration" {
        key: "configuration", event: "CONFIGURATION.VALUE.EDIT", since: "4.16.0",
        example: "reset configuration name=network.gc.wait",
    } => reset -> SettingView;
    ResetConfiguration {
        /// the name of the setting
        name: Text,
        /// the id of a secondary storage; refused, as there are none
        imagestoreid: Option<Nowhere>,
        ..at: At,
    }
}

fn list(cx: &mut Cx<'_>, args: &ListConfigurations) -> Result<Rows<SettingView>, Fault> {
    let page = args.paged.page()?;
    let place = args.at.place(cx, args.imagestoreuuid.as_ref())?;
    let mut found = Vec::new();
    for setting in SETTINGS.iter().filter(|setting| is_wanted(args, setting)) {
        if cx.is_settable(setting, place)? {
            found.push(setting);
        }
    }
    let total = found.len() as u64;
    let rows = cut(found, page).into_iter().map(|setting| show(cx, setting, place));
    Ok(Rows { rows: rows.collect::<Result<_, _>>()?, total })
}

fn is_wanted(args: &ListConfigurations, setting: &Setting) -> bool {
    let is = |want: &Option<Text>, have: &str| {
        want.as_ref().is_none_or(|want| want.eq_ignore_ascii_case(have))
    };
    let (group, subgroup) = setting.group();
    let keyword = args.paged.keyword.as_ref().map(|word| word.to_ascii_lowercase());
    args.name.as_ref().is_none_or(|name| &**name == setting.name)
        && is(&args.category, setting.category)
        && is(&args.group, group)
        && is(&args.subgroup, subgroup)
        && args.parent.is_none()
        && keyword.is_none_or(|word| setting.name.contains(&word))
}

fn update(cx: &mut Cx<'_>, args: &UpdateConfiguration) -> Result<SettingView, Fault> {
    let place = args.at.place(cx, args.imagestoreuuid.as_ref())?;
    let value = args.value.as_ref().map(|value| value.0.as_str());
    let setting = cx.update_setting(&args.name, value, place)?;
    show(cx, setting, place)
}

fn reset(cx: &mut Cx<'_>, args: &ResetConfiguration) -> Result<SettingView, Fault> {
    let place = args.at.place(cx, args.imagestoreid.as_ref())?;
    let setting = cx.reset_setting(&args.name, place)?;
    show(cx, setting, place)
}

fn show(cx: &mut Cx<'_>, setting: &Setting, place: Place) -> Result<SettingView, Fault> {
    let (group, subgroup) = setting.group();
    Ok(SettingView {
        name: setting.name,
        value: cx.setting_in(setting.name, place)?,
        defaultvalue: setting.default,
        description: setting.about,
        category: setting.category,
        group,
        subgroup,
        component: setting.component,
        displaytext: setting.title(),
        kind: setting.wire_type(),
        scope: setting.scope.wire_name(),
        id: place.row(),
        isdynamic: setting.dynamic,
        options: setting.options(),
        parent: None,
    })
}

#[cfg(test)]
mod tests;
