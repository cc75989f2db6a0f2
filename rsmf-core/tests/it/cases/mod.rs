//! One change to a valid file each, and what it gives.

mod containers;
mod json;
mod layers;
mod people;
mod schema;

use rsmf_core::validate::Profile;

use crate::sample::{Sample, codes};

type Case = (&'static str, fn(&mut Sample), &'static [&'static str]);

fn check(cases: &[Case]) {
    let mut wrong = String::new();
    for (name, change, expected) in cases {
        let mut sample = Sample::new();
        change(&mut sample);
        let report = sample.validate(Profile::Relativity);
        if codes(&report) != *expected {
            wrong += &format!("{name}: {expected:?}, but got {:#?}\n", report.findings);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
