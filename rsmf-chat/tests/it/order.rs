//! The order of messages, repeated records, and independence of the number of threads.

use rsmf_core::integration::Reason;

use crate::support::{All, Files, message, options, with_options};

fn records(times: impl IntoIterator<Item = u32>) -> Vec<String> {
    let of = |time| message(&format!("{time}.000100"), &"lorem ipsum ".repeat(20));
    times.into_iter().map(of).collect()
}

fn expected(times: impl IntoIterator<Item = u32>) -> Vec<String> {
    times
        .into_iter()
        .map(|time| format!("{time}.000100"))
        .collect()
}

#[test]
fn a_file_is_sorted_by_time_then_source() {
    let shuffled = (0..900).map(|time| time * 7 % 900 + 1);
    let files = Files::export()
        .day("2024-01-02", &records([1000, 2000]))
        .day("2024-01-01", &records(shuffled));
    let all = All::of_zip(&files.zip());
    assert_eq!(all.ids(), expected((1..=900).chain([1000, 2000])));
}

#[test]
fn a_large_file_is_sorted_within_bounds() {
    let nearly = (1..=5000_u32).map(|time| time ^ 7);
    let files = Files::export().day("2024-01-01", &records(nearly.clone()));
    let mut options = options(2);
    options.limits.sort_bytes = 64 << 10;
    options.limits.sort_messages = 20;
    let all = with_options(&files, options);
    let mut sorted: Vec<u32> = nearly.collect();
    sorted.sort_unstable();
    assert_eq!(all.ids(), expected(sorted));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut files = Files::export();
    for day in 0..40 {
        let times = (0..50).map(|n| 1 + day * 100 + n * 31 % 50);
        files = files.day(&format!("2024-01-{day:02}"), &records(times));
    }
    let all = with_options(&files, options(1));
    assert_eq!(all.ids().len(), 2000);
    for threads in [2, 3, 8] {
        assert_eq!(
            all,
            with_options(&files, options(threads)),
            "{threads} threads"
        );
    }
}

#[test]
fn repeated_records_are_told_and_others_get_an_id_of_their_own() {
    let same = message("1.000001", "same");
    let files = Files::export()
        .day(
            "2024-01-01",
            &[same.clone(), message("1.000001", "else"), same.clone()],
        )
        .day("2024-01-02", &[same, message("1.000001", "again")]);
    let all = All::of_zip(&files.zip());
    assert_eq!(all.ids(), ["1.000001", "1.000001-2", "1.000001-3"]);
    assert_eq!(all.losses(), [(Reason::Repeated, 1), (Reason::Repeated, 1)]);
    assert_eq!(all.count(), 5);
    let told = all.messages().map(|message| {
        let mut notes = message.notes.iter();
        notes.any(|note| note.reason == Reason::DuplicateId)
    });
    assert_eq!(told.collect::<Vec<_>>(), [false, true, true]);
}
