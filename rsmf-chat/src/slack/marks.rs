//! What has happened to which of many things.

use std::sync::atomic::{AtomicU64, Ordering};

/// A bit each for so many things, set from any thread.
#[derive(Debug)]
pub(crate) struct Marks {
    words: Vec<AtomicU64>,
    len: usize,
}

impl Marks {
    /// None of `len` is set.
    pub(crate) fn new(len: usize) -> Self {
        let words = (0..len.div_ceil(64)).map(|_| AtomicU64::new(0));
        Self {
            words: words.collect(),
            len,
        }
    }

    /// Sets one.
    pub(crate) fn set(&self, at: usize) {
        if let Some(word) = self.words.get(at / 64) {
            word.fetch_or(1 << (at % 64), Ordering::Relaxed);
        }
    }

    /// Whether it is set.
    pub(crate) fn has(&self, at: usize) -> bool {
        let word = self.words.get(at / 64);
        word.is_some_and(|word| word.load(Ordering::Relaxed) & (1 << (at % 64)) != 0)
    }

    /// Whether all are set.
    pub(crate) fn all(&self) -> bool {
        (0..self.len).all(|at| self.has(at))
    }

    /// Those that are set, as hexadecimal digits.
    pub(crate) fn to_text(&self) -> String {
        let words = self.words.iter().map(|word| word.load(Ordering::Relaxed));
        words.map(|word| format!("{word:016x}")).collect()
    }

    /// Sets those that are set in the text; `None` where it is not of as many.
    pub(crate) fn add_text(&self, text: &str) -> Option<()> {
        let words: Vec<u64> = text
            .as_bytes()
            .chunks(16)
            .map(|word| u64::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok())
            .collect::<Option<_>>()?;
        let fits = text.len() == self.words.len() * 16;
        fits.then(|| {
            for (word, more) in self.words.iter().zip(words) {
                word.fetch_or(more, Ordering::Relaxed);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_count_to_their_end() {
        let marks = Marks::new(65);
        (0..64).for_each(|at| marks.set(at));
        assert!(marks.has(63) && !marks.all());
        marks.set(64);
        marks.set(1000);
        assert!(marks.all() && !marks.has(1000) && Marks::new(0).all());
    }

    #[test]
    fn marks_survive_as_text() {
        let marks = Marks::new(70);
        [3, 69].into_iter().for_each(|at| marks.set(at));
        let copy = Marks::new(70);
        copy.set(4);
        copy.add_text(&marks.to_text()).unwrap();
        let set: Vec<usize> = (0..70).filter(|at| copy.has(*at)).collect();
        assert_eq!(set, [3, 4, 69]);
        for bad in ["", "0", &"g".repeat(32), &"é".repeat(16), &"0".repeat(48)] {
            assert!(copy.add_text(bad).is_none(), "{bad}");
        }
        assert!(Marks::new(0).add_text("").is_some());
    }
}
