//! How the settings are arranged for people.

use crate::api::paging::{Paged, cut};
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::model::setting::Setting;
use crate::model::setting_table::SETTINGS;
use crate::schema::{Fault, Text, view};

view! {
    /// A part of a group of settings.
    SubgroupView in "ConfigurationSubGroupResponse" shows ["name", "precedence"] {
        /// the name of the subgroup
        name: &'static str,
        /// its place among those of the group, from 1
        precedence: i64,
    }
}

view! {
    /// A group of settings.
    GroupView in "ConfigurationGroupResponse" shows ["name", "description", "subgroup"] {
        /// the name of the group
        name: &'static str,
        /// what the group is
        description: String,
        /// its place among the groups, from 1
        precedence: i64,
        /// its parts
        subgroup: Vec<SubgroupView>,
    }
}

api! {
    /// Lists the groups of settings with their parts, by which `list configurations` can be
    /// narrowed.
    now list "listConfigurationGroups" { key: "configurationgroup", since: "4.18.0",
        example: "list configuration groups" } => list -> GroupView;
    ListConfigurationGroups {
        /// the name of the group
        group: Option<Text>,
        ..paged: Paged,
    }
}

fn list(_: &mut Cx<'_>, args: &ListConfigurationGroups) -> Result<Rows<GroupView>, Fault> {
    let has = |name: &str, part: &Text| name.to_lowercase().contains(&part.to_lowercase());
    let mut groups = all();
    groups.retain(|group| {
        args.group.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(group.name))
            && args.paged.keyword.as_ref().is_none_or(|part| has(group.name, part))
    });
    let total = groups.len() as u64;
    Ok(Rows { rows: cut(groups, args.paged.page()?), total })
}

/// The groups of all settings, by their names.
fn all() -> Vec<GroupView> {
    let mut pairs: Vec<_> = SETTINGS.iter().map(Setting::group).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut groups: Vec<GroupView> = Vec::new();
    for (name, part) in pairs {
        if groups.last().is_none_or(|last| last.name != name) {
            let precedence = next(groups.len());
            let description = format!("Settings about: {name}");
            groups.push(GroupView { name, description, precedence, subgroup: Vec::new() });
        }
        if let Some(group) = groups.last_mut() {
            let precedence = next(group.subgroup.len());
            group.subgroup.push(SubgroupView { name: part, precedence });
        }
    }
    groups
}

/// The place of one more.
fn next(have: usize) -> i64 {
    i64::try_from(have).map_or(i64::MAX, |have| have.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use crate::sim::World;

    #[test]
    fn every_setting_is_in_a_group_that_is_listed() {
        let world = World::sandbox();
        let body = world.ok("listConfigurationGroups", &[]);
        let groups = body["configurationgroup"].as_array().unwrap();
        let settings = world.ok("listConfigurations", &[]);
        for setting in settings["configuration"].as_array().unwrap() {
            let group = groups.iter().find(|group| group["name"] == setting["group"]).unwrap();
            let parts = group["subgroup"].as_array().unwrap();
            assert!(parts.iter().any(|part| part["name"] == setting["subgroup"]), "{setting}");
        }
        let one = world.ok("listConfigurationGroups", &[("group", "network")]);
        assert_eq!(one["count"], 1);
        assert_eq!(one["configurationgroup"][0]["name"], "Network");
    }
}
