//! A certificate for trying out, made here and kept in the data directory. Only this file knows
//! `rcgen`.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

use crate::cli::config::replace;
use crate::cli::store::{data_dir, make_private};
use crate::transport::server::{Certificate, fingerprint};

/// What stands in front of the names in the first line of the certificate's file.
const FOR: &str = "for: ";

/// The files of the certificate, made now if there is none for these names.
pub(crate) fn certificate(listen: IpAddr) -> Result<Certificate, String> {
    let dir = data_dir().ok_or("there is no home directory to keep a certificate in; set HOME")?;
    make_private(&dir)?;
    let files = Certificate { chain: dir.join("tls-cert.pem"), key: dir.join("tls-key.pem") };
    let names = names(listen);
    let kept = fs::read_to_string(&files.chain).unwrap_or_default();
    if !covers(&kept, &names) || !files.key.exists() {
        make(&files, &names)?;
    }
    show(&files.chain);
    Ok(files)
}

/// The names by which this machine calls itself, and the address that is listened on.
fn names(listen: IpAddr) -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let is_name =
        |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    let host = host.trim();
    if !host.is_empty() && is_name(host) {
        names.push(host.to_owned());
    }
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    names.dedup();
    names
}

/// Whether the certificate was made for all of the names.
fn covers(text: &str, names: &[String]) -> bool {
    let first = text.lines().next().and_then(|line| line.strip_prefix(FOR)).unwrap_or_default();
    names.iter().all(|name| first.split(", ").any(|known| known == name))
}

fn make(files: &Certificate, names: &[String]) -> Result<(), String> {
    let made = rcgen::generate_simple_self_signed(names)
        .map_err(|why| format!("no certificate could be made: {why}"))?;
    let chain = format!("{FOR}{}\n{}", names.join(", "), made.cert.pem());
    let key = made.signing_key.serialize_pem();
    // The certificate last: what was begun and not finished is begun anew.
    for (path, text) in [(&files.key, &key), (&files.chain, &chain)] {
        replace(path, text)
            .map_err(|why| format!("{} cannot be written: {why}", path.display()))?;
    }
    Ok(())
}

/// Says how clients come to trust it.
fn show(path: &Path) {
    let text = fs::read(path).unwrap_or_default();
    let digest = fingerprint(&text).unwrap_or_default();
    let certificate = path.display().to_string();
    tracing::info!(
        certificate,
        sha256 = digest,
        "the certificate is signed by nobody else: clients trust it with cacert={certificate}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_kept_as_long_as_it_has_the_names() {
        let all = names("192.0.2.1".parse().unwrap());
        let text = format!("{FOR}{}\nPEM", all.join(", "));
        assert!(covers(&text, &all) && covers(&text, &all[..2]));
        assert!(!covers(&text, &["192.0.2.2".to_owned()]));
        assert!(!covers("", &all) && !covers("localhost", &all));
    }

    #[test]
    fn an_address_that_is_everywhere_is_no_name() {
        assert!(!names("0.0.0.0".parse().unwrap()).contains(&"0.0.0.0".to_owned()));
    }
}
