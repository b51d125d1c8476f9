//! Commands that have no meaning without hypervisors: those that would do something are answered
//! with error 432 and a sentence that says why, those that list are answered with nothing.

use crate::api::paging::Paged;
use crate::api::{Api, Done, SUCCESS_FIELDS, refuse};
use crate::schema::{
    Completes, Exception, Fault, Field, Kind, Mode, Param, Params, Spec, Text, Words, take,
    takes_token,
};

/// A parameter of which nothing is made: its name, and the list whose things it names, if any; `?`
/// stands for true and false.
const fn param(name: &'static str, list: &'static str) -> Param {
    let is_flag = list.len() == 1;
    let is_id = !list.is_empty() && !is_flag;
    Param {
        name,
        about: "accepted for other clients; nothing is made of it",
        wire: match (is_flag, is_id) {
            (true, _) => "boolean",
            (_, true) => "uuid",
            _ => "string",
        },
        required: false,
        completes: if is_id { Completes::ListedBy(list) } else { Completes::Nothing },
        length: 4096,
    }
}

/// Looks at the parameters, of which nothing is made: nonsense is nonsense here as well.
fn read(words: &Words, spec: &Spec) -> Result<(), Fault> {
    for param in spec.own {
        match param.wire {
            "boolean" => take::<Option<bool>>(words, param.name).map(drop),
            _ => take::<Option<Text<4096>>>(words, param.name).map(drop),
        }
        .map_err(|refusal| refuse(spec.name, words, refusal))?;
    }
    Ok(())
}

/// What every such command answers.
fn unsupported(command: &str, why: &str) -> Fault {
    let text = format!("The command {command} is not supported: {why}");
    Fault::new(Exception::UnsupportedAction, text)
}

macro_rules! refused {
    ($(
        $name:ident $mode:ident $kind:ident $wire:literal $key:literal $event:literal $about:literal
        [$( $param:literal $list:literal ),*] because $why:literal as $example:literal;
    )+) => { $(
        #[doc = $about]
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name;

        impl $name {
            /// Its entry in the table.
            pub(crate) const API: Api = Api {
                spec: Spec {
                    name: $wire,
                    about: concat!($about, " Always refused with error 432: ", $why, "."),
                    mode: Mode::$mode,
                    kind: Kind::$kind,
                    key: $key,
                    event: $event,
                    own: &[$( param($param, $list) ),*],
                    fields: SUCCESS_FIELDS,
                    class: concat!($wire, "Response"),
                    token: takes_token($wire, Mode::$mode),
                    example: $example,
                    ..Spec::BLANK
                },
                run: |_, words| {
                    read(words, &Self::API.spec)?;
                    Err(unsupported($wire, $why))
                },
            };
        }
    )+ };
}

refused! {
    RestoreVirtualMachine Job Object "restoreVirtualMachine" "virtualmachine" "VM.RESTORE"
        "Makes the disk of a virtual machine anew."
        ["virtualmachineid" "listVirtualMachines", "templateid" "listTemplates"]
        because "virtual machines are records here, and have no disks"
        as "restore virtual machine virtualmachineid=web1";
    MigrateVirtualMachine Job Object "migrateVirtualMachine" "virtualmachine" "VM.MIGRATE"
        "Moves a virtual machine to another host."
        ["virtualmachineid" "listVirtualMachines", "hostid" "", "storageid" ""]
        because "virtual machines are records here, and stand on no host"
        as "migrate virtual machine virtualmachineid=web1";
    ResizeVolume Job Object "resizeVolume" "volume" "VOLUME.RESIZE"
        "Makes a disk bigger or smaller."
        ["id" "", "size" "", "diskofferingid" "listDiskOfferings"]
        because "there are no disks"
        as "resize volume id=... size=20";
    ResetSshKey Job Object "resetSSHKeyForVirtualMachine" "virtualmachine" "VM.RESETSSHKEY"
        "Puts another SSH key into a virtual machine."
        ["id" "listVirtualMachines", "keypair" "", "keypairs" ""]
        because "virtual machines are records here, into which no key can be put"
        as "reset ssh key for virtual machine id=web1 keypair=mine";
    ExtractTemplate Job Object "extractTemplate" "template" "TEMPLATE.EXTRACT"
        "Hands out the image of a template."
        ["id" "listTemplates", "mode" "", "url" "", "zoneid" "listZones"]
        because "templates have no image"
        as "extract template id=builtin mode=HTTP_DOWNLOAD";
    RegisterTemplate Now List "registerTemplate" "template" "TEMPLATE.CREATE"
        "Fetches an image from which virtual machines can be made."
        ["name" "", "format" "", "hypervisor" "", "url" "", "displaytext" "",
         "ostypeid" "listOsTypes", "zoneid" "listZones"]
        because "virtual machines are records here; use the template that there is"
        as "register template name=mine format=QCOW2 hypervisor=KVM url=http://example.com/a";
    CreateRemoteAccessVpn Create Object "createRemoteAccessVpn" "remoteaccessvpn"
        "VPN.REMOTE.ACCESS.CREATE"
        "Lets people into a network from outside."
        ["publicipid" "listPublicIpAddresses", "iprange" "", "openfirewall" "?"]
        because "there is no router that could encrypt"
        as "create remote access vpn publicipid=203.0.113.2";
    CreateVpnGateway Create Object "createVpnGateway" "vpngateway" "VPN.S2S.VPN.GATEWAY.CREATE"
        "Gives a VPC an end of VPN connections."
        ["vpcid" "listVPCs", "ipaddressid" "listPublicIpAddresses"]
        because "there is no router that could encrypt"
        as "create vpn gateway vpcid=shop";
    CreateVpnCustomerGateway Create Object "createVpnCustomerGateway" "vpncustomergateway"
        "VPN.S2S.CUSTOMER.GATEWAY.CREATE"
        "Notes the other end of VPN connections."
        ["name" "", "gateway" "", "cidrlist" "", "ikepolicy" "", "esppolicy" "", "ipsecpsk" ""]
        because "there is no router that could encrypt"
        as "create vpn customer gateway name=office gateway=198.51.100.1";
    GetUserData Now Object "getVirtualMachineUserData" "virtualmachineuserdata" ""
        "Shows what a virtual machine was told when it was made."
        ["virtualmachineid" "listVirtualMachines"]
        because "virtual machines are records here, and are told nothing"
        as "get virtual machine user data virtualmachineid=web1";
    LdapCreateAccount Now Object "ldapCreateAccount" "account" "ACCOUNT.CREATE"
        "Makes an account of an entry of a directory."
        ["username" "", "account" "", "accounttype" "", "domainid" "listDomains",
         "roleid" "listRoles"]
        because "no directory is asked about people; createAccount makes accounts"
        as "ldap create account username=alice";
    LinkAccountToLdap Now Object "linkAccountToLdap" "linkAccountToLdap" "ACCOUNT.UPDATE"
        "Lets the entries of a directory be the users of an account."
        ["account" "", "domainid" "listDomains", "ldapdomain" "", "accounttype" ""]
        because "no directory is asked about people; createUser makes users"
        as "link account to ldap account=alice domainid=ROOT ldapdomain=ou=people";
}

/// The fields of rows that there are never any of.
const NAMED: &[Field] = &[
    Field { name: "id", about: "the id", wire: "string" },
    Field { name: "name", about: "the name", wire: "string" },
];

/// A list of nothing, with a page that makes sense.
fn nothing(words: &Words, spec: &Spec) -> Result<Done, Fault> {
    read(words, spec)?;
    let paged = Paged::take(words).map_err(|refusal| refuse(spec.name, words, refusal))?;
    paged.page()?;
    Ok(Done::Rows(Vec::new(), 0))
}

macro_rules! empty {
    ($(
        $name:ident $wire:literal $key:literal $what:literal
        [$( $param:literal $list:literal ),*] because $why:literal as $example:literal;
    )+) => { $(
        #[doc = concat!("Lists ", $what, ".")]
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name;

        impl $name {
            /// Its entry in the table.
            pub(crate) const API: Api = Api {
                spec: Spec {
                    name: $wire,
                    about: concat!("Lists ", $what, ". There are none: ", $why, "."),
                    kind: Kind::List,
                    key: $key,
                    own: &[$( param($param, $list) ),*],
                    groups: &[<Paged as Params>::OWN],
                    fields: NAMED,
                    columns: &["name", "id"],
                    class: concat!($key, "Response"),
                    example: $example,
                    ..Spec::BLANK
                },
                run: |_, words| nothing(words, &Self::API.spec),
            };
        }
    )+ };
}

empty! {
    ListVolumes "listVolumes" "volume" "disks"
        ["id" "", "name" "", "type" "", "virtualmachineid" "listVirtualMachines",
         "zoneid" "listZones", "account" "", "domainid" "listDomains", "projectid" "listProjects",
         "listall" "?", "isrecursive" "?"]
        because "virtual machines are records"
        as "list volumes";
    ListIsos "listIsos" "iso" "ISO images"
        ["id" "", "name" "", "isofilter" "", "bootable" "?", "ispublic" "?", "isready" "?",
         "zoneid" "listZones", "account" "", "domainid" "listDomains", "projectid" "listProjects",
         "listall" "?", "isrecursive" "?"]
        because "virtual machines are records"
        as "list isos";
    ListVpnGateways "listVpnGateways" "vpngateway" "the ends of VPN connections"
        ["id" "", "vpcid" "listVPCs", "account" "", "domainid" "listDomains",
         "projectid" "listProjects", "listall" "?", "isrecursive" "?"]
        because "no router could encrypt"
        as "list vpn gateways";
    ListStoragePools "listStoragePools" "storagepool" "stores of disks"
        ["id" "", "name" "", "zoneid" "listZones", "podid" "listPods"]
        because "there are no disks"
        as "list storage pools";
    ListHosts "listHosts" "host" "hosts of virtual machines"
        ["id" "", "name" "", "type" "", "state" "", "hypervisor" "", "zoneid" "listZones",
         "podid" "listPods", "virtualmachineid" "listVirtualMachines"]
        because "virtual machines are records"
        as "list hosts";
    ListClusters "listClusters" "cluster" "clusters of hosts"
        ["id" "", "name" "", "hypervisor" "", "zoneid" "listZones", "podid" "listPods"]
        because "virtual machines are records"
        as "list clusters";
    ListSshKeyPairs "listSSHKeyPairs" "sshkeypair" "SSH keys for virtual machines"
        ["name" "", "fingerprint" "", "account" "", "domainid" "listDomains",
         "projectid" "listProjects", "listall" "?", "isrecursive" "?"]
        because "no key could be put into a record"
        as "list ssh key pairs";
    ListUserData "listUserData" "userdata" "what virtual machines are told"
        ["id" "", "name" "", "account" "", "domainid" "listDomains", "projectid" "listProjects",
         "listall" "?", "isrecursive" "?"]
        because "records are told nothing"
        as "list user data";
    ListKubernetesVersions "listKubernetesSupportedVersions" "kubernetessupportedversion"
        "versions of Kubernetes"
        ["id" "", "zoneid" "listZones"]
        because "no cluster could run"
        as "list kubernetes supported versions";
}

#[cfg(test)]
mod tests {
    use crate::api::APIS;
    use crate::sim::World;
    use serde_json::json;

    #[test]
    fn what_needs_a_hypervisor_says_so_and_changes_nothing() {
        let world = World::sandbox();
        let refused = APIS.iter().filter(|api| api.spec.about.contains("error 432"));
        let names: Vec<_> = refused.map(|api| api.spec.name).collect();
        assert!(names.len() >= 12, "{names:?}");
        for name in names {
            let (code, text) = world.unmoved(name, &[("id", "x")]);
            assert_eq!(code, 432, "{name}: {text}");
            assert!(text.starts_with(&format!("The command {name} is not supported: ")), "{text}");
        }
    }

    #[test]
    fn lists_of_what_there_is_not_are_empty() {
        let world = World::sandbox();
        for name in [
            "listVolumes",
            "listIsos",
            "listVpnGateways",
            "listStoragePools",
            "listHosts",
            "listClusters",
            "listSSHKeyPairs",
            "listUserData",
            "listKubernetesSupportedVersions",
        ] {
            assert_eq!(world.ok(name, &[("listall", "true")]), json!({}), "{name}");
            assert_eq!(world.refused(name, &[("page", "1")]).0, 431, "{name}");
        }
    }
}
