//! The statements of a page: plain, walking, seeking.

use super::{
    Filter, Order, Pick, Reader, Stretch, compare,
    cursor::{self, Place},
};
use crate::error::Result;
use sea_orm::{
    ConnectionTrait, EntityTrait, Order as Direction, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait, Select,
    sea_query::{
        Alias, Asterisk, CommonTableExpression, Expr, ExprTrait, Query, SelectStatement, WithClause,
    },
};

/// Rows that a walk looks at: some 20 ms where none of them fits.
const WALK: u64 = 20_000;
/// Rows that a walk looks at before an index is asked: what one in forty has fills a page at once.
const GLANCE: u64 = 2_000;
/// Rows that are sorted at hand.
const SEEK: u64 = 10_001;
/// Rows that an index is asked for before a walk: of what more rows have, the walk finds a page soon.
const FEW: u64 = 3_501;

/// A page that is being read.
pub(super) struct Reading<'a, E: EntityTrait> {
    pub(super) reader: &'a Reader<E>,
    pub(super) order: &'a Order,
    pub(super) backward: bool,
    pub(super) after: Option<Place>,
    pub(super) before: Option<Place>,
    pub(super) wanted: usize,
}

/// Rows with their cursors.
type Items<E> = Vec<(String, <E as EntityTrait>::Model)>;

impl<E: EntityTrait> Reading<'_, E> {
    /// As many rows as are wanted, or all there are, in the direction of reading.
    pub(super) async fn items(
        &self,
        conn: &impl ConnectionTrait,
        pick: &Pick<E>,
    ) -> Result<Items<E>> {
        let Some(filter) = &pick.filter else {
            return self.plain(conn, &pick.scope).await;
        };
        if filter.indexed {
            let walked = self.walk(conn, pick, filter, GLANCE).await?;
            if walked.len() == self.wanted {
                return Ok(walked);
            }
            // What is as frequent behind the glance as in it fills the page within a walk: nothing need be looked up.
            let expected = walked.len() * (WALK / GLANCE) as usize;
            if expected < self.wanted
                && let Some(few) = self.seek(conn, pick, filter, FEW).await?
            {
                return Ok(few);
            }
        }
        let walked = self.walk(conn, pick, filter, WALK).await?;
        if walked.len() == self.wanted {
            return Ok(walked);
        }
        if let Some(found) = self.seek(conn, pick, filter, SEEK).await? {
            return Ok(found);
        }
        let all = self.seek(conn, pick, filter, 0).await?;
        Ok(all.unwrap_or_default())
    }

    /// The stretches with rows of the page, in the direction of reading.
    fn stretches(&self) -> impl Iterator<Item = (usize, &Stretch)> {
        let count = self.order.stretches.len();
        (0..count)
            .map(move |n| if self.backward { count - 1 - n } else { n })
            .filter(|at| self.after.as_ref().is_none_or(|after| *at >= after.stretch))
            .filter(|at| {
                self.before
                    .as_ref()
                    .is_none_or(|before| *at <= before.stretch)
            })
            .map(|at| (at, &self.order.stretches[at]))
    }

    async fn plain(&self, conn: &impl ConnectionTrait, scope: &Select<E>) -> Result<Items<E>> {
        let mut items = Vec::new();
        for (at, stretch) in self.stretches() {
            let missing = self.wanted - items.len();
            if missing == 0 {
                break;
            }
            let read = self.reader.select(scope.clone());
            let query = self.sorted(self.narrowed(read, at, stretch), stretch);
            let rows = conn
                .query_all(query.limit(missing as u64).as_query())
                .await?;
            self.take(&mut items, at, &rows)?;
        }
        Ok(items)
    }

    /// The page of the first stretch that has rows of it, if it is found among so many.
    async fn walk(
        &self,
        conn: &impl ConnectionTrait,
        pick: &Pick<E>,
        filter: &Filter,
        bound: u64,
    ) -> Result<Items<E>> {
        let mut items = Vec::new();
        let Some((at, stretch)) = self.stretches().next() else {
            return Ok(items);
        };
        let table = E::default();
        let walked = self.sorted(self.narrowed(pick.scope.clone(), at, stretch), stretch);
        let mut walked = walked.limit(bound).into_query();
        walked.clear_selects();
        walked.column((Alias::new(table.table_name()), Asterisk));
        for (n, key) in stretch.keys.iter().enumerate() {
            walked.expr_as(key.column.clone(), cursor::key_name(n));
        }
        let mut page = Query::select();
        for column in &self.reader.columns {
            page.column((Alias::new(table.table_name()), *column));
        }
        for n in 0..stretch.keys.len() {
            page.column(Alias::new(cursor::key_name(n)));
        }
        page.from_subquery(walked, Alias::new(table.table_name()))
            .and_where(filter.walk.clone())
            .limit(self.wanted as u64);
        self.sort_again(&mut page, stretch);
        let rows = conn.query_all(&page).await?;
        self.take(&mut items, at, &rows)?;
        Ok(items)
    }

    /// Finds the rows first, at most `bound` of each stretch (0: all); none where there are more.
    async fn seek(
        &self,
        conn: &impl ConnectionTrait,
        pick: &Pick<E>,
        filter: &Filter,
        bound: u64,
    ) -> Result<Option<Items<E>>> {
        let mut items = Vec::new();
        for (at, stretch) in self.stretches() {
            let missing = self.wanted - items.len();
            if missing == 0 {
                break;
            }
            let found = self
                .narrowed(pick.scope.clone(), at, stretch)
                .filter(filter.seek.clone());
            let rows = conn
                .query_all(&self.found(found, stretch, bound, missing))
                .await?;
            let matched: i64 = rows
                .first()
                .map_or(Ok(0), |row| row.try_get("", "matched"))?;
            if bound > 0 && matched.unsigned_abs() >= bound {
                return Ok(None);
            }
            self.take(&mut items, at, &rows)?;
        }
        Ok(Some(items))
    }

    /// The first `missing` of the rows found: those are found and sorted by their keys alone, and read at the end.
    fn found(
        &self,
        found: Select<E>,
        stretch: &Stretch,
        bound: u64,
        missing: usize,
    ) -> sea_orm::sea_query::WithQuery {
        let table = Alias::new(E::default().table_name());
        let (matched, page, id) = (Alias::new("matching"), Alias::new("page"), Alias::new("id"));
        let mut found = found.into_query();
        found.clear_selects();
        found.expr_as(Expr::col((table.clone(), id.clone())), "id");
        for (n, key) in stretch.keys.iter().enumerate() {
            found.expr_as(key.column.clone(), cursor::key_name(n));
        }
        if bound > 0 {
            found.limit(bound);
        }
        let mut first = Query::select();
        first
            .column(Asterisk)
            .from(matched.clone())
            .limit(missing as u64);
        self.sort_again(&mut first, stretch);
        let mut rows = Query::select();
        for column in &self.reader.columns {
            rows.column((table.clone(), *column));
        }
        for n in 0..stretch.keys.len() {
            rows.column((page.clone(), Alias::new(cursor::key_name(n))));
        }
        rows.expr_as(Expr::cust("(SELECT count(*) FROM matching)"), "matched");
        rows.from_subquery(first, page.clone());
        rows.inner_join(
            table.clone(),
            Expr::col((table, id.clone())).equals((page, id)),
        );
        self.sort_again(&mut rows, stretch);
        let named = CommonTableExpression::new()
            .query(found)
            .table_name(matched)
            .materialized(true)
            .to_owned();
        rows.with(WithClause::new().cte(named).to_owned())
    }

    /// The rows of a stretch between the cursors.
    fn narrowed(&self, mut select: Select<E>, at: usize, stretch: &Stretch) -> Select<E> {
        if let Some(filter) = &stretch.filter {
            select = select.filter(filter.clone());
        }
        let ascending = matches!(stretch.direction, Direction::Asc);
        for (place, greater) in [(&self.after, ascending), (&self.before, !ascending)] {
            if let Some(place) = place.as_ref().filter(|place| place.stretch == at) {
                select = select.filter(compare(&stretch.keys, &place.keys, greater));
            }
        }
        select
    }

    /// With the keys among the columns.
    fn sorted(&self, mut select: Select<E>, stretch: &Stretch) -> Select<E> {
        for (n, key) in stretch.keys.iter().enumerate() {
            select = select.expr_as(key.column.clone(), cursor::key_name(n));
            select = select.order_by(key.column.clone(), self.direction(stretch));
        }
        select
    }

    /// By the keys among the columns.
    fn sort_again(&self, query: &mut SelectStatement, stretch: &Stretch) {
        for n in 0..stretch.keys.len() {
            let key = Expr::col(Alias::new(cursor::key_name(n)));
            query.order_by_expr(key, self.direction(stretch));
        }
    }

    fn direction(&self, stretch: &Stretch) -> Direction {
        if matches!(stretch.direction, Direction::Asc) == self.backward {
            Direction::Desc
        } else {
            Direction::Asc
        }
    }

    fn take(&self, items: &mut Items<E>, at: usize, rows: &[QueryResult]) -> Result<()> {
        for row in rows {
            let cursor = cursor::write(self.order, at, row)?;
            items.push((cursor, (self.reader.read)(row)?));
        }
        Ok(())
    }
}
