#!/usr/bin/env bash
# Guess: rusqlite's `prepare_cached` compiles a statement once, whatever values are bound to it later.
# Behaviour: with rusqlite 0.43.0 and the SQLite 3.54.1 that it bundles, a query with `column = ?` and an `ORDER BY` is compiled at every use.
# SQLite marks the parameter as one that the plan may depend on, rusqlite clears the bindings of a statement that goes back into its
# cache, and clearing them expires a statement with such a mark. The same query without `ORDER BY` is compiled once.
# Meaning: set `SQLITE_DBCONFIG_ENABLE_QPSG`, by which plans never depend on values, or the cache saves nothing for such queries.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "cached"
version = "0.1.0"
edition = "2021"

[dependencies]
rusqlite = { version = "=0.43.0", default-features = false, features = ["bundled", "cache"] }
libsqlite3-sys = "=0.40.0"
TOML
cat >src/main.rs <<'RUST'
use rusqlite::config::DbConfig;
use rusqlite::{Connection, StatementStatus};

const PLAIN: &str = "SELECT b FROM t WHERE a = ?1 AND b = ?2";
const SORTED: &str = "SELECT b FROM t WHERE a = ?1 AND b = ?2 ORDER BY rowid";

fn main() {
    println!("SQLite {}", rusqlite::version());
    for is_stable in [false, true] {
        let connection = Connection::open_in_memory().unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, is_stable).unwrap();
        connection.execute_batch("CREATE TABLE t (a TEXT, b TEXT); CREATE INDEX t_by_a_and_b ON t (a, b);").unwrap();
        for sql in [PLAIN, SORTED] {
            for number in 0..100 {
                let mut statement = connection.prepare_cached(sql).unwrap();
                let values = (format!("a{number}"), "x");
                statement.query_map(values, |row| row.get::<_, String>(0)).unwrap().for_each(drop);
            }
            let again = connection.prepare_cached(sql).unwrap().get_status(StatementStatus::RePrepare);
            println!("QPSG {is_stable}: {sql}: used 100 times, compiled again {again} times");
        }
    }
}
RUST
cargo run --quiet 2>cargo.log >seen || { cat cargo.log; exit 1; }
cat seen
cat >expected <<'TEXT'
SQLite 3.54.1
QPSG false: SELECT b FROM t WHERE a = ?1 AND b = ?2: used 100 times, compiled again 0 times
QPSG false: SELECT b FROM t WHERE a = ?1 AND b = ?2 ORDER BY rowid: used 100 times, compiled again 99 times
QPSG true: SELECT b FROM t WHERE a = ?1 AND b = ?2: used 100 times, compiled again 0 times
QPSG true: SELECT b FROM t WHERE a = ?1 AND b = ?2 ORDER BY rowid: used 100 times, compiled again 0 times
TEXT
diff expected seen && echo "as found"
