// The audits of graphql-http: what the GraphQL-over-HTTP draft says a server must, should and may do.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { serverAudits } from 'graphql-http';
import { authorization, endpoint } from '../../kit.mjs';

const fetchFn = (url, init = {}) => fetch(url, { ...init, headers: { authorization, ...init.headers } });
const audits = serverAudits({ url: endpoint, fetchFn });

test('there are as many audits as ever', () => assert.equal(audits.length, 61));

for (const audit of audits) {
    test(`${audit.id} ${audit.name}`, async () => {
        const { status, reason } = await audit.fn();
        assert.equal(status, 'ok', reason);
    });
}
