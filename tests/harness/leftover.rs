//! What must not be there once a test has ended: temporary files, open ones without a name too, and objects that no row names.

use super::until;
use domain::db::Db;
use sea_orm::{ConnectionTrait, Statement};
use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

/// Fails the test for each thing left over in its data directory.
pub(super) async fn look(db: &Db, folder: &Path) {
    let temporary = folder.join("tmp");
    assert_eq!(
        files(&temporary),
        Vec::<PathBuf>::new(),
        "temporary files are left over"
    );
    // A thread that may block closes its file a moment after the request that it served has ended.
    until("temporary files without a name to be closed", async || {
        open_files(&temporary) == 0
    })
    .await;

    let objects = folder.join("objects");
    let named = named_objects(db).await;
    let mut lost = files(&objects);
    lost.retain(|path| {
        let key = path.strip_prefix(&objects).unwrap();
        !named.contains(&key.to_string_lossy().into_owned())
    });
    assert_eq!(
        lost,
        Vec::<PathBuf>::new(),
        "objects are left over that no row names"
    );
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// How many files below a folder this process has open. Linux alone can tell; elsewhere none are seen.
fn open_files(folder: &Path) -> usize {
    fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter(|path| path.starts_with(folder))
        .count()
}

/// The keys of all objects that a row names.
async fn named_objects(db: &Db) -> HashSet<String> {
    let sql = "SELECT source_key AS key FROM import UNION ALL SELECT result_key FROM import \
        UNION ALL SELECT failed_key FROM import UNION ALL SELECT file_key FROM export \
        UNION ALL SELECT result_key FROM broadcast_send";
    let rows = db
        .read()
        .query_all_raw(Statement::from_string(db.backend(), sql))
        .await
        .unwrap();
    rows.into_iter()
        .filter_map(|row| row.try_get("", "key").unwrap())
        .collect()
}
