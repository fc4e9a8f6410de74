//! A server with a certificate: its name and its authority are checked.

use std::{fs, path::Path};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::support::process::{self, tool};

/// Makes an authority and a certificate for this name.
fn certificate(openssl: &Path, folder: &Path, authority: &str, host: &str) {
    let run = |arguments: &[&str]| {
        let mut command = process::command(openssl);
        command.current_dir(folder).args(arguments);
        let done = process::run(&mut command, None);
        assert!(done.status.success(), "{done:?}");
    };
    let (key, cert) = (format!("{authority}.key"), format!("{authority}.pem"));
    let subject = format!("/CN={authority}");
    let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let authority = ["-keyout", &key, "-out", &cert, "-days", "30", "-subj", &subject, "-x509"];
    let usage = ["-addext", "basicConstraints=critical,CA:TRUE"];
    run(&[&["req"], &new_key[..], &authority[..], &usage[..]].concat());
    let subject = format!("/CN={host}");
    let request = ["-keyout", "server.key", "-out", "server.csr", "-subj", &subject];
    run(&[&["req"], &new_key[..], &request[..]].concat());
    fs::write(folder.join("names"), format!("subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n"))
        .unwrap();
    run(&[
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        &cert,
        "-CAkey",
        &key,
        "-CAcreateserial",
        "-days",
        "30",
        "-extfile",
        "names",
        "-out",
        "server.pem",
    ]);
}

#[tokio::test]
async fn the_server_proves_its_name_by_an_authority_that_is_trusted() {
    let Some(openssl) = tool("openssl") else { return };
    let made = TempDir::new().unwrap();
    certificate(&openssl, made.path(), "other", "localhost");
    certificate(&openssl, made.path(), "team", "localhost");
    let read = |name: &str| fs::read(made.path().join(name)).unwrap();
    let (cert, key) = (read("server.pem"), read("server.key"));
    let Some(server) = Postgres::start_encrypted(&cert, &key) else { return };
    let database = server.database();
    let over = |host: &str, more: &str| {
        let url = server.url(&database).replace("127.0.0.1", host);
        let url = format!("{url}?sslmode=verify-full{more}");
        store_at(&url, "ana", made.path())
    };

    // The file is named relative to the configuration.
    let trusted = over("localhost", "&sslrootcert=team.pem");
    trusted.unfinished(&super::key()).await.unwrap();
    let vitals = trusted.vitals(&[]).await.unwrap();
    assert!(vitals.is_encrypted);
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name LIKE 'synod ana%'";
    assert_eq!(String::from_utf8(server.sql(&database, encrypted).stdout).unwrap().trim(), "t");

    let verdict = over("localhost", "&sslrootcert=other.pem").unfinished(&super::key()).await;
    assert!(!verdict.unwrap_err().is_passing(), "another attempt would not help");
    let unknown = complaint(&over("localhost", "&sslrootcert=other.pem")).await;
    assert!(unknown.contains("certificate"), "{unknown}");
    let system = complaint(&over("localhost", "")).await;
    assert!(system.contains("certificate"), "{system}");
    let wrong_name = complaint(&over("127.0.0.1", "&sslrootcert=team.pem")).await;
    assert!(wrong_name.contains("certificate"), "{wrong_name}");
    let missing = complaint(&over("localhost", "&sslrootcert=nowhere.pem")).await;
    assert!(missing.contains("nowhere.pem"), "{missing}");
    fs::write(made.path().join("empty.pem"), "").unwrap();
    let empty = complaint(&over("localhost", "&sslrootcert=empty.pem")).await;
    assert!(empty.contains("certificate"), "{empty}");
}

/// A server that is going down, or a load balancer in front of it.
#[tokio::test]
async fn a_connection_that_breaks_during_the_handshake_counts_as_lost() {
    for is_reset in [true, false] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                // It agrees to TLS, and then says nothing more.
                client.read_exact(&mut [0; 8]).await.unwrap();
                client.write_all(b"S").await.unwrap();
                if is_reset {
                    client.readable().await.unwrap();
                } else {
                    client.read_exact(&mut [0; 64]).await.unwrap();
                    client.shutdown().await.unwrap();
                    let _ = client.read_to_end(&mut Vec::new()).await;
                }
            }
        });
        let folder = TempDir::new().unwrap();
        let url = format!("postgres://synod@localhost:{port}/synod?sslmode=verify-full");
        let error = store_at(&url, "ana", folder.path()).unfinished(&super::key()).await.unwrap_err();
        let said = Text::english().tell(&error.message());
        assert!(error.is_passing(), "reset: {is_reset}: {said}");
        assert!(!said.contains("certificate"), "reset: {is_reset}: {said}");
    }
}
