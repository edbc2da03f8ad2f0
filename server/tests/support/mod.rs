//! A fresh, migrated database for each test, on either engine.
//!
//! PostgreSQL comes from `TEST_POSTGRES_URL` (any database of a server where databases may be
//! created; `make test` starts one). Without it the PostgreSQL half says so and passes only when
//! `TEST_POSTGRES_OPTIONAL=1`, so that nobody takes skipped tests for passed ones.

pub(crate) mod forms;
mod mortal;
pub(crate) mod simulator;

use std::path::PathBuf;

use store::db::Db;
use tokio::sync::OnceCell;

pub(crate) use self::mortal::Mortal;

/// Runs `$story: async fn(TestDb)` once on each engine.
#[macro_export]
macro_rules! on_both_engines {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                super::$story($crate::support::TestDb::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $story() {
                if let Some(db) = $crate::support::TestDb::postgres().await {
                    super::$story(db).await;
                }
            })+
        }
    };
}

/// A database of one test.
pub(crate) struct TestDb {
    /// The handle.
    pub(crate) db: Db,
    /// Its address, for a test that needs a connection of its own.
    pub(crate) url: String,
    folder: Option<PathBuf>,
}

impl TestDb {
    /// An SQLite file in a temporary folder.
    pub(crate) async fn sqlite() -> Self {
        let folder = std::env::temp_dir().join(format!("divinas-test-{}", store::ids::new_id()));
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite:{}", folder.join("shop.db").display());
        let db = Db::open(&url, 4).await.unwrap();
        db.migrate().await.unwrap();
        Self { db, url, folder: Some(folder) }
    }

    /// A database of its own on the PostgreSQL server, copied from one migrated template.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
            let optional = std::env::var("TEST_POSTGRES_OPTIONAL").is_ok_and(|v| v == "1");
            assert!(
                optional,
                "TEST_POSTGRES_URL is not set: `make test` starts a PostgreSQL for the tests"
            );
            return None;
        };
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(|| make_template(&server)).await;
        let name = format!("t_{}", store::ids::new_id().replace('-', ""));
        create(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        let url = with_database(&server, &name);
        let db = Db::open(&url, 6).await.unwrap();
        Some(Self { db, url, folder: None })
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

async fn make_template(server: &str) -> String {
    let name = format!("template_{}", std::process::id());
    create(server, &format!("CREATE DATABASE {name}")).await;
    let db = Db::open(&with_database(server, &name), 1).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;
    name
}

/// `CREATE DATABASE … TEMPLATE` needs the template for itself, so databases are created one after
/// the other.
async fn create(server: &str, statement: &str) {
    static ONE_BY_ONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _turn = ONE_BY_ONE.lock().await;
    let admin = Db::open(server, 1).await.unwrap();
    admin.query(statement.to_owned()).execute().await.unwrap();
    admin.close().await;
}

fn with_database(server: &str, name: &str) -> String {
    let (front, options) =
        server.split_once('?').map_or((server, String::new()), |(f, o)| (f, format!("?{o}")));
    let base = front.rsplit_once('/').map_or(front, |(base, _)| base);
    format!("{base}/{name}{options}")
}

/// The key of this text.
pub(crate) fn key<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}
