// Bodies that are no request: each answer says so in the shape of GraphQL, in words that no library of the server's made.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { authorization, endpoint, post } from '../../kit.mjs';
import { JSON_TYPE, assertRefused, get, send } from './kit.mjs';

const VIEWER = '{ viewer { role } }';

for (const body of [
    '', '{', '{ "query', 'query=1', '<html>', 'null', '3', '"{ viewer { role } }"', '{"query":3}', '{"query":null}', '{"query":["a"]}', '{"quarry":"x"}',
    `{"query":"${VIEWER}","variables":[]}`, `{"query":"${VIEWER}","variables":"{}"}`, `{"query":"${VIEWER}","operationName":1}`,
    `{"query":"${VIEWER}","extensions":"x"}`, `{"query":"${VIEWER}"} {}`, '{"query":"\\ud800"}', `{"query":"${VIEWER}",}`,
]) {
    test(`the body ${body || '(empty)'}`, async () => {
        await assertRefused(await send(body, JSON_TYPE), 400);
    });
}

test('bytes that are no UTF-8', async () => {
    const body = new Uint8Array([...new TextEncoder().encode('{"query":"{ viewer { role } } #'), 0xff, 0xfe, 0x22, 0x7d]);
    await assertRefused(await send(body, JSON_TYPE), 400);
});

test('brackets without end', async () => {
    await assertRefused(await send(`{"query":"{ viewer { role } }","variables":{"a":${'['.repeat(100_000)}`, JSON_TYPE), 400);
});

for (const parameters of [{}, { query: VIEWER, variables: '{' }, { query: VIEWER, variables: '3' }, { query: VIEWER, extensions: '[]' }]) {
    test(`the address ?${new URLSearchParams(parameters)}`, async () => {
        await assertRefused(await get(parameters), 400);
    });
}

test('null stands for nothing where a parameter may be left out', async () => {
    const response = await post({ query: VIEWER, variables: null, operationName: null, extensions: null });
    assert.deepEqual(await response.json(), { data: { viewer: { role: 'OWNER' } } });
});

const UPLOAD = JSON.stringify({
    query: 'mutation ($file: Upload!) { createImport(input: { file: $file, consentConfirmed: true }) { import { id } } }',
    variables: { file: null },
});
for (const [what, parts] of [
    ['no parts', []],
    ['no map', [['operations', UPLOAD]]],
    ['operations that are no JSON', [['operations', '{'], ['map', '{}']]],
    ['a map that is no JSON', [['operations', UPLOAD], ['map', '{']]],
    ['a map of texts', [['operations', UPLOAD], ['map', '{"0":"variables.file"}']]],
    ['a map to nowhere', [['operations', UPLOAD], ['map', '{"0":["variables.other"]}'], ['0', new Blob(['a'])]]],
    ['a file that is missing', [['operations', UPLOAD], ['map', '{"0":["variables.file"]}']]],
    ['a file that nobody named', [['operations', UPLOAD], ['map', '{}'], ['0', new Blob(['a'])]]],
    ['the file before the map', [['0', new Blob(['a'])], ['operations', UPLOAD], ['map', '{"0":["variables.file"]}']]],
]) {
    test(`a form with ${what}`, async () => {
        const form = new FormData();
        for (const [name, value] of parts) form.append(name, value);
        await assertRefused(await fetch(endpoint, { method: 'POST', headers: { authorization }, body: form }), 400);
    });
}

test('a form without a boundary', async () => {
    await assertRefused(await send('--x--', 'multipart/form-data'), 400);
});
