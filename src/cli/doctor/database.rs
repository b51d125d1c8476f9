//! Whether the database server of a store is there, and set up so that it keeps what it was told.

use super::Finding;
use crate::cli::clock;
use crate::store::{Server, ServerHealth, StoreError, examine_server};

const CHECK: &str = "database";
/// The oldest version that has all that is used.
const OLDEST: (u32, u32) = (10, 6);
/// Clocks may be so far apart, in milliseconds, and then still tell when a session ends.
const NEAR: u64 = 1000;
const FAR: u64 = 30_000;

/// Looks at the server.
pub(super) fn check(server: &Server) -> Vec<Finding> {
    match examine_server(server, clock::now) {
        Ok(health) => told(server, &health),
        Err(why) => vec![unreachable(server, &why)],
    }
}

fn unreachable(server: &Server, why: &StoreError) -> Finding {
    let mend = match why {
        StoreError::Gone(_) => {
            "see that the server runs (systemctl status mariadb), that it listens there \
             (bind-address, port), and that no firewall is between"
        }
        StoreError::Denied(_) => {
            "as an administrator of the server: CREATE DATABASE, CREATE USER and GRANT ALL ON \
             database.* TO user; then give the password by password-file="
        }
        StoreError::Crowded(_) => "raise max_connections of the server",
        StoreError::Untrusted(_) => "name the certificate that signed the server's with ca=",
        _ => "read the server's log",
    };
    Finding::wrong(CHECK, format!("{server}: {why}"), mend)
}

fn told(server: &Server, health: &ServerHealth) -> Vec<Finding> {
    let mut findings = vec![version(server, health), schema(health)];
    findings.extend(kept(health));
    findings.extend(connections(server, health));
    findings.extend(cluster(health));
    findings.push(clocks(health.ahead));
    findings
}

fn fact<'h>(health: &'h ServerHealth, name: &str) -> &'h str {
    health.facts.get(name).map_or("", String::as_str)
}

fn number(health: &ServerHealth, name: &str) -> Option<u64> {
    fact(health, name).parse().ok()
}

fn version(server: &Server, health: &ServerHealth) -> Finding {
    let version = fact(health, "version");
    let mut parts = version.split(['.', '-']).map_while(|part| part.parse().ok());
    let numbers = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    let says = format!("{server} answers: version {version}");
    if version.contains("MariaDB") && numbers >= OLDEST {
        Finding::ok(CHECK, says)
    } else {
        Finding::wrong(CHECK, says, "use MariaDB 10.6 or a newer one")
    }
}

fn schema(health: &ServerHealth) -> Finding {
    match &health.schema {
        Ok(0) => Finding::ok("schema", "the database is empty; the first command fills it"),
        Ok(version) if *version < health.known => Finding::advice(
            "schema",
            format!("version {version}; this program has version {}", health.known),
            "any command brings it up to date; older programs refuse it from then on",
        ),
        Ok(version) => Finding::ok("schema", format!("version {version}")),
        Err(why @ StoreError::Newer { .. }) => {
            Finding::wrong("schema", why.to_string(), "use the newer Capuchin that wrote it")
        }
        Err(why) => Finding::wrong("schema", why.to_string(), "name an empty database"),
    }
}

/// Whether what is acknowledged is kept.
fn kept(health: &ServerHealth) -> Vec<Finding> {
    let mut findings = Vec::new();
    if health.strange_tables > 0 {
        let says = format!("{} tables are not in InnoDB: they know no transactions", {
            health.strange_tables
        });
        findings.push(Finding::wrong(CHECK, says, "ALTER TABLE name ENGINE = InnoDB"));
    }
    if fact(health, "innodb_default_row_format") != "dynamic" {
        let says = format!("rows are {}", fact(health, "innodb_default_row_format"));
        let mend = "set innodb_default_row_format = dynamic before the store is made";
        findings.push(Finding::advice(CHECK, says, mend));
    }
    let older = fact(health, "tx_isolation");
    let level = if older.is_empty() { fact(health, "transaction_isolation") } else { older };
    if level != "REPEATABLE-READ" {
        let says = format!("transactions are isolated by {level}");
        let mend = "set transaction-isolation = REPEATABLE-READ in the server's configuration";
        findings.push(Finding::wrong(CHECK, says, mend));
    }
    let in_cluster = fact(health, "wsrep_on") == "ON";
    if fact(health, "innodb_flush_log_at_trx_commit") != "1" {
        let says = "innodb_flush_log_at_trx_commit is not 1: what was acknowledged may be lost \
                    when the machine fails";
        let mend = "set innodb_flush_log_at_trx_commit = 1";
        findings.push(match in_cluster {
            true => Finding::advice(CHECK, says, mend),
            false => Finding::wrong(CHECK, says, mend),
        });
    }
    if fact(health, "log_bin") == "ON" && fact(health, "sync_binlog") != "1" {
        let says = "sync_binlog is not 1: replicas may lack what was acknowledged";
        findings.push(Finding::advice(CHECK, says, "set sync_binlog = 1"));
    }
    if !matches!(fact(health, "read_only"), "OFF" | "0" | "") {
        let mend = "SET GLOBAL read_only = OFF, unless it is a replica: then name its primary";
        findings.push(Finding::wrong(CHECK, "it takes no changes: read_only is on", mend));
    }
    findings
}

fn connections(server: &Server, health: &ServerHealth) -> Option<Finding> {
    let most = number(health, "max_connections")?;
    let ours = u64::try_from(server.most).unwrap_or(u64::MAX);
    let says = format!("it lets in {most} connections; a capuchin opens {ours} at most");
    if most > ours {
        return Some(Finding::ok("connections", says));
    }
    let mend = "raise max_connections of the server above the sum of max-active of all, or lower \
                max-active";
    Some(Finding::wrong("connections", says, mend))
}

fn cluster(health: &ServerHealth) -> Option<Finding> {
    if fact(health, "wsrep_on") != "ON" {
        return None;
    }
    let (ready, status) = (fact(health, "wsrep_ready"), fact(health, "wsrep_cluster_status"));
    let (size, state) =
        (fact(health, "wsrep_cluster_size"), fact(health, "wsrep_local_state_comment"));
    let says = format!("a Galera node, {state}, in a {status} part of {size}");
    Some(if ready != "ON" || status != "Primary" {
        let mend = "see why the node left the others (its log), or name another node";
        Finding::wrong("cluster", says, mend)
    } else if number(health, "wsrep_cluster_size").is_some_and(|size| size < 3) {
        let mend = "have three nodes: of two, neither goes on alone when they lose each other";
        Finding::advice("cluster", says, mend)
    } else {
        Finding::ok("cluster", says)
    })
}

fn clocks(ahead: i64) -> Finding {
    let says = format!("the database server's clock is {ahead} ms ahead of this machine's");
    let mend = "have both follow a time server (chrony, systemd-timesyncd)";
    let apart = ahead.unsigned_abs();
    if apart <= NEAR {
        Finding::ok("clocks", says)
    } else if apart <= FAR {
        Finding::advice("clocks", says, mend)
    } else {
        Finding::wrong("clocks", says, mend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;
    use crate::sim::databases::{MariaServer, server};

    fn healthy() -> ServerHealth {
        let facts = [
            ("version", "10.11.19-MariaDB-log"),
            ("innodb_default_row_format", "dynamic"),
            ("tx_isolation", "REPEATABLE-READ"),
            ("innodb_flush_log_at_trx_commit", "1"),
            ("log_bin", "OFF"),
            ("sync_binlog", "0"),
            ("max_connections", "151"),
            ("read_only", "OFF"),
            ("wsrep_on", "OFF"),
        ];
        let facts = facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        ServerHealth { facts, schema: Ok(6), known: 6, strange_tables: 0, ahead: 3 }
    }

    /// What is not right, with these facts in place of others.
    fn found(changes: &[(&str, &str)]) -> Vec<(State, String)> {
        let mut health = healthy();
        for (name, value) in changes {
            health.facts.insert((*name).to_owned(), (*value).to_owned());
        }
        let told = told(&server("/s".as_ref(), "d"), &health);
        let wrong = told.into_iter().filter(|finding| finding.state != State::Ok);
        wrong.map(|finding| (finding.state, finding.says + " " + &finding.mend)).collect()
    }

    #[test]
    fn each_thing_that_is_set_up_wrongly_is_found() {
        assert_eq!(found(&[]), []);
        for (changes, state, word) in [
            (&[("version", "10.5.9-MariaDB")][..], State::Wrong, "10.6"),
            (&[("version", "8.0.36")], State::Wrong, "MariaDB 10.6"),
            (&[("innodb_default_row_format", "compact")], State::Advice, "dynamic"),
            (&[("tx_isolation", "READ-COMMITTED")], State::Wrong, "REPEATABLE-READ"),
            (&[("innodb_flush_log_at_trx_commit", "2")], State::Wrong, "acknowledged"),
            (&[("log_bin", "ON")], State::Advice, "sync_binlog = 1"),
            (&[("max_connections", "32")], State::Wrong, "raise max_connections"),
            (&[("read_only", "ON")], State::Wrong, "read_only = OFF"),
            (&[("wsrep_on", "ON"), ("wsrep_ready", "OFF")], State::Wrong, "another node"),
        ] {
            let found = found(changes);
            assert_eq!(found.len(), 1, "{changes:?}: {found:?}");
            assert!(found[0].0 == state && found[0].1.contains(word), "{found:?}");
        }
        let node = |size| {
            [
                ("wsrep_on", "ON"),
                ("wsrep_ready", "ON"),
                ("wsrep_cluster_status", "Primary"),
                ("wsrep_cluster_size", size),
            ]
        };
        assert_eq!((found(&node("3")).len(), found(&node("2")).len()), (0, 1));
    }

    #[test]
    fn schemas_and_clocks_are_compared() {
        let state = |schema| super::schema(&ServerHealth { schema, ..healthy() }).state;
        assert_eq!(
            (state(Ok(0)), state(Ok(6)), state(Ok(5))),
            (State::Ok, State::Ok, State::Advice)
        );
        let newer = StoreError::Newer { found: 9, known: 6 };
        assert_eq!(
            (state(Err(newer)), state(Err(StoreError::Foreign))),
            (State::Wrong, State::Wrong)
        );
        let clock = |ahead| clocks(ahead).state;
        assert_eq!(
            (clock(-900), clock(2000), clock(-99_000)),
            (State::Ok, State::Advice, State::Wrong)
        );
    }

    #[test]
    fn a_real_server_is_looked_at() {
        let nobody = check(&server("/nowhere/s".as_ref(), "d"));
        assert!(nobody[0].state == State::Wrong && nobody[0].mend.contains("systemctl"));
        let maria = MariaServer::start(&["--innodb-flush-log-at-trx-commit=1"]);
        maria.tell("CREATE DATABASE d");
        let findings = check(&server(&maria.socket(), "d"));
        assert!(findings.iter().all(|finding| finding.state == State::Ok), "{findings:?}");
        let says: Vec<_> = findings.iter().map(|finding| finding.says.as_str()).collect();
        assert!(
            says[0].contains("answers: version 10.") || says[0].contains("answers: version 11.")
        );
        assert!(says.contains(&"the database is empty; the first command fills it"), "{says:?}");
        maria.tell("SET GLOBAL innodb_flush_log_at_trx_commit = 0");
        assert!(check(&server(&maria.socket(), "d")).iter().any(|one| one.state == State::Wrong));
        assert!(check(&server(&maria.socket(), "nope"))[0].mend.contains("CREATE DATABASE"));
    }
}
