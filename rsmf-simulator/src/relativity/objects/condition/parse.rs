//! From words to a condition.

use super::{
    Condition,
    lex::Token,
    test::{Operator, Subject, Test, Value},
};
use crate::relativity::world::{schema::Kind, workspace::Workspace};

/// Conditions are nested so deep at most.
const DEPTH: usize = 100;

pub(super) fn condition(
    tokens: Vec<Token>,
    workspace: &Workspace,
    kind: Kind,
) -> Result<Condition, String> {
    let mut parser = Parser {
        tokens: tokens.into_iter().peekable(),
        workspace,
        kind,
        depth: 0,
    };
    let condition = parser.any()?;
    match parser.tokens.next() {
        None => Ok(condition),
        Some(token) => Err(format!("{token:?} stands behind its end")),
    }
}

struct Parser<'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    workspace: &'a Workspace,
    kind: Kind,
    depth: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Condition, String> {
        let mut all = vec![self.every()?];
        while self.takes_word("OR") {
            all.push(self.every()?);
        }
        Ok(Condition::Or(all))
    }

    fn every(&mut self) -> Result<Condition, String> {
        let mut all = vec![self.one()?];
        while self.takes_word("AND") {
            all.push(self.one()?);
        }
        Ok(Condition::And(all))
    }

    fn one(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("it is nested too deep".to_owned());
        }
        let found = if self.takes_word("NOT") {
            Condition::Not(Box::new(self.one()?))
        } else if self.takes("(") {
            let inner = self.any()?;
            self.expect(")")?;
            inner
        } else {
            Condition::Test(self.test()?)
        };
        self.depth -= 1;
        Ok(found)
    }

    fn test(&mut self) -> Result<Test, String> {
        let Some(Token::Quoted(field)) = self.tokens.next() else {
            return Err("a field in quotes is missing".to_owned());
        };
        let subject = Subject::find(&field, self.workspace, self.kind)?;
        let operator = match self.tokens.next() {
            Some(Token::Sign(sign)) => Operator::read(sign),
            Some(Token::Word(word)) => Operator::read(&word.to_ascii_uppercase()),
            _ => None,
        };
        let operator = operator.ok_or_else(|| format!("no operator stands behind '{field}'"))?;
        let value = match operator {
            Operator::IsSet => Value::Nothing,
            _ => self.value()?,
        };
        Test::new(subject, operator, value)
    }

    fn value(&mut self) -> Result<Value, String> {
        for (word, make) in [
            ("OBJECT", Value::Objects as fn(Vec<String>) -> Value),
            ("MULTIOBJECT", Value::Objects),
            ("CHOICE", Value::Choices),
            ("MULTICHOICE", Value::Choices),
        ] {
            if self.takes_word(word) {
                return Ok(make(self.words()?));
            }
        }
        if self.takes_word("SAVEDSEARCH") {
            return Err("there are no saved searches here".to_owned());
        }
        if self.takes("[") {
            return self.list();
        }
        match self.tokens.next() {
            Some(Token::Quoted(text)) => Ok(Value::Texts(vec![text])),
            Some(Token::Word(word)) => Ok(Value::Words(vec![word])),
            other => Err(format!("{other:?} is no value")),
        }
    }

    /// A word, or a list of such.
    fn words(&mut self) -> Result<Vec<String>, String> {
        let value = if self.takes("[") {
            self.list()?
        } else {
            self.value()?
        };
        match value {
            Value::Words(words) | Value::Texts(words) => Ok(words),
            _ => Err("a number is missing".to_owned()),
        }
    }

    fn list(&mut self) -> Result<Value, String> {
        let (mut texts, mut words) = (Vec::new(), Vec::new());
        loop {
            match self.tokens.next() {
                Some(Token::Quoted(text)) => texts.push(text),
                Some(Token::Word(word)) => words.push(word),
                other => return Err(format!("{other:?} is no item of a list")),
            }
            if self.takes("]") {
                break;
            }
            self.expect(",")?;
        }
        match (texts.is_empty(), words.is_empty()) {
            (false, true) => Ok(Value::Texts(texts)),
            (true, false) => Ok(Value::Words(words)),
            _ => Err("a list holds texts and numbers".to_owned()),
        }
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.tokens
            .next_if(|it| matches!(it, Token::Sign(it) if *it == sign))
            .is_some()
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_it = |it: &Token| matches!(it, Token::Word(it) if it.eq_ignore_ascii_case(word));
        self.tokens.next_if(is_it).is_some()
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        match self.takes(sign) {
            true => Ok(()),
            false => Err(format!("'{sign}' is missing")),
        }
    }
}
