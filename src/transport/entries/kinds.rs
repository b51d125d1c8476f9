//! Which API lists the values of a parameter, where CloudStack's own description says one of
//! another kind: all rules of a network have one class of answers, templates and ISOs another.

/// The API that lists what `param` of `api` wants. `said` is the one that the description names.
pub(super) fn lister<'s>(api: &str, param: &str, said: &'s str) -> &'s str {
    match said {
        "listPortForwardingRules" => rules(api, param),
        "listTemplates" if api.contains("Iso") || param == "isoid" => "listIsos",
        // Words and addresses that are no things themselves.
        "listStoragePools" if param == "scope" => "",
        "listPods" if param.starts_with("current") => "",
        "listLdapUsers" if param == "query" => "",
        said => said,
    }
}

fn rules(api: &str, param: &str) -> &'static str {
    const NAMED: &[(&str, &str)] = &[
        ("LoadBalancerRule", "listLoadBalancerRules"),
        ("LoadBalancer", "listLoadBalancers"),
        ("EgressFirewallRule", "listEgressFirewallRules"),
        ("Ipv6FirewallRule", "listIpv6FirewallRules"),
        ("RoutingFirewallRule", "listRoutingFirewallRules"),
        ("FirewallRule", "listFirewallRules"),
        ("IpForwardingRule", "listIpForwardingRules"),
    ];
    if matches!(param, "lbruleid" | "loadbalancerrulelist") {
        return "listLoadBalancerRules";
    }
    let named = NAMED.iter().find(|(part, _)| api.contains(part));
    named.map_or("listPortForwardingRules", |(_, list)| list)
}

#[cfg(test)]
mod tests {
    use crate::schema::{Catalogue, Completes};
    use crate::transport::entries::Entries;

    #[test]
    fn each_rule_is_listed_among_its_own_kind() {
        let catalogue = Catalogue::read_from(Entries::built_in());
        let lister = |api: &str, param: &str| match catalogue.find(api)?.param(param)?.completes {
            Completes::ListedBy(list) => Some(list),
            _ => None,
        };
        for (api, param, list) in [
            ("deleteFirewallRule", "id", "listFirewallRules"),
            ("deleteEgressFirewallRule", "id", "listEgressFirewallRules"),
            ("deletePortForwardingRule", "id", "listPortForwardingRules"),
            ("deleteLoadBalancerRule", "id", "listLoadBalancerRules"),
            ("createLBStickinessPolicy", "lbruleid", "listLoadBalancerRules"),
            ("updateLoadBalancer", "id", "listLoadBalancers"),
            ("attachIso", "id", "listIsos"),
            ("linkUserDataToTemplate", "isoid", "listIsos"),
            ("linkUserDataToTemplate", "templateid", "listTemplates"),
        ] {
            assert_eq!(lister(api, param), Some(list), "{api} {param}");
        }
        assert_eq!(lister("listStoragePools", "scope"), None);
    }

    #[test]
    fn every_lister_is_an_api_that_lists() {
        let catalogue = Catalogue::read_from(Entries::built_in());
        for spec in catalogue.specs() {
            for param in spec.params() {
                if let Completes::ListedBy(list) = param.completes {
                    assert!(catalogue.find(list).is_some(), "{} {}: {list}", spec.name, param.name);
                }
            }
        }
    }
}
