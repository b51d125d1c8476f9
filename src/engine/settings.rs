//! Settings: reading the global values, changing and resetting them. See `scopes` for values
//! that hold in one place only.

use crate::engine::{Cx, Owner, Place};
use crate::model::setting::{self, Setting, SettingScope};
use crate::model::setting_table::SETTINGS;
use crate::model::{Account, Domain, EntityKind, Zone};
use crate::schema::Fault;
use crate::store::StoreError;
use crate::text::{is_secret_name, nearest_many, or_list, quoted};

/// How many names are offered where an unknown one was given.
const GUESSES: usize = 3;

impl Cx<'_> {
    /// The global value of a setting.
    pub(crate) fn setting(&mut self, name: &str) -> Result<String, Fault> {
        if let Some(value) = self.setting_override(name, "global", 0)? {
            return Ok(value);
        }
        let unknown = || StoreError::Other(format!("there is no setting `{name}`"));
        Ok(setting::find(name).ok_or_else(unknown)?.default.to_owned())
    }

    /// The global value of a setting that is true or false.
    pub(crate) fn setting_flag(&mut self, name: &str) -> Result<bool, Fault> {
        Ok(self.setting(name)?.eq_ignore_ascii_case("true"))
    }

    /// The global value of a setting that is a whole number.
    pub(crate) fn setting_int(&mut self, name: &str) -> Result<i64, Fault> {
        let value = self.setting(name)?;
        let damaged = || StoreError::Damaged(format!("{name} is `{value}`, not a whole number"));
        Ok(value.trim().parse().map_err(|_| damaged())?)
    }

    /// The value that was set at exactly this scope.
    pub(crate) fn setting_override(
        &mut self,
        name: &str,
        scope: &'static str,
        scope_id: i64,
    ) -> Result<Option<String>, Fault> {
        let args = [scope.into(), scope_id.into(), name.into()];
        let sql = "SELECT value FROM setting WHERE scope = ? AND scope_id = ? AND name = ?";
        let Some(setting) = setting::find(name) else { return Ok(self.tx.one(sql, &args)?) };
        let key = (setting.name, scope, scope_id);
        Ok((*self.tx.memo(key, |tx| tx.one::<String>(sql, &args))?).clone())
    }
}

/// Changing them.
impl Cx<'_> {
    /// Gives a setting a value at a place (`ConfigurationManagerImpl.updateConfiguration`).
    pub(crate) fn update_setting(
        &mut self,
        name: &str,
        value: Option<&str>,
        place: Place,
    ) -> Result<&'static Setting, Fault> {
        let setting = named(name)?;
        let value = value.ok_or_else(|| {
            let text = format!("Invalid parameter value: it is missing, the new value of {name}");
            Fault::invalid(text)
        })?;
        self.refuse_place(setting, place)?;
        let value = setting
            .check(value)
            .map_err(|why| Fault::invalid(format!("Invalid parameter value: {why}")))?;
        let (scope, id) = place.key();
        self.tx.set_setting(scope, id, setting.name, &value)?;
        let shown = if is_secret_name(name) { "another value" } else { value.as_str() };
        self.concerns_setting(place, format!("setting {name} to {shown}"))?;
        Ok(setting)
    }

    /// Takes away the value that a setting has at a place, so that those above it, and at last
    /// the default, hold again.
    pub(crate) fn reset_setting(
        &mut self,
        name: &str,
        place: Place,
    ) -> Result<&'static Setting, Fault> {
        let setting = named(name)?;
        self.refuse_place(setting, place)?;
        let (scope, id) = place.key();
        self.tx.run(
            "DELETE FROM setting WHERE scope = ? AND scope_id = ? AND name = ?",
            &[scope.into(), id.into(), setting.name.into()],
        )?;
        self.concerns_setting(place, format!("resetting {name}"))?;
        Ok(setting)
    }

    fn refuse_place(&mut self, setting: &Setting, place: Place) -> Result<(), Fault> {
        if self.is_settable(setting, place)? {
            return Ok(());
        }
        let param = place.scope().parameter().unwrap_or_default();
        let besides = match (setting.scope, setting.scope.parameter()) {
            (SettingScope::Global, _) | (_, None) => "only globally".to_owned(),
            (scope, Some(other)) => {
                let noun = scope.wire_name().to_ascii_lowercase();
                format!("globally and per {noun} (`{other}`)")
            }
        };
        Err(Fault::invalid(format!(
            "Invalid parameter {param}: {} can be set {besides}",
            setting.name
        )))
    }

    fn concerns_setting(&mut self, place: Place, what: String) -> Result<(), Fault> {
        let mut owner = self.caller_owner();
        let (kind, id, name) = match place {
            Place::Global => {
                self.what = Some(what);
                return Ok(());
            }
            Place::Zone(id) => (EntityKind::Zone, id, self.must::<Zone>(id)?.name),
            Place::Domain(id) => (EntityKind::Domain, id, self.must::<Domain>(id)?.path),
            Place::Account(id) => {
                let account = self.must::<Account>(id)?;
                owner = Owner { account_id: id, domain_id: account.domain_id };
                (EntityKind::Account, id, account.name)
            }
        };
        let noun = kind.noun();
        self.concerns(kind, (0, id), owner, format!("{what} for the {noun} {name}"));
        Ok(())
    }
}

/// The setting that a parameter names.
fn named(name: &str) -> Result<&'static Setting, Fault> {
    setting::find(name).ok_or_else(|| {
        let near = nearest_many(name, SETTINGS.iter().map(|setting| setting.name), GUESSES);
        let mut text = format!("Invalid parameter name: there is no setting {}", quoted(name));
        if !near.is_empty() {
            text = format!("{text}; did you mean {}?", or_list(&near));
        }
        Fault::invalid(text)
    })
}
