//! The options of `capuchin serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgAction, ValueEnum};

use crate::net::Block;
use crate::text::quoted;

/// How `capuchin serve` serves.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// The address and port for HTTP, or `none`
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(crate) listen: Plain,
    /// The address and port for HTTPS, where there is a certificate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8443")]
    pub(crate) tls_listen: SocketAddr,
    /// The certificate for HTTPS, in PEM, and behind it those of who issued it
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Serve HTTPS with a certificate made here, for trying out
    #[arg(long, conflicts_with = "tls_cert")]
    pub(crate) self_signed: bool,
    /// A block of addresses whence the API may be called; may be repeated, and is everywhere by
    /// default
    #[arg(long, value_name = "CIDR")]
    pub(crate) allow_from: Vec<Block>,
    /// Proxies that are believed when they say for whom they ask; may be repeated
    #[arg(long, value_name = "CIDR")]
    pub(crate) trusted_proxy: Vec<Block>,
    /// Who may read /metrics, by default this machine; may be repeated
    #[arg(
        long,
        value_name = "CIDR",
        default_values = ["127.0.0.0/8", "::1"],
        hide_default_value = true
    )]
    pub(crate) metrics_from: Vec<Block>,
    /// The most connections at one time
    #[arg(long, value_name = "NUMBER", default_value = "16384",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) max_connections: u32,
    /// The most connections at one time from one address that is no trusted proxy
    #[arg(long, value_name = "NUMBER", default_value = "1024",
        value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_connections_per_client: u32,
    /// A port on the loopback where requests need no signature; 0 is none
    #[arg(long, value_name = "PORT", default_value = "0", hide_default_value = true)]
    pub(crate) integration_port: u16,
    /// How the log is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,
    /// Explain this command
    #[arg(short = 'h', long = "help", action = ArgAction::Help)]
    _help: Option<bool>,
}

/// Where to listen for HTTP, if at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plain(pub(crate) Option<SocketAddr>);

impl FromStr for Plain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        text.parse().map(|address| Self(Some(address))).map_err(|_| {
            format!("{} is not an address with a port like 127.0.0.1:8080, or none", quoted(text))
        })
    }
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{Command, Unread, read};
    use std::ffi::OsString;

    fn args(line: &str) -> Result<ServeArgs, Unread> {
        let words = ["capuchin", "serve"].into_iter().chain(line.split_whitespace());
        match read(words.map(OsString::from))?.command {
            Some(Command::Serve(args)) => Ok(*args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_server_is_for_this_machine_unless_told_otherwise() {
        let defaults = args("").unwrap();
        assert_eq!(defaults.listen, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(defaults.tls_listen.to_string(), "127.0.0.1:8443");
        assert_eq!((defaults.integration_port, defaults.tls_cert), (0, None));
        let shown: Vec<_> = defaults.metrics_from.iter().map(Block::to_string).collect();
        assert_eq!(shown, ["127.0.0.0/8", "::1/128"]);
        assert!(defaults.allow_from.is_empty() && defaults.trusted_proxy.is_empty());
    }

    #[test]
    fn blocks_may_be_repeated_and_replace_the_default() {
        let given = args(
            "--allow-from 192.0.2.0/24 --allow-from 2001:db8::/32 --metrics-from 192.0.2.1 \
             --listen none",
        );
        let given = given.unwrap();
        assert_eq!((given.allow_from.len(), given.metrics_from.len()), (2, 1));
        assert_eq!(given.listen, Plain(None));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        for (line, part) in [
            ("--listen nowhere", "like 127.0.0.1:8080, or none"),
            ("--tls-cert a.pem", "--tls-key"),
            ("--tls-key a.pem", "--tls-cert"),
            ("--self-signed --tls-cert a.pem --tls-key a.key", "cannot be used with"),
            ("--allow-from 192.0.2.0/33", "is not an IPv4 CIDR"),
            ("--max-connections 0", "0 is not in 1..=1000000"),
            ("--log-format xml", "possible values"),
        ] {
            let unread = args(line).unwrap_err();
            assert_eq!(unread.code, 2, "{line}");
            assert!(unread.text.contains(part), "{line}: {}", unread.text);
        }
    }

    /// The words behind each `capuchin` that a line of the text begins with, also in a comment,
    /// with what is continued on the next line; in a Containerfile they stand as a list.
    fn calls(text: &str) -> Vec<String> {
        let joined = text.replace("\\\n#", " ").replace("\\\n", " ");
        let lines = joined.lines().map(|line| line.trim_start_matches('#').trim());
        let program =
            ["ExecStart=/usr/local/bin/capuchin ", "/usr/local/bin/capuchin ", "capuchin "];
        let calls = lines.filter_map(|line| {
            if let Some(list) = line.strip_prefix("CMD [") {
                return Some(list.trim_end_matches(']').replace(['"', ','], " "));
            }
            program.iter().find_map(|start| line.strip_prefix(start)).map(str::to_owned)
        });
        calls.collect()
    }

    #[test]
    fn what_the_documents_say_is_understood() {
        let documents = [
            include_str!("../../../docs/capuchin.service"),
            include_str!("../../../docs/Containerfile"),
            include_str!("../../../docs/serving.md"),
        ];
        for document in documents {
            let calls = calls(document);
            assert!(calls.iter().any(|call| call.trim().starts_with("serve")), "{document}");
            for call in calls {
                let words = ["capuchin"].into_iter().chain(call.split_whitespace());
                let read = read(words.map(OsString::from));
                assert!(read.is_ok(), "{call}: {read:?}");
            }
        }
    }
}
