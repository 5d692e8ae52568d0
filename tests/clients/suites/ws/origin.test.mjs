// Whose pages may open a socket: those of this server, those that it was told of, and whoever is no page.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import WebSocket from 'ws';
import { origin, socketEndpoint } from '../../kit.mjs';
import { start } from '../../server.mjs';
import { PROTOCOL, Raw } from './kit.mjs';

/** The status by which an upgrade was refused. */
async function refusal(url, from) {
    const socket = new WebSocket(url, PROTOCOL, { origin: from });
    socket.on('error', () => {});
    const status = await Promise.race([
        once(socket, 'unexpected-response').then(([, response]) => response.statusCode),
        once(socket, 'open').then(() => 'it was let in'),
    ]);
    socket.terminate();
    return status;
}

for (const from of ['https://evil.example', 'http://127.0.0.1:1', 'null', `${origin}.evil.example`]) {
    test(`the origin ${from.replace(origin, 'that begins like its own')} is refused`, async () => {
        assert.equal(await refusal(socketEndpoint, from), 403);
    });
}

test('no origin, and its own, are let in', async () => {
    (await Raw.letIn()).end();
    (await Raw.letIn({ origin })).end();
});

test('an origin that it was told of is let in, and no other', async () => {
    const server = await start({ args: ['--cors-origin', 'https://app.example'] });
    try {
        const url = server.url.replace('http', 'ws') + '/graphql';
        assert.equal(await refusal(url, 'https://app.example'), 'it was let in');
        assert.equal(await refusal(url, 'https://evil.example'), 403);
        assert.equal(await refusal(url, server.url), 'it was let in');
    } finally {
        await server.stop();
        server.remove();
    }
});
