//! The services that a caller wants an offering to have, checked against those that there are.

use crate::model::{
    KnownProvider, KnownService, LIMITS, PROVIDERS, SERVICES, Service, Services, known_provider,
    known_service,
};
use crate::schema::{Exception, Fault, List, Map};
use crate::text::{and_list, nearest, quoted};

/// The parameters that say which services an offering has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// `supportedservices`.
    pub(crate) services: Option<&'a List<String>>,
    /// `serviceproviderlist`.
    pub(crate) providers: Option<&'a Map>,
    /// `servicecapabilitylist`.
    pub(crate) capabilities: Option<&'a Map>,
}

/// A service with a provider that was named for it.
pub(crate) type Provision = (&'static KnownService, &'static KnownProvider);

/// A capability of a service with the value that was chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    /// The service.
    pub(crate) service: &'static KnownService,
    /// The capability's name.
    pub(crate) capability: &'static str,
    /// Its value.
    pub(crate) value: &'static str,
}

/// The same parameters, read: every word in them is one that there is.
#[derive(Debug)]
pub(crate) struct Wanted {
    /// The services, each once.
    pub(crate) services: Vec<&'static KnownService>,
    /// The providers that were named.
    pub(crate) providers: Vec<Provision>,
    /// The capabilities that were chosen.
    pub(crate) choices: Vec<Choice>,
}

impl Asked<'_> {
    /// Reads them; refuses what there is not, and says what there is.
    pub(crate) fn read(self) -> Result<Wanted, Fault> {
        let names = self.services.map_or(&[][..], |list| &list.0);
        Ok(Wanted {
            services: services_named(names, "supportedservices")?,
            providers: once(entries(self.providers, provision)?),
            choices: entries(self.capabilities, choice)?,
        })
    }
}

impl Wanted {
    /// Whether this service is wanted.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.services.iter().any(|service| service.name == name)
    }

    /// Adds a service that CloudStack adds by itself.
    pub(crate) fn add(&mut self, name: &str) {
        if let Some(service) = known_service(name).filter(|known| !self.has(known.name)) {
            self.services.push(service);
        }
    }

    /// Whether any of the providers is this one.
    pub(crate) fn names(&self, provider: &str) -> bool {
        self.providers.iter().any(|(_, named)| named.name == provider)
    }

    /// Refuses providers for services that are not wanted, and for ones they cannot provide.
    pub(crate) fn check_providers(&self) -> Result<(), Fault> {
        for (service, provider) in &self.providers {
            let (service, provider, can) = (service.name, provider.name, provider.services);
            if !self.has(service) {
                return Err(Fault::invalid(format!(
                    "Invalid parameter serviceproviderlist: `{provider}` is named for the service \
                     `{service}`, which is not among the supportedservices"
                )));
            }
            if !can.contains(&service) {
                return Err(Fault::new(
                    Exception::UnsupportedService,
                    format!(
                        "Invalid parameter serviceproviderlist: `{provider}` does not provide the \
                         service `{service}`, only {}",
                        and_list(can)
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Refuses capabilities of services that are not wanted.
    pub(crate) fn check_choices(&self) -> Result<(), Fault> {
        let stray = self.choices.iter().find(|choice| !self.has(choice.service.name));
        stray.map_or(Ok(()), |choice| {
            Err(refuse_choice(
                choice,
                &format!("needs `{}` among the supportedservices", choice.service.name),
            ))
        })
    }

    /// The value that was chosen for a capability.
    pub(crate) fn chosen(&self, capability: &str) -> Option<&'static str> {
        let found = self.choices.iter().find(|choice| choice.capability == capability);
        found.map(|choice| choice.value)
    }

    /// The services as the offering has them. Where no provider was named, `usual` says who
    /// provides a service.
    pub(crate) fn settle(
        &self,
        usual: impl Fn(&str) -> Vec<&'static str>,
    ) -> Result<Services, Fault> {
        let mut services = Services::default();
        for known in SERVICES.iter().filter(|known| self.has(known.name)) {
            let named = self.providers.iter().filter(|(service, _)| service.name == known.name);
            let mut providers: Vec<_> = named.map(|(_, provider)| provider.name).collect();
            if providers.is_empty() {
                providers = usual(known.name);
            }
            let providers = providers.into_iter().map(str::to_owned).collect();
            services.0.push(Service::usual(known.name, providers));
        }
        for choice in &self.choices {
            check_limits(&services, choice)?;
            services.set(choice.service.name, choice.capability, choice.value);
        }
        Ok(services)
    }
}

/// The same without what was said before.
fn once(named: Vec<Provision>) -> Vec<Provision> {
    let mut found: Vec<Provision> = Vec::new();
    for (service, provider) in named {
        if !found.iter().any(|(s, p)| s.name == service.name && p.name == provider.name) {
            found.push((service, provider));
        }
    }
    found
}

/// The services of these names, each once, or why there is none of a name.
pub(crate) fn services_named(
    names: &[String],
    param: &str,
) -> Result<Vec<&'static KnownService>, Fault> {
    let mut found: Vec<&'static KnownService> = Vec::new();
    for name in names {
        let service = service_named(name, param)?;
        if !found.iter().any(|known| known.name == service.name) {
            found.push(service);
        }
    }
    Ok(found)
}

fn service_named(name: &str, param: &str) -> Result<&'static KnownService, Fault> {
    let all: Vec<_> = SERVICES.iter().map(|service| service.name).collect();
    known_service(name).ok_or_else(|| unknown(param, name, "a service", &all))
}

/// The fault for a word that there is not: what is meant, perhaps, and what there is.
pub(crate) fn unknown(param: &str, word: &str, what: &str, known: &[&str]) -> Fault {
    let near = nearest(word, known.iter().copied())
        .map_or_else(|| ".".to_owned(), |near| format!(", did you mean `{near}`?"));
    let (word, all) = (quoted(word), and_list(known));
    Fault::invalid(format!("Invalid parameter {param}: {word} is not {what}{near} There are {all}"))
}

/// One entry of a map parameter, as its keys and values.
type Entry = [(String, String)];

fn entries<T>(
    map: Option<&Map>,
    read: impl Fn(&Entry) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    map.map_or(&[][..], |map| &map.0).iter().map(|entry| read(entry)).collect()
}

/// The value of a key that an entry must have.
fn value<'e>(entry: &'e Entry, param: &str, key: &str) -> Result<&'e str, Fault> {
    let found = entry.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
    found.map(|(_, value)| value.as_str()).ok_or_else(|| {
        Fault::invalid(format!("Invalid parameter {param}: an entry has no `{key}`"))
    })
}

fn provision(entry: &Entry) -> Result<Provision, Fault> {
    const PARAM: &str = "serviceproviderlist";
    let service = service_named(value(entry, PARAM, "service")?, PARAM)?;
    let name = value(entry, PARAM, "provider")?;
    let all: Vec<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
    let provider = known_provider(name).ok_or_else(|| unknown(PARAM, name, "a provider", &all))?;
    Ok((service, provider))
}

fn choice(entry: &Entry) -> Result<Choice, Fault> {
    const PARAM: &str = "servicecapabilitylist";
    let service = service_named(value(entry, PARAM, "service")?, PARAM)?;
    let name = value(entry, PARAM, "capabilitytype")?;
    let all: Vec<_> = service.capabilities.iter().map(|(capability, _)| *capability).collect();
    let what = format!("a capability of `{}`", service.name);
    let known = service.capabilities.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let (capability, values) = known.ok_or_else(|| unknown(PARAM, name, &what, &all))?;
    let word = value(entry, PARAM, "capabilityvalue")?;
    let known = values.iter().find(|known| known.eq_ignore_ascii_case(word));
    let what = format!("a value of `{capability}`");
    let value = known.ok_or_else(|| unknown(PARAM, word, &what, values))?;
    Ok(Choice { service, capability, value })
}

/// The fault for a capability that cannot be chosen so.
pub(crate) fn refuse_choice(choice: &Choice, why: &str) -> Fault {
    let Choice { service, capability, value } = choice;
    let service = service.name;
    Fault::invalid(format!(
        "Invalid parameter servicecapabilitylist: `{capability}` = `{value}` of the service \
         `{service}` {why}"
    ))
}

/// Refuses a value that a provider of the service cannot give.
fn check_limits(services: &Services, choice: &Choice) -> Result<(), Fault> {
    let providers = services.get(choice.service.name).map_or(&[][..], |it| &it.providers);
    for provider in providers {
        let limit = LIMITS
            .iter()
            .find(|(name, capability, _)| name == provider && *capability == choice.capability);
        if let Some((_, _, values)) = limit
            && !values.contains(&choice.value)
        {
            let why = format!("is not for the provider `{provider}`, only {}", and_list(values));
            let refused = refuse_choice(choice, &why);
            return Err(Fault::new(Exception::UnsupportedService, refused.text));
        }
    }
    Ok(())
}
