// One contact by its global id, with pages that hang on it.
import { graphql } from 'relay-runtime';

export const detail = graphql`
    query ContactDetailQuery($id: ID!, $withSegments: Boolean = true) {
        node(id: $id) @required(action: LOG) {
            __typename
            ...ContactDetail_contact @alias(as: "contact")
            ... on Contact { segments @include(if: $withSegments) { id name kind rules { name filter } } }
        }
    }
`;

export const contact = graphql`
    fragment ContactDetail_contact on Contact
    @refetchable(queryName: "ContactDetailRefetchQuery")
    @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
        id
        displayName
        avatarUrl
        country
        language
        channels { id address channel { id kind name settings { baseUrl } } serviceWindowEndsAt }
        conversations(first: $count, after: $cursor) @connection(key: "ContactDetail_conversations") {
            edges { node { id number status openedAt closedAt url assignee { id name } } }
        }
    }
`;

export const messages = graphql`
    query ContactDetailMessagesQuery($contactId: ID!, $first: Int!, $after: String) {
        messages(contactId: $contactId, first: $first, after: $after) @connection(key: "ContactDetail_messages") {
            edges { node { id direction kind text status at broadcast { id title content { __typename ... on TextContent { text } } } } }
        }
    }
`;
