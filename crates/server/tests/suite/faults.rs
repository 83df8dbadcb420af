//! Everything that goes wrong in a campaign, while phones are sending. After each fault
//! the books balance, every acknowledged fact is stored, and what is stored is what was
//! sent, to the letter. `make chaos` does it for longer; `target/faults-….md` tells.

mod inflict;
mod phones;
mod report;

use crate::harness::process::Server;
use inflict::Weather;
use phones::{Play, storm};
use std::time::Duration;

/// How often each fault is inflicted.
fn rounds() -> usize {
    let asked = std::env::var("CAUSO_FAULT_ROUNDS").ok();
    asked.and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

#[test]
fn acknowledgements_are_lost_and_batches_mixed_split_and_repeated() {
    let play = Play::new();
    let _server = play.find(Server::start(play.database()));
    let heard = storm("lost acknowledgements, mixed batches", &play, |storm| {
        storm.acknowledged(300);
    });
    // However they are mixed, none waits for another that waits for it.
    assert_eq!(heard.failures(), 0, "{:?}", heard.refusals);
}

#[test]
fn the_server_is_killed() {
    let play = Play::new();
    let server = std::sync::Mutex::new(play.find(Server::start(play.database())));
    let rng = std::sync::Mutex::new(fastrand::Rng::with_seed(5));
    storm("server killed (-9), three times", &play, |storm| {
        for _ in 0..3 {
            storm.acknowledged(rng.lock().unwrap().usize(1..60));
            let mut server = server.lock().unwrap();
            server.kill();
            storm.failed(1);
            *server = play.find(Server::start(play.database()));
        }
    });
}

#[test]
fn the_clock_of_the_server_jumps() {
    let fault = "clock of the server jumps";
    let play = Play::new();
    let Some(weather) = Weather::new(&play.folder) else {
        return report::left_out(fault, "no C compiler");
    };
    let _server = play.find(weather.serve(&play.database()));
    storm(fault, &play, |storm| {
        for hours in [26, -3, 0, -26, 0] {
            weather.clock_off(hours * 3600);
            storm.answered(20);
        }
    });
}

/// About a database that is a file: left out on PostgreSQL.
mod on_a_file {
    use super::*;
    use inflict::{Disk, EIO, EROFS};

    fn disk_says(fault: &str, no: i64) {
        let play = Play::new();
        let Some(weather) = Weather::new(&play.folder) else {
            return report::left_out(fault, "no C compiler");
        };
        let server = play.find(weather.serve(&play.database()));
        let heard = storm(fault, &play, |storm| {
            weather.writes_fail(no);
            storm.failed(10);
            weather.writes_fail(0);
        });
        heard.failed_only_as("storage.failed");
        assert!(server.is_up());
    }

    #[test]
    fn the_file_system_turns_read_only() {
        disk_says("file system read-only", EROFS);
    }

    #[test]
    fn the_disk_answers_with_errors() {
        disk_says("disk answers with errors (EIO)", EIO);
    }

    #[test]
    fn the_disk_is_slow() {
        let fault = "slow disk, 200 ms a sync";
        let play = Play::new();
        let Some(weather) = Weather::new(&play.folder) else {
            return report::left_out(fault, "no C compiler");
        };
        let _server = play.find(weather.serve(&play.database()));
        storm(fault, &play, |storm| {
            weather.syncs_take(Duration::from_millis(200));
            storm.answered(10);
            weather.syncs_take(Duration::ZERO);
        });
    }

    #[test]
    fn the_disk_is_full() {
        let fault = "disk full";
        let play = Play::new();
        let Some(disk) = Disk::new(&play.folder.path("disk"), 64) else {
            return report::left_out(fault, "only root may mount one");
        };
        let database = disk.path("causo.db").display().to_string();
        for end in ["", "-wal", ".key"] {
            let from = format!("{}{end}", play.database());
            // A database that was closed has no log.
            let _ = std::fs::copy(from, format!("{database}{end}"));
        }
        play.moved_to(&database);
        let server = play.find(Server::start(play.database()));
        let heard = storm(fault, &play, |storm| {
            disk.fill();
            storm.failed(10);
            disk.free();
        });
        heard.failed_only_as("storage.full");
        assert!(server.is_up());
        server.kill();
    }
}

/// About a database that is on a server.
mod on_a_server {
    use super::*;
    use crate::harness::folder::Folder;
    use crate::harness::process::{causo, command, done};
    use crate::harness::{count, empty_on_server, on_server, territory_only};
    use crate::moving::how_far;
    use inflict::{Course, Disk, EIO, Line, OwnServer};
    use std::process::{Child, Stdio};
    use std::sync::Mutex;

    fn along_a_line(fault: &str, inflict: impl Fn(&Line, &phones::Storm<'_>)) {
        let play = Play::new();
        let line = Line::new(&play.folder);
        let server = play.find(Server::start(line.to(&play.database())));
        storm(fault, &play, |storm| {
            inflict(&line, storm);
            line.set(Course::Through);
        });
        assert!(server.is_up());
    }

    #[test]
    #[ignore = "needs scripts/with-postgres"]
    fn the_line_to_the_database_is_cut() {
        along_a_line("line to the database cut and back", |line, storm| {
            line.set(Course::Cut);
            storm.failed(10);
        });
    }

    #[test]
    #[ignore = "needs scripts/with-postgres"]
    fn the_line_to_the_database_hangs() {
        along_a_line("line to the database hangs 3 s, then cut", |line, storm| {
            line.set(Course::Hangs);
            std::thread::sleep(Duration::from_secs(3));
            line.set(Course::Cut);
            storm.failed(1);
        });
    }

    #[test]
    #[ignore = "needs scripts/with-postgres"]
    fn the_line_to_the_database_is_slow() {
        along_a_line("line to the database slow, 20 ms a piece", |line, storm| {
            line.set(Course::Slow);
            storm.answered(10);
        });
    }

    #[test]
    #[ignore = "needs scripts/with-postgres"]
    fn the_database_is_read_only() {
        let play = Play::new();
        let database = play.database();
        let (_, name) = database.rsplit_once('/').unwrap();
        let server = play.find(Server::start(play.database()));
        // As when nodes come to a standby: cut off, and then read-only.
        let turn = |way: &str| {
            on_server(&format!(
                "alter database {name} set default_transaction_read_only = {way}"
            ));
            on_server(&format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            ));
        };
        storm("database read-only", &play, |storm| {
            turn("on");
            storm.failed(20);
            turn("off");
        });
        assert!(server.is_up());
    }

    #[test]
    #[ignore = "needs scripts/with-postgres"]
    fn nodes_are_killed_while_they_set_the_database_up() {
        let database = empty_on_server();
        let mut rng = fastrand::Rng::with_seed(11);
        let begin = || {
            let mut node = command(&database);
            node.args(["serve", "--listen", "127.0.0.1:0"]);
            node.stdout(Stdio::null()).stderr(Stdio::null());
            node.spawn().expect("it starts")
        };
        for _ in 0..3 * rounds() {
            let mut nodes = [begin(), begin()];
            // Anywhere between the first table and the last place.
            std::thread::sleep(Duration::from_millis(rng.u64(50..900)));
            for node in &mut nodes {
                node.kill().unwrap();
                node.wait().unwrap();
            }
        }
        let servers: Vec<Server> = std::thread::scope(|scope| {
            let starting: Vec<_> = (0..2)
                .map(|_| scope.spawn(|| Server::start(&database)))
                .collect();
            starting
                .into_iter()
                .map(|one| one.join().unwrap())
                .collect()
        });
        let places = "select count(*) from place";
        let whole = Play::new();
        assert_eq!(count(&database, places), count(whole.database(), places));
        let play = Play::on(Folder::new(), database);
        let mut servers = servers.into_iter();
        let (first, _second) = (play.find(servers.next().unwrap()), servers.next());
        storm("two nodes set one database up, killed", &play, |storm| {
            storm.acknowledged(40)
        });
        assert!(first.is_up());
    }

    #[test]
    #[ignore = "needs scripts/with-postgres"]
    fn a_move_from_a_file_is_killed_and_cut_off_halfway() {
        // The key that all share is there, and this file is made under it.
        let to = Play::new();
        to.moved_to(&empty_on_server());
        let file = to.folder.path("causo.db").display().to_string();
        let key = std::env::var_os("CAUSO_KEY").expect("scripts/with-postgres names it");
        std::fs::copy(key, format!("{file}.key")).unwrap();
        territory_only(&file);
        let play = Play::on(Folder::new(), file.clone());
        let server = Mutex::new(play.find(Server::start(&file)));
        let rng = Mutex::new(fastrand::Rng::with_seed(3));
        let migrate = |to: &str| {
            let mut command = command("no/such.db");
            command.args(["migrate", "--from", &file, "--to", to]);
            command
        };
        let line = Line::new(&to.folder);
        // Lets a move get on for some rows, does this to it, and waits until it is gone.
        let interrupt = |to: &str, what: &dyn Fn(&mut Child)| {
            let far = || how_far(to).unwrap_or(0);
            let enough = far() + rng.lock().unwrap().i64(1..9000);
            let mut moving = migrate(&line.to(to));
            moving.stdout(Stdio::null()).stderr(Stdio::null());
            let mut moving = moving.spawn().expect("it starts");
            while far() < enough && moving.try_wait().unwrap().is_none() {}
            what(&mut moving);
            moving.wait().unwrap();
        };
        let begun = std::sync::atomic::AtomicBool::new(false);
        storm(
            "move from a file to a server killed and cut off halfway",
            &play,
            |storm| {
                if begun.swap(true, std::sync::atomic::Ordering::Relaxed) {
                    // A move is made once; later rounds only go on.
                    return storm.acknowledged(40);
                }
                server.lock().unwrap().terminate();
                assert!(server.lock().unwrap().wait().success());
                for _ in 0..rounds() {
                    interrupt(&to.database(), &|moving| moving.kill().unwrap());
                    interrupt(&to.database(), &|_| line.set(Course::Cut));
                    line.set(Course::Through);
                }
                let last = done(&mut migrate(&to.database()), "");
                if !last.ok {
                    last.refused("migrate.target_not_empty");
                }
                causo(to.database(), &["verify"]).fine();
                play.moved_to(&to.database());
                *server.lock().unwrap() = play.find(Server::start(to.database()));
            },
        );
    }

    #[test]
    #[ignore = "needs scripts/with-postgres"]
    fn the_database_server_is_slow_killed_full_and_gone() {
        let folder = Folder::new();
        let Some(disk) = Disk::new(&folder.path("disk"), 256) else {
            return report::left_out(
                "database server slow, killed, full, gone",
                "only root may mount one",
            );
        };
        // The key that all share is there.
        let _first = Play::new();
        let own = OwnServer::start(&folder, disk.path(""));
        let database = own.url("postgres");
        territory_only(&database);
        let play = Play::on(Folder::new(), database);
        let server = play.find(Server::start(play.database()));
        let slow = "database server's disk slow, 200 ms a sync";
        if let Some(weather) = own.weather() {
            storm(slow, &play, |storm| {
                weather.syncs_take(Duration::from_millis(200));
                storm.answered(10);
                weather.syncs_take(Duration::ZERO);
            });
        } else {
            report::left_out(slow, "no C compiler");
        }
        storm("database server killed", &play, |storm| {
            own.kill();
            storm.failed(10);
            own.begin();
        });
        storm("database server's disk full", &play, |storm| {
            disk.fill();
            storm.failed(10);
            disk.free();
            own.begin();
        });
        let errors = "database server's disk answers with errors (EIO)";
        if let Some(weather) = own.weather() {
            storm(errors, &play, |storm| {
                weather.writes_fail(EIO);
                storm.failed(10);
                weather.writes_fail(0);
                own.begin();
            });
        } else {
            report::left_out(errors, "no C compiler");
        }
        let gone = ["database server's machine gone", "node's machine gone"];
        if let Some(island) = &own.island {
            storm(gone[0], &play, |storm| {
                island.vanish();
                storm.failed(4);
                island.appear();
            });
            let near = Server::start(own.near("postgres"));
            storm(gone[1], &play, |storm| {
                island.vanish();
                storm.failed(1);
                // What the first was writing is let go, although nobody says that it is gone.
                play.turn_to(&near);
                storm.acknowledged(40);
                island.appear();
                play.turn_to(&server);
            });
        } else {
            for fault in gone {
                report::left_out(fault, "no network of its own");
            }
        }
        assert!(server.is_up());
    }
}
