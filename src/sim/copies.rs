//! Copies of whole stores, in files and on a real server, in every direction.

use crate::engine::{Content, audit, seed};
use crate::model::CellRef;
use crate::sim::databases::{Database, MariaServer};
use crate::sim::scratch::{self, Scratch};
use crate::sim::{EPOCH, World, dump};
use crate::store::{Db, Open, Place, Sqlite, Store, StoreError, examine};
use crate::store::{backup, info, look, migrate_to, restore};
use std::path::Path;

/// A store in a file with something of everything in it.
fn filled(path: &Path) -> Place {
    let world = World::with(scratch::open(path).unwrap());
    let network = scratch::network(&world);
    for _ in 0..7 {
        world.ok("associateIpAddress", &[("networkid", &network)]);
    }
    world.ok("createDomain", &[("name", "d\u{e9} \u{1f600}")]);
    Place::File(path.to_owned())
}

/// Everything that a store holds, as text.
fn text(place: &Place) -> String {
    look(place, dump::dump_tx).unwrap()
}

fn sound(place: &Place) {
    assert_eq!(look(place, audit).unwrap(), []);
}

/// A world on a store at `place`, which must be there.
fn reopened(place: &Place) -> World {
    let open = Open { place, fresh_key: [9; 16], fill: &mut |_| panic!("made anew") };
    World::with(Store::open(open).unwrap())
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, StoreError>, part: &str) {
    let said = outcome.unwrap_err().to_string();
    assert!(said.contains(part), "{said}");
}

#[test]
fn a_backup_is_a_store_and_is_written_once() {
    let scratch = Scratch::new();
    let (store, file) = (filled(&scratch.file("a.db")), scratch.file("b.db"));
    backup(&store, &file).unwrap();
    let copy = Place::File(file.clone());
    assert_eq!(text(&copy), text(&store));
    sound(&copy);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    refused(backup(&store, &file), "is there already");
    refused(backup(&store, &scratch.file("no/b.db")), "No such file");
    refused(backup(&Place::File(scratch.file("none")), &scratch.file("c.db")), "there is no store");
    assert!(!scratch.file("none").exists() && !scratch.file("c.db").exists());
    let left = std::fs::read_dir(scratch.file("")).unwrap();
    let left: Vec<_> = left.map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| !name.contains("part")), "{left:?}");
}

#[test]
fn a_backup_comes_back_where_nothing_is_or_in_place_of_what_is() {
    let scratch = Scratch::new();
    let store = filled(&scratch.file("a.db"));
    let (file, before) = (scratch.file("b.db"), text(&store));
    backup(&store, &file).unwrap();
    // Somebody has the store open all the time.
    let world = reopened(&store);
    world.ok("createDomain", &[("name", "later")]);
    refused(restore(&file, &store, false), "--replace");
    assert_ne!(text(&store), before);
    let copied = restore(&file, &store, true).unwrap();
    assert!(copied.iter().any(|table| table.table == "address" && table.rows == 7), "{copied:?}");
    assert_eq!(text(&store), before);
    assert_eq!(world.dump(), before);
    world.ok("createDomain", &[("name", "later")]);
    sound(&store);
    let fresh = Place::File(scratch.file("c.db"));
    restore(&file, &fresh, false).unwrap();
    assert_eq!(text(&fresh), before);
}

#[test]
fn what_is_no_backup_is_refused_and_changes_nothing() {
    let scratch = Scratch::new();
    let store = filled(&scratch.file("a.db"));
    let (file, before) = (scratch.file("b.db"), text(&store));
    refused(restore(&scratch.file("none"), &store, true), "there is no store");
    std::fs::write(&file, "no database ".repeat(1000)).unwrap();
    refused(restore(&file, &store, true), "damaged");
    std::fs::remove_file(&file).unwrap();
    backup(&store, &file).unwrap();
    Sqlite::open(&file, false).unwrap().script("PRAGMA user_version = 99").unwrap();
    refused(restore(&file, &store, true), "Use a newer capuchin");
    Sqlite::open(&file, false).unwrap().script("PRAGMA user_version = -5").unwrap();
    refused(restore(&file, &store, true), "broken off");
    assert_eq!(text(&store), before);
}

#[test]
fn a_store_moves_to_a_server_and_back() {
    let scratch = Scratch::new();
    let server = MariaServer::fast();
    let store = filled(&scratch.file("a.db"));
    let database = Database::new(&server.socket());
    let there = database.place();
    let copied = migrate_to(&store, &there).unwrap();
    assert!(copied.iter().all(|table| table.before == 0), "{copied:?}");
    assert_eq!(text(&there), text(&store));
    refused(migrate_to(&store, &there), "there is a store");
    // Servers go on there: the numbers of what comes next are free.
    let world = reopened(&there);
    let events = world.ok("listEvents", &[("page", "1"), ("pagesize", "1")])["count"].clone();
    let network = scratch::network(&world);
    for _ in 0..3 {
        world.ok("associateIpAddress", &[("networkid", &network)]);
    }
    assert!(
        world.ok("listEvents", &[("page", "1"), ("pagesize", "1")])["count"].as_u64()
            > events.as_u64()
    );
    sound(&there);
    refused(restore(&scratch.file("a.db"), &there, true), "other connections");
    drop(world);
    let back = Place::File(scratch.file("b.db"));
    migrate_to(&there, &back).unwrap();
    sound(&back);
    let counts = [&there, &back].map(|place| {
        let world = reopened(place);
        world.ok("listEvents", &[("page", "1"), ("pagesize", "1")])["count"].clone()
    });
    assert_eq!(counts[0], counts[1]);
    let told = [&there, &back].map(|place| info(place).unwrap());
    assert_eq!(told[0].rows, told[1].rows);
    assert_eq!((told[0].driver, told[1].driver), ("MariaDB", "SQLite"));
    assert!(told.iter().all(|told| told.bytes > 0 && told.address_bytes > 0), "{told:?}");
    backup(&there, &scratch.file("c.db")).unwrap();
    sound(&Place::File(scratch.file("c.db")));
    restore(&scratch.file("a.db"), &there, true).unwrap();
    assert_eq!(text(&there), text(&store));
}

#[test]
fn a_copy_that_was_broken_off_goes_on() {
    let scratch = Scratch::new();
    let server = MariaServer::fast();
    let store = filled(&scratch.file("a.db"));
    let database = Database::new(&server.socket());
    let there = database.place();
    migrate_to(&store, &there).unwrap();
    // As it is when a copy ends in the middle of a table.
    let mut db = database.connect();
    for sql in [
        "DELETE FROM event WHERE id > 5",
        "DELETE FROM setting",
        "UPDATE counter SET n = n + 1",
        "UPDATE capuchin_schema SET version = -version",
    ] {
        db.script(sql).unwrap();
    }
    refused(look(&there, audit), "broken off");
    refused(
        Store::open(Open { place: &there, fresh_key: [9; 16], fill: &mut |_| panic!("made anew") })
            .map(drop),
        "broken off",
    );
    let other = scratch.file("other.db");
    let open =
        Open { place: &Place::File(other.clone()), fresh_key: [1; 16], fill: &mut |_| Ok(()) };
    drop(Store::open(open).unwrap());
    refused(migrate_to(&Place::File(other), &there), "part of another store");
    let copied = migrate_to(&store, &there).unwrap();
    let events = copied.iter().find(|table| table.table == "event").unwrap();
    assert!(events.before == 5 && events.rows > 5, "{events:?}");
    assert_eq!(text(&there), text(&store));
    sound(&there);
}

#[test]
fn nothing_is_copied_onto_itself_or_over_others() {
    let scratch = Scratch::new();
    let store = filled(&scratch.file("a.db"));
    refused(migrate_to(&store, &store), "the store itself");
    std::fs::write(scratch.file("b.db"), "x").unwrap();
    refused(migrate_to(&store, &Place::File(scratch.file("b.db"))), "is there already");
    let server = MariaServer::fast();
    let database = Database::new(&server.socket());
    let mut db = database.connect();
    db.script("CREATE TABLE bills (id INT)").unwrap();
    refused(migrate_to(&store, &database.place()), "another program");
    refused(restore(&scratch.file("a.db"), &database.place(), true), "another program");
    let tables = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()";
    db.each(tables, &[], &mut |cell| {
        assert!(matches!(cell(0), CellRef::Int(1)));
        Ok(true)
    })
    .unwrap();
}

#[test]
fn ten_servers_begin_at_once_on_one_new_database() {
    let server = MariaServer::fast();
    let database = Database::new(&server.socket());
    let made: usize = std::thread::scope(|scope| {
        let start = || {
            let place = database.place();
            let open = Open {
                place: &place,
                fresh_key: [3; 16],
                fill: &mut |tx| seed(tx, EPOCH, Content::Sandbox),
            };
            usize::from(Store::open(open).unwrap().is_fresh())
        };
        let servers: Vec<_> = (0..10).map(|_| scope.spawn(start)).collect();
        servers.into_iter().map(|server| server.join().unwrap()).sum()
    });
    assert_eq!(made, 1);
    sound(&database.place());
    database.connect().script("UPDATE capuchin_schema SET version = 99").unwrap();
    refused(look(&database.place(), audit), "Use a newer capuchin");
}

#[test]
fn a_file_that_was_not_finished_goes_on_and_is_no_store_before() {
    let scratch = Scratch::new();
    let store = filled(&scratch.file("a.db"));
    let (file, part) = (scratch.file("b.db"), scratch.file("b.db.part"));
    migrate_to(&store, &Place::File(file.clone())).unwrap();
    let unfinished = format!("PRAGMA user_version = -{}", examine(&file).unwrap().known);
    std::fs::rename(&file, &part).unwrap();
    let mut db = Sqlite::open(&part, false).unwrap();
    for sql in ["DELETE FROM event WHERE id > 5", "UPDATE zone SET name = 'older'", &unfinished] {
        db.script(sql).unwrap();
    }
    drop(db);
    refused(look(&Place::File(part.clone()), audit), "broken off");
    let copied = migrate_to(&store, &Place::File(file.clone())).unwrap();
    assert!(copied.iter().any(|table| table.table == "event" && table.before == 5), "{copied:?}");
    assert!(file.exists() && !part.exists());
    assert_eq!(text(&Place::File(file)), text(&store));
}
