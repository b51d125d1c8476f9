//! Completion against a cloud: pages, narrowing, kinds of things, and what other clients got wrong.

use super::*;

/// A cloud of many things that counts what it is asked.
#[derive(Default)]
struct Cloud {
    asked: Vec<String>,
    late: bool,
}

const VMS: usize = 100_000;

impl Cloud {
    fn rows(question: &Question) -> (Vec<Json>, bool) {
        let given = |name: &str| {
            let found = question.given.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let page: usize = given("pagesize").map_or(usize::MAX, |size| size.parse().unwrap());
        let id = |number: usize| format!("00000000-0000-4000-8000-{number:012}");
        let all: Vec<Json> = match question.api {
            "listVirtualMachines" => (0..VMS)
                .map(|number| (format!("vm-{number}"), number))
                .filter(|(name, _)| given("keyword").is_none_or(|word| name.contains(word)))
                .take(page.saturating_add(1))
                .map(|(name, number)| json!({"id": id(number), "name": name, "state": "Running"}))
                .collect(),
            "listServiceOfferings" => vec![json!({
                "id": id(1), "name": "small", "details": [{"id": 7}], "zoneid": id(90),
                "zonename": "north",
            })],
            "listKubernetesSupportedVersions" => vec![json!({"id": id(2), "name": "v1.30"})],
            "listStoragePools" => vec![json!({"id": id(3), "name": "pool"})],
            "listSystemVms" => vec![json!({"id": id(4), "name": "s-1-VM"})],
            "listNetworks" => vec![
                json!({"id": id(5), "name": "net", "zonename": "north"}),
                json!({"id": id(6), "name": "other", "zonename": "south", "zoneid": id(91)}),
            ],
            "listIsos" if given("isofilter").is_some() => {
                vec![json!({"id": id(7), "name": "rescue"})]
            }
            "listTemplates" if given("templatefilter").is_some() => {
                vec![json!({"id": id(8), "name": "debian"})]
            }
            "listRegions" => vec![json!({"id": 1, "name": "Local"})],
            "listHosts" => vec![json!({"id": id(9), "name": "host", "version": "4.22"})],
            "listConfigurations" => vec![
                json!({"name": "some.switch", "type": "Boolean",
                "value": "false", "defaultvalue": "true"}),
                json!({"name": "some.choice", "type": "Select", "value": "b",
                    "options": "a,b"}),
            ],
            "listTags" => [("env", "prod"), ("env", "test"), ("team", "a b"), ("odd key", "x")]
                .into_iter()
                .filter(|(key, _)| given("key").is_none_or(|wanted| wanted == *key))
                .map(|(key, value)| json!({"key": key, "value": value, "resourceid": id(1)}))
                .collect(),
            _ => Vec::new(),
        };
        let whole = all.len() <= page;
        (all.into_iter().take(page).collect(), whole)
    }
}

impl Around for Cloud {
    fn ask(&mut self, question: &Question) -> Reply {
        let given: Vec<_> =
            question.given.iter().map(|(name, value)| format!(" {name}={value}")).collect();
        self.asked.push(format!("{}{}", question.api, given.concat()));
        if self.late {
            return Reply::Late;
        }
        let (rows, whole) = Self::rows(question);
        let rows = rows.into_iter().map(|row| Row::new(row.as_object().unwrap().clone()));
        Reply::Rows(rows.collect(), whole)
    }

    fn files(&mut self, _: &str) -> Vec<File> {
        Vec::new()
    }
}

fn asked(line: &str) -> (Vec<String>, Completion, Vec<String>) {
    let mut cloud = Cloud::default();
    let found = complete(&built_in(), line, line.len(), &mut cloud);
    let texts = found.candidates.iter().map(|candidate| candidate.text.clone()).collect();
    (texts, found, cloud.asked)
}

fn offered(line: &str) -> Vec<String> {
    asked(line).0
}

#[test]
fn of_a_hundred_thousand_no_more_than_a_page_is_fetched() {
    let (texts, found, calls) = asked("start virtual machine id=");
    assert_eq!((texts.len(), calls.len()), (100, 1));
    assert!(found.note.unwrap().contains("type more"));
    assert_eq!(calls[0], "listVirtualMachines listall=true page=1 pagesize=100");
    let (texts, found, calls) = asked("start virtual machine id=vm-9999");
    assert_eq!((texts.len(), calls.len(), found.note), (11, 2, None));
    assert!(calls[1].ends_with("pagesize=100 keyword=vm-9999"), "{calls:?}");
    assert_eq!(offered("start virtual machine id=vm-99999"), ["id=vm-99999 "]);
}

#[test]
fn a_server_that_is_slow_is_not_waited_for() {
    let mut cloud = Cloud { late: true, ..Cloud::default() };
    let line = "start virtual machine id=v";
    let found = complete(&built_in(), line, line.len(), &mut cloud);
    assert_eq!(found.candidates, []);
    assert_eq!(found.note.as_deref(), Some("still asking the server\u{2026}"));
}

#[test]
fn things_are_offered_by_name_with_their_id() {
    let (_, found, _) = asked("create network zoneid=north networkofferingid=");
    assert_eq!(found.candidates, []);
    let (_, found, _) = asked("update storage pool id=");
    let only = &found.candidates[0];
    assert_eq!((only.text.as_str(), only.shown.as_str()), ("id=pool ", "pool"));
    assert_eq!(only.id, "00000000-0000-4000-8000-000000000003");
}

#[test]
fn defect_148_numbers_inside_rows_are_no_ids() {
    assert_eq!(
        offered("deploy virtual machine serviceofferingid=0000"),
        ["serviceofferingid=00000000-0000-4000-8000-000000000001 "]
    );
    assert_eq!(offered("deploy virtual machine serviceofferingid="), ["serviceofferingid=small "]);
}

#[test]
fn defect_98_storage_pools_have_capabilities() {
    assert_eq!(offered("update storage capabilities id="), ["id=pool "]);
}

#[test]
fn defect_224_the_version_of_a_host_is_no_version_of_kubernetes() {
    let (texts, _, calls) = asked("list hosts version=");
    assert_eq!((texts, calls), (vec![], vec![]));
    assert_eq!(
        offered("create kubernetes cluster kubernetesversionid="),
        ["kubernetesversionid=v1.30 "]
    );
}

#[test]
fn defect_159_completing_changes_nothing() {
    let catalogue = built_in();
    let once = |line: &str| complete(&catalogue, line, line.len(), &mut Cloud::default());
    let lines = [
        "migrate system vm virtualmachineid=",
        "list networks associatednetworkid=",
        "list zones ",
        "attach iso id=",
    ];
    let first: Vec<_> = lines.iter().map(|line| once(line)).collect();
    let second: Vec<_> = lines.iter().map(|line| once(line)).collect();
    assert_eq!(first, second);
    assert_eq!(first[0].candidates[0].text, "virtualmachineid=s-1-VM ");
    assert_eq!(first[1].candidates[0].text, "associatednetworkid=net ");
    assert_eq!(first[3].candidates[0].text, "id=rescue ");
}

#[test]
fn lists_are_told_what_they_need() {
    assert_eq!(offered("deploy virtual machine templateid="), ["templateid=debian "]);
    let (texts, found, calls) = asked("update nic nicid=");
    assert_eq!((texts, calls), (vec![], vec![]), "{found:?}");
    let (_, found, calls) = asked("delete traffic type id=");
    assert_eq!(calls, [""; 0]);
    assert!(found.note.is_some_and(|note| note.contains("physicalnetworkid=")));
    let own = "physicalnetworkid=00000000-0000-4000-8000-000000000077";
    let (_, _, calls) = asked(&format!("update traffic type {own} id="));
    assert!(calls.is_empty() || calls[0].contains(own), "{calls:?}");
}

#[test]
fn things_of_another_zone_are_left_out() {
    assert_eq!(
        offered("deploy virtual machine networkids="),
        ["networkids=net", "networkids=other"]
    );
    assert_eq!(offered("deploy virtual machine zoneid=North networkids="), ["networkids=net"]);
    let zone = "zoneid=00000000-0000-4000-8000-000000000091";
    let (texts, _, calls) = asked(&format!("deploy virtual machine {zone} networkids="));
    assert_eq!(texts, ["networkids=net", "networkids=other"]);
    assert!(calls[0].contains(zone), "{calls:?}");
}

#[test]
fn numbers_are_ids_where_ids_are_numbers() {
    let (texts, found, _) = asked("create portable ip range regionid=l");
    assert_eq!(texts, ["regionid=1 "]);
    assert_eq!(found.candidates[0].shown, "Local");
}

#[test]
fn words_are_known_where_the_description_says_text() {
    assert_eq!(offered("list zones networktype="), ["networktype=Basic ", "networktype=Advanced "]);
    assert_eq!(offered("list virtual machines state=ru"), ["state=Running "]);
    assert_eq!(offered("extract volume mode=f"), ["mode=FTP_UPLOAD "]);
    assert_eq!(offered("list templates templatefilter=fe"), ["templatefilter=featured "]);
    assert_eq!(offered("create tags resourcetype=userv"), ["resourcetype=UserVm "]);
}

#[test]
fn keys_and_values_of_tags_are_those_in_use() {
    let line = "create tags resourceids=x resourcetype=Vpc";
    let of = |rest: &str| offered(&format!("{line} {rest}"));
    assert_eq!(of("tags."), ["tags.env=", "tags.team="]);
    assert_eq!(of("tags.e"), ["tags.env="]);
    assert_eq!(of("tags.env=x tags."), ["tags.team="]);
    assert_eq!(of("tags.env="), ["tags.env=prod ", "tags.env=test "]);
    assert_eq!(of("tags.team="), ["tags.team='a b' "]);
    assert_eq!(of("tags.nope="), [""; 0]);
    assert_eq!(offered("create vpc details."), [""; 0]);
}

#[test]
fn apis_are_named() {
    let (texts, _, calls) = asked("list apis name=listzones");
    assert_eq!(
        (texts, calls),
        (vec!["name=listZones ".into(), "name=listZonesMetrics ".into()], vec![])
    );
}

#[test]
fn settings_of_a_server_are_as_it_says() {
    assert_eq!(offered("update configuration name=some.sw"), ["name=some.switch "]);
    let (texts, found, _) = asked("update configuration name=some.switch value=");
    assert_eq!(texts, ["value=true ", "value=false "]);
    assert_eq!(found.candidates[0].about, "the default");
    assert_eq!(found.candidates[1].about, "as it is now");
    assert_eq!(offered("update configuration name=some.choice value="), ["value=a ", "value=b "]);
}
