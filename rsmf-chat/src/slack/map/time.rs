//! Slack's times.

use rsmf_core::UtcTime;

/// Reads seconds since 1970 with up to six decimals, without rounding: the last digits tell
/// messages apart. Further decimals are cut.
///
/// `None` where the text is anything else, or lies outside the years that [`UtcTime`] knows.
pub(crate) fn parse_ts(text: &str) -> Option<UtcTime> {
    let (seconds, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let seconds = digits(seconds)?;
    digits(decimals.get(..6).unwrap_or(decimals))?;
    let micros = decimals
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(6)
        .fold(0, |value, digit| {
            value * 10 + i64::from(digit.wrapping_sub(b'0'))
        });
    let whole = seconds.checked_mul(1_000_000)?;
    UtcTime::from_micros(whole.checked_add(micros)?)
}

/// A number of plain digits: `str::parse` alone would take a sign too.
fn digits(text: &str) -> Option<i64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Whether a chat can have taken place at this time: after 1999 and before 2101.
pub(super) fn is_plausible(time: UtcTime) -> bool {
    const YEAR_2000: i64 = 946_684_800_000_000;
    const YEAR_2101: i64 = 4_133_980_800_000_000;
    (YEAR_2000..YEAR_2101).contains(&time.micros())
}
