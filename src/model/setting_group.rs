//! How CloudStack arranges the settings for people: groups, subgroups and a title.

use super::setting::Setting;

/// The words in a name that decide its group, the first that fits; what fits none is
/// miscellaneous.
const GROUPS: &[(&str, &str, &str)] = &[
    ("project", "Access", "Project"),
    ("max.account", "Access", "Account"),
    ("account", "Access", "Account"),
    ("max.domain", "Access", "Domain"),
    ("for.child.domain", "Access", "Domain"),
    ("job", "Management Server", "Jobs"),
    ("publish", "Management Server", "Events"),
    ("capacity", "Management Server", "Alerts"),
    ("api", "Management Server", "API"),
    ("page.size", "Management Server", "API"),
    ("system.vm", "System VMs", "System VM"),
    ("vrouter", "System VMs", "Virtual Router"),
    ("vr.", "System VMs", "Virtual Router"),
    ("vpc", "Network", "VPC"),
    ("network", "Network", "Network"),
    ("routed", "Network", "Network"),
    ("public.ip", "Network", "Network"),
    ("ipaddress", "Network", "Network"),
    ("ipv6", "Network", "Network"),
    ("vlan", "Network", "Network"),
    ("ips", "Network", "Network"),
    ("dns", "Network", "Network"),
    ("guest", "Network", "Network"),
    ("route", "Network", "Network"),
    ("bgp", "Network", "Network"),
    ("control.", "Network", "Network"),
];

impl Setting {
    /// The `group` and `subgroup` of the key in listConfigurations.
    pub(crate) fn group(&self) -> (&'static str, &'static str) {
        GROUPS
            .iter()
            .find(|(word, ..)| self.name.contains(word))
            .map_or(("Miscellaneous", "Others"), |(_, group, subgroup)| (group, subgroup))
    }

    /// The `displaytext` of the key in listConfigurations: its words, the first one capital.
    pub(crate) fn title(&self) -> String {
        let words = self.name.replace('.', " ");
        let mut letters = words.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

#[cfg(test)]
mod tests {
    use crate::model::setting::find;

    #[test]
    fn settings_stand_where_people_look_for_them() {
        let group = |name| find(name).unwrap().group();
        assert_eq!(group("max.project.networks"), ("Access", "Project"));
        assert_eq!(group("max.account.public.ips"), ("Access", "Account"));
        assert_eq!(group("vpc.max.networks"), ("Network", "VPC"));
        assert_eq!(group("network.gc.wait"), ("Network", "Network"));
        assert_eq!(group("job.expire.minutes"), ("Management Server", "Jobs"));
        assert_eq!(group("commands.timeout"), ("Miscellaneous", "Others"));
        assert_eq!(find("network.gc.wait").unwrap().title(), "Network gc wait");
    }
}
