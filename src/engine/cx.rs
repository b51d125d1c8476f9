//! The context of a use case: the transaction, the time and who calls.

use crate::engine::access::Guarded;
use crate::engine::{Prepared, Subject, TagPage};
use crate::model::{
    Account, Address, Domain, Entity, EntityKind, Network, PrivateGateway, Record, RoleKind,
    StaticRoute, Time, Uid, User, Vm, Vpc,
};
use crate::schema::{Exception, Fault, Id};
use crate::store::{StoreError, Tx};
use crate::text::{quoted, shorten};

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The user.
    pub(crate) user_id: i64,
    /// The user's account.
    pub(crate) account_id: i64,
    /// The account's domain.
    pub(crate) domain_id: i64,
    /// The account's role.
    pub(crate) role_id: i64,
    /// What the account is for.
    pub(crate) kind: RoleKind,
}

impl Caller {
    /// The user `admin` of the account `admin` of the domain ROOT, as every store has it.
    pub(crate) const ADMIN: Self =
        Self { user_id: 2, account_id: 2, domain_id: 1, role_id: 1, kind: RoleKind::Admin };

    /// The user `system` of the account `system` of the domain ROOT.
    pub(crate) const SYSTEM: Self = Self { user_id: 1, account_id: 1, ..Self::ADMIN };

    /// A user of an account; none for the hidden account of a project, for which nobody calls.
    pub(crate) fn of(user: &User, account: &Account) -> Option<Self> {
        Some(Self {
            user_id: user.id,
            account_id: account.id,
            domain_id: account.domain_id,
            role_id: account.role_id,
            kind: account.role_kind()?,
        })
    }

    /// Whether the caller sees everything, and may use it.
    pub(crate) fn is_root(&self) -> bool {
        self.kind == RoleKind::Admin
    }

    /// Whether the caller administers a domain and those below it.
    pub(crate) fn is_domain_admin(&self) -> bool {
        matches!(self.kind, RoleKind::DomainAdmin | RoleKind::ResourceAdmin)
    }
}

/// An account that owns, or is to own, something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Owner {
    /// The account.
    pub(crate) account_id: i64,
    /// Its domain.
    pub(crate) domain_id: i64,
}

/// Things that belong to an account say so in two columns.
macro_rules! owned {
    ($( $entity:ty ),+) => { $(
        impl From<&$entity> for Owner {
            fn from(owned: &$entity) -> Self {
                Self { account_id: owned.account_id, domain_id: owned.domain_id }
            }
        }
    )+ };
}
owned!(Address, Network, PrivateGateway, StaticRoute, Vm, Vpc);

/// The context of a use case.
pub(crate) struct Cx<'c> {
    /// The transaction.
    pub(crate) tx: &'c mut Tx,
    /// When the call is made.
    pub(crate) now: Time,
    /// Who calls.
    pub(crate) caller: &'c Caller,
    /// The command, as `createVPC`.
    pub(crate) command: &'static str,
    /// What the call is about, for its events and its job; set by the use case.
    pub(crate) subject: Option<Subject>,
    /// What is done, where it is done to nothing that has an id.
    pub(crate) what: Option<String>,
    /// The type of its events, where it is another one than that of the command.
    pub(crate) event_kind: Option<&'static str>,
    /// The secrets that the call needs.
    pub(crate) prepared: Prepared,
    /// Why the job of the call fails although what it did is kept.
    pub(crate) failed: Option<Fault>,
    /// Tags that were looked up for many things at once.
    pub(crate) tags: TagPage,
}

impl<'c> Cx<'c> {
    /// A context for one call.
    pub(crate) fn new(
        tx: &'c mut Tx,
        now: Time,
        caller: &'c Caller,
        command: &'static str,
    ) -> Self {
        Self {
            tx,
            now,
            caller,
            command,
            subject: None,
            what: None,
            event_kind: None,
            prepared: Prepared::default(),
            failed: None,
            tags: TagPage::default(),
        }
    }

    /// The row that an id names, of a thing that may be gone. Refuses what was never issued.
    pub(crate) fn row<E: Entity>(&self, id: &Id<E>) -> Result<i64, Fault> {
        let uid = Uid::parse(&id.text);
        uid.and_then(|uid| self.tx.row_of::<E>(uid)).ok_or_else(|| self.unknown(id))
    }

    /// The living thing that an id names, if the caller may use it.
    pub(crate) fn find<E: Entity + Record + Guarded>(&mut self, id: &Id<E>) -> Result<E, Fault> {
        let row = self.row(id)?;
        let found = self.tx.living(row)?;
        let found = found.ok_or_else(|| self.unknown(id))?;
        self.check_access(&found)?;
        Ok(found)
    }

    /// The living thing that an id names, where one was given.
    pub(crate) fn find_opt<E: Entity + Record + Guarded>(
        &mut self,
        id: Option<&Id<E>>,
    ) -> Result<Option<E>, Fault> {
        id.map(|id| self.find(id)).transpose()
    }

    /// The row that an id names, where one was given; see [`Cx::row`].
    pub(crate) fn row_opt<E: Entity>(&self, id: Option<&Id<E>>) -> Result<Option<i64>, Fault> {
        id.map(|id| self.row(id)).transpose()
    }

    /// The thing in row `id`, which another row refers to: it must be there.
    pub(crate) fn must<R: Record>(&mut self, id: i64) -> Result<R, Fault> {
        let missing = || StoreError::Damaged(format!("{} has no row {id}", R::TABLE));
        Ok(self.tx.get(id)?.ok_or_else(missing)?)
    }

    /// The fault for an id that names nothing. Clients recognise a deleted thing by the words
    /// from "Invalid parameter" to "does not exist", so they are CloudStack's.
    pub(crate) fn unknown<E: Entity>(&self, id: &Id<E>) -> Fault {
        let other = Uid::parse(&id.text)
            .and_then(|uid| self.tx.key().kind_of(uid))
            .filter(|kind| *kind != E::KIND)
            .map(|kind| format!(" It is the id of a {}, not of a {}.", kind.noun(), E::KIND.noun()))
            .unwrap_or_default();
        let (command, param) = (self.command.to_ascii_lowercase(), id.param);
        let value = shorten(&id.text, 60);
        Fault::new(
            Exception::Parameter,
            format!(
                "Unable to execute API command {command} due to invalid value. Invalid parameter \
                 {param} value={value} due to incorrect long value format, or entity does not \
                 exist or due to incorrect parameter annotation for the field in api cmd \
                 class.{other}"
            ),
        )
    }

    /// The id that the API shows for row `id` of an entity.
    pub(crate) fn uid<E: Entity>(&self, id: i64) -> Uid {
        self.tx.uid(E::KIND, id)
    }

    /// The same for a row that may be none.
    pub(crate) fn uid_opt<E: Entity>(&self, id: Option<i64>) -> Option<Uid> {
        id.map(|id| self.uid::<E>(id))
    }

    /// The id of an address, held or free.
    pub(crate) fn address_uid(&self, range_id: i64, place: i64) -> Uid {
        let chosen = self.tx.alias_of(EntityKind::Address, range_id, place);
        let (a, b) = (range_id.unsigned_abs(), place.unsigned_abs());
        chosen.unwrap_or_else(|| self.tx.key().encode(EntityKind::Address, a, b))
    }

    /// The account and domain that own a thing, for its view.
    pub(crate) fn owner_names(&mut self, owner: Owner) -> Result<(Account, Domain), Fault> {
        Ok((self.must(owner.account_id)?, self.must(owner.domain_id)?))
    }

    /// The caller, as an owner.
    pub(crate) fn caller_owner(&self) -> Owner {
        Owner { account_id: self.caller.account_id, domain_id: self.caller.domain_id }
    }

    /// The account of this name in a domain, which must be there.
    pub(crate) fn account_in(&mut self, name: &str, domain: &Domain) -> Result<Account, Fault> {
        // Of the accounts beside their own users are not even told whether they are there.
        if self.caller.kind == RoleKind::User {
            let own: Account = self.must(self.caller.account_id)?;
            if own.name != name {
                return Err(self.denied(&own));
            }
        }
        // The hidden accounts of projects are named by their projects.
        let tail = "WHERE name = ? AND domain_id = ? AND type <> ? AND removed IS NULL";
        let args = [name.into(), domain.id.into(), Account::PROJECT.into()];
        let found: Option<Account> = self.tx.first(tail, &args)?;
        found.ok_or_else(|| {
            let (name, path) = (quoted(name), &domain.path);
            Fault::invalid(format!(
                "Invalid parameter account: there is no account {name} in the domain {path}"
            ))
        })
    }
}
