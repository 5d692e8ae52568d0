//! Relay's connections: pages of lists.

use async_graphql::SimpleObject;
use domain::page;

/// Where a page stands in its list.
#[derive(SimpleObject, Clone)]
pub(crate) struct PageInfo {
    /// Whether more follows: ask with `after: endCursor`. When paging backward, whether `before` was given.
    has_next_page: bool,
    /// Whether more comes before: ask with `before: startCursor`. When paging forward, whether `after` was given.
    has_previous_page: bool,
    /// The cursor of the page's first item; null where the page is empty. Cursors stay good when rows come and go, but belong to one list
    /// in one order.
    start_cursor: Option<String>,
    /// The cursor of the page's last item; null where the page is empty.
    end_cursor: Option<String>,
}

impl<T> From<&page::Page<T>> for PageInfo {
    fn from(page: &page::Page<T>) -> Self {
        Self {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: page.items.first().map(|(cursor, _)| cursor.clone()),
            end_cursor: page.items.last().map(|(cursor, _)| cursor.clone()),
        }
    }
}

/// How many there are, counted up to a limit.
#[derive(SimpleObject, Clone, Copy)]
pub(crate) struct Count {
    /// The number; equal to the limit where there are more.
    value: i32,
    /// Whether `value` is the whole number: false where counting stopped at the limit.
    exact: bool,
}

impl From<page::Count> for Count {
    fn from(count: page::Count) -> Self {
        Self {
            value: i32::try_from(count.value).unwrap_or(i32::MAX),
            exact: count.exact,
        }
    }
}

/// A limit that a client gave for counting; 0 counts all.
pub(crate) fn count_limit(limit: i32) -> super::error::Result<u64> {
    u64::try_from(limit)
        .map_err(|_| super::error::Failure::bad_input("limit", "limit is 0 (count all) or more."))
}

/// Declares the connection and the edge of a type.
macro_rules! connection {
    ($(#[$($doc:tt)*])* $connection:ident, $(#[$($edge_doc:tt)*])* $edge:ident, $node:ty) => {
        $(#[$($edge_doc)*])*
        #[derive(async_graphql::SimpleObject)]
        pub(crate) struct $edge {
            /// Where the item stands: for `after` and `before`.
            cursor: String,
            /// The item.
            node: $node,
        }

        pub(crate) struct $connection {
            edges: Vec<$edge>,
            page_info: $crate::graphql::connection::PageInfo,
        }

        impl $connection {
            /// A page, its rows made into items by `wrap`, all at once.
            pub(crate) fn new<T>(
                page: domain::page::Page<T>,
                wrap: impl FnOnce(Vec<T>) -> Vec<$node>,
            ) -> Self {
                let page_info = (&page).into();
                let (cursors, rows): (Vec<_>, Vec<_>) = page.items.into_iter().unzip();
                let edges = cursors.into_iter().zip(wrap(rows));
                Self {
                    edges: edges.map(|(cursor, node)| $edge { cursor, node }).collect(),
                    page_info,
                }
            }
        }

        $(#[$($doc)*])*
        #[async_graphql::Object]
        impl $connection {
            /// The page's items, each with its cursor.
            async fn edges(&self) -> &[$edge] {
                &self.edges
            }

            /// The page's items, without cursors.
            async fn nodes(&self) -> Vec<&$node> {
                self.edges.iter().map(|edge| &edge.node).collect()
            }

            /// Where the page stands in the list.
            async fn page_info(&self) -> &$crate::graphql::connection::PageInfo {
                &self.page_info
            }
        }
    };
}
pub(crate) use connection;
