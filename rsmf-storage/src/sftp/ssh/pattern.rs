//! Patterns as in ssh_config(5), PATTERNS: `*`, `?`, and lists in which `!` excludes.

/// Whether some pattern of a list matches and none that is excluded does. Upper and lower case are the same.
pub(super) fn any_matches<'a>(patterns: impl IntoIterator<Item = &'a str>, name: &str) -> bool {
    let name = name.to_lowercase();
    any_of(patterns, |pattern| matches(&pattern.to_lowercase(), &name))
}

/// The same, but upper and lower case differ.
pub(super) fn any_matches_exactly<'a>(
    patterns: impl IntoIterator<Item = &'a str>,
    name: &str,
) -> bool {
    any_of(patterns, |pattern| matches(pattern, name))
}

fn any_of<'a>(patterns: impl IntoIterator<Item = &'a str>, matches: impl Fn(&str) -> bool) -> bool {
    let mut found = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(pattern) => return false,
            Some(_) => {}
            None => found |= matches(pattern),
        }
    }
    found
}

fn matches(pattern: &str, name: &str) -> bool {
    let letters = |text: &str| text.chars().collect::<Vec<_>>();
    let (pattern, name) = (letters(pattern), letters(name));
    let (mut at, mut from) = (0, 0);
    // Where the latest `*` stands, and how much of the name it has taken.
    let mut star = None;
    while let Some(letter) = name.get(from) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(expected) if *expected == '?' || expected == letter => {
                at += 1;
                from += 1;
            }
            _ => {
                let Some((star_at, taken)) = &mut star else {
                    return false;
                };
                *taken += 1;
                (at, from) = (*star_at + 1, *taken);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_exclude() {
        let any = |list: &str, name| any_matches(list.split(','), name);
        assert!(any("*.example,!bad.*", "good.Example"));
        assert!(!any("*.example,!bad.*", "bad.example"));
        assert!(!any("!bad", "good"));
        assert!(any("[h?st]:2*", "[host]:22"));
        assert!(!any("", "a"));
    }

    /// The same by definition.
    fn slow(pattern: &[char], name: &[char]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, _) => name.is_empty(),
            (Some(('*', rest)), _) => (0..=name.len()).any(|skipped| slow(rest, &name[skipped..])),
            (Some(_), None) => false,
            (Some((first, rest)), Some((letter, others))) => {
                (*first == '?' || first == letter) && slow(rest, others)
            }
        }
    }

    proptest! {
        #[test]
        fn matches_what_the_definition_says(pattern in "[ab*?]{0,8}", name in "[ab]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(matches(&pattern, &name), slow(&chars(&pattern), &chars(&name)));
        }
    }
}
