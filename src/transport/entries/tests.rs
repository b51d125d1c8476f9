//! Every line of the text is found, read and true.

use super::*;
use crate::schema::Catalogue;

fn catalogue() -> Catalogue {
    Catalogue::read_from(Entries::built_in())
}

#[test]
fn every_line_is_found_by_its_key() {
    let mut last = "";
    for line in BUILT_IN.lines() {
        let (key, rest) = line.split_once('\t').unwrap();
        assert!(last < key, "{key} is out of order");
        assert_eq!(find(BUILT_IN, key), Some(rest));
        last = key;
    }
    for key in ["", "!", "a", "listzonez", "zzz", "\u{10ffff}"] {
        assert_eq!(find(BUILT_IN, key), None, "{key}");
        assert_eq!(find("", key), None);
        assert_eq!(find("no tab\n", key), None);
    }
}

#[test]
fn one_is_read_like_all() {
    let (all, one) = (catalogue(), catalogue());
    assert_eq!(all.specs().len(), 917);
    for spec in all.specs() {
        let found = one.find(&spec.name.to_uppercase()).unwrap();
        assert_eq!(format!("{found:?}"), format!("{spec:?}"));
        assert!(std::ptr::eq(found, one.find(spec.name).unwrap()));
    }
    assert!(one.find(".zoneresponse").is_none());
}

#[test]
fn our_own_apis_are_among_them_and_have_the_same_shape() {
    let catalogue = catalogue();
    for own in crate::api::APIS.iter().map(|api| &api.spec) {
        let theirs = catalogue.find(own.name).unwrap();
        assert_eq!((theirs.kind, theirs.mode), (own.kind, own.mode), "{}", own.name);
        assert_eq!(theirs.key, own.key, "{}", own.name);
        assert_eq!(theirs.about, own.about);
        assert_eq!(theirs.event.is_empty(), own.event.is_empty(), "{}", own.name);
    }
}

#[test]
fn an_entry_says_what_the_program_needs() {
    let deploy = catalogue().find("deployvirtualmachine").unwrap();
    assert_eq!(
        (deploy.name, deploy.mode, deploy.kind, deploy.key),
        ("deployVirtualMachine", Mode::Create, Kind::Object, "virtualmachine")
    );
    let zone = deploy.param("zoneid").unwrap();
    assert!(zone.required && zone.completes == Completes::ListedBy("listZones"));
    assert!(deploy.param("userdata").unwrap().length > LENGTH);
    let machines = catalogue().find("listVirtualMachines").unwrap();
    assert_eq!(machines.columns.first(), Some(&"name"));
    assert_eq!(machines.columns.last(), Some(&"id"));
}

#[test]
fn only_reading_is_repeated() {
    for name in ["listZones", "queryAsyncJobResult", "findHostsForMigration", "getVMPassword"] {
        assert!(reads_only(name), "{name}");
    }
    for name in ["createVPC", "login", "getUploadParamsForIso", "list", "quotaUpdate"] {
        assert!(!reads_only(name), "{name}");
    }
}
