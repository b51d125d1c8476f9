//! Parameters that are maps: how the entries of one are written on the wire, so that people can
//! write `tags.env=prod` for `tags[0].key=env tags[0].value=prod`.

use crate::schema::Words;

/// How the entries of a map are written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Form {
    /// Each entry has an index and these two fields: `tags[0].key=env tags[0].value=prod`.
    Pairs(&'static str, &'static str),
    /// The first index holds all, and keys are fields: `details[0].env=prod`.
    Keys,
    /// Each entry has an index and several of these fields.
    Records(&'static [&'static str]),
}

const KEY_VALUE: Form = Form::Pairs("key", "value");

/// Parameter, a part of the API's name, and the form; the first that fits holds.
const FORMS: &[(&str, &str, Form)] = &[
    ("tags", "", KEY_VALUE),
    ("details", "createSecondaryStagingStore", KEY_VALUE),
    ("details", "ResourceDetail", KEY_VALUE),
    ("details", "addObjectStoragePool", KEY_VALUE),
    ("details", "addImageStore", KEY_VALUE),
    ("details", "updateCloudToUseObjectStore", KEY_VALUE),
    ("details", "updateZone", KEY_VALUE),
    ("details", "GuestOs", KEY_VALUE),
    ("externaldetails", "registerTemplate", Form::Keys),
    ("externaldetails", "", KEY_VALUE),
    ("accountdetails", "ldap", KEY_VALUE),
    ("accountdetails", "importLdap", KEY_VALUE),
    ("parameters", "", KEY_VALUE),
    ("networkdeviceparameterlist", "", KEY_VALUE),
    ("dhcpoptions", "", KEY_VALUE),
    ("gslblbruleweightsmap", "", KEY_VALUE),
    ("vmidipmap", "", Form::Pairs("vmid", "vmip")),
    ("usersecuritygrouplist", "", Form::Pairs("account", "group")),
    ("counterparam", "", Form::Pairs("name", "value")),
    ("otherdeployparams", "", Form::Pairs("name", "value")),
    ("nodeofferings", "", Form::Pairs("node", "offering")),
    ("nodetemplates", "", Form::Pairs("node", "template")),
    ("param", "", Form::Pairs("name", "value")),
    ("serviceproviderlist", "", Form::Pairs("service", "provider")),
    ("servicecapabilitylist", "", Form::Records(&["service", "capabilitytype", "capabilityvalue"])),
    ("serviceofferingdetails", "", KEY_VALUE),
    ("datadiskofferinglist", "", Form::Pairs("disk", "diskOffering")),
    ("datadisksdetails", "", Form::Records(&["diskofferingid", "size", "miniops", "maxiops"])),
    ("dhcpoptionsnetworklist", "", Form::Records(&["networkid", "dhcp:114", "dhcp:66"])),
    ("iptonetworklist", "", Form::Records(&["networkid", "ip", "ipv6", "mac"])),
    ("nicnetworklist", "", Form::Pairs("nic", "network")),
    ("nicipaddresslist", "", Form::Pairs("nic", "ip4Address")),
    ("migrateto", "migrateVirtualMachineWithVolume", Form::Pairs("volume", "pool")),
    ("migrateto", "", KEY_VALUE),
    ("properties", "", KEY_VALUE),
    ("rules", "", Form::Records(&["rule", "permission", "description"])),
    ("tiernetworkofferings", "", Form::Pairs("networkid", "networkofferingid")),
    ("vnfdetails", "", KEY_VALUE),
    ("vnfnics", "", Form::Records(&["deviceid", "name", "required", "management", "description"])),
];

/// How the map `param` of `api` is written.
pub(crate) fn form(api: &str, param: &str) -> Form {
    let known = FORMS.iter().find(|(name, part, _)| *name == param && api.contains(part));
    known.map_or(Form::Keys, |(_, _, form)| *form)
}

/// The map and the key of a short entry, `tags.env`: one without an index.
pub(crate) fn short(name: &str) -> Option<(&str, &str)> {
    name.split_once('.').filter(|(map, _)| !map.contains('['))
}

/// Writes the short entry `param.key=value` as the wire wants it.
pub(crate) fn put(words: &mut Words, form: Form, param: &str, key: &str, value: &str) {
    match form {
        Form::Pairs(key_field, value_field) => {
            let index = free(words.iter().map(|(name, _)| name), param);
            words.set(&format!("{param}[{index}].{key_field}"), key);
            words.set(&format!("{param}[{index}].{value_field}"), value);
        }
        Form::Keys | Form::Records(_) => words.set(&format!("{param}[0].{key}"), value),
    }
}

/// The first index of the map that none of the names has.
fn free<'n>(names: impl Iterator<Item = &'n str>, param: &str) -> u64 {
    let taken: Vec<u64> = names.filter_map(|name| entry(name, param)).map(|(at, _)| at).collect();
    let most = u64::try_from(taken.len()).unwrap_or(u64::MAX);
    (0..=most).find(|index| !taken.contains(index)).unwrap_or(0)
}

/// The last index that was begun and lacks one of the fields, else the next one.
pub(crate) fn begun<'n>(names: impl Iterator<Item = &'n str>, param: &str, fields: &[&str]) -> u64 {
    let taken: Vec<(u64, &str)> = names.filter_map(|name| entry(name, param)).collect();
    let Some(last) = taken.iter().map(|(index, _)| *index).max() else { return 0 };
    let has = |field: &&&str| taken.iter().any(|(at, name)| *at == last && name == *field);
    let given = fields.iter().filter(has).count();
    if given < fields.len() || fields.is_empty() { last } else { last.saturating_add(1) }
}

/// Index and field of `tags[0].key`, if it is an entry of the map.
fn entry<'n>(name: &'n str, param: &str) -> Option<(u64, &'n str)> {
    let (index, field) = name.strip_prefix(param)?.strip_prefix('[')?.split_once("].")?;
    Some((index.parse().ok()?, field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(entries: &[(&str, &str, &str)], api: &str) -> String {
        let mut words = Words::default();
        for (param, key, value) in entries {
            put(&mut words, form(api, param), param, key, value);
        }
        let each: Vec<_> = words.iter().map(|(name, value)| format!("{name}={value}")).collect();
        each.join(" ")
    }

    #[test]
    fn short_entries_take_the_form_of_their_map() {
        assert_eq!(
            written(&[("tags", "env", "prod"), ("tags", "Team", "net")], "createTags"),
            "tags[0].key=env tags[0].value=prod tags[1].key=Team tags[1].value=net"
        );
        assert_eq!(
            written(&[("details", "a", "1"), ("details", "B", "2")], "updateNetworkOffering"),
            "details[0].B=2 details[0].a=1"
        );
        assert_eq!(
            written(&[("serviceproviderlist", "Dns", "VirtualRouter")], "createNetworkOffering"),
            "serviceproviderlist[0].provider=VirtualRouter serviceproviderlist[0].service=Dns"
        );
        assert_eq!(form("addResourceDetail", "details"), KEY_VALUE);
    }

    #[test]
    fn short_and_long_entries_do_not_meet() {
        let mut words: Words = [("tags[0].key", "a"), ("tags[2].key", "b")].into_iter().collect();
        put(&mut words, KEY_VALUE, "tags", "c", "d");
        put(&mut words, KEY_VALUE, "tags", "e", "f");
        assert_eq!(words.get("tags[1].key"), Some("c"));
        assert_eq!(words.get("tags[3].key"), Some("e"));
    }

    #[test]
    fn an_entry_is_ended_before_the_next_is_begun() {
        let fields = ["key", "value"];
        let begun = |names: &[&str]| begun(names.iter().copied(), "tags", &fields);
        assert_eq!(begun(&[]), 0);
        assert_eq!(begun(&["tags[0].key"]), 0);
        assert_eq!(begun(&["tags[0].key", "tags[0].value"]), 1);
        assert_eq!(begun(&["tags[99999999999999999999].key"]), 0);
    }

    #[test]
    fn a_short_entry_has_no_index() {
        assert_eq!(short("tags.env"), Some(("tags", "env")));
        assert_eq!(short("tags.a.b"), Some(("tags", "a.b")));
        assert_eq!(short("tags[0].key"), None);
        assert_eq!(short("tags"), None);
    }
}
