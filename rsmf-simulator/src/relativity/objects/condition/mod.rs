//! Conditions of the Object Manager, such as `'Control Number' STARTSWITH 'REL' AND 'Custodian' ISSET`.

mod lex;
mod like;
mod parse;
mod test;

use self::test::Test;
use crate::relativity::{
    reply::Refusal,
    world::{artifact::Artifact, schema::Kind, workspace::Workspace},
};

/// A condition about objects of one type.
#[derive(Debug)]
pub(super) enum Condition {
    /// Of no text.
    All,
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Test(Test),
}

impl Condition {
    /// Reads a condition; its fields must be there, and fit what is asked of them.
    pub(super) fn read(text: &str, workspace: &Workspace, kind: Kind) -> Result<Self, Refusal> {
        if text.trim().is_empty() {
            return Ok(Self::All);
        }
        let tokens = lex::tokens(text).map_err(|why| invalid(text, &why))?;
        parse::condition(tokens, workspace, kind).map_err(|why| invalid(text, &why))
    }

    pub(super) fn holds(&self, artifact: &Artifact, workspace: &Workspace) -> bool {
        match self {
            Self::All => true,
            Self::And(all) => all.iter().all(|it| it.holds(artifact, workspace)),
            Self::Or(all) => all.iter().any(|it| it.holds(artifact, workspace)),
            Self::Not(it) => !it.holds(artifact, workspace),
            Self::Test(test) => test.holds(artifact, workspace),
        }
    }
}

fn invalid(text: &str, why: &str) -> Refusal {
    Refusal::invalid(&format!(
        "The query condition ({text}) could not be parsed: {why}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relativity::world::{artifact::Val, numbers::Numbers};

    struct Here {
        workspace: Workspace,
        person: i64,
        tag: i64,
        documents: [i64; 2],
    }

    fn here() -> Here {
        let mut workspace = Workspace::new(7, "w", Numbers::default());
        let person = workspace.add(Kind::Entity, 7, [("Full Name", "Lovelace, Ada".into())]);
        let tag = workspace.choice(Kind::Document, "Review Tags", "Hot", None);
        let first = [
            ("Control Number", Val::from("REL0001")),
            ("File Name", "it's 100%.rsmf".into()),
            ("File Size", 10.into()),
            ("Has Native", true.into()),
            ("Sent Date", "2024-02-29T23:00:00Z".into()),
            ("Custodian", Val::Object(person)),
            ("Review Tags", Val::Choices(vec![tag])),
            ("Related Custodians", Val::Objects(vec![person])),
        ];
        let first = workspace.add(Kind::Document, 7, first);
        let second = [
            ("Control Number", Val::from("rel_2")),
            ("File Size", 20.into()),
        ];
        let second = workspace.add(Kind::Document, 7, second);
        let documents = [first, second];
        Here {
            workspace,
            person,
            tag,
            documents,
        }
    }

    impl Here {
        /// Whether it holds for the first document, and for the second.
        fn found(&self, text: &str) -> Result<[bool; 2], String> {
            let condition = Condition::read(text, &self.workspace, Kind::Document);
            let condition = condition.map_err(|refusal| refusal.message)?;
            Ok(self
                .documents
                .map(|id| condition.holds(&self.workspace.artifacts[&id], &self.workspace)))
        }
    }

    #[test]
    fn conditions_find_what_they_say() {
        let here = here();
        let (person, tag, first) = (here.person, here.tag, here.documents[0]);
        for (text, found) in [
            ("", [true, true]),
            ("'Control Number' == 'rel0001'", [true, false]),
            ("'control number' <> 'rel0001'", [false, true]),
            ("'Control Number' IN ['x', 'REL_2']", [false, true]),
            ("'Control Number' STARTSWITH 'rel_'", [true, true]),
            ("'Control Number' STARTSWITH 'rel[_]'", [false, true]),
            ("'Control Number' LIKE '%2'", [false, true]),
            ("'Control Number' ENDSWITH '1'", [true, false]),
            ("'File Name' CONTAINS '100[%]'", [true, false]),
            (r"'File Name' == 'it\'s 100%.rsmf'", [true, false]),
            ("'File Size' > 10", [false, true]),
            ("'File Size' >= 10 AND 'File Size' < 20", [true, false]),
            ("'File Size' IN [20, 30]", [false, true]),
            ("'Has Native' == true", [true, false]),
            ("'Sent Date' == 2024-02-29", [true, false]),
            ("'Sent Date' > 2024-02-28T00:00:00.00Z", [true, false]),
            (&format!("'Custodian' == OBJECT {person}"), [true, false]),
            (
                &format!("'Custodian' IN OBJECT [{person}, 1]"),
                [true, false],
            ),
            (
                &format!("'Review Tags' INTERSECTS MULTICHOICE [{tag}]"),
                [true, false],
            ),
            (
                &format!("'Related Custodians' CONTAINS MULTIOBJECT [{person}]"),
                [true, false],
            ),
            ("'Custodian' ISSET", [true, false]),
            ("NOT 'Custodian' ISSET", [false, true]),
            (
                "NOT ('File Size' == 10 OR 'File Size' == 20)",
                [false, false],
            ),
            (
                "'File Size' == 20 OR 'File Size' == 10 AND 'Has Native' == true",
                [true, true],
            ),
            (&format!("'ArtifactID' == {first}"), [true, false]),
            (&format!("'ArtifactID' IN [{first}]"), [true, false]),
        ] {
            assert_eq!(here.found(text), Ok(found), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_condition_or_an_error(text in "[ a-zA-Z0-9'%_\\[\\]()<>=,.:-]{0,60}|'File Name' [A-Z]{2,12} '.{0,20}'") {
            let here = here();
            let _ = here.found(&text);
        }
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        let here = here();
        for text in [
            "'Nobody' == 'x'",
            "Control == 'x'",
            "'Control Number' = 'x'",
            "'Control Number' == x",
            "'Control Number' == 'x",
            "'File Size' == 'ten'",
            "'File Size' LIKE '1'",
            "('File Size' == 1",
            "'File Size' == 1 'File Size' == 2",
            "'Custodian' == 'Ada'",
            "'Has Native' == 1",
            "'Sent Date' == soon",
            "'Control Number' IN []",
            "'ArtifactID' IN SAVEDSEARCH 5",
            "AND",
            "'Sent Date' BETWEEN 2024-01-01",
        ] {
            let refused = here.found(text);
            assert!(refused.is_err(), "{text}: {refused:?}");
        }
    }
}
