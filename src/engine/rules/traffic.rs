//! The traffic that a rule is about: protocol, ports, ICMP messages and CIDRs
//! (`FirewallManagerImpl.validateFirewallRule`, `NetUtils`).

use crate::net::{Block, Cidr4, Cidr6};
use crate::schema::Fault;
use crate::text::quoted;

/// The protocols that have ports.
const WITH_PORTS: [&str; 2] = ["tcp", "udp"];
/// All addresses of IPv4.
pub(crate) const ANYWHERE: &str = "0.0.0.0/0";
/// What stands for all types and codes of ICMP messages.
const ANY: i64 = -1;

/// Traffic, as it is asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Traffic {
    /// The protocol: a name or a number.
    pub(crate) protocol: String,
    /// The first port.
    pub(crate) first_port: Option<i64>,
    /// The last port; the first one when it is left out.
    pub(crate) last_port: Option<i64>,
    /// The type of ICMP messages.
    pub(crate) icmp_type: Option<i64>,
    /// The code of ICMP messages.
    pub(crate) icmp_code: Option<i64>,
}

impl Traffic {
    /// The same, checked and with what was left out.
    pub(super) fn checked(mut self) -> Result<Self, Fault> {
        self.protocol = protocol(&self.protocol)?;
        self.check_ports()?;
        self.check_icmp()?;
        Ok(self)
    }

    fn check_ports(&mut self) -> Result<(), Fault> {
        let given = [("startport", self.first_port), ("endport", self.last_port)];
        if !WITH_PORTS.contains(&self.protocol.as_str()) {
            let Some((name, _)) = given.iter().find(|(_, port)| port.is_some()) else {
                return Ok(());
            };
            let protocol = &self.protocol;
            return Err(Fault::invalid(format!(
                "Invalid parameter {name}: the protocol {protocol} has no ports; tcp and udp have"
            )));
        }
        for (name, port) in given {
            if let Some(port) = port.filter(|port| !(1..=65_535).contains(port)) {
                return Err(Fault::invalid(format!(
                    "Invalid parameter {name}: {port} is not a port from 1 to 65535"
                )));
            }
        }
        self.last_port = self.last_port.or(self.first_port);
        if self.first_port.is_none() && self.last_port.is_some() {
            return Err(Fault::invalid(
                "Invalid parameter endport: startport must be given together with it",
            ));
        }
        if self.first_port > self.last_port {
            return Err(Fault::invalid("Invalid parameter endport: it is lower than startport"));
        }
        Ok(())
    }

    fn check_icmp(&mut self) -> Result<(), Fault> {
        let given = [("icmptype", self.icmp_type), ("icmpcode", self.icmp_code)];
        if self.protocol != "icmp" {
            let Some((name, _)) = given.iter().find(|(_, number)| number.is_some()) else {
                return Ok(());
            };
            let text = format!("Invalid parameter {name}: only the protocol icmp has such");
            return Err(Fault::invalid(text));
        }
        for (name, number) in given {
            if let Some(number) = number.filter(|number| !(ANY..=255).contains(number)) {
                return Err(Fault::invalid(format!(
                    "Invalid parameter {name}: {number} is not from 0 to 255, nor -1 for all"
                )));
            }
        }
        if self.icmp_type.unwrap_or(ANY) == ANY && self.icmp_code.unwrap_or(ANY) != ANY {
            let text = "Invalid parameter icmpcode: it says nothing without an icmptype";
            return Err(Fault::invalid(text));
        }
        self.icmp_type = self.icmp_type.or(Some(ANY));
        self.icmp_code = self.icmp_code.or(Some(ANY));
        Ok(())
    }

    /// As people write it: `tcp 80-443`.
    pub(super) fn text(&self) -> String {
        match (self.first_port, self.last_port) {
            (Some(first), Some(last)) if first == last => format!("{} {first}", self.protocol),
            (Some(first), Some(last)) => format!("{} {first}-{last}", self.protocol),
            _ => match (self.icmp_type, self.icmp_code) {
                (Some(kind), Some(code)) if kind != ANY => format!("icmp {kind}/{code}"),
                _ => self.protocol.clone(),
            },
        }
    }
}

/// A protocol: `tcp`, `udp`, `icmp`, `all`, or its number.
fn protocol(text: &str) -> Result<String, Fault> {
    let known = text.to_ascii_lowercase();
    if ["tcp", "udp", "icmp", "all"].contains(&known.as_str()) {
        return Ok(known);
    }
    match known.parse::<u8>() {
        Ok(1) => Ok("icmp".into()),
        Ok(6) => Ok("tcp".into()),
        Ok(17) => Ok("udp".into()),
        Ok(number) => Ok(number.to_string()),
        Err(_) => Err(Fault::invalid(format!(
            "Invalid parameter protocol: {} is none of tcp, udp, icmp, all and a number from 0 to \
             255",
            quoted(text)
        ))),
    }
}

/// CIDRs, of IPv4 and where that is wanted of IPv6; without any, `default`. They are kept as they
/// were written, each once.
pub(super) fn cidrs(
    param: &str,
    given: Option<&[String]>,
    default: &str,
    v6: bool,
) -> Result<String, Fault> {
    let mut kept: Vec<String> = Vec::new();
    for text in given.unwrap_or_default() {
        let v4 = Cidr4::parse(text).map(|cidr| cidr.to_string());
        let cidr = v4.or_else(|why| match Cidr6::parse(text) {
            Ok(cidr) if v6 => Ok(cidr.to_string()),
            _ => Err(Fault::invalid(format!("Invalid parameter {param}: {why}"))),
        })?;
        if !kept.contains(&cidr) {
            kept.push(cidr);
        }
    }
    if kept.is_empty() {
        kept.push(default.to_owned());
    }
    Ok(kept.join(","))
}

/// Whether two lists of CIDRs have an address in common.
pub(super) fn meet(a: &str, b: &str) -> bool {
    let read = |text: &str| text.split(',').filter_map(|one| one.parse().ok()).collect();
    let (a, b): (Vec<Block>, Vec<Block>) = (read(a), read(b));
    a.iter().any(|one| b.iter().any(|other| one.overlaps(*other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(protocol: &str, ports: [Option<i64>; 2], icmp: [Option<i64>; 2]) -> Traffic {
        let ([first_port, last_port], [icmp_type, icmp_code]) = (ports, icmp);
        Traffic { protocol: protocol.into(), first_port, last_port, icmp_type, icmp_code }
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        let done = traffic("TCP", [Some(80), None], [None; 2]).checked().unwrap();
        assert_eq!(done, traffic("tcp", [Some(80), Some(80)], [None; 2]));
        let done = traffic("1", [None; 2], [Some(8), None]).checked().unwrap();
        assert_eq!(done, traffic("icmp", [None; 2], [Some(8), Some(-1)]));
        assert_eq!(traffic("47", [None; 2], [None; 2]).checked().unwrap().protocol, "47");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (protocol, ports, icmp, part) in [
            ("gre", [None; 2], [None; 2], "parameter protocol: `gre`"),
            ("256", [None; 2], [None; 2], "parameter protocol"),
            ("tcp", [Some(0), None], [None; 2], "parameter startport: 0"),
            ("tcp", [Some(1), Some(65_536)], [None; 2], "parameter endport: 65536"),
            ("tcp", [None, Some(80)], [None; 2], "parameter endport: startport"),
            ("tcp", [Some(2), Some(1)], [None; 2], "parameter endport: it is lower"),
            ("icmp", [Some(1), None], [None; 2], "parameter startport"),
            ("all", [None, Some(1)], [None; 2], "parameter endport"),
            ("udp", [None; 2], [Some(1), None], "parameter icmptype"),
            ("icmp", [None; 2], [Some(256), None], "parameter icmptype: 256"),
            ("icmp", [None; 2], [Some(1), Some(-2)], "parameter icmpcode: -2"),
            ("icmp", [None; 2], [None, Some(1)], "parameter icmpcode: it says nothing"),
        ] {
            let fault = traffic(protocol, ports, icmp).checked().unwrap_err();
            assert!(fault.code() == 431 && fault.text.contains(part), "{fault}");
        }
    }

    #[test]
    fn cidrs_are_checked_and_kept_once() {
        let list = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        let given = list(&["10.0.0.0/8", "10.0.0.0/8", "192.0.2.1/32"]);
        let kept = cidrs("cidrlist", Some(&given), ANYWHERE, false).unwrap();
        assert_eq!(kept, "10.0.0.0/8,192.0.2.1/32");
        assert_eq!(cidrs("cidrlist", None, ANYWHERE, false).unwrap(), ANYWHERE);
        let six = list(&["2001:db8::/32"]);
        assert!(cidrs("cidrlist", Some(&six), ANYWHERE, false).is_err());
        assert_eq!(cidrs("cidrlist", Some(&six), ANYWHERE, true).unwrap(), "2001:db8::/32");
        let wrong = cidrs("cidrlist", Some(&list(&["10.0.0.0/33"])), ANYWHERE, true).unwrap_err();
        assert!(wrong.text.contains("parameter cidrlist"), "{wrong}");
        assert!(meet("10.0.0.0/8,192.0.2.0/24", "192.0.2.128/25"));
        assert!(!meet("10.0.0.0/8", "192.0.2.128/25"));
        assert!(meet("2001:db8::/32", "::/0") && !meet("::/0", "0.0.0.0/0"));
    }
}
