// graphql-ws, the client that Apollo, urql and Relay use for sockets.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { CREATE_CONTACT, IMPORT_PROGRESS, assertWatched, authorization, countOf, socketEndpoint, startImport, unique } from '../../kit.mjs';
import { start } from '../../server.mjs';

const open = [];
after(() => Promise.all(open.map((client) => client.dispose())));

function connect(options = {}) {
    const client = createClient({ url: socketEndpoint, webSocketImpl: WebSocket, connectionParams: { Authorization: authorization }, ...options });
    open.push(client);
    return client;
}

async function first(client, query, variables) {
    for await (const result of client.iterate({ query, variables })) return result;
}

test('a query and a mutation', async () => {
    const client = connect();
    assert.deepEqual(await first(client, '{ viewer { role } }'), { data: { viewer: { role: 'OWNER' } } });
    const name = unique('ws ü ');
    const { data } = await first(client, CREATE_CONTACT, { input: { contact: { name, account: name } } });
    assert.equal(data.createContact.contact.name, name);
    assert.equal(await countOf(name), 1);
});

test('what a person can mend is data, not an error', async () => {
    const { data, errors } = await first(connect(), CREATE_CONTACT, { input: { contact: { email: 'no address' } } });
    assert.equal(errors, undefined);
    assert.equal(data.createContact.contact, null);
    assert.deepEqual(data.createContact.userErrors.map(({ code, field }) => [code, field]), [['EMAIL_INVALID', ['contact', 'email']]]);
});

test('an import is watched to its end, and the subscription ends with it', async () => {
    const made = await startImport(300);
    const states = [];
    for await (const { data } of connect().iterate({ query: IMPORT_PROGRESS, variables: { id: made.id } })) states.push(data.importProgress);
    assertWatched(states, made);
    assert.equal(await countOf(made.city), made.count);
});

test('who comes when it has ended gets the last state and the end', async () => {
    const made = await startImport(3);
    const client = connect();
    for (let time = 0; time < 2; time += 1) {
        const states = [];
        for await (const { data } of client.iterate({ query: IMPORT_PROGRESS, variables: { id: made.id } })) states.push(data.importProgress);
        assertWatched(states, made);
    }
});

test('a lazy client connects for an operation, and leaves after it', async () => {
    const heard = [];
    let left;
    const code = new Promise((resolve) => (left = resolve));
    const client = connect({ lazy: true, on: { connected: () => heard.push('connected'), closed: (event) => left(event.code) } });
    assert.deepEqual(heard, []);
    assert.deepEqual(await first(client, '{ viewer { role } }'), { data: { viewer: { role: 'OWNER' } } });
    assert.equal(await code, 1000);
    assert.deepEqual(heard, ['connected']);
});

test('one that is not lazy connects at once, and stays', async () => {
    const heard = [];
    const client = await new Promise((resolve, reject) => {
        const made = connect({ lazy: false, onNonLazyError: reject, on: { connected: () => resolve(made), closed: () => heard.push('closed') } });
    });
    for (let time = 0; time < 2; time += 1) await first(client, '{ viewer { role } }');
    assert.deepEqual(heard, []);
});

test('a document with an error throws what the server said', async () => {
    await assert.rejects(first(connect(), '{ nothing }'), (errors) => {
        assert.equal(errors[0].extensions.code, 'BAD_USER_INPUT');
        return true;
    });
});

test('a token that has been renewed lets the client in at the next try', async () => {
    const tokens = ['Bearer rst_old', authorization];
    const codes = [];
    const client = connect({
        connectionParams: () => ({ Authorization: tokens.shift() }),
        retryWait: async () => {},
        on: { closed: ({ code }) => codes.push(code) },
    });
    assert.deepEqual(await first(client, '{ viewer { role } }'), { data: { viewer: { role: 'OWNER' } } });
    assert.equal(codes[0], 4403);
});

test('a wrong token is an error when there are no more tries', async () => {
    const client = connect({ connectionParams: { Authorization: 'Bearer rst_wrong' }, retryAttempts: 0 });
    await assert.rejects(first(client, '{ viewer { role } }'), ({ code, reason }) => code === 4403 && reason === 'Forbidden');
});

test('the pings of a client with keepAlive are answered', async () => {
    const pong = new Promise((heard) => connect({ lazy: false, keepAlive: 50, on: { pong: (received) => received && heard() } }));
    await pong;
});

test('a subscription goes on by itself when the server has been started anew', async () => {
    let server = await start();
    let restarted;
    const again = new Promise((resolve) => (restarted = resolve));
    const heard = [];
    const client = connect({
        url: server.url.replace('http', 'ws') + '/graphql',
        connectionParams: { Authorization: `Bearer ${server.token}` },
        retryWait: () => again,
        on: { closed: ({ code }) => heard.push(code) },
    });
    try {
        for await (const { data } of client.iterate({ query: 'subscription { contactCount { value } }' })) {
            heard.push(data.contactCount.value);
            if (heard.length > 1) break;
            assert.equal(await server.stop(), 0);
            server = await start({ folder: server.folder, listen: new URL(server.url).host });
            restarted();
        }
        assert.deepEqual(heard, [0, 1001, 0]);
    } finally {
        await server.stop();
        server.remove();
    }
});
