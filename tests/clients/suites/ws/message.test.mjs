// Messages of graphql-transport-ws, one by one.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { ask, change, createTag, unique } from '../../kit.mjs';
import { Raw } from './kit.mjs';

test('a ping is answered with its payload, before and after the connection_init', async () => {
    for (const raw of [await Raw.open(), await Raw.letIn()]) {
        raw.say({ type: 'ping', payload: { sent: 'ü', n: [1, { a: null }] } });
        assert.deepEqual(await raw.hear(), { type: 'pong', payload: { sent: 'ü', n: [1, { a: null }] } });
        raw.say({ type: 'ping' });
        assert.deepEqual(await raw.hear(), { type: 'pong' });
        raw.end();
    }
});

test('a pong that nobody asked for is taken without a word', async () => {
    const raw = await Raw.letIn();
    raw.say({ type: 'pong', payload: { unasked: true } });
    raw.say({ type: 'pong' });
    raw.subscribe('1', '{ viewer { role } }');
    assert.deepEqual(await raw.hear(), { type: 'next', id: '1', payload: { data: { viewer: { role: 'OWNER' } } } });
    raw.end();
});

test('a ping of the WebSocket itself is answered too', async () => {
    const raw = await Raw.letIn();
    raw.socket.ping('here');
    const [payload] = await once(raw.socket, 'pong');
    assert.equal(String(payload), 'here');
    raw.end();
});

test('an error of the document ends the operation with `error`, one of a field comes in `next`', async () => {
    const raw = await Raw.letIn();
    for (const query of ['{', '{ nothing }', 'subscription { nothing }', 'query ($id: ID!) { contact(id: $id) { id } }']) {
        raw.subscribe('1', query);
        const { type, id, payload } = await raw.hear();
        assert.deepEqual([type, id], ['error', '1']);
        assert.equal(payload[0].extensions.code, 'BAD_USER_INPUT');
    }
    raw.subscribe('1', '{ contacts(first: 501) { nodes { id } } }');
    const { type, payload } = await raw.hear();
    assert.equal(type, 'next');
    assert.equal(payload.data, null);
    assert.deepEqual(payload.errors[0].path, ['contacts']);
    assert.deepEqual(await raw.hear(), { type: 'complete', id: '1' });
    raw.end();
});

test('what is completed says no more, and its id is free', async () => {
    const raw = await Raw.letIn();
    const name = unique('inbox');
    const mutation = 'mutation ($input: CreateInboxInput!) { createInbox(input: $input) { inbox { id } userErrors { code } } }';
    const { inbox } = await change(mutation, { input: { name, filter: { account: { eq: name } } } });
    const count = `subscription { contactCount(inboxId: "${inbox.id}") { value } }`;
    raw.subscribe('1', count);
    raw.subscribe('2', count);
    assert.deepEqual([(await raw.hear()).payload.data.contactCount.value, (await raw.hear()).payload.data.contactCount.value], [0, 0]);
    raw.say({ type: 'complete', id: '1' });
    raw.say({ type: 'complete', id: 'never' });
    const create = 'mutation ($input: CreateContactInput!) { createContact(input: $input) { userErrors { code } } }';
    await change(create, { input: { contact: { name, account: name } } });
    const heard = await raw.hear();
    assert.deepEqual([heard.id, heard.payload.data.contactCount.value], ['2', 1]);
    raw.subscribe('1', '{ viewer { role } }');
    assert.equal((await raw.hear()).payload.data.viewer.role, 'OWNER');
    raw.end();
});

test('many operations at once keep to their ids', async () => {
    const raw = await Raw.letIn();
    const tags = await Promise.all(Array.from({ length: 10 }, createTag));
    for (const { id } of tags) raw.subscribe(`the ${id}`, 'query ($id: ID!) { node(id: $id) { id } }', { id });
    const left = new Set(tags.map(({ id }) => id));
    while (left.size) {
        const { type, id, payload } = await raw.hear();
        if (type === 'complete') left.delete(id.replace('the ', ''));
        else assert.equal(`the ${payload.data.node.id}`, id);
    }
    raw.end();
});

test('who loses the token loses the socket with the next operation', async () => {
    const made = await change(
        'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret apiToken { id } userErrors { code } } }',
        { input: { name: unique('token'), role: 'MANAGER' } },
    );
    const raw = await Raw.open();
    raw.say({ type: 'connection_init', payload: { authorization: `Bearer ${made.secret}` } });
    assert.deepEqual(await raw.hear(), { type: 'connection_ack' });
    await ask('mutation ($input: DeleteInput!) { revokeApiToken(input: $input) { deletedId } }', { input: { id: made.apiToken.id } });
    raw.subscribe('1', '{ viewer { role } }');
    assert.equal(await raw.closeCode(), 4403);
});
