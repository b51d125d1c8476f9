//! A world with tenants: who they are, and calls in their name.

use crate::api::Reply;
use crate::engine::{Caller, Cx};
use crate::model::{Account, Domain, RoleKind, User};
use crate::schema::{Fault, Words};
use crate::sim::{EPOCH, World};
use serde_json::Value as Json;

/// The tenants of a [`World::tenants`].
#[derive(Clone, Debug)]
pub(crate) struct Tenants {
    /// A user of the domain `a`.
    pub(crate) alice: Caller,
    /// Another user of the domain `a`.
    pub(crate) amir: Caller,
    /// The admin of the domain `a`.
    pub(crate) ada: Caller,
    /// A user of the domain `a/sub`.
    pub(crate) sam: Caller,
    /// A user of the domain `b`.
    pub(crate) bob: Caller,
    /// The admin of the domain `b`.
    pub(crate) bea: Caller,
}

impl World {
    /// The sandbox with two domains, one of which has another below it, and their tenants.
    pub(crate) fn tenants() -> (Self, Tenants) {
        let world = Self::sandbox();
        let who = world.settle();
        (world, who)
    }

    /// Brings the tenants into a sandbox.
    pub(crate) fn settle(&self) -> Tenants {
        let made = self.engine.store().write(|tx| {
            let mut cx = Cx::new(tx, EPOCH, &Caller::ADMIN, "test");
            let root: Domain = cx.must(1)?;
            let a = domain(&mut cx, &root, "a")?;
            let sub = domain(&mut cx, &a, "sub")?;
            let b = domain(&mut cx, &root, "b")?;
            Ok::<_, Fault>(Tenants {
                alice: tenant(&mut cx, &a, "alice", RoleKind::User)?,
                amir: tenant(&mut cx, &a, "amir", RoleKind::User)?,
                ada: tenant(&mut cx, &a, "ada", RoleKind::DomainAdmin)?,
                sam: tenant(&mut cx, &sub, "sam", RoleKind::User)?,
                bob: tenant(&mut cx, &b, "bob", RoleKind::User)?,
                bea: tenant(&mut cx, &b, "bea", RoleKind::DomainAdmin)?,
            })
        });
        made.unwrap()
    }

    /// Calls as somebody; the whole reply.
    pub(crate) fn reply_to(
        &self,
        caller: &Caller,
        command: &str,
        words: &[(&str, &str)],
    ) -> Result<Reply, Fault> {
        let words: Words = words.iter().copied().collect();
        self.engine.call(caller, command, &words)
    }

    /// Calls as somebody. Of an asynchronous call the job's result; its failure is an `Err`.
    pub(crate) fn call_as(
        &self,
        caller: &Caller,
        command: &str,
        words: &[(&str, &str)],
    ) -> Result<Json, Fault> {
        let reply = self.reply_to(caller, command, words)?;
        match reply.job.and_then(|job| job.failed) {
            Some(fault) => Err(fault),
            None => Ok(reply.body),
        }
    }

    /// Calls as somebody what must succeed.
    #[track_caller]
    pub(crate) fn ok_as(&self, caller: &Caller, command: &str, words: &[(&str, &str)]) -> Json {
        let done = self.call_as(caller, command, words);
        done.unwrap_or_else(|fault| panic!("{command} {words:?}: {fault}"))
    }

    /// Makes an isolated network of somebody's; its id.
    pub(crate) fn network_of(&self, caller: &Caller) -> String {
        let offering = "DefaultIsolatedNetworkOfferingWithSourceNatService";
        let offering = self.id("listNetworkOfferings", &[("name", offering)]);
        let zone = self.id("listZones", &[]);
        let words = [("name", "n"), ("zoneid", zone.as_str()), ("networkofferingid", &offering)];
        let made = self.ok_as(caller, "createNetwork", &words);
        made["network"]["id"].as_str().unwrap().to_owned()
    }

    /// Acquires an address as somebody; the address.
    pub(crate) fn acquire(&self, caller: &Caller, words: &[(&str, &str)]) -> String {
        let body = self.ok_as(caller, "associateIpAddress", words);
        body["ipaddress"]["ipaddress"].as_str().unwrap().to_owned()
    }

    /// Calls as somebody what must be refused; the error code and the text.
    #[track_caller]
    pub(crate) fn refused_as(
        &self,
        caller: &Caller,
        command: &str,
        words: &[(&str, &str)],
    ) -> (u16, String) {
        match self.call_as(caller, command, words) {
            Ok(body) => panic!("{command} {words:?} was not refused: {body}"),
            Err(fault) => (fault.code(), fault.text),
        }
    }
}

fn domain(cx: &mut Cx<'_>, above: &Domain, name: &str) -> Result<Domain, Fault> {
    let domain = Domain {
        id: 0,
        parent_id: Some(above.id),
        name: name.into(),
        path: format!("{}{name}/", above.path),
        level: above.level + 1,
        ..above.clone()
    };
    let id = cx.tx.insert(&domain)?;
    Ok(Domain { id, ..domain })
}

fn tenant(cx: &mut Cx<'_>, domain: &Domain, name: &str, kind: RoleKind) -> Result<Caller, Fault> {
    let admin: Account = cx.must(2)?;
    let role_id = match kind {
        RoleKind::Admin => 1,
        RoleKind::ResourceAdmin => 2,
        RoleKind::DomainAdmin => 3,
        RoleKind::User => 4,
    };
    let account = Account {
        id: 0,
        name: name.into(),
        kind: kind.account_type(),
        domain_id: domain.id,
        role_id,
        is_default: false,
        ..admin
    };
    let account = Account { id: cx.tx.insert(&account)?, ..account };
    let user: User = cx.must(2)?;
    let user =
        User { id: 0, account_id: account.id, username: name.into(), is_default: false, ..user };
    let user = User { id: cx.tx.insert(&user)?, ..user };
    Ok(Caller::of(&user, &account).unwrap())
}
