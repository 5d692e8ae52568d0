// Media types, charset and shape of answers.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createContact, endpoint, post, unique } from '../../kit.mjs';
import { JSON_TYPE, RESPONSE, assertRefused, get } from './kit.mjs';

const PERSON = 'query ($id: ID!) { contact(id: $id) { displayName } }';

for (const accept of ['text/html', 'image/*', 'application/xml', 'application/json;q=0']) {
    test(`nothing is there for who takes ${accept}`, async () => {
        await assertRefused(await post({ query: '{ viewer { role } }' }, { accept }), 406);
        await assertRefused(await get({ query: '{ viewer { role } }' }, { accept }), 406);
    });
}

for (const [accept, expected] of [
    ['*/*', JSON_TYPE],
    [JSON_TYPE, JSON_TYPE],
    [RESPONSE, RESPONSE],
    [`${RESPONSE}, ${JSON_TYPE};q=0.9`, RESPONSE],
    [`${RESPONSE};q=0.5, ${JSON_TYPE}`, JSON_TYPE],
    [`${RESPONSE}, application/graphql+json, ${JSON_TYPE}, text/event-stream, multipart/mixed`, RESPONSE],
    [`multipart/mixed;deferSpec=20220824, ${JSON_TYPE}`, JSON_TYPE],
]) {
    test(`who takes ${accept} gets ${expected}`, async () => {
        const response = await post({ query: '{ viewer { role } }' }, { accept });
        assert.equal(response.status, 200);
        assert.equal(response.headers.get('content-type'), `${expected}; charset=utf-8`);
        assert.deepEqual(await response.json(), { data: { viewer: { role: 'OWNER' } } });
    });
}

test('texts are UTF-8 on the way in and out', async () => {
    const name = `Łukasz “Ü” 李 🦀 ${unique('')}`;
    const { id } = await createContact({ name });
    const bytes = await (await post({ query: PERSON, variables: { id } })).arrayBuffer();
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    assert.deepEqual(JSON.parse(text), { data: { contact: { displayName: name } } });
    assert.deepEqual(await (await get({ query: PERSON, variables: JSON.stringify({ id }) })).json(), { data: { contact: { displayName: name } } });
});

test('no such thing is null, not missing, and no error', async () => {
    const body = await (await post({ query: PERSON, variables: { id: 'contact_987654321' } }, { accept: RESPONSE })).json();
    assert.deepEqual(body, { data: { contact: null } });
});

test('an error of a field that cannot be null leaves null data, and the status says that it was executed', async () => {
    for (const accept of [RESPONSE, JSON_TYPE]) {
        const response = await post({ query: '{ viewer { role } contacts(first: 501) { nodes { id } } }' }, { accept });
        assert.equal(response.status, 200);
        const body = await response.json();
        assert.ok('data' in body && body.data === null, JSON.stringify(body));
        assert.deepEqual(body.errors[0].path, ['contacts']);
        assert.equal(body.errors[0].extensions.code, 'BAD_USER_INPUT');
    }
});

for (const [what, query, variables] of [
    ['an unfinished document', '{'],
    ['an empty document', ''],
    ['an unknown field', '{ nothing }'],
    ['a variable that is missing', PERSON],
    ['a variable of the wrong type', PERSON, { id: { a: 1 } }],
    ['a number that is no Int', '{ contacts(first: 3000000000) { nodes { id } } }'],
    ['a variable that is no Int', 'query ($n: Int) { contacts(first: $n) { nodes { id } } }', { n: 3000000000 }],
    ['a file that is none', 'mutation ($f: Upload!) { createImport(input: { file: $f, consentConfirmed: true }) { import { id } } }', { f: 'x' }],
    ['an operation too many', 'query A { viewer { role } } query B { viewer { role } }'],
    ['a fragment alone', 'fragment F on Query { viewer { role } }'],
    ['an enum value that there is not', '{ contacts(status: [GONE]) { nodes { id } } }'],
    ['a leaf with a selection', '{ viewer { role { name } } }'],
    ['an object without a selection', '{ viewer }'],
]) {
    test(`${what} is an error of the request: no data, 400 or 200 by the media type`, async () => {
        await assertRefused(await post({ query, variables }, { accept: RESPONSE }), 400);
        await assertRefused(await post({ query, variables }, { accept: JSON_TYPE }), 200);
    });
}

test('errors of the document say where it is wrong', async () => {
    for (const [query, line, column] of [['{\n  nothing }', 2, 3], ['{ viewer { role }', 1, 18]]) {
        const [error] = await assertRefused(await post({ query }, { accept: RESPONSE }), 400);
        assert.deepEqual(error.locations, [{ line, column }]);
    }
});

test('no cache may keep an answer', async () => {
    const response = await get({ query: '{ viewer { role } }' });
    assert.match(response.headers.get('cache-control'), /no-store/);
});

test('who has no token, or a wrong one, is told how to come in', async () => {
    for (const headers of [{ authorization: '' }, { authorization: 'Bearer rst_wrong' }, { authorization: 'Basic eDp5' }]) {
        for (const response of [await post({ query: '{ viewer { role } }' }, headers), await fetch(`${endpoint}?query={viewer{role}}`, { headers })]) {
            assert.match(response.headers.get('www-authenticate'), /^Bearer/);
            await assertRefused(response, 401, 'UNAUTHENTICATED');
        }
    }
});
