//! What a transaction remembers of rows that are seldom written.

use super::{MEMOS, MemoKey, Tx};
use crate::model::Record;
use crate::store::StoreError;
use std::sync::Arc;

impl Tx {
    /// The record in row `id`, removed ones included.
    pub(crate) fn get<R: Record>(&mut self, id: i64) -> Result<Option<R>, StoreError> {
        let key = (R::TABLE, "", id);
        if let Some(known) = self.remembered::<R>(&key) {
            return Ok(Some((*known).clone()));
        }
        let found: Option<R> = self.records(R::GET, &[id.into()])?.pop();
        if let Some(found) = &found {
            self.remember(key, Arc::new(found.clone()));
        }
        Ok(found)
    }

    /// The record in row `id`, unless it was removed.
    pub(crate) fn living<R: Record>(&mut self, id: i64) -> Result<Option<R>, StoreError> {
        let found = self.memo_found((R::TABLE, "living", id), |tx| {
            tx.first::<R>("WHERE id = ? AND removed IS NULL", &[id.into()])
        })?;
        Ok(found.map(|found: Arc<R>| (*found).clone()))
    }

    /// What `read` finds, or has found since anything but addresses, jobs and events was written.
    /// That there is nothing is not remembered: strangers may ask for it.
    pub(crate) fn memo_found<T: Send + Sync + 'static, E>(
        &mut self,
        key: MemoKey,
        read: impl FnOnce(&mut Self) -> Result<Option<T>, E>,
    ) -> Result<Option<Arc<T>>, E> {
        if let Some(known) = self.remembered(&key) {
            return Ok(Some(known));
        }
        let found = read(self)?.map(Arc::new);
        if let Some(found) = &found {
            self.remember(key, Arc::<T>::clone(found));
        }
        Ok(found)
    }

    /// What `read` reads, or has read since anything but addresses, jobs and events was written.
    /// Most calls need the same few rows; they are read once and not for each of them.
    pub(crate) fn memo<T: Send + Sync + 'static, E>(
        &mut self,
        key: MemoKey,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        if let Some(known) = self.remembered(&key) {
            return Ok(known);
        }
        let value = Arc::new(read(self)?);
        self.remember(key, Arc::<T>::clone(&value));
        Ok(value)
    }

    /// Forgets what [`Tx::memo`] remembers, after a row was written of which it was read.
    pub(crate) fn forget_memo(&mut self, key: &MemoKey) {
        self.memo.remove(key);
    }

    fn remembered<T: Send + Sync + 'static>(&self, key: &MemoKey) -> Option<Arc<T>> {
        self.memo.get(key).cloned().and_then(|known| known.downcast().ok())
    }

    fn remember<T: Send + Sync + 'static>(&mut self, key: MemoKey, value: Arc<T>) {
        if self.memo.len() >= MEMOS {
            self.memo.clear();
        }
        self.memo.insert(key, value);
    }
}
