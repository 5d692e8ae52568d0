// What the server does where nothing is said; each takes it ten seconds or more, so they wait side by side.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Raw } from './kit.mjs';

describe('silence', { concurrency: true }, () => {
    test('4408 for who sends no connection_init', async () => {
        const raw = await Raw.open();
        assert.equal(await raw.closeCode(), 4408);
    });

    test('4408 too for who only pings', async () => {
        const raw = await Raw.open();
        raw.say({ type: 'ping' });
        assert.deepEqual(await raw.hear(), { type: 'pong' });
        assert.equal(await raw.closeCode(), 4408);
    });

    test('who has been let in is pinged, and stays', async () => {
        const raw = await Raw.letIn();
        await once(raw.socket, 'ping');
        raw.subscribe('1', '{ viewer { role } }');
        assert.equal((await raw.hear()).type, 'next');
        raw.end();
    });
});
