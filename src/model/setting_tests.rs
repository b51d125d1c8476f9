//! The table of settings is policed, and every kind of value is tried.

use super::setting::{Allowed, Setting, SettingKind, SettingScope, find};
use super::setting_table::SETTINGS;

fn check(name: &str, value: &str) -> Result<String, String> {
    find(name).expect("a setting").check(value)
}

#[test]
fn the_table_is_sorted_and_unique() {
    for pair in SETTINGS.windows(2) {
        assert!(pair[0].name < pair[1].name, "{} / {}", pair[0].name, pair[1].name);
    }
}

#[test]
fn every_default_passes_its_own_check() {
    for setting in SETTINGS {
        assert_eq!(setting.check(setting.default).as_deref(), Ok(setting.default));
    }
}

#[test]
fn every_row_is_complete() {
    for setting in SETTINGS {
        let name = setting.name;
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.'), "{name}");
        assert!(setting.about.len() > 20 && !setting.about.ends_with('.'), "{name}");
        assert!(!setting.category.is_empty() && !setting.component.is_empty(), "{name}");
        if let Allowed::Range { min, max } = setting.allowed {
            assert!(min < max, "{name}");
        }
        if let Allowed::Choices(words) = setting.allowed {
            assert!(words.contains(&setting.default), "{name}");
        }
    }
}

#[test]
fn names_are_found_exactly() {
    assert_eq!(find("network.gc.wait").map(|setting| setting.default), Some("600"));
    assert_eq!(find("vpc.tier.name.prepend.delimiter").map(|s| s.default), Some(" "));
    assert!(find("Network.GC.Wait").is_none());
    assert!(find("guest.cidr").is_none());
}

#[test]
fn values_become_canonical() {
    let cases = [
        ("use.system.public.ips", " FALSE ", "false"),
        ("network.gc.wait", " 010 ", "10"),
        ("max.account.public.ips", "-1", "-1"),
        ("zone.vlan.capacity.notificationthreshold", "0.9", "0.9"),
        ("vpc.cidr.pool", "10.1.2.3/8", "10.0.0.0/8"),
        ("control.gateway", "169.254.0.1", "169.254.0.1"),
        ("denied.routes", "10.0.0.1/8, fd00::1/8", "10.0.0.0/8,fd00::/8"),
        ("denied.routes", "", ""),
        (
            "commands.timeout",
            "StopCommand = 60,StartCommand=120",
            "StopCommand=60,StartCommand=120",
        ),
        ("vrouter.redundant.tiers.placement", "First", "first"),
        ("vpc.tier.name.prepend.delimiter", " - ", " - "),
        ("guest.domain.suffix", "lab.example.org", "lab.example.org"),
        ("integration.api.port", "-1", "-1"),
    ];
    for (name, value, canonical) in cases {
        assert_eq!(check(name, value).as_deref(), Ok(canonical), "{name}");
    }
}

#[test]
fn nonsense_is_refused_with_advice() {
    let cases = [
        ("use.system.public.ips", "yes", "`true` or `false`"),
        ("network.gc.wait", "0", "from 1 to 2147483647"),
        ("network.gc.wait", "2147483648", "from 1 to 2147483647"),
        ("network.gc.wait", "", "whole number"),
        ("max.account.public.ips", "-2", "from -1 to"),
        ("max.account.public.ips", "9223372036854775808", "from -1 to"),
        ("zone.vlan.capacity.notificationthreshold", "1.1", "from 0 to 1"),
        ("zone.vlan.capacity.notificationthreshold", "NaN", "decimal"),
        ("zone.vlan.capacity.notificationthreshold", "", "decimal"),
        ("vpc.cidr.size", "30", "from 8 to 29"),
        ("vpc.cidr.pool", "10.0.0.0", "10.1.1.0/24"),
        ("control.gateway", "169.254.0.256", "10.1.1.1"),
        ("denied.routes", "10.0.0.0/8,", "10.1.1.0/24"),
        ("commands.timeout", "StopCommand=0", "DeployVMCmd=600"),
        ("vrouter.redundant.tiers.placement", "middle", "`first`, `last` or `random`"),
        ("vpc.tier.name.prepend.delimiter", "\u{1b}", "control"),
        ("guest.domain.suffix", "-lab..org", "cloud.internal"),
    ];
    for (name, value, advice) in cases {
        let why = check(name, value).expect_err(name);
        assert!(why.contains(advice) && why.starts_with(name), "{why}");
    }
}

#[test]
fn the_end_of_a_name_is_a_promise() {
    let named = |name| Setting::new(name, SettingKind::String, "", "Network");
    assert!(named("a.ip").check("10.0.0.1").is_ok());
    assert!(named("a.ip").check("").is_ok());
    assert!(named("a.ipaddress").check("host").is_err());
    assert!(named("a.iprange").check("10.0.0.1-10.0.0.9").is_ok());
    assert!(named("a.iprange").check("10.0.0.9-10.0.0.1").is_err());
    assert!(named("a.vip").check("host").is_ok());
}

#[test]
fn wire_types_are_those_of_the_api() {
    let wire = |name| find(name).map(Setting::wire_type);
    assert_eq!(wire("use.system.public.ips"), Some("Boolean"));
    assert_eq!(wire("max.account.vpcs"), Some("Number"));
    assert_eq!(wire("zone.vlan.capacity.notificationthreshold"), Some("Range"));
    assert_eq!(wire("guest.domain.suffix"), Some("String"));
    assert_eq!(wire("denied.routes"), Some("CSV"));
    assert_eq!(wire("network.dns.basiczone.updates"), Some("Select"));
    let choice = find("network.dns.basiczone.updates").and_then(Setting::options);
    assert_eq!(choice.as_deref(), Some("all,pod"));
    assert_eq!(SettingScope::Zone.parameter(), Some("zoneid"));
    assert_eq!(SettingScope::Zone.wire_name(), "Zone");
}
