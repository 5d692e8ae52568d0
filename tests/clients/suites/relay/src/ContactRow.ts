// A row of the table, and what can be done to the contact in it.
import { graphql } from 'relay-runtime';

export const row = graphql`
    fragment ContactRow_contact on Contact @argumentDefinitions(columns: { type: "[String!]!" }) {
        displayName
        email
        phone
        status
        version
        lastIncomingAt
        tags { id name colour }
        assignee { id name }
        cells(columns: $columns) { column { key type } value text }
        attributes {
            __typename
            text
            attribute { id key type }
            ... on NumberValue { number }
            ... on DateValue { date }
            ... on DateTimeValue { dateTime }
            ... on TimeValue { time }
            ... on BooleanValue { boolean }
            ... on ArrayValue { items }
            ... on LocationValue { latitude longitude name }
        }
    }
`;

export const create = graphql`
    mutation ContactRowCreateMutation($input: CreateContactInput!, $columns: [String!]!, $connections: [ID!]!) {
        createContact(input: $input) {
            contact @prependNode(connections: $connections, edgeTypeName: "ContactEdge") {
                id
                ...ContactRow_contact @arguments(columns: $columns)
            }
            userErrors { field code message }
        }
    }
`;

export const update = graphql`
    mutation ContactRowUpdateMutation($input: UpdateContactInput!, $columns: [String!]!) {
        updateContact(input: $input) {
            contact { ...ContactRow_contact @arguments(columns: $columns) }
            userErrors { field code message }
        }
    }
`;

export const remove = graphql`
    mutation ContactRowDeleteMutation($input: DeleteInput!) {
        deleteContact(input: $input) { deletedId @deleteRecord userErrors { code message } }
    }
`;
