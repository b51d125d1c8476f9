//! Settings as the engine reads them: the value of the nearest scope that has one.

use crate::engine::Cx;
use crate::model::setting;
use crate::schema::Fault;
use crate::store::StoreError;

impl Cx<'_> {
    /// The value of a setting at a scope (`zone` and its row, for example), else the global one,
    /// else the default.
    pub(crate) fn setting_at(
        &mut self,
        name: &str,
        scope: &str,
        scope_id: i64,
    ) -> Result<String, Fault> {
        match self.setting_override(name, scope, scope_id)? {
            Some(value) => Ok(value),
            None => self.setting(name),
        }
    }

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
        scope: &str,
        scope_id: i64,
    ) -> Result<Option<String>, Fault> {
        Ok(self.tx.one(
            "SELECT value FROM setting WHERE scope = ? AND scope_id = ? AND name = ?",
            &[scope.into(), scope_id.into(), name.into()],
        )?)
    }
}
