//! Where a setting's value comes from: the nearest place that has one (`ConfigKey.Scope`).

use crate::engine::Cx;
use crate::model::setting::{Setting, SettingScope};
use crate::model::{Account, setting};
use crate::schema::Fault;

/// A place where a setting can have a value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// Everywhere.
    Global,
    /// A zone.
    Zone(i64),
    /// A domain.
    Domain(i64),
    /// An account.
    Account(i64),
}

/// Whether an account without a value of its own takes that of its domain.
const ACCOUNTS_FOLLOW: &str = "enable.account.settings.for.domain";
/// Whether a domain without a value of its own takes that of the domain above.
const DOMAINS_FOLLOW: &str = "enable.domain.settings.for.child.domain";

impl Place {
    /// The word and the row under which the store keeps it.
    pub(crate) const fn key(self) -> (&'static str, i64) {
        match self {
            Self::Global => ("global", 0),
            Self::Zone(id) => ("zone", id),
            Self::Domain(id) => ("domain", id),
            Self::Account(id) => ("account", id),
        }
    }

    /// The scope that a setting must have to have a value there.
    pub(crate) const fn scope(self) -> SettingScope {
        match self {
            Self::Global => SettingScope::Global,
            Self::Zone(_) => SettingScope::Zone,
            Self::Domain(_) => SettingScope::Domain,
            Self::Account(_) => SettingScope::Account,
        }
    }

    /// The row of the zone, domain or account.
    pub(crate) const fn row(self) -> Option<i64> {
        match self {
            Self::Global => None,
            Self::Zone(id) | Self::Domain(id) | Self::Account(id) => Some(id),
        }
    }
}

impl Cx<'_> {
    /// The value of a setting at a place: its own, else that of the places above it, else the
    /// global one, else the default. A place that the setting's scope does not have is passed by.
    pub(crate) fn setting_in(&mut self, name: &str, place: Place) -> Result<String, Fault> {
        for place in self.places_of(name, place)? {
            let (scope, id) = place.key();
            if let Some(value) = self.setting_override(name, scope, id)? {
                return Ok(value);
            }
        }
        self.setting(name)
    }

    /// The same, with the place as a word (`zone`, `domain` or `account`) and a row.
    pub(crate) fn setting_at(&mut self, name: &str, scope: &str, id: i64) -> Result<String, Fault> {
        let place = match scope {
            "zone" => Place::Zone(id),
            "domain" => Place::Domain(id),
            "account" => Place::Account(id),
            _ => Place::Global,
        };
        self.setting_in(name, place)
    }

    /// Whether a setting can have a value of its own at a place.
    pub(crate) fn is_settable(&mut self, setting: &Setting, place: Place) -> Result<bool, Fault> {
        match (setting.scope, place.scope()) {
            (_, SettingScope::Global) => Ok(true),
            (SettingScope::Account, SettingScope::Domain) => self.setting_flag(ACCOUNTS_FOLLOW),
            (scope, wanted) => Ok(scope == wanted),
        }
    }

    /// The places below the global one whose values count at `place`, the nearest first.
    fn places_of(&mut self, name: &str, place: Place) -> Result<Vec<Place>, Fault> {
        // Two keys in three are global: they are answered without a look at any place.
        match (setting::find(name).map(|setting| setting.scope), place) {
            (Some(SettingScope::Zone), Place::Zone(_)) => Ok(vec![place]),
            (Some(SettingScope::Domain), Place::Domain(id)) => self.domains_of(id),
            (Some(SettingScope::Account), Place::Domain(id)) => {
                if self.setting_flag(ACCOUNTS_FOLLOW)? { self.domains_of(id) } else { Ok(vec![]) }
            }
            (Some(SettingScope::Account), Place::Account(id)) => {
                let mut places = vec![place];
                if self.setting_flag(ACCOUNTS_FOLLOW)? {
                    let domain = self.must::<Account>(id)?.domain_id;
                    places.extend(self.domains_of(domain)?);
                }
                Ok(places)
            }
            (Some(SettingScope::Domain), Place::Account(id)) => {
                let domain = self.must::<Account>(id)?.domain_id;
                self.domains_of(domain)
            }
            _ => Ok(vec![]),
        }
    }

    /// A domain, and where the settings say so all domains above it.
    fn domains_of(&mut self, id: i64) -> Result<Vec<Place>, Fault> {
        if !self.setting_flag(DOMAINS_FOLLOW)? {
            return Ok(vec![Place::Domain(id)]);
        }
        Ok(self.domains_up(id)?.iter().copied().map(Place::Domain).collect())
    }
}
