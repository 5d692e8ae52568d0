// Imports: the list, one of them while it goes in, and what was wrong in it.
import { graphql } from 'relay-runtime';

export const page = graphql`
    query ImportsPageQuery($count: Int!, $cursor: String, $status: [JobStatus!]) {
        imports(first: $count, after: $cursor, status: $status) @connection(key: "ImportsPage_imports", filters: ["status"]) {
            edges { node { id fileName createdAt ...ImportsPage_progress ...ImportsPage_errors @arguments(first: 5) } }
        }
    }
`;

export const progress = graphql`
    fragment ImportsPage_progress on Import {
        status
        progress { done total fraction perSecond remaining }
        createdCount
        updatedCount
        failedCount
    }
`;

export const errors = graphql`
    fragment ImportsPage_errors on Import
    @refetchable(queryName: "ImportsPageErrorsQuery")
    @argumentDefinitions(code: { type: "ImportErrorCode" }, first: { type: "Int", defaultValue: 50 }, after: { type: "String" }) {
        errors(code: $code, first: $first, after: $after) @connection(key: "ImportsPage_errors") {
            edges { node { row line header value code message cellDropped } }
        }
        resultFile { name size url }
        failedRowsFile { url }
    }
`;

export const create = graphql`
    mutation ImportsPageCreateMutation($input: CreateImportInput!, $connections: [ID!]!) {
        createImport(input: $input) {
            import @appendNode(connections: $connections, edgeTypeName: "ImportEdge") {
                id
                inspection { encoding delimiter headers sampleRows rowCount problems { code message } }
                mapping { header ignore column { key } newAttribute { key type } }
                ...ImportsPage_progress
            }
            userErrors { field code message }
        }
    }
`;

export const watch = graphql`
    subscription ImportsPageSubscription($id: ID!) {
        importProgress(id: $id) { ...ImportsPage_progress finishedAt failure { code message header } }
    }
`;
