//! Exports asked for: what is asked is checked, and the job enqueued, in one transaction.

use super::{Wanted, may_export, save};
use crate::{
    attribute::Attributes,
    clock, column,
    contact::{self, Nulls, Selected, Selection, Sort},
    db::Tx,
    error::{Error, Result, UserError},
    job::{self, RunExport},
    viewer::Viewer,
};
use entity::{
    column::{ColumnOrder, ColumnRef},
    export::{self, ExportColumns, ExportFormat, Model},
    job::JobStatus,
    role::Restriction,
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, Set};

/// An export to make.
#[derive(Debug, Clone)]
pub struct NewExport {
    /// Which contacts.
    pub contacts: Selection,
    /// The keys of the columns, from left to right; none: all.
    pub columns: Option<Vec<String>>,
    /// What they are sorted by; none: the newest first.
    pub sort: Option<Sort>,
    /// How the file is written.
    pub format: ExportFormat,
}

/// Asks for an export.
///
/// # Errors
/// [`Error::Forbidden`] for whoever may not export; what [`Selection::check`] and [`wanted`] refuse.
pub async fn create(tx: &Tx, viewer: &Viewer, new: NewExport) -> Result<Model> {
    may_export(viewer)?;
    let Wanted {
        selected,
        columns,
        sort,
        format,
    } = wanted(&**tx, viewer, new).await?;
    let restricted = |restriction| viewer.restrictions.contains(&restriction);
    let selection = serde_json::to_value(selected);
    let row = export::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        selection: Set(selection.map_err(|error| Error::Broken(error.to_string()))?),
        columns: Set(ExportColumns(columns)),
        sort: Set(sort),
        format: Set(format),
        masked: Set(restricted(Restriction::MaskPhoneAndEmail)),
        narrowed: Set(restricted(Restriction::OnlyAssignedContacts)),
        status: Set(JobStatus::Queued),
        row_count: Set(0),
        file_size: Set(0),
        created_by_member_id: Set(viewer.member.as_ref().map(|member| member.id)),
        created_by_name: Set(viewer.name.clone()),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let export = row.insert(&**tx).await?;
    let job = RunExport {
        export_id: export.id,
    };
    job::enqueue(tx, &job).await?;
    save(tx, export).await
}

/// What an export is to have, checked.
///
/// # Errors
/// What [`Selection::check`] refuses; NOT_FOUND and INVALID at `columns`; BAD_USER_INPUT at `orderBy`.
pub async fn wanted(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    new: NewExport,
) -> Result<Wanted> {
    let NewExport {
        contacts,
        columns,
        sort,
        format,
    } = new;
    let attributes = Attributes::load(conn, viewer).await?;
    let columns = match columns {
        Some(keys) => chosen(&keys, &attributes)?,
        None => column::all(&attributes)
            .map(|column| column.reference())
            .collect(),
    };
    // The order is checked as the table's is.
    contact::order(viewer, sort.as_ref(), &attributes)?;
    let sort = sort.and_then(|sort| {
        let column = column::find(&sort.column, &attributes)?;
        Some(ColumnOrder {
            column: column.reference(),
            descending: sort.descending,
            nulls_first: sort.nulls == Nulls::First,
        })
    });
    let selected: Selected = contacts.check(conn, viewer).await?;
    Ok(Wanted {
        selected,
        columns,
        sort,
        format,
    })
}

fn chosen(keys: &[String], attributes: &Attributes) -> Result<Vec<ColumnRef>> {
    let (mut columns, mut errors) = (Vec::with_capacity(keys.len()), Vec::new());
    if keys.is_empty() {
        errors.push(UserError::new(
            "columns",
            "INVALID",
            "Name at least one column.",
        ));
    }
    for (n, key) in keys.iter().enumerate() {
        let path = format!("columns.{n}");
        let Some(column) = column::find(key, attributes) else {
            let message = format!("There is no column \"{key}\".");
            errors.push(UserError::new(&path, "NOT_FOUND", message));
            continue;
        };
        let column = column.reference();
        if columns.contains(&column) {
            let message = format!("The column \"{key}\" is there already: name each once.");
            errors.push(UserError::new(&path, "INVALID", message));
            continue;
        }
        columns.push(column);
    }
    if errors.is_empty() {
        Ok(columns)
    } else {
        Err(Error::User(errors))
    }
}
