//! The global configuration: what a setting is, and which values it takes.

use super::setting_table::SETTINGS;
use crate::net::{Cidr4, Cidr6, Range4, parse4};
use crate::text::{or_list, quoted};

/// The longest value that updateConfiguration accepts, in bytes (`UpdateCfgCmd`).
const MAX_VALUE: usize = 4096;

/// The longest DNS name, in bytes, that leaves room for a host name in front
/// (`NetUtils.verifyDomainName`).
const MAX_DOMAIN_NAME: usize = 190;

/// One key of the configuration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    /// The key, as `network.gc.wait`.
    pub(crate) name: &'static str,
    /// The value as long as nobody sets one.
    pub(crate) default: &'static str,
    /// What the value is made of.
    pub(crate) kind: SettingKind,
    /// The narrowest place where a value can be set; the global value can always be set.
    pub(crate) scope: SettingScope,
    /// Whether a new value takes effect without a restart.
    pub(crate) dynamic: bool,
    /// The category, as CloudStack groups keys: "Network", "Advanced", "Account Defaults".
    pub(crate) category: &'static str,
    /// The component that reads the key: the simple name of CloudStack's class.
    pub(crate) component: &'static str,
    /// One sentence for people, without the full stop.
    pub(crate) about: &'static str,
    /// Which values of the kind are allowed.
    pub(crate) allowed: Allowed,
}

/// What a value is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettingKind {
    /// `true` or `false`.
    Boolean,
    /// A 32-bit whole number.
    Integer,
    /// A 64-bit whole number.
    Long,
    /// A decimal number of single precision.
    Float,
    /// A decimal number of double precision.
    Double,
    /// Any text.
    String,
    /// An IPv4 address.
    Address,
    /// An IPv4 block.
    Cidr,
    /// IPv4 and IPv6 blocks, comma separated; may be empty.
    CidrList,
    /// A DNS domain name (RFC 1123 section 2.1).
    DomainName,
    /// `name=seconds` pairs, comma separated; may be empty.
    Timeouts,
}

/// Where a value can be set, besides globally (`ConfigKey.Scope`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettingScope {
    /// Nowhere else.
    Global,
    /// On a zone.
    Zone,
    /// On a domain.
    Domain,
    /// On an account.
    Account,
}

/// Which values of a kind are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// Whatever the kind holds.
    Any,
    /// One of these words.
    Choices(&'static [&'static str]),
    /// A whole number within these bounds, both included.
    Range { min: i64, max: i64 },
    /// A decimal number from 0 to 1, both included: a part of the whole.
    Share,
}

/// Returns the setting of this name; case counts.
pub(crate) fn find(name: &str) -> Option<&'static Setting> {
    let at = SETTINGS.binary_search_by_key(&name, |setting| setting.name).ok()?;
    SETTINGS.get(at)
}

/// Building a row of the table: what is not said is global, static, any value allowed.
impl Setting {
    pub(super) const fn new(
        name: &'static str,
        kind: SettingKind,
        default: &'static str,
        category: &'static str,
    ) -> Self {
        Self {
            name,
            default,
            kind,
            scope: SettingScope::Global,
            dynamic: false,
            category,
            component: "management-server",
            about: "",
            allowed: Allowed::Any,
        }
    }

    pub(super) const fn scope(self, scope: SettingScope) -> Self {
        Self { scope, ..self }
    }

    pub(super) const fn dynamic(self) -> Self {
        Self { dynamic: true, ..self }
    }

    pub(super) const fn component(self, component: &'static str) -> Self {
        Self { component, ..self }
    }

    pub(super) const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    pub(super) const fn choices(self, words: &'static [&'static str]) -> Self {
        Self { allowed: Allowed::Choices(words), ..self }
    }

    pub(super) const fn range(self, min: i64, max: i64) -> Self {
        Self { allowed: Allowed::Range { min, max }, ..self }
    }

    pub(super) const fn share(self) -> Self {
        Self { allowed: Allowed::Share, ..self }
    }
}

impl Setting {
    /// Checks a new value and returns it in its canonical form: booleans in lower case, numbers
    /// without blanks, blocks without host bits.
    ///
    /// The error is a sentence that quotes the value and says what is allowed.
    pub(crate) fn check(&self, value: &str) -> Result<String, String> {
        let checked = self.check_kind(value).and_then(|value| {
            if self.kind == SettingKind::String {
                check_suffix(self.name, &value)?;
            }
            Ok(value)
        });
        checked.map_err(|why| format!("{} cannot be set: {why}", self.name))
    }

    /// Returns the `type` of the key in listConfigurations
    /// (`ConfigurationManagerImpl.getConfigurationType`).
    pub(crate) fn wire_type(&self) -> &'static str {
        use SettingKind as Kind;
        match (self.kind, self.allowed) {
            (Kind::Boolean, _) => "Boolean",
            (Kind::Integer | Kind::Long, _) => "Number",
            // Shares between 0 and 1 are drawn as a slider.
            (Kind::Float | Kind::Double, Allowed::Share) => "Range",
            (Kind::Float | Kind::Double, _) => "Decimal",
            (Kind::String, Allowed::Choices(_)) => "Select",
            (Kind::CidrList | Kind::Timeouts, _) => "CSV",
            (Kind::String | Kind::Address | Kind::Cidr | Kind::DomainName, _) => "String",
        }
    }

    /// Returns the `options` of the key in listConfigurations: the words allowed, comma
    /// separated, for a key that has a choice of them.
    pub(crate) fn options(&self) -> Option<String> {
        match self.allowed {
            Allowed::Choices(words) => Some(words.join(",")),
            _ => None,
        }
    }

    fn check_kind(&self, value: &str) -> Result<String, String> {
        let trimmed = value.trim();
        match self.kind {
            SettingKind::Boolean => boolean(trimmed),
            SettingKind::Integer => self.whole(trimmed, i32::MIN.into(), i32::MAX.into()),
            SettingKind::Long => self.whole(trimmed, i64::MIN, i64::MAX),
            SettingKind::Float | SettingKind::Double => self.decimal(trimmed),
            SettingKind::String => self.text(value),
            SettingKind::Address => {
                parse4(trimmed).map(|a| a.to_string()).map_err(|e| e.to_string())
            }
            SettingKind::Cidr => {
                Cidr4::parse(trimmed).map(|c| c.to_string()).map_err(|e| e.to_string())
            }
            SettingKind::CidrList => each(trimmed, cidr),
            SettingKind::DomainName => domain_name(trimmed),
            SettingKind::Timeouts => each(trimmed, timeout),
        }
    }

    /// Checks a whole number against the bounds of its type and of the setting.
    fn whole(&self, value: &str, low: i64, high: i64) -> Result<String, String> {
        let (min, max) = match self.allowed {
            Allowed::Range { min, max } => (min.max(low), max.min(high)),
            _ => (low, high),
        };
        let number = value.parse().ok().filter(|n: &i64| min <= *n && *n <= max);
        number
            .map(|n| n.to_string())
            .ok_or_else(|| format!("{} is not a whole number from {min} to {max}", quoted(value)))
    }

    /// Checks a decimal number; infinity, not-a-number and exponents are none.
    fn decimal(&self, value: &str) -> Result<String, String> {
        let plain = value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        let number: Option<f64> = if plain { value.parse().ok() } else { None };
        match (number, self.allowed) {
            (Some(number), Allowed::Share) if (0.0..=1.0).contains(&number) => Ok(value.to_owned()),
            (_, Allowed::Share) => {
                Err(format!("{} is not a decimal number from 0 to 1", quoted(value)))
            }
            (Some(_), _) => Ok(value.to_owned()),
            (None, _) => Err(format!("{} is not a decimal number", quoted(value))),
        }
    }

    /// Checks a text; blanks count, as the delimiter of tier names is one.
    fn text(&self, value: &str) -> Result<String, String> {
        if value.len() > MAX_VALUE {
            return Err(format!("the value is longer than {MAX_VALUE} bytes"));
        }
        if value.chars().any(char::is_control) {
            return Err(format!("{} holds control characters", quoted(value)));
        }
        match self.allowed {
            Allowed::Choices(words) => {
                let word = words.iter().find(|word| word.eq_ignore_ascii_case(value.trim()));
                word.map(|&word| word.to_owned())
                    .ok_or_else(|| format!("{} is not {}", quoted(value), or_list(words)))
            }
            _ => Ok(value.to_owned()),
        }
    }
}

impl SettingScope {
    /// Returns the name in the `scope` field of listConfigurations.
    pub(crate) const fn wire_name(self) -> &'static str {
        match self {
            Self::Global => "Global",
            Self::Zone => "Zone",
            Self::Domain => "Domain",
            Self::Account => "Account",
        }
    }

    /// Returns the parameter of updateConfiguration that names the place, if it needs one.
    pub(crate) const fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Global => None,
            Self::Zone => Some("zoneid"),
            Self::Domain => Some("domainid"),
            Self::Account => Some("accountid"),
        }
    }
}

/// Checks what the end of a text setting's name promises
/// (`ConfigurationManagerImpl.validateIpAddressRelatedConfigValues`); empty values pass.
///
/// Only texts: `allow.empty.start.end.ipaddress` is a boolean.
fn check_suffix(name: &str, value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    let checked = match name.rsplit_once('.') {
        Some((_, "ip" | "ipaddress")) => parse4(value).map(drop),
        Some((_, "iprange")) => Range4::parse(value).map(drop),
        _ => Ok(()),
    };
    checked.map_err(|wrong| wrong.to_string())
}

fn boolean(value: &str) -> Result<String, String> {
    let lower = value.to_ascii_lowercase();
    if matches!(lower.as_str(), "true" | "false") {
        Ok(lower)
    } else {
        Err(format!("{} is not `true` or `false`", quoted(value)))
    }
}

/// Checks a comma separated list, which may be empty, and returns it without blanks.
fn each(value: &str, item: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
    if value.is_empty() {
        return Ok(String::new());
    }
    let items: Result<Vec<String>, String> = value.split(',').map(|one| item(one.trim())).collect();
    items.map(|items| items.join(","))
}

fn cidr(value: &str) -> Result<String, String> {
    if value.contains(':') {
        return Cidr6::parse(value).map(|c| c.to_string()).map_err(|wrong| wrong.to_string());
    }
    Cidr4::parse(value).map(|c| c.to_string()).map_err(|wrong| wrong.to_string())
}

fn timeout(value: &str) -> Result<String, String> {
    let wrong = || format!("{} is not a pair like DeployVMCmd=600", quoted(value));
    let (name, seconds) = value.split_once('=').ok_or_else(wrong)?;
    let (name, seconds) = (name.trim(), seconds.trim());
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
    let positive = seconds.parse().is_ok_and(|n: i32| n > 0);
    if named && positive { Ok(format!("{name}={seconds}")) } else { Err(wrong()) }
}

/// Returns `value` when it is the name of a DNS domain (`NetUtils.verifyDomainName`).
pub(crate) fn domain_name(value: &str) -> Result<String, String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if value.len() <= MAX_DOMAIN_NAME && value.split('.').all(label) {
        Ok(value.to_owned())
    } else {
        Err(format!("{} is not a domain name like cloud.internal", quoted(value)))
    }
}
