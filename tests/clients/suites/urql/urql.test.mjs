// urql with its own exchanges: requests and uploads by fetch, subscriptions by WebSocket and by server-sent events.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import {
    CREATE_CONTACT, CREATE_IMPORT, IMPORT_PROGRESS, START_IMPORT, assertWatched, authorization, countOf, createContact, createTag,
    endpoint, importInput, peopleFile, socketEndpoint, startImport, startInput, unique,
} from '../../kit.mjs';

const CONTACT = 'query ($id: ID!) { contact(id: $id) { id name } }';

function connect(options = {}) {
    return new Client({ url: endpoint, exchanges: [cacheExchange, fetchExchange], fetchOptions: { headers: { authorization } }, ...options });
}

function bySocket() {
    const socket = createClient({ url: socketEndpoint, webSocketImpl: WebSocket, connectionParams: { authorization } });
    const forwardSubscription = ({ query, variables }) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
    });
    return connect({ exchanges: [cacheExchange, fetchExchange, subscriptionExchange({ forwardSubscription })] });
}

const byEvents = () => connect({ fetchSubscriptions: true });

/** All results of a subscription, when it has ended; the last of them says that it has. */
function all(client, query, variables) {
    const results = [];
    return new Promise((resolve) => {
        client.subscription(query, variables).subscribe((result) => {
            results.push(result);
            if (!result.hasNext) resolve(results);
        });
    });
}

for (const [preferGetMethod, method] of [[false, 'POST'], [true, 'GET'], ['force', 'GET']]) {
    test(`a query by ${method}, with preferGetMethod ${preferGetMethod}`, async () => {
        const { id } = await createContact({ name: 'Ann ü' });
        const methods = [];
        const keep = (url, init) => (methods.push(init.method), fetch(url, init));
        const { data, error } = await connect({ preferGetMethod, fetch: keep }).query(CONTACT, { id });
        assert.equal(error, undefined);
        assert.deepEqual({ ...data.contact }, { __typename: 'Contact', id, name: 'Ann ü' });
        assert.deepEqual(methods, [method]);
    });
}

test('a mutation, and what a person can mend in it', async () => {
    const { data, error } = await connect().mutation(CREATE_CONTACT, { input: { contact: { email: 'no address' } } });
    assert.equal(error, undefined);
    assert.equal(data.createContact.contact, null);
    assert.deepEqual(data.createContact.userErrors.map(({ code }) => code), ['EMAIL_INVALID']);
});

test('a change makes the cache ask again', async () => {
    const client = connect();
    const { id } = await createTag();
    const query = 'query ($id: ID!) { node(id: $id) { ... on Tag { id name } } }';
    await client.query(query, { id });
    const name = unique('tag');
    await client.mutation('mutation ($input: UpdateTagInput!) { updateTag(input: $input) { tag { id name } userErrors { code } } }', { input: { id, name } });
    assert.equal((await client.query(query, { id })).data.node.name, name);
});

test('an error of the document is a GraphQL error, and a wrong token no network error without words', async () => {
    const { error } = await connect().query('{ nothing }', {});
    assert.equal(error.graphQLErrors[0].extensions.code, 'BAD_USER_INPUT');
    const refused = await connect({ fetchOptions: { headers: { authorization: 'Bearer rst_wrong' } } }).query(CONTACT, { id: '1' });
    assert.equal(refused.error.graphQLErrors[0].extensions.code, 'UNAUTHENTICATED');
    assert.equal(refused.error.response.status, 401);
});

test('a file is uploaded, and its import started', async () => {
    const client = connect();
    const people = peopleFile(50);
    const { data, error } = await client.mutation(CREATE_IMPORT, { input: importInput(people.file) });
    assert.equal(error, undefined);
    assert.deepEqual(data.createImport.userErrors, []);
    const { id, fileName, inspection } = data.createImport.import;
    assert.deepEqual([fileName, inspection.rowCount], [people.file.name, people.count]);
    await client.mutation(START_IMPORT, { input: startInput(id) });
    const states = await all(byEvents(), IMPORT_PROGRESS, { id });
    assertWatched(states.map(({ data }) => data.importProgress), people);
    assert.equal(await countOf(people.city), people.count);
});

for (const [what, make] of [['a socket', bySocket], ['events', byEvents]]) {
    test(`an import is watched by ${what} to its end`, async () => {
        const made = await startImport(200);
        const results = await all(make(), IMPORT_PROGRESS, { id: made.id });
        assert.deepEqual(results.map(({ error }) => error).filter(Boolean), []);
        assertWatched(results.map(({ data }) => data.importProgress), made);
    });

    test(`an error of a subscription by ${what}`, async () => {
        const [{ error }] = await all(make(), 'subscription { importProgress(id: "import_987654321") { id } }', {});
        assert.deepEqual(error.graphQLErrors[0].path, ['importProgress']);
    });
}
