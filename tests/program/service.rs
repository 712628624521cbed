//! What the program tells a service manager.

use std::{collections::BTreeSet, os::unix::net::UnixDatagram, time::Duration};

use chrono::Utc;
use tidings::demo::Portal;

use crate::process::{Daemon, Folder};
use crate::support::TestDb;

#[test]
fn the_service_manager_is_told_ready_alive_and_stopping() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let portal = runtime.block_on(Portal::start(Utc::now())).unwrap();
    let [db, _] = runtime.block_on(TestDb::both());
    let folder = Folder::with(&portal.config());
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let heard = || {
        let mut bytes = [0; 256];
        let n = manager.recv(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes[..n]).trim().to_owned()
    };
    let socket = path.display().to_string();
    let env =
        [("TIDINGS_DATABASE_URL", db.url.as_str()), ("NOTIFY_SOCKET", socket.as_str()), ("WATCHDOG_USEC", "300000")];
    let daemon = Daemon::start(&folder.path(), &env);
    let first: BTreeSet<String> = (0..3).map(|_| heard()).collect();
    assert_eq!(first, ["READY=1", "WATCHDOG=1"].map(str::to_owned).into());
    assert_eq!(daemon.get("/readyz").status, 200);
    daemon.signal("TERM");
    assert_eq!(daemon.wait(), Some(0));
    let mut last = heard();
    while last == "WATCHDOG=1" {
        last = heard();
    }
    assert_eq!(last, "STOPPING=1");
}
