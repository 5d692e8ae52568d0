// The table: pages forward and backward, narrowed, each row a fragment of its own.
import { graphql } from 'relay-runtime';

export const page = graphql`
    query ContactsPageQuery($filter: ContactFilter, $search: String, $columns: [String!]!) {
        viewer { role workspace { id name timeZone } member { id name email } }
        columns { key label type sortable required attribute { id key } }
        inboxes { id name kind shared filter contactCount { value exact } }
        tableView { id columns { column { key label } width } orderBy { column { key } direction nulls } }
        ...ContactsPage_contacts @arguments(filter: $filter, search: $search, columns: $columns)
    }
`;

export const contacts = graphql`
    fragment ContactsPage_contacts on Query
    @refetchable(queryName: "ContactsPageRefetchQuery")
    @argumentDefinitions(
        filter: { type: "ContactFilter" }
        search: { type: "String" }
        columns: { type: "[String!]!" }
        orderBy: { type: "[ContactOrder!]", defaultValue: [{ column: "name", direction: DESC, nulls: FIRST }] }
        first: { type: "Int", defaultValue: 2 }
        after: { type: "String" }
        last: { type: "Int" }
        before: { type: "String" }
    ) {
        contacts(filter: $filter, search: $search, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before)
            @connection(key: "ContactsPage_contacts", filters: ["filter", "search", "orderBy"]) {
            __id
            totalCount(limit: 1000) { value exact }
            edges { cursor node { id ...ContactRow_contact @arguments(columns: $columns) } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
`;

export const changes = graphql`
    subscription ContactsPageSubscription($filter: ContactFilter, $columns: [String!]!) {
        contactsChanged(filter: $filter) {
            changed { ...ContactRow_contact @arguments(columns: $columns) }
            removedIds @deleteRecord
            refetch
        }
    }
`;
