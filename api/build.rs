//! Embeds GraphiQL where `graphiql/build` has made it. No build needs it.

use std::path::Path;

fn main() {
    println!("cargo:rustc-check-cfg=cfg(graphiql)");
    // graphiql/build touches it. A folder that is not there would count as changed each time.
    println!("cargo:rerun-if-changed=build.rs");
    if Path::new("../graphiql/dist/licences.txt").exists() {
        println!("cargo:rustc-cfg=graphiql");
    }
}
