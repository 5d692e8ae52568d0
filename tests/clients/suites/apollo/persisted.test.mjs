// Automatic persisted queries: the hash of a query stands for it once the server has seen it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { HttpLink } from '@apollo/client/link/http';
import { CREATE_CONTACT, createContact, endpoint, post, unique } from '../../kit.mjs';
import { connect, headers, parse } from './kit.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
/** A query that no other test, and no former run, has sent. */
const fresh = () => parse(`query ${unique('Contact')}($id: ID!) { contact(id: $id) { id name } }`);
const extensions = (query, hash = sha256(query)) => ({ persistedQuery: { version: 1, sha256Hash: hash } });

/** A client that keeps what it sends: the method, and whether the query and its hash went out. */
function watched(options = {}) {
    const sent = [];
    const keep = async (uri, init) => {
        const parameters = init.method === 'GET' ? Object.fromEntries(new URL(uri).searchParams) : JSON.parse(init.body);
        sent.push(`${init.method} ${parameters.query ? 'query' : ''}${parameters.extensions ? 'hash' : ''}`);
        return fetch(uri, init);
    };
    const persisted = new PersistedQueryLink({ sha256, ...options });
    return { sent, client: connect(persisted.concat(new HttpLink({ uri: endpoint, headers, fetch: keep }))) };
}

test('a query goes out once, and then its hash alone', async () => {
    const { id, name } = await createContact({ name: unique('Ann ') });
    const query = fresh();
    for (const expected of [['POST hash', 'POST queryhash'], ['POST hash']]) {
        const { client, sent } = watched();
        const { data } = await client.query({ query, variables: { id } });
        assert.equal(data.contact.name, name);
        assert.deepEqual(sent, expected);
    }
});

test('hashes can go by GET, where caches see them', async () => {
    const { id, name } = await createContact({ name: unique('Ann ') });
    const query = fresh();
    for (const expected of [['GET hash', 'POST queryhash'], ['GET hash']]) {
        const { client, sent } = watched({ useGETForHashedQueries: true });
        const { data } = await client.query({ query, variables: { id } });
        assert.equal(data.contact.name, name);
        assert.deepEqual(sent, expected);
    }
});

test('a mutation can be sent by its hash, and is done once', async () => {
    const name = unique('apq ');
    const mutation = parse(CREATE_CONTACT.replace('CreateContact', unique('Create')));
    const { client, sent } = watched();
    const { data } = await client.mutate({ mutation, variables: { input: { contact: { name } } } });
    assert.equal(data.createContact.contact.version, 1);
    assert.deepEqual(sent, ['POST hash', 'POST queryhash']);
    const found = await client.query({ query: parse('query ($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }'), variables: { f: { name: { eq: name } } } });
    assert.equal(found.data.contacts.nodes.length, 1);
});

test('a hash that nobody knows is answered in the words that clients look for', async () => {
    const { errors, data } = await (await post({ extensions: extensions(unique('')) })).json();
    assert.equal(data, undefined);
    assert.equal(errors[0].message, 'PersistedQueryNotFound');
    assert.equal(errors[0].extensions.code, 'PERSISTED_QUERY_NOT_FOUND');
});

test('a query under the hash of another is refused, and not kept', async () => {
    const theirs = `{ viewer { role } } # ${unique('')}`;
    const { errors } = await (await post({ query: '{ workspace { name } }', extensions: extensions(theirs) })).json();
    assert.equal(errors?.length, 1);
    const kept = await (await post({ extensions: extensions(theirs) })).json();
    assert.equal(kept.errors[0].message, 'PersistedQueryNotFound');
});
