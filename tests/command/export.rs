//! `roster export`: to standard output and to a file, and what it says where it cannot.

use crate::harness::{Site, both_kinds};

const PEOPLE: &str = "First Name,Email,Country\nAda,ada@example.com,DE\nBob,bob@example.com,FR\nCy,cy@example.com,DE\n";

both_kinds! {
    async fn it_writes_what_was_chosen(kind: Kind) {
        let site = Site::new(kind).await;
        let path = site.file("people.csv", PEOPLE);
        let done = site.run(&["import", &path, "--consent", "--segment", "All of them"]).await;
        assert_eq!(done.code, Some(0), "{done:?}");
        let columns = ["export", "--columns", "email,firstName", "--order-by", "email:desc"];
        let all = site.run(&columns).await;
        assert_eq!((all.code, all.stdout.as_str()), (Some(0), "E-mail,First name\r\ncy@example.com,Cy\r\nbob@example.com,Bob\r\nada@example.com,Ada\r\n"));
        assert!(all.stderr.contains("3 contacts were exported"), "{all:?}");
        let narrow = ["--filter", "{\"country\":{\"eq\":\"DE\"}}", "--segment", "all of them", "--search", "ada", "--status", "active,inactive"];
        let file = site.folder().join("out.csv").display().to_string();
        let to = ["--output", &file, "--format", "csv-excel"];
        let some = site.run(&[&columns[..], &narrow, &to].concat()).await;
        assert_eq!((some.code, some.stdout.as_str()), (Some(0), ""), "{some:?}");
        let written = std::fs::read_to_string(&file).unwrap();
        assert_eq!(written, "\u{feff}E-mail,First name\r\nada@example.com,Ada\r\n");
        let again = site.run(&[&columns[..], &to].concat()).await;
        assert_eq!(again.code, Some(1));
        assert!(again.stderr.contains("is there already"), "{again:?}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
        for (args, said) in [
            (["--columns", "none"], "--columns: There is no column \"none\"."),
            (["--segment", "none"], "--segment: there is no segment none"),
            (["--filter", "{\"nome\":{}}"], "nome"),
            (["--filter", "{\"attribute\":{\"key\":\"none\",\"isSet\":true}}"], "none"),
            (["--filter", "{"], "--filter"),
            (["--inbox", "all"], "inbox_all"),
            (["--inbox", "inbox_77"], "There is no such inbox."),
            (["--order-by", "none"], "none"),
        ] {
            let refused = site.run(&[&["export"], &args[..]].concat()).await;
            assert_ne!(refused.code, Some(0), "{args:?}");
            assert!(refused.stderr.contains(said), "{args:?} {refused:?}");
            assert_eq!(refused.stdout, "");
        }
    }
}
