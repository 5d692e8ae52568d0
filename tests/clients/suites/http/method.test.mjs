// Methods and media types of requests; whatever is refused has changed nothing.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ask, authorization, endpoint, post, unique } from '../../kit.mjs';
import { JSON_TYPE, assertRefused, get, send, tagging } from './kit.mjs';

async function assertTags(name, expected) {
    const { tags } = await ask('query ($name: String) { tags(search: $name) { nodes { name } } }', { name });
    assert.equal(tags.nodes.filter((tag) => tag.name === name).length, expected);
}

test('a mutation by GET is refused with the method that it needs', async () => {
    const name = unique('get');
    const response = await get(tagging(name));
    assert.equal(response.headers.get('allow'), 'POST');
    await assertRefused(response, 405);
    await assertTags(name, 0);
    assert.equal((await post(tagging(name))).status, 200);
    await assertTags(name, 1);
});

test('of two operations in a GET the one that is chosen counts', async () => {
    const name = unique('both');
    const query = `query Read { viewer { role } } ${tagging(name).query.replace('mutation', 'mutation Write')}`;
    await assertRefused(await get({ query, operationName: 'Write' }), 405);
    await assertTags(name, 0);
    const { data } = await (await get({ query, operationName: 'Read' })).json();
    assert.equal(data.viewer.role, 'OWNER');
});

for (const method of ['PUT', 'DELETE', 'PATCH']) {
    test(`${method} is refused with the methods that there are`, async () => {
        const response = await fetch(endpoint, { method, headers: { authorization } });
        const allowed = response.headers.get('allow').split(',').map((word) => word.trim());
        assert.ok(allowed.includes('GET') && allowed.includes('POST'), allowed.join());
        await assertRefused(response, 405);
    });
}

// What a form of a foreign page can send without asking first must never be read.
for (const type of [undefined, 'text/plain', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'application/graphql', 'application/json; charset=utf-16']) {
    test(`a body of ${type ?? 'no type'} is not read`, async () => {
        const name = unique('type');
        await assertRefused(await send(JSON.stringify(tagging(name)), type), 415);
        await assertTags(name, 0);
    });
}

test('a form with the parameters as fields is not read', async () => {
    const name = unique('form');
    const body = new URLSearchParams(tagging(name)).toString();
    await assertRefused(await send(body, 'application/x-www-form-urlencoded'), 415);
    await assertTags(name, 0);
});

for (const type of ['application/json', 'APPLICATION/JSON', 'application/json;charset=utf-8', 'application/json; charset="UTF-8"']) {
    test(`a body of ${type} is read`, async () => {
        const response = await send(JSON.stringify({ query: '{ viewer { role } }' }), type);
        assert.deepEqual(await response.json(), { data: { viewer: { role: 'OWNER' } } });
    });
}

test('the parameters can stand in the address', async () => {
    const parameters = { query: 'query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }', variables: '{"ids":["contact_987654321"]}', operationName: 'Q' };
    const response = await get(parameters, { accept: JSON_TYPE });
    assert.deepEqual(await response.json(), { data: { nodes: [null] } });
});

test('a batch is refused', async () => {
    await assertRefused(await post([{ query: '{ viewer { role } }' }]), 400);
});

test('a body that is larger than any request is refused', async () => {
    const query = `{ viewer { role } } #${'x'.repeat(2 << 20)}`;
    await assertRefused(await post({ query }), 413, 'LIMIT_EXCEEDED');
});
