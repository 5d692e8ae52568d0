// graphql-sse in distinct connections mode: a request for each operation, each answered by a stream of events.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { CREATE_CONTACT, IMPORT_PROGRESS, assertWatched, authorization, countOf, createContact, endpoint, startImport, unique } from '../../kit.mjs';

const connect = (options = {}) => createClient({ url: endpoint, singleConnection: false, retryAttempts: 0, headers: { authorization }, ...options });

/** All results of an operation, when it has ended. */
async function all(client, query, variables) {
    const results = [];
    for await (const result of client.iterate({ query, variables })) results.push(result);
    return results;
}

test('a query and a mutation are streams of one result', async () => {
    const client = connect();
    assert.deepEqual(await all(client, '{ viewer { role } }'), [{ data: { viewer: { role: 'OWNER' } } }]);
    const name = unique('sse “ü” ');
    const [{ data }] = await all(client, CREATE_CONTACT, { input: { contact: { name, account: name } } });
    assert.equal(data.createContact.contact.name, name);
    assert.equal(await countOf(name), 1);
});

test('an import is watched to its end, and the stream ends with it', async () => {
    const made = await startImport(300);
    const results = await all(connect(), IMPORT_PROGRESS, { id: made.id });
    assertWatched(results.map(({ data }) => data.importProgress), made);
    assert.equal(await countOf(made.city), made.count);
});

test('an error of the document is a result, of any kind of operation', async () => {
    for (const query of ['{', '{ nothing }', 'subscription { nothing }', 'mutation { createTag { tag { id } } }']) {
        const [{ data, errors }, ...rest] = await all(connect(), query);
        assert.deepEqual([data, rest], [undefined, []]);
        assert.equal(errors[0].extensions.code, 'BAD_USER_INPUT');
    }
});

test('an error of a field comes with its path', async () => {
    const [{ data, errors }] = await all(connect(), 'subscription { importProgress(id: "import_987654321") { id } }');
    assert.equal(data, null);
    assert.deepEqual(errors[0].path, ['importProgress']);
});

test('a wrong token is refused as it is anywhere', async () => {
    const client = connect({ headers: { authorization: 'Bearer rst_wrong' } });
    await assert.rejects(all(client, '{ viewer { role } }'), ({ response }) => response.status === 401);
});

test('who breaks off midway hears no more, and the connection is let go', async () => {
    const account = unique('account');
    const watch = { query: 'subscription ($filter: ContactFilter) { contactCount(filter: $filter) { value } }', variables: { filter: { account: { eq: account } } } };
    const responses = [];
    const fetchFn = async (...request) => {
        const response = await fetch(...request);
        responses.push(response);
        return response;
    };
    const heard = [];
    let left;
    const gone = new Promise((resolve, reject) => {
        left = connect({ fetchFn }).subscribe(watch, { next: ({ data }) => (heard.push(data.contactCount.value), left()), error: reject, complete: resolve });
    });
    await gone;
    assert.equal(responses[0].headers.get('content-type'), 'text/event-stream; charset=utf-8');
    const stays = connect().iterate(watch);
    assert.equal((await stays.next()).value.data.contactCount.value, 0);
    await createContact({ name: account, account });
    assert.equal((await stays.next()).value.data.contactCount.value, 1);
    await stays.return();
    assert.deepEqual(heard, [0]);
});

test('a stream can be asked for by GET, as EventSource does', async () => {
    const made = await startImport(5);
    const parameters = new URLSearchParams({ query: IMPORT_PROGRESS, variables: JSON.stringify({ id: made.id }) });
    const response = await fetch(`${endpoint}?${parameters}`, { headers: { authorization, accept: 'text/event-stream' } });
    const events = (await response.text()).split('\n\n').filter((event) => event && event !== ':');
    assert.equal(events.pop(), 'event: complete\ndata:');
    const states = events.map((event) => JSON.parse(event.match(/^event: next\ndata: (.*)$/)[1]).data.importProgress);
    assertWatched(states, made);
});
