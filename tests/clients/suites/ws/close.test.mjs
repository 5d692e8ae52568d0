// The close codes of graphql-transport-ws, each by a client that deserves it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { authorization } from '../../kit.mjs';
import { PROTOCOL, Raw } from './kit.mjs';

const QUIET = 'subscription { importChanged { id } }';

for (const [what, message] of [
    ['nonsense', 'nonsense'],
    ['a list', '[]'],
    ['no type', { id: '1' }],
    ['a type of the former protocol', { type: 'start', id: '1', payload: { query: '{ viewer { role } }' } }],
    ['a message of the server', { type: 'connection_ack' }],
    ['subscribe without a payload', { type: 'subscribe', id: '1' }],
    ['subscribe without an id', { type: 'subscribe', payload: { query: '{ viewer { role } }' } }],
    ['an id that is a number', { type: 'subscribe', id: 1, payload: { query: '{ viewer { role } }' } }],
    ['an empty id', { type: 'subscribe', id: '', payload: { query: '{ viewer { role } }' } }],
    ['a query that is a number', { type: 'subscribe', id: '1', payload: { query: 3 } }],
    ['variables that are a text', { type: 'subscribe', id: '1', payload: { query: '{ viewer { role } }', variables: '{}' } }],
    ['complete without an id', { type: 'complete' }],
    ['ping with a number', { type: 'ping', payload: 3 }],
]) {
    test(`4400 for ${what}`, async () => {
        const raw = await Raw.letIn();
        raw.say(message);
        assert.equal(await raw.closeCode(), 4400);
    });
}

test('4400 for a binary frame', async () => {
    const raw = await Raw.letIn();
    raw.socket.send(Buffer.from(JSON.stringify({ type: 'ping' })), { binary: true });
    assert.equal(await raw.closeCode(), 4400);
});

test('4401 for subscribe before the acknowledgement', async () => {
    const raw = await Raw.open();
    raw.subscribe('1', '{ viewer { role } }');
    assert.equal(await raw.closeCode(), 4401);
});

for (const payload of [undefined, {}, { Authorization: 'Bearer rst_wrong' }, { authorization: 'Bearer ' }, { Authorization: 1 }, { token: authorization }]) {
    test(`4403 for connection_init with ${payload ? Object.keys(payload).join() || 'nothing' : 'no payload'}`, async () => {
        const raw = await Raw.open();
        raw.say({ type: 'connection_init', payload });
        assert.equal(await raw.closeCode(), 4403);
    });
}

test('a token in the header of the upgrade does not stand for one in the payload', async () => {
    const raw = await Raw.open(PROTOCOL, { headers: { authorization } });
    raw.say({ type: 'connection_init' });
    assert.equal(await raw.closeCode(), 4403);
});

for (const protocol of [[], 'graphql-ws', ['graphql-ws', 'soap']]) {
    test(`4406 for ${protocol.length ? protocol : 'no subprotocol'}`, async () => {
        assert.equal(await (await Raw.open(protocol)).closeCode(), 4406);
    });
}

test('of several subprotocols the one that both speak is taken', async () => {
    const raw = await Raw.open(['graphql-ws', PROTOCOL]);
    assert.equal(raw.socket.protocol, PROTOCOL);
    raw.end();
});

test('4409 for an id that is in use, and none once it is free', async () => {
    const raw = await Raw.letIn();
    raw.subscribe('a', '{ viewer { role } }');
    assert.equal((await raw.hear()).type, 'next');
    assert.deepEqual(await raw.hear(), { type: 'complete', id: 'a' });
    raw.subscribe('a', QUIET);
    raw.subscribe('a', '{ viewer { role } }');
    assert.equal(await raw.closeCode(), 4409);
    assert.match((await raw.closed).reason, /\ba\b/);
});

test('4429 for a second connection_init', async () => {
    const raw = await Raw.letIn();
    raw.say({ type: 'connection_init', payload: { authorization } });
    assert.equal(await raw.closeCode(), 4429);
});

test('1009 for a message that is larger than any request, each time', async () => {
    const codes = {};
    for (const size of [(1 << 20) + 1, 2 << 20, 4 << 20]) {
        for (let time = 0; time < 10; time += 1) {
            const raw = await Raw.letIn();
            raw.subscribe('1', `{ viewer { role } } #${'x'.repeat(size)}`);
            const { code } = await raw.closed;
            codes[code] = (codes[code] ?? 0) + 1;
        }
    }
    assert.deepEqual(codes, { 1009: 30 });
});
