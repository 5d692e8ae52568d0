// The recommended rules for schemas and those for Relay; what an option lets through has its reason beside it.
import graphql from '@graphql-eslint/eslint-plugin';
import { fileURLToPath } from 'node:url';

const schema = fileURLToPath(new URL('../../../../schema.graphql', import.meta.url));

export default [
    {
        files: ['**/*.graphql'],
        languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
        plugins: { '@graphql-eslint': graphql },
        rules: {
            ...graphql.configs['flat/schema-recommended'].rules,
            ...graphql.configs['flat/schema-relay'].rules,
            // Short lists (tags of a contact, errors of a mutation) are lists; the specification is about those that are paged. And `nodes`
            // beside `edges` is what GitHub and Shopify offer too.
            '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, withEdgeSuffix: true, shouldImplementNode: true }],
            // What has no life of its own has no id: it is read with what it belongs to, and caches keep it there.
            '@graphql-eslint/strict-id-in-types': ['error', {
                exceptions: {
                    suffixes: [
                        'Payload', // what became of a mutation
                        'Connection', 'Edge', // the specification of connections gives them none
                        'Value', // of an attribute of a contact
                        'Content', // of a broadcast
                    ],
                    types: [
                        'PageInfo', // as Relay has it
                        'UserError', // of one answer
                        'Viewer', // whoever asks; there is one
                        'Column', // has a key
                        'Cell', 'TableColumn', 'TableOrder', // a place in a table
                        'Count', 'DeliveryCounts', 'SkipCount', 'Audience', 'Progress', // numbers of this moment
                        'ContactsChanged', // an event
                        'BroadcastPreview', // made for the question
                        'SegmentRule', 'SegmentExplanation', 'RuleExplanation', // known by their order in a segment
                        'ImportError', 'ImportFailure', 'CsvInspection', 'ColumnMapping', 'NewAttribute', // parts of an import
                        'BulkError', // part of an operation
                        'DeliveryError', // part of a delivery or message
                        'TemplateVariable', // part of a content
                        'ChannelSettings', // part of a channel
                        'BotEndpoint', // part of the workspace
                        'File', // a link that is made when it is asked for
                    ],
                },
            }],
        },
    },
];
