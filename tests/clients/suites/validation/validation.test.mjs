// What the reference implementation refuses is refused, and what it allows is allowed, whether or not it is the operation that would run.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { buildSchema, parse, validate } from 'graphql';
import { post } from '../../kit.mjs';
import { RESPONSE, assertRefused } from '../http/kit.mjs';
import { ALLOWED, FORBIDDEN } from './documents.mjs';

const schema = buildSchema(await readFile(new URL('../../../../schema.graphql', import.meta.url), 'utf8'));

/** What graphql-js finds wrong; a syntax error counts. */
function judge(query) {
    try {
        return validate(schema, parse(query));
    } catch (error) {
        return [error];
    }
}

for (const [rule, documents] of Object.entries(FORBIDDEN)) {
    for (const query of documents) {
        test(`${rule}: ${query}`, async () => {
            assert.notEqual(judge(query).length, 0, 'the reference implementation has nothing against it');
            const accept = { accept: RESPONSE };
            await assertRefused(await post({ query }, accept), 400);
            await assertRefused(await post({ query, operationName: 'A' }, accept), 400);
        });
    }
}

for (const query of ALLOWED) {
    test(`allowed: ${query}`, async () => {
        assert.deepEqual(judge(query), []);
        // Those with a variable that must be there.
        const a = { Int: 1, ContactStatus: 'ACTIVE' }[query.match(/\$a: (\w+)!/)?.[1]];
        const response = await post({ query, variables: { a } }, { accept: RESPONSE });
        // A subscription is asked for in another way; everything else has data.
        const body = await response.json();
        if (query.startsWith('subscription')) return assert.match(body.errors[0].message, /subscriptions need a WebSocket/);
        assert.equal(response.status, 200, JSON.stringify(body));
        assert.ok('data' in body, JSON.stringify(body));
    });
}
