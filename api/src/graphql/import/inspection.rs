//! What was seen while a file came in, and what becomes of its columns.

use crate::graphql::{
    attribute::AttributeType, column::Column, error::Result, loader::Loader, payload::UserError,
};
use async_graphql::{Context, Object, SimpleObject};
use entity::import::{Inspection, Mapping, Target};

/// What was seen while a file came in.
pub(crate) struct CsvInspection(pub(super) Inspection);

/// What was seen while a file came in.
#[Object]
impl CsvInspection {
    /// `UTF-8`, `UTF-16LE`, `UTF-16BE` or `Windows-1252`.
    async fn encoding(&self) -> &str {
        &self.0.encoding
    }

    /// What stands between the cells: one character.
    async fn delimiter(&self) -> String {
        self.0.delimiter.to_string()
    }

    /// What stands around cells that hold delimiters or line ends: one character.
    async fn quote(&self) -> &'static str {
        "\""
    }

    /// The headers, without the spaces around them.
    async fn headers(&self) -> &[String] {
        &self.0.headers
    }

    /// The first rows, five at most; cells of more than 200 characters are cut.
    async fn sample_rows(&self) -> &[Vec<String>] {
        &self.0.sample_rows
    }

    /// Rows after the header.
    async fn row_count(&self) -> i32 {
        self.0.row_count.try_into().unwrap_or(i32::MAX)
    }

    /// What a person should know before starting: rows that will fail, columns that are ignored, a segment that is there already. The
    /// first twenty of the rows. They do not keep the import from being started.
    async fn problems(&self) -> Vec<UserError> {
        let problems = self.0.problems.iter();
        problems
            .map(|problem| UserError::note(problem.field.clone(), &problem.code, &problem.message))
            .collect()
    }
}

/// An attribute that an import makes when it is started.
#[derive(SimpleObject, Clone)]
pub(crate) struct NewAttribute {
    /// Its key.
    key: String,
    /// The type of its values, for ever.
    #[graphql(name = "type")]
    type_: AttributeType,
}

/// What becomes of one column of the file.
#[derive(Clone)]
pub(crate) struct ColumnMapping(pub(super) Mapping);

/// What becomes of one column of the file. Where `column` and `newAttribute` are null and `ignore` is false, a person must decide before
/// the import can start.
#[Object]
impl ColumnMapping {
    /// The header, without the spaces around it.
    async fn header(&self) -> &str {
        &self.0.header
    }

    /// The column that its cells go into.
    async fn column(&self, ctx: &Context<'_>) -> Option<Result<Column>> {
        let Target::Column(key) = &self.0.target else {
            return None;
        };
        let read = async || -> Result<Option<Column>> {
            let known = Loader::of(ctx)?.attributes().await?;
            Ok(Column::find(key, &known, "column").ok())
        };
        read().await.transpose()
    }

    /// The attribute that is made for its cells when the import is started; then it is `column`.
    async fn new_attribute(&self) -> Option<NewAttribute> {
        match &self.0.target {
            Target::NewAttribute { key, r#type } => Some(NewAttribute {
                key: key.clone(),
                type_: (*r#type).into(),
            }),
            Target::Undecided | Target::Ignore | Target::Column(_) => None,
        }
    }

    /// Whether its cells go nowhere.
    async fn ignore(&self) -> bool {
        self.0.target == Target::Ignore
    }
}
