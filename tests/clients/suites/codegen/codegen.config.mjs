// The client preset, with a type for every scalar: one that has none is an error.
const text = 'string';
const scalars = {
    CountryCode: text, Date: text, DateTime: text, Duration: text, EmailAddress: text, ID: text, Locale: text,
    PhoneNumber: text, Time: text, TimeZone: text, URL: text, JSON: 'unknown', Upload: 'Blob',
};

export default {
    schema: '../../../../schema.graphql',
    documents: ['operations/*.graphql', '../../generated/codegen/mutations.graphql'],
    generates: {
        '../../generated/codegen/client/': {
            preset: 'client',
            config: { strictScalars: true, scalars, enumsAsTypes: true, useTypeImports: true },
        },
    },
};
