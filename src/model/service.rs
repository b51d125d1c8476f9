//! Services of networks: what an offering promises, who provides it, and in which variety.

use crate::model::{Cell, CellRef, Column, Corrupt, NetworkOffering, VpcOffering, known_service};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One service of an offering (`Network.Service`).
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub(crate) struct Service {
    /// CloudStack's name for it, for example `SourceNat`.
    pub(crate) name: String,
    /// Who provides it, for example `VirtualRouter`.
    pub(crate) providers: Vec<String>,
    /// Its variety, for example `RedundantRouter` is `false`.
    #[serde(default)]
    pub(crate) capabilities: BTreeMap<String, String>,
}

impl Service {
    /// A service in the variety that it has unless something else is said.
    pub(crate) fn usual(name: &str, providers: Vec<String>) -> Self {
        let known = known_service(name).map_or(&[][..], |known| known.capabilities);
        let usual = known.iter().filter_map(|(capability, values)| {
            Some(((*capability).to_owned(), (*values.first()?).to_owned()))
        });
        Self { name: name.to_owned(), providers, capabilities: usual.collect() }
    }
}

/// All services of an offering, each once, in the order in which they are shown.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Services(pub(crate) Vec<Service>);

impl Services {
    /// The services of several providers, each in its usual variety; what two provide is there
    /// once.
    pub(crate) fn of(provided: &[(&str, &[&str])]) -> Self {
        let mut services = Self::default();
        for (provider, names) in provided {
            for name in *names {
                match services.get_mut(name) {
                    Some(service) => service.providers.push((*provider).to_owned()),
                    None => services.0.push(Service::usual(name, vec![(*provider).to_owned()])),
                }
            }
        }
        services
    }

    /// Reads them as they stand in a column, as JSON.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The service of this name, whatever the letter case.
    pub(crate) fn get(&self, name: &str) -> Option<&Service> {
        self.0.iter().find(|service| service.name.eq_ignore_ascii_case(name))
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Service> {
        self.0.iter_mut().find(|service| service.name.eq_ignore_ascii_case(name))
    }

    /// Gives a capability of a service another value than the usual one.
    pub(crate) fn set(&mut self, name: &str, capability: &str, value: &str) {
        if let Some(service) = self.get_mut(name) {
            service.capabilities.insert(capability.to_owned(), value.to_owned());
        }
    }

    /// Whether the service of this name is among them.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Whether a service is among them and provided by this provider.
    pub(crate) fn provided(&self, name: &str, provider: &str) -> bool {
        self.get(name)
            .is_some_and(|it| it.providers.iter().any(|one| one.eq_ignore_ascii_case(provider)))
    }

    /// The value of a service's capability, where it has one.
    pub(crate) fn capability(&self, name: &str, capability: &str) -> Option<&str> {
        self.get(name)?.capabilities.get(capability).map(String::as_str)
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// As JSON, as they stand in a column.
impl fmt::Display for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Column for Services {
    fn to_cell(&self) -> Cell {
        Cell::Text(self.to_string())
    }
    fn from_cell(cell: CellRef<'_>) -> Result<Self, Corrupt> {
        let CellRef::Text(text) = cell else { return Err(Corrupt::new("services", cell)) };
        Self::parse(text).ok_or_else(|| Corrupt::new("services", cell))
    }
}

impl NetworkOffering {
    /// Its services.
    pub(crate) const fn services(&self) -> &Services {
        &self.services
    }

    /// Whether it has the service of this name, for example `SourceNat`.
    pub(crate) fn has(&self, service: &str) -> bool {
        self.services.has(service)
    }
}

impl VpcOffering {
    /// Its services.
    pub(crate) const fn services(&self) -> &Services {
        &self.services
    }

    /// Whether it has the service of this name, for example `SourceNat`.
    pub(crate) fn has(&self, service: &str) -> bool {
        self.services.has(service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_as_they_were_written() {
        let text = concat!(
            r#"[{"name":"SourceNat","providers":["VirtualRouter"],"#,
            r#""capabilities":{"RedundantRouter":"false"}},"#,
            r#"{"name":"Dhcp","providers":["A","B"],"capabilities":{}}]"#,
        );
        let services = Services::parse(text).unwrap();
        assert_eq!(services.to_string(), text);
        assert!(services.has("SourceNat") && services.has("dhcp") && !services.has("Lb"));
        assert!(services.provided("Dhcp", "B") && !services.provided("Dhcp", "VirtualRouter"));
        assert_eq!(services.capability("SourceNat", "RedundantRouter"), Some("false"));
        assert_eq!(services.capability("Dhcp", "RedundantRouter"), None);
        assert_eq!(Services::from_cell(CellRef::Text(text)), Ok(services));
    }

    #[test]
    fn other_text_is_corrupt() {
        assert!(Services::from_cell(CellRef::Text("Dhcp,Dns")).is_err());
        assert!(Services::from_cell(CellRef::Int(1)).is_err());
        assert_eq!(Services::parse("[]").map(|none| none.is_empty()), Some(true));
    }
}
