//! The calls about routers and about management addresses of pods. Which routers there are is
//! looked up; what they may be asked to do follows from their state.

use super::calls;
use super::model::IN_JOB;
use super::model::INVALID;
use super::{Call, Run};
use crate::model::EntityKind;

/// The management addresses of the sandbox's pod.
const FIRST: u32 = u32::from_be_bytes([172, 16, 0, 2]);
/// Management addresses that are taken at most.
const MOST: usize = 20;

impl Run {
    /// One random call about routers or management addresses.
    pub(super) fn change_appliances(&mut self) {
        match self.rng.below(8) {
            0..4 => self.change_router(),
            4 => self.restart_network(),
            5 | 6 if self.model.pods.len() < MOST => self.acquire_pod_ip(),
            _ => self.release_pod_ip(),
        }
    }

    fn change_router(&mut self) {
        let all = self.world.ok("listRouters", &[("listall", "true")]);
        let Some(all) = all["router"].as_array() else { return };
        let routers: Vec<(String, bool)> = all
            .iter()
            .filter_map(|router| {
                Some((router["id"].as_str()?.to_owned(), router["state"] == "Running"))
            })
            .collect();
        let Some((id, runs)) = self.rng.pick(&routers).cloned() else { return };
        let commands = ["startRouter", "stopRouter", "rebootRouter", "destroyRouter"];
        let command = self.rng.one_of(&commands);
        let refused = command == "rebootRouter" && !runs;
        let expected = if refused { Err(IN_JOB) } else { Ok(None) };
        self.call(Call { command, words: &[("id", &id)], expected });
    }

    fn restart_network(&mut self) {
        let networks: Vec<_> =
            self.model.homes.iter().filter(|home| !home.is_vpc).cloned().collect();
        let Some(home) = self.rng.pick(&networks).cloned() else { return };
        let id = calls::id(EntityKind::Network, home.id);
        let cleanup = if self.rng.chance(50) { "true" } else { "false" };
        let words = [("id", id.as_str()), ("cleanup", cleanup)];
        let expected = if home.is_up { Ok(None) } else { Err(INVALID) };
        self.call(Call { command: "restartNetwork", words: &words, expected });
    }

    fn acquire_pod_ip(&mut self) {
        let [zone, ..] = self.ids.clone();
        let is_free = |ip: &u32| self.model.pods.values().all(|other| other != ip);
        let next = (FIRST..=u32::MAX).find(is_free).unwrap_or(FIRST);
        let words = [("zoneid", zone.as_str())];
        let command = "acquirePodIpAddress";
        let Some(body) = self.call(Call { command, words: &words, expected: Ok(None) }) else {
            return;
        };
        let got = &body["acquirepodipaddressresponse"];
        assert_eq!(got["ipaddress"], calls::text(next), "{body}");
        self.model.pods.insert(got["id"].as_i64().expect("a number"), next);
    }

    fn release_pod_ip(&mut self) {
        let ids: Vec<i64> = self.model.pods.keys().copied().collect();
        let id = self.rng.pick(&ids).copied().unwrap_or(4711);
        let expected = match self.model.pods.remove(&id) {
            Some(_) => Ok(None),
            None => Err(IN_JOB),
        };
        let written = id.to_string();
        let words = [("id", written.as_str())];
        self.call(Call { command: "releasePodIpAddress", words: &words, expected });
    }
}
