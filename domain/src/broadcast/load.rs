//! What a channel has still to send, and how long it takes.

use crate::{channel, content::Ready, error::Result, viewer::Viewer};
use chrono::TimeDelta;
use entity::{broadcast_send, channel::Model as Channel};
use sea_orm::{
    ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};

/// People, and the messages that they get: a channel's daily limit counts people, its rate messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Load {
    people: i64,
    messages: i64,
}

impl Load {
    /// So many people who all get so many messages.
    pub(super) fn of(people: i64, parts: usize) -> Self {
        let parts = i64::try_from(parts).unwrap_or(1);
        Self {
            people,
            messages: people.saturating_mul(parts),
        }
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self {
            people: self.people.saturating_add(other.people),
            messages: self.messages.saturating_add(other.messages),
        }
    }

    /// What the sends of a channel whose recipients are fixed have still to send. Who has got some messages of a block counts with all of them.
    pub(super) async fn on_its_way(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        channel: &Channel,
    ) -> Result<Self> {
        // Word by word as the index has it that knows those sends alone which have not ended.
        let has_not_ended = Expr::cust("status NOT IN ('COMPLETED', 'FAILED', 'CANCELLED')");
        let sends = viewer
            .find::<broadcast_send::Entity>()
            .filter(broadcast_send::Column::ChannelId.eq(channel.id))
            .filter(has_not_ended)
            .filter(Expr::cust("pending + sending").gt(0))
            .select_only()
            .column(broadcast_send::Column::Content)
            .expr_as(Expr::cust("pending + sending"), "people")
            .into_query();
        let mut all = Self::default();
        for row in conn.query_all(&sends).await? {
            let (people, content) = (row.try_get("", "people")?, row.try_get("", "content")?);
            // A send of what is not there any more sends nothing.
            if let Some(parts) = Ready::parts_of(conn, viewer, &content).await? {
                all = all.and(Self::of(people, parts));
            }
        }
        Ok(all)
    }

    /// How long the channel takes for it, which has reached `used` people in the last 24 hours.
    pub(super) fn takes(self, channel: &Channel, used: Option<i64>) -> TimeDelta {
        let rate = i64::from(channel::rate_limit(channel));
        let limit = channel.daily_limit.map(i64::from);
        self.at(rate, limit.zip(used))
    }

    /// The same at so many messages a second, and so many people a day, of whom some were reached in this one.
    fn at(self, rate: i64, people: Option<(i64, i64)>) -> TimeDelta {
        let millis = self.messages.saturating_mul(1_000) / Ord::max(rate, 1);
        let days = people.map_or(0, |(limit, used)| {
            let limit = Ord::max(limit, 1);
            let beyond = self.people - Ord::max(limit - used, 0);
            Ord::max(beyond + limit - 1, 0) / limit
        });
        Ord::max(TimeDelta::milliseconds(millis), TimeDelta::days(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_counts_messages() {
        assert_eq!(Load::of(100, 1).at(10, None), TimeDelta::seconds(10));
        assert_eq!(Load::of(100, 3).at(10, None), TimeDelta::seconds(30));
        let both = Load::of(100, 3).and(Load::of(50, 1));
        assert_eq!((both.people, both.messages), (150, 350));
        assert_eq!(both.at(10, None), TimeDelta::seconds(35));
        assert_eq!(Load::default().at(0, None), TimeDelta::zero());
    }

    #[test]
    fn the_daily_limit_counts_people() {
        for (people, used, days) in [
            (100, 0, 0),
            (101, 0, 1),
            (200, 0, 1),
            (201, 0, 2),
            (100, 1, 1),
            (1, 100, 1),
            (101, 250, 2),
            (0, 100, 0),
        ] {
            for parts in [1, 10] {
                let takes = Load::of(people, parts).at(100_000, Some((100, used)));
                let fits = match days {
                    0 => takes < TimeDelta::seconds(1),
                    days => takes == TimeDelta::days(days),
                };
                assert!(fits, "{people} {used} {parts}: {takes}");
            }
        }
        // Where both bind, the longer one counts.
        let slow = Load::of(200_000, 1).at(1, Some((100_000, 0)));
        assert_eq!(slow, TimeDelta::seconds(200_000));
    }
}
