//! How often each trigger of a login allocates, and how much. Apart from `login`, because counting takes time.

#![allow(missing_docs)] // a bench is read, not called
#![allow(dead_code)] // what else `common` has is for the other bench
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a bench stops at the first surprise

use std::alloc::System;

use common::{BATCH, World};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

mod common;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let mut world = World::settled();
    let told = world.audited();
    world.batch(|call, run| {
        let region = Region::new(ALLOCATOR);
        run();
        let change = region.change();
        let each = |count: usize| count as f64 / BATCH as f64;
        println!(
            "allocations/{call:?}: {:.2} and {:.2} moved, {:.0} bytes",
            each(change.allocations),
            each(change.reallocations),
            each(change.bytes_allocated),
        );
    });
    println!("audit events of one login: {}", (world.audited() - told) / BATCH);
}
