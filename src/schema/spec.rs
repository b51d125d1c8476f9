//! The description of an API: all that a person or a program can learn about it.

use crate::model::RoleKind;
use crate::schema::{Field, Param, Params, Text, group};

/// When the work is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    /// Before the answer.
    Now,
    /// In a job whose id is the answer (`BaseAsyncCmd`).
    Job,
    /// In a job; the answer also holds the id of the thing made (`BaseAsyncCreateCmd`).
    Create,
}

/// The shape of the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// `count` and rows under a key.
    List,
    /// One object under a key.
    Object,
    /// `success` and perhaps a text.
    Success,
    /// Fields directly in the answer.
    Flat,
}

/// The secrets that a call needs before it begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Needs {
    /// None.
    Nothing,
    /// The hash of its parameter `password`, and whether `currentpassword` is the one of the user
    /// in `id`; each where it is given.
    Password,
    /// A new key pair.
    KeyPair,
    /// What opens secrets.
    Vault,
}

group! {
    /// What every API takes that makes something.
    ClientToken {
        /// a word of your own; repeated with it, the call makes nothing and is answered as before
        clienttoken: Option<Text<128>>,
    }
}

/// APIs that make something, or take it for somebody, without saying so in their name or mode.
const MAKERS: &[&str] = &["importRole", "reserveIpAddress"];

/// Whether an API takes a [`ClientToken`].
pub(crate) const fn takes_token(name: &str, mode: Mode) -> bool {
    let mut at = 0;
    while at < MAKERS.len() {
        if is_prefix(name, MAKERS[at]) && name.len() == MAKERS[at].len() {
            return true;
        }
        at += 1;
    }
    matches!(mode, Mode::Create) || is_prefix(name, "create")
}

/// Whether `name` begins with `start`.
const fn is_prefix(name: &str, start: &str) -> bool {
    let (name, start) = (name.as_bytes(), start.as_bytes());
    let mut at = 0;
    while at < start.len() {
        if at >= name.len() || name[at] != start[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// An API's description.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    /// The command, as `listZones`.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) about: &'static str,
    /// When the work is done.
    pub(crate) mode: Mode,
    /// The shape of the answer.
    pub(crate) kind: Kind,
    /// The key of the rows or of the object; empty for the other kinds.
    pub(crate) key: &'static str,
    /// The type of event that a call of it writes; empty for those that change nothing.
    pub(crate) event: &'static str,
    /// The parameters declared for it alone.
    pub(crate) own: &'static [Param],
    /// Those that it shares with others.
    pub(crate) groups: &'static [&'static [Param]],
    /// The fields of a row or of the object.
    pub(crate) fields: &'static [Field],
    /// The columns of a table, most wanted first.
    pub(crate) columns: &'static [&'static str],
    /// The class of the answer; APIs with the same one are related.
    pub(crate) class: &'static str,
    /// The roles that may call it where no rule of the caller's role says otherwise.
    pub(crate) roles: &'static [RoleKind],
    /// The parameters that only root admins may give; those of others count for nothing.
    pub(crate) root_params: &'static [&'static str],
    /// The fields that only root admins see.
    pub(crate) root_fields: &'static [&'static str],
    /// The secrets that a call needs.
    pub(crate) needs: Needs,
    /// Whether it changes addresses and nothing else, so that several servers with one database
    /// may do it at the same time.
    pub(crate) shares: bool,
    /// Whether it takes a [`ClientToken`]; an API that was told of lists it among its own.
    pub(crate) token: bool,
    /// Since which version of CloudStack; empty when it was always there.
    pub(crate) since: &'static str,
    /// A line that works, for the help.
    pub(crate) example: &'static str,
}

impl Spec {
    /// A description that says nothing, for entries to fill in.
    pub(crate) const BLANK: Self = Self {
        name: "",
        about: "",
        mode: Mode::Now,
        kind: Kind::Success,
        key: "",
        event: "",
        own: &[],
        groups: &[],
        fields: &[],
        columns: &[],
        class: "",
        roles: &[],
        root_params: &[],
        root_fields: &[],
        needs: Needs::Nothing,
        shares: false,
        token: false,
        since: "",
        example: "",
    };

    /// All parameters, own ones first.
    pub(crate) fn params(&self) -> impl Iterator<Item = &'static Param> + use<> {
        let token = if self.token { ClientToken::OWN } else { &[] };
        self.own.iter().chain(self.groups.iter().copied().flatten()).chain(token)
    }

    /// The parameter of this name.
    pub(crate) fn param(&self, name: &str) -> Option<&'static Param> {
        self.params().find(|param| param.name == name)
    }

    /// Whether the answer is a job.
    pub(crate) fn is_async(&self) -> bool {
        self.mode != Mode::Now
    }

    /// The verb: the leading lower-case letters, `create` of `createVPC`.
    pub(crate) fn verb(&self) -> &'static str {
        let end = self.name.find(|letter: char| !letter.is_ascii_lowercase());
        self.name.get(..end.unwrap_or(self.name.len())).unwrap_or(self.name)
    }

    /// The outermost key of the answer (`s_name` of the command's Java class). Nearly always the
    /// lower-case command and `response`.
    pub(crate) fn response_name(&self) -> String {
        match self.name {
            "listPortableIpRanges" => "listportableipresponse".into(),
            "deletePortableIpRange" => "deleteportablepublicipresponse".into(),
            "addIpToNic" => "addiptovmnicresponse".into(),
            "updateNetworkACLItem" => "createnetworkaclresponse".into(),
            "releasePodIpAddress" => "releasepodipresponse".into(),
            "acquirePodIpAddress" => "acquirepodipaddress".into(),
            "activateProject" => "activaterojectresponse".into(),
            "restoreVirtualMachine" => "restorevmresponse".into(),
            "moveNetworkAclItem" => "moveNetworkAclItemResponse".into(),
            name => name.to_ascii_lowercase() + "response",
        }
    }
}
