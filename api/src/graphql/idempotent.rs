//! Mutations that are done once, however often they are asked for: `idempotencyKey`, which every input of a mutation has.
//!
//! [`Idempotent`] adds the field to an input, and [`Loader::write`] runs the mutation or finds what it came to before.

use super::{
    error::Result,
    loader::Loader,
    payload::{Settled, UserError},
    receipt::Receipt,
};
use crate::transport::file_digests;
use async_graphql::{
    Context, InputType, InputValueError, InputValueResult, Value,
    registry::{MetaInputValue, MetaType, Registry},
};
use domain::{
    db::Tx,
    error::Error,
    idempotency::{self, Keyed, Outcome, Ran},
    text,
    trace::Trace,
};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

const FIELD: &str = "idempotencyKey";

/// Characters of a key at most.
const LONGEST: usize = 255;

const DESCRIPTION: &str = "Makes asking again safe: what comes with a key that this token has used within 24 hours changes nothing, and is answered with what the first came \
    to (see `Mutation`). CONFLICT where the key came with another mutation or input. Any text of 1 to 255 characters, such as a UUID.";

/// The input of a mutation, and the key that came with it.
pub(super) struct Idempotent<T> {
    input: T,
    key: Option<Key>,
}

/// A key, and what it came with.
struct Key {
    key: String,
    /// Of the input without the key.
    digest: Sha256,
}

impl Key {
    fn of(self, mutation: &str) -> Keyed {
        Keyed {
            key: self.key,
            mutation: mutation.to_owned(),
            digest: text::hex(&self.digest.finalize()),
        }
    }
}

impl<T> Idempotent<T> {
    /// The input, and the key for [`Loader::write`].
    pub(super) fn open(self, ctx: &Context<'_>) -> (T, Option<Keyed>) {
        let mutation = ctx.field().name();
        (self.input, self.key.map(|key| key.of(mutation)))
    }

    /// The same of an input with files, which are read once more where there is a key.
    pub(super) async fn open_with_files(mut self, ctx: &Context<'_>) -> Result<(T, Option<Keyed>)> {
        if let Some(key) = &mut self.key {
            let files = file_digests(ctx).await.map_err(Error::from)?;
            files.iter().for_each(|file| key.digest.update(file));
        }
        Ok(self.open(ctx))
    }
}

impl<T: InputType> InputType for Idempotent<T> {
    type RawValueType = T::RawValueType;

    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = T::create_type_info(registry);
        let own = registry.types.get_mut(T::type_name().as_ref());
        if let Some(MetaType::InputObject { input_fields, .. }) = own {
            input_fields.insert(FIELD.to_owned(), field());
        }
        name
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::Object(mut fields)) = value else {
            let input = T::parse(value).map_err(InputValueError::propagate)?;
            return Ok(Self { input, key: None });
        };
        let key = fields.shift_remove(FIELD);
        let rest = Value::Object(fields);
        let key = match key {
            None | Some(Value::Null) => None,
            Some(Value::String(key)) if is_sane(&key) => {
                let mut digest = Sha256::new();
                fold(&mut digest, &rest);
                Some(Key { key, digest })
            }
            Some(_) => {
                let message = format!(
                    "{FIELD} has 1 to {LONGEST} characters, none of them a control character"
                );
                return Err(InputValueError::custom(message));
            }
        };
        let input = T::parse(Some(rest)).map_err(InputValueError::propagate)?;
        Ok(Self { input, key })
    }

    fn to_value(&self) -> Value {
        self.input.to_value()
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.input.as_raw_value()
    }
}

fn is_sane(key: &str) -> bool {
    (1..=LONGEST).contains(&key.chars().count()) && !key.chars().any(char::is_control)
}

fn field() -> MetaInputValue {
    MetaInputValue {
        name: FIELD.to_owned(),
        description: Some(DESCRIPTION.to_owned()),
        ty: "String".to_owned(),
        deprecation: Default::default(),
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

/// Takes a value into a digest: the order of fields does not count, nor whether an enum value stands in the document or in a variable, and no
/// two values are taken for one.
fn fold(digest: &mut Sha256, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            digest.update([b'{']);
            for (name, value) in sorted {
                fold(digest, &Value::String(name.to_string()));
                digest.update([b':']);
                fold(digest, value);
                digest.update([b',']);
            }
            digest.update([b'}']);
        }
        Value::List(values) => {
            digest.update([b'[']);
            for value in values {
                fold(digest, value);
                digest.update([b',']);
            }
            digest.update([b']']);
        }
        Value::Enum(name) => fold(digest, &Value::String(name.to_string())),
        // As JSON, in which a text cannot end early.
        scalar => digest.update(scalar.to_string()),
    }
}

impl Loader {
    /// Runs a mutation in one transaction: what was refused leaves nothing. With a key that came before it finds what that came to.
    pub(super) async fn write<T: Receipt>(
        &self,
        keyed: Option<Keyed>,
        effect: impl AsyncFnOnce(&Tx) -> domain::error::Result<T>,
    ) -> Result<Settled<T>> {
        let effect = async |tx: &Tx, ()| effect(tx).await;
        let nothing = async { Ok(()) };
        let (db, viewer) = (self.db(), self.viewer());
        let ran = idempotency::run(db, viewer, keyed.as_ref(), nothing, effect, T::written);
        self.answer(ran.await).await
    }

    /// What a mutation that has run is answered with. Later fields of the request read anew.
    pub(super) async fn answer<T: Receipt>(
        &self,
        ran: domain::error::Result<Ran<T>>,
    ) -> Result<Settled<T>> {
        match ran {
            Ok(Ran::Now(done)) => {
                self.forget();
                Ok(Ok(done))
            }
            Ok(Ran::Before(Outcome::Refused(errors))) => {
                Ok(Err(errors.into_iter().map(UserError::from).collect()))
            }
            Ok(Ran::Before(Outcome::Done(written))) => {
                // It may have been done after an earlier field of this request had read.
                self.forget();
                let found = T::read(self, &written).await?;
                Ok(found.ok_or_else(|| vec![gone()]))
            }
            Err(Error::User(errors)) => Ok(Err(errors.into_iter().map(UserError::from).collect())),
            Err(error) => Err(error.into()),
        }
    }
}

/// Work that goes on where its request does not: a client that leaves, or the time that a request may take, ends the request.
pub(super) async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = domain::error::Result<T>> + Send + 'static,
) -> domain::error::Result<T> {
    match tokio::spawn(Trace::carry(work)).await {
        Ok(done) => done,
        Err(error) => Err(Error::Broken(error.to_string())),
    }
}

fn gone() -> UserError {
    let message = "This was done when the key came first; what it names has been deleted since, or you may not see it.";
    UserError::note(Some(vec![FIELD.to_owned()]), "NOT_FOUND", message)
}
