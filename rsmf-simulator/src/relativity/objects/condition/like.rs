//! Patterns with wildcards.

/// One character of a pattern.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    Any,
    One,
    This(char),
}

/// A pattern of `%`, `_`, and the same in brackets for themselves; capitals are small letters.
#[derive(Debug)]
pub(super) struct Pattern(Vec<Part>);

impl Pattern {
    pub(super) fn read(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let literal = ["[%]", "[_]", "[[]"]
                .into_iter()
                .find(|it| rest.starts_with(it));
            let length = literal.map_or(first.len_utf8(), str::len);
            match (literal.and_then(|it| it.chars().nth(1)), first) {
                (Some(this), _) => parts.push(Part::This(this)),
                (None, '%') => parts.push(Part::Any),
                (None, '_') => parts.push(Part::One),
                (None, other) => parts.extend(other.to_lowercase().map(Part::This)),
            }
            rest = rest.get(length..).unwrap_or_default();
        }
        Self(parts)
    }

    /// Before and behind it may stand anything.
    pub(super) fn open(mut self, before: bool, behind: bool) -> Self {
        if before {
            self.0.insert(0, Part::Any);
        }
        if behind {
            self.0.push(Part::Any);
        }
        self
    }

    pub(super) fn fits(&self, text: &str) -> bool {
        let text: Vec<_> = text.chars().flat_map(char::to_lowercase).collect();
        // Which ends of the pattern's beginning can be reached with the characters so far.
        let mut reached = vec![false; self.0.len() + 1];
        self.reach(&mut reached, 0);
        for one in text {
            let mut next = vec![false; self.0.len() + 1];
            for (at, part) in self.0.iter().enumerate().filter(|(at, _)| reached[*at]) {
                match part {
                    Part::Any => self.reach(&mut next, at),
                    Part::One => self.reach(&mut next, at + 1),
                    Part::This(this) if *this == one => self.reach(&mut next, at + 1),
                    Part::This(_) => {}
                }
            }
            reached = next;
        }
        reached.last() == Some(&true)
    }

    /// Marks a place, and those behind what may be nothing.
    fn reach(&self, places: &mut [bool], at: usize) {
        let nothing = self
            .0
            .iter()
            .skip(at)
            .take_while(|part| **part == Part::Any)
            .count();
        for place in places.iter_mut().skip(at).take(nothing + 1) {
            *place = true;
        }
    }
}
