//! The envelope of the Import Service's answers, in which it can say no with status 200.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    Error, Refusal, Result,
    client::{
        call::{Call, read, unusable},
        refusal::refused,
        wire,
    },
};

impl Call {
    /// The `Value` of an answer of the Import Service, which may say no with status 200.
    pub(crate) async fn value<T: DeserializeOwned>(self) -> Result<T> {
        let operation = self.operation();
        let answer = self.import().await?;
        read(operation, answer)
    }

    /// As [`value`](Self::value), where it may be nothing.
    pub(crate) async fn value_or_default<T: DeserializeOwned + Default>(self) -> Result<T> {
        let operation = self.operation();
        match self.import().await? {
            Value::Null => Ok(T::default()),
            answer => read(operation, answer),
        }
    }

    /// As [`value`](Self::value), where there is none.
    pub(crate) async fn accepted(self) -> Result<()> {
        self.import().await.map(drop)
    }

    async fn import(self) -> Result<Value> {
        let operation = self.operation();
        let mut answer = self.json().await?;
        let Some(entries) = answer.as_object_mut() else {
            return Err(unusable(operation, "it is no object"));
        };
        let mut entry = |name: &str| {
            let key = entries.keys().find(|key| key.eq_ignore_ascii_case(name));
            key.cloned().and_then(|key| entries.remove(&key))
        };
        let (said, value) = (entry("IsSuccess"), entry("Value"));
        let said = said.map(wire::read::<bool>);
        match said {
            Some(Ok(true)) => Ok(value.unwrap_or_default()),
            Some(Ok(false)) => {
                let unnamed = Refusal {
                    status: 200,
                    ..Refusal::default()
                };
                let refusal = Box::new(refused(200, answer).unwrap_or(unnamed));
                Err(Error::Refused { operation, refusal })
            }
            _ => Err(unusable(
                operation,
                "it does not say whether it is a success",
            )),
        }
    }
}
